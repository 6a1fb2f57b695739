// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/transformer.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "check.hpp"

namespace {

using tinydl::Index;
using tinydl::Shape;
using BlockD = tinydl::TransformerEncoderLayer<double>;
using BlockOptions = tinydl::TransformerEncoderLayerOptions;

template <class F>
std::string block_error(F f) {
  try {
    f();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

/// A block composed of single layers, which take over a block's parameters.
struct PlainBlock : tinydl::Layer<PlainBlock, double> {
  tinydl::MultiHeadAttention<double> attention =
      register_layer("self_attn", tinydl::MultiHeadAttention<double>(4, 2));
  tinydl::Linear<double> linear1 = register_layer("linear1", tinydl::Linear<double>(4, 6));
  tinydl::Linear<double> linear2 = register_layer("linear2", tinydl::Linear<double>(6, 4));
  tinydl::LayerNorm<double> norm1 = register_layer("norm1", tinydl::LayerNorm<double>(4));
  tinydl::LayerNorm<double> norm2 = register_layer("norm2", tinydl::LayerNorm<double>(4));
  tinydl::Dropout dropout = register_layer("dropout", tinydl::Dropout());

  explicit PlainBlock(const BlockD& block) { copy_from(block); }
};

}  // namespace

TEST_CASE("transformer: agrees with its layers one after another, before and after normalisation") {
  const auto x = tinydl::as_variable(layer_check::normal(Shape(2, 3, 4)));
  const tinydl::AttentionMasks masks{.causal = true};

  const BlockD after(4, 2, {.feedforward = 6, .dropout = 0});
  const PlainBlock p(after);
  const auto y = p.norm1(x + p.attention.forward(x, masks));
  CHECK(layer_check::same(after.forward(x, masks).data(),
                          p.norm2(y + p.linear2(relu(p.linear1(y)))).data()));

  const BlockD first(4, 2,
                     {.feedforward = 6,
                      .dropout = 0,
                      .activation = BlockOptions::Activation::gelu,
                      .norm_first = true});
  const PlainBlock q(first);
  const auto z = x + q.attention.forward(q.norm1(x), masks);
  CHECK(layer_check::same(first.forward(x, masks).data(),
                          (z + q.linear2(gelu(q.linear1(q.norm2(z))))).data()));
  CHECK_FALSE(layer_check::same(first.forward(x, masks).data(), first(x).data()));
}

TEST_CASE("transformer: gradients of inputs and parameters") {
  tinydl::manual_seed(1);  // two features that are nearly equal are normalised to a step
  const BlockD block(
      4, 2, {.feedforward = 3, .dropout = 0, .activation = BlockOptions::Activation::gelu});
  layer_check::check_gradients(block, layer_check::normal(Shape(2, 3, 4)));
  layer_check::check_gradients(block, layer_check::normal(Shape(1, 1, 4)));
  const BlockD first(2, 1,
                     {.feedforward = 3,
                      .dropout = 0,
                      .activation = BlockOptions::Activation::gelu,
                      .norm_first = true});
  layer_check::check_gradients(first, layer_check::normal(Shape(1, 2, 2)));
}

TEST_CASE("transformer: parameters have PyTorch's names, and its default sizes") {
  const BlockD block(4, 2);
  const auto list = block.named_parameters();
  CHECK(layer_check::names_of(list) ==
        std::vector<std::string>{"self_attn.in_proj_weight", "self_attn.in_proj_bias",
                                 "self_attn.out_proj.weight", "self_attn.out_proj.bias",
                                 "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias",
                                 "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"});
  CHECK(std::ranges::equal(list[4].variable.sizes(), std::vector<Index>{2048, 4}));
}

TEST_CASE("transformer: drops out in training alone; clones are alike and independent") {
  const BlockD block(4, 2, {.feedforward = 8, .dropout = 0.3, .norm_first = true});
  const auto x = layer_check::normal(Shape(2, 3, 4));
  CHECK_FALSE(layer_check::same(block(x).data(), block(x).data()));
  block.eval();
  const auto before = block(x).data();
  CHECK(layer_check::same(before, block(x).data()));
  const auto copy = block.clone();
  CHECK(layer_check::same(before, copy(x).data()));
  copy.parameters()[0].mutable_data_span()[0] += 1;
  CHECK(layer_check::same(before, block(x).data()));
  CHECK_FALSE(layer_check::same(before, copy(x).data()));
}

TEST_CASE("transformer: bad sizes, inputs and masks are refused by name") {
  CHECK(block_error([] { BlockD(4, 2, {.feedforward = 0}); }) ==
        "TransformerEncoderLayer: feedforward = 0");
  CHECK(block_error([] { BlockD(4, 2, {.dropout = 1}); }) ==
        "TransformerEncoderLayer: dropout = 1 is not in [0, 1)");
  CHECK(block_error([] { BlockD(4, 3); }) ==
        "MultiHeadAttention: 3 heads do not divide 4 features");
  const BlockD block(4, 2, {.feedforward = 3});
  CHECK(block_error([&] { block(layer_check::normal(Shape(2, 3, 5))); }) ==
        "TransformerEncoderLayer: an input of shape (2, 3, 5); it must be (N, L, 4)");
  CHECK(block_error([&] {
          block(tinydl::zeros<double>({2, 0, 4}));
        }) ==
        "TransformerEncoderLayer: MultiHeadAttention 'self_attn': an empty sequence: queries of "
        "shape (2, 0, 4), keys of (2, 0, 4)");
}
