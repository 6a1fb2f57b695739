// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/attention.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "check.hpp"

namespace {

using tinydl::Index;
using tinydl::Shape;
using AttentionD = tinydl::MultiHeadAttention<double>;

template <class F>
std::string attention_error(F f) {
  try {
    f();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

tinydl::Variable<double, 3> attention_input(Index n, Index length, Index embed) {
  return layer_check::normal(Shape(n, length, embed));
}

/// Changes one position of a sequence.
tinydl::Variable<double, 3> with_other(const tinydl::Variable<double, 3>& x, Index n, Index t) {
  auto data = x.data();
  const Index embed = x.shape()[2];
  for (Index j = 0; j < embed; ++j)
    data.mutable_data()[(n * x.shape()[1] + t) * embed + j] += 1.0 + static_cast<double>(j);
  return data;
}

}  // namespace

TEST_CASE("attention layer: agrees with heads that are computed one by one") {
  const AttentionD layer(6, 3);
  const auto q = attention_input(2, 4, 6), kv = attention_input(2, 5, 6);
  const auto parts = [&](const auto& x, Index third) {
    const auto y = tinydl::linear(x.data(), layer.in_proj_weight.data(), layer.in_proj_bias.data());
    return tinydl::slice(y, 2, third * 6, third * 6 + 6);
  };
  const auto all_q = parts(q, 0), all_k = parts(kv, 1), all_v = parts(kv, 2);
  std::vector<tinydl::Tensor<double, 3>> heads;
  for (Index h = 0; h < 3; ++h) {
    const auto of = [&](const auto& x) { return tinydl::slice(x, 2, 2 * h, 2 * h + 2); };
    heads.push_back(tinydl::scaled_dot_product_attention(of(all_q), of(all_k), of(all_v)));
  }
  const auto& out = layer.named_parameters();
  const auto weight = out[2].variable.data_span(), bias = out[3].variable.data_span();
  const auto expected =
      tinydl::linear(tinydl::concat(heads, 2), tinydl::from_values<double>(Shape(6, 6), weight),
                     tinydl::from_values<double>(Shape<1>(6), bias));
  const auto y = layer(q, kv, kv).data();
  REQUIRE(y.shape() == expected.shape());
  for (Index i = 0; i < y.size(); ++i)
    CHECK(y.span()[i] == doctest::Approx(expected.span()[i]).epsilon(1e-12));
  CHECK(layer_check::same(layer(q).data(), layer(q, q, q).data()));
}

TEST_CASE("attention layer: gradients of inputs and parameters, down to sizes of 1") {
  layer_check::check_gradients(AttentionD(4, 2), layer_check::normal(Shape(2, 3, 4)));
  layer_check::check_gradients(AttentionD(4, 4, {.bias = false}),
                               layer_check::normal(Shape(1, 2, 4)));
  layer_check::check_gradients(AttentionD(1, 1), layer_check::normal(Shape(1, 1, 1)));
}

TEST_CASE(
    "attention layer: with a causal mask the result at t does not depend on what comes later") {
  const AttentionD layer(4, 2);
  const auto x = attention_input(2, 5, 4);
  for (Index t = 1; t < 5; ++t) {
    const auto before = layer.forward(x, {.causal = true}).data();
    const auto after = layer.forward(with_other(x, 0, t), {.causal = true}).data();
    CHECK(layer_check::same(tinydl::slice(before, 1, 0, t), tinydl::slice(after, 1, 0, t)));
    for (Index later = t; later < 5; ++later) CHECK(before(0, later, 0) != after(0, later, 0));
    CHECK(layer(x).data()(0, 0, 0) != layer(with_other(x, 0, t)).data()(0, 0, 0));
  }
}

TEST_CASE("attention layer: with a padding mask nothing depends on padded keys") {
  const AttentionD layer(4, 2);
  const auto q = attention_input(2, 3, 4), kv = attention_input(2, 4, 4);
  const auto padding =
      tinydl::from_values<bool>({2, 4}, {false, false, false, true, false, false, true, true});
  const auto run = [&](const auto& keys) {
    return layer.forward(q, keys, keys, {.key_padding_mask = padding}).data();
  };
  CHECK(layer_check::same(run(kv), run(with_other(kv, 0, 3))));
  CHECK(layer_check::same(run(kv), run(with_other(kv, 1, 2))));
  CHECK_FALSE(layer_check::same(run(kv), run(with_other(kv, 0, 2))));
}

TEST_CASE("attention layer: a mask says which key a query may attend to") {
  const AttentionD layer(4, 2);
  const auto x = attention_input(1, 2, 4);
  const auto crossed = tinydl::from_values<bool>({2, 2}, {false, true, true, false});
  const auto y = layer.forward(x, {.mask = crossed}).data();
  const auto changed = layer.forward(with_other(x, 0, 0), {.mask = crossed}).data();
  CHECK(y(0, 0, 0) == changed(0, 0, 0));  // looks at position 1 alone
  CHECK(y(0, 1, 0) != changed(0, 1, 0));
}

TEST_CASE("attention layer: parameters have PyTorch's names and first values") {
  const AttentionD layer(8, 2);
  const auto list = layer.named_parameters();
  CHECK(layer_check::names_of(list) == std::vector<std::string>{"in_proj_weight", "in_proj_bias",
                                                                "out_proj.weight",
                                                                "out_proj.bias"});
  const auto range = [&](std::size_t i) {
    const auto [low, high] = std::ranges::minmax(list[i].variable.data_span());
    return std::max(-low, high);
  };
  CHECK(range(0) <= std::sqrt(6.0 / 32));  // Xavier: 6 / (fan in + fan out)
  CHECK(range(0) > 0.9 * std::sqrt(6.0 / 32));
  CHECK(range(1) == 0);
  CHECK(range(2) <= std::sqrt(1.0 / 8));
  CHECK(range(2) > 0.8 * std::sqrt(1.0 / 8));
  CHECK(range(3) == 0);
  CHECK(layer_check::names_of(AttentionD(8, 2, {.bias = false}).named_parameters()) ==
        std::vector<std::string>{"in_proj_weight", "out_proj.weight"});
}

TEST_CASE("attention layer: drops out in training alone; clones are alike and independent") {
  const AttentionD layer(4, 2, {.bias = false, .dropout = 0.5});
  const auto x = attention_input(2, 3, 4);
  CHECK_FALSE(layer_check::same(layer(x).data(), layer(x).data()));
  CHECK_FALSE(layer_check::same(layer.clone()(x).data(), layer.clone()(x).data()));
  layer.eval();
  const auto before = layer(x).data();
  CHECK(layer_check::same(before, layer(x).data()));
  const auto copy = layer.clone();
  CHECK(layer_check::same(before, copy(x).data()));
  copy.parameters()[0].mutable_data_span()[0] += 1;
  CHECK(layer_check::same(before, layer(x).data()));
}

TEST_CASE("attention layer: bad sizes, inputs and masks are refused by name") {
  CHECK(attention_error([] { AttentionD(6, 4); }) ==
        "MultiHeadAttention: 4 heads do not divide 6 features");
  CHECK(attention_error([] { AttentionD(6, 0); }) ==
        "MultiHeadAttention: 0 heads do not divide 6 features");
  CHECK(attention_error([] { AttentionD(0, 1); }) ==
        "MultiHeadAttention: 1 heads do not divide 0 features");
  CHECK(attention_error([] { AttentionD(6, 2, {.dropout = -1}); }) ==
        "MultiHeadAttention: dropout = -1 is not in [0, 1)");
  const AttentionD layer(4, 2);
  const auto x = attention_input(2, 3, 4);
  CHECK(attention_error([&] { layer(attention_input(2, 3, 5)); }) ==
        "MultiHeadAttention: queries of shape (2, 3, 5), keys of (2, 3, 5) and values of "
        "(2, 3, 5); they must be (N, Lq, 4) and twice (N, Lk, 4)");
  CHECK(attention_error([&] { layer(x, x, attention_input(2, 2, 4)); }) ==
        "MultiHeadAttention: queries of shape (2, 3, 4), keys of (2, 3, 4) and values of "
        "(2, 2, 4); they must be (N, Lq, 4) and twice (N, Lk, 4)");
  CHECK(attention_error([&] { layer(attention_input(2, 0, 4)); }) ==
        "MultiHeadAttention: an empty sequence: queries of shape (2, 0, 4), keys of (2, 0, 4)");
  const tinydl::Mask<2> wrong(Shape(3, 2));
  CHECK(attention_error([&] { layer.forward(x, {.mask = wrong}); }) ==
        "MultiHeadAttention: a mask of shape (3, 2); for 2 examples of 3 queries and 3 keys it "
        "must be (3, 3)");
  CHECK(attention_error([&] { layer.forward(x, {.key_padding_mask = wrong}); }) ==
        "MultiHeadAttention: a key_padding_mask of shape (3, 2); for 2 examples of 3 queries and 3 "
        "keys it must be (2, 3)");
}
