// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/conv.hpp>

#include <tinydl/core/eigen.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "check.hpp"

namespace {

using Conv2DD = tinydl::Conv2D<double>;
using ConvTranspose2DD = tinydl::ConvTranspose2D<double>;

using ConvNames = std::vector<std::string>;

// Whether all numbers are within 1 / sqrt(fan_in), and fill that range.
template <int Rank>
void check_conv_range(const tinydl::Variable<double, Rank>& parameter, double fan_in) {
  const double largest = parameter.data().array().abs().maxCoeff(), limit = 1 / std::sqrt(fan_in);
  CHECK(largest <= limit * (1 + 1e-12));
  CHECK(largest > 0.95 * limit);
}

}  // namespace

TEST_CASE("Conv2D: it is conv2d of its weight and bias, with its options") {
  const auto x = layer_check::normal(tinydl::Shape(2, 4, 7, 6));
  const Conv2DD layer(4, 6, {3, 2},
                      {.stride = {2, 1}, .padding = {0, 2}, .dilation = {1, 2}, .groups = 2});
  const auto expected =
      tinydl::conv2d(x, layer.weight, layer.bias,
                     {.stride = {2, 1}, .padding = {0, 2}, .dilation = {1, 2}, .groups = 2});
  CHECK(layer_check::same(layer(x).data(), expected.data()));
  CHECK(layer(x).shape() == tinydl::Shape(2, 6, 3, 8));
  const Conv2DD same(4, 3, 5, {.padding = tinydl::Padding::same});
  CHECK(same(x).shape() == tinydl::Shape(2, 3, 7, 6));
}

TEST_CASE("Conv2D: what it keeps in eval mode goes with the weight") {
  using tinydl::Variable;
  for (bool bias : {true, false}) {
    const tinydl::Conv2D<float> layer(16, 16, 3, {.bias = bias});
    layer.eval();
    const Variable x(tinydl::randn<float>(tinydl::Shape(1, 16, 9, 8)));
    const auto check = [&](const char* after) {
      INFO(after);
      const tinydl::NoGrad no_grad;
      const auto expected =
          bias ? conv2d(x, layer.weight, layer.bias) : tinydl::conv2d(x, layer.weight);
      for (int call = 0; call < 2; ++call)
        CHECK(layer_check::same(layer(x).data(), expected.data()));
    };
    check("construction");
    float* const held = layer.weight.mutable_data().mutable_data();
    check("a view was taken");
    held[0] += 1;
    check("a write through the view");
    layer.weight.mutable_data_span().back() += 1;
    check("a write through another");
    layer.weight.mutable_data() = tinydl::randn<float>(layer.weight.shape());
    check("an assignment");
  }
}

TEST_CASE("Conv2D: filters are kept in eval mode, unless gradients are recorded") {
  const tinydl::Conv2D<float> layer(16, 16, 3);
  const tinydl::Variable x(tinydl::randn<float>(tinydl::Shape(1, 16, 8, 8)));
  const auto idle = [] { return tinydl::detail::MemoryPool::instance().cached_bytes(); };
  conv2d(x, layer.weight, layer.bias);  // so that the pool has all that a call needs
  const std::size_t before = idle(), filters = 36 * 16 * 16 * sizeof(float);
  const auto keeps = [&] {
    layer(x);
    CHECK((idle() == before || idle() + filters <= before));
    return idle() != before;
  };
  CHECK_FALSE(keeps());
  {
    const tinydl::NoGrad no_grad;
    CHECK_FALSE(keeps());
    layer.eval();
    CHECK(keeps() == tinydl::detail::recycles);
  }
  CHECK_FALSE(keeps());
  layer.set_requires_grad(false);
  CHECK(keeps() == tinydl::detail::recycles);
  layer.train();
  CHECK_FALSE(keeps());
}

TEST_CASE("Conv2D: in eval mode four threads run one layer and get the bits that one gets") {
  const tinydl::Conv2D<float> layer(16, 16, 3);
  layer.eval();
  const tinydl::Variable x(tinydl::randn<float>(tinydl::Shape(1, 16, 8, 8)));
  const auto expected = conv2d(x, layer.weight, layer.bias).data();
  std::vector<int> agreeing(4);
  std::vector<std::thread> threads;
  for (int& count : agreeing)
    threads.emplace_back([&] {
      const tinydl::NoGrad no_grad;
      for (int i = 0; i < 50; ++i) count += layer_check::same(layer(x).data(), expected);
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(agreeing == std::vector<int>{50, 50, 50, 50});
}

TEST_CASE("Conv2D: gradients of input, weight and bias, down to sizes of 1") {
  for (bool bias : {true, false}) {
    layer_check::check_gradients(
        Conv2DD(2, 4, 2, {.stride = 2, .padding = 1, .groups = 2, .bias = bias}),
        layer_check::normal(tinydl::Shape(2, 2, 3, 4)));
    layer_check::check_gradients(Conv2DD(1, 1, 1, {.bias = bias}),
                                 layer_check::normal(tinydl::Shape(1, 1, 1, 1)));
  }
}

TEST_CASE("Conv2D: gradients for every stride, padding and dilation") {
  for (tinydl::Index stride : {1, 2})
    for (tinydl::Index padding : {0, 1, 2})
      for (tinydl::Index dilation : {1, 2})
        layer_check::check_gradients(
            Conv2DD(2, 2, {3, 2},
                    {.stride = stride, .padding = padding, .dilation = dilation, .groups = 2}),
            layer_check::normal(tinydl::Shape(1, 2, 5, 4)));
}

TEST_CASE("Conv2D: weight is (out, in/groups, height, width), uniform within 1 / sqrt(fan in)") {
  tinydl::manual_seed(1);
  const Conv2DD layer(30, 400, {3, 2}, {.groups = 10});
  CHECK(layer.weight.shape() == tinydl::Shape(400, 3, 3, 2));
  CHECK(layer.bias.shape() == tinydl::Shape<1>(400));
  check_conv_range(layer.weight, 3 * 3 * 2);
  check_conv_range(layer.bias, 3 * 3 * 2);
  CHECK(layer_check::names_of(layer.named_parameters()) == ConvNames{"weight", "bias"});
}

TEST_CASE("Conv2D: initialisers can be chosen, and the bias left out") {
  const Conv2DD layer(
      2, 3, 3, {.weight_init = tinydl::init::constant(2), .bias_init = tinydl::init::zeros()});
  CHECK(layer.weight.data().array().isConstant(2));
  CHECK(layer.bias.data().array().isZero());
  const Conv2DD plain(2, 3, 3, {.bias = false});
  CHECK_FALSE(plain.bias.defined());
  CHECK(layer_check::names_of(plain.named_parameters()) == ConvNames{"weight"});
}

TEST_CASE("Conv2D: a clone has the same values and options, and parameters of its own") {
  const auto x = layer_check::normal(tinydl::Shape(1, 4, 6, 7));
  for (bool bias : {true, false}) {
    const Conv2DD layer(4, 2, {1, 3}, {.stride = 2, .padding = 1, .groups = 2, .bias = bias});
    layer.eval();
    const Conv2DD clone = layer.clone();
    CHECK(layer_check::same(clone(x).data(), layer(x).data()));
    CHECK(clone.bias.defined() == bias);
    CHECK_FALSE(clone.training());
    clone.weight.mutable_data() = tinydl::zeros<double>(clone.weight.shape());
    CHECK_FALSE(layer_check::same(clone.weight.data(), layer.weight.data()));
  }
}

TEST_CASE("Conv2D: sizes, groups and options that cannot be are refused") {
  using tinydl::ValueError;
  CHECK_THROWS_WITH_AS(Conv2DD(0, 3, 3), "Conv2D: 0 channels to 3", ValueError);
  CHECK_THROWS_WITH_AS(Conv2DD(3, -1, 3), "Conv2D: 3 channels to -1", ValueError);
  CHECK_THROWS_WITH_AS(Conv2DD(3, 1, {3, 0}), "Conv2D: a kernel of (3, 0)", ValueError);
  CHECK_THROWS_WITH_AS(Conv2DD(4, 6, 3, {.groups = 3}),
                       "Conv2D: 3 groups do not divide 4 channels to 6", ValueError);
  CHECK_THROWS_WITH_AS(Conv2DD(6, 4, 3, {.groups = 3}),
                       "Conv2D: 3 groups do not divide 6 channels to 4", ValueError);
  CHECK_THROWS_WITH_AS(Conv2DD(6, 4, 3, {.groups = 0}), "Conv2D: 0 groups", ValueError);
  CHECK_THROWS_WITH_AS(Conv2DD(6, 4, 3, {.stride = 0}), "Conv2D: stride (0, 0) is less than 1",
                       ValueError);
  CHECK_THROWS_WITH_AS(Conv2DD(6, 4, 3, {.padding = {0, -1}}),
                       "Conv2D: padding (0, -1) is less than 0", ValueError);
  CHECK_THROWS_WITH_AS(Conv2DD(6, 4, 3, {.dilation = 0}), "Conv2D: dilation (0, 0) is less than 1",
                       ValueError);
  CHECK_THROWS_WITH_AS(Conv2DD(6, 4, 3, {.stride = 2, .padding = tinydl::Padding::same}),
                       "Conv2D: padding 'same' needs a stride of 1, not (2, 2)", ValueError);
}

TEST_CASE("Conv2D: an input that does not fit is refused, and the layer still works") {
  const Conv2DD layer(3, 2, 3);
  CHECK_THROWS_WITH_AS(
      layer(layer_check::normal(tinydl::Shape(1, 2, 5, 5))),
      "Conv2D: conv2d: an input of shape (1, 2, 5, 5) in 1 groups for a weight of shape "
      "(2, 3, 3, 3), which takes 3 channels a group",
      tinydl::ShapeError);
  CHECK(layer(layer_check::normal(tinydl::Shape(1, 3, 5, 5))).shape() == tinydl::Shape(1, 2, 3, 3));
}

TEST_CASE("ConvTranspose2D: it is conv_transpose2d of its weight and bias, with its options") {
  const auto x = layer_check::normal(tinydl::Shape(2, 4, 3, 5));
  const ConvTranspose2DD layer(4, 6, {3, 2},
                               {.stride = {2, 3},
                                .padding = {1, 0},
                                .output_padding = {1, 2},
                                .dilation = {1, 2},
                                .groups = 2});
  const auto expected = tinydl::conv_transpose2d(x, layer.weight, layer.bias,
                                                 {.stride = {2, 3},
                                                  .padding = {1, 0},
                                                  .output_padding = {1, 2},
                                                  .dilation = {1, 2},
                                                  .groups = 2});
  CHECK(layer_check::same(layer(x).data(), expected.data()));
  CHECK(layer(x).shape() == tinydl::Shape(2, 6, 6, 17));
}

TEST_CASE("ConvTranspose2D: gradients of input, weight and bias, down to sizes of 1") {
  for (bool bias : {true, false}) {
    layer_check::check_gradients(
        ConvTranspose2DD(2, 4, 2, {.stride = 3, .padding = 1, .groups = 2, .bias = bias}),
        layer_check::normal(tinydl::Shape(2, 2, 3, 2)));
    layer_check::check_gradients(ConvTranspose2DD(1, 1, 1, {.bias = bias}),
                                 layer_check::normal(tinydl::Shape(1, 1, 1, 1)));
  }
}

TEST_CASE("ConvTranspose2D: gradients for every stride, padding and dilation") {
  for (tinydl::Index stride : {1, 2})
    for (tinydl::Index padding : {0, 1, 2})
      for (tinydl::Index dilation : {1, 2})
        layer_check::check_gradients(
            ConvTranspose2DD(
                2, 2, {3, 2},
                {.stride = stride, .padding = padding, .dilation = dilation, .groups = 2}),
            layer_check::normal(tinydl::Shape(1, 2, 3, 4)));
}

TEST_CASE("ConvTranspose2D: weight is (in, out/groups, height, width), uniform as PyTorch's") {
  tinydl::manual_seed(1);
  const ConvTranspose2DD layer(30, 400, {3, 2}, {.groups = 10});
  CHECK(layer.weight.shape() == tinydl::Shape(30, 40, 3, 2));
  CHECK(layer.bias.shape() == tinydl::Shape<1>(400));
  check_conv_range(layer.weight, 40 * 3 * 2);
  check_conv_range(layer.bias, 40 * 3 * 2);
  CHECK(layer_check::names_of(layer.named_parameters()) == ConvNames{"weight", "bias"});
  const ConvTranspose2DD chosen(
      2, 3, 3, {.weight_init = tinydl::init::constant(2), .bias_init = tinydl::init::constant(1)});
  CHECK(chosen.weight.data().array().isConstant(2));
  CHECK(chosen.bias.data().array().isConstant(1));
}

TEST_CASE("ConvTranspose2D: a clone has the same values and options, and parameters of its own") {
  const auto x = layer_check::normal(tinydl::Shape(1, 4, 3, 3));
  for (bool bias : {true, false}) {
    const ConvTranspose2DD layer(4, 2, {1, 3},
                                 {.stride = 2, .output_padding = 1, .groups = 2, .bias = bias});
    const ConvTranspose2DD clone = layer.clone();
    CHECK(layer_check::same(clone(x).data(), layer(x).data()));
    CHECK(clone.bias.defined() == bias);
    clone.weight.mutable_data() = tinydl::zeros<double>(clone.weight.shape());
    CHECK_FALSE(layer_check::same(clone.weight.data(), layer.weight.data()));
  }
}

TEST_CASE("ConvTranspose2D: sizes, groups and options that cannot be are refused") {
  using tinydl::ValueError;
  CHECK_THROWS_WITH_AS(ConvTranspose2DD(0, 3, 3), "ConvTranspose2D: 0 channels to 3", ValueError);
  CHECK_THROWS_WITH_AS(ConvTranspose2DD(3, 3, 0), "ConvTranspose2D: a kernel of (0, 0)",
                       ValueError);
  CHECK_THROWS_WITH_AS(ConvTranspose2DD(4, 6, 3, {.groups = 3}),
                       "ConvTranspose2D: 3 groups do not divide 4 channels to 6", ValueError);
  CHECK_THROWS_WITH_AS(ConvTranspose2DD(4, 6, 3, {.stride = 0}),
                       "ConvTranspose2D: stride (0, 0) is less than 1", ValueError);
  CHECK_THROWS_WITH_AS(ConvTranspose2DD(4, 6, 3, {.padding = -1}),
                       "ConvTranspose2D: padding (-1, -1) is less than 0", ValueError);
  CHECK_THROWS_WITH_AS(ConvTranspose2DD(4, 6, 3, {.stride = 2, .output_padding = 2}),
                       "ConvTranspose2D: output_padding (2, 2) must be at least 0 and below "
                       "stride (2, 2) or dilation (1, 1)",
                       ValueError);
}

TEST_CASE("Conv2D: the element type is float unless told") {
  static_assert(
      std::is_same_v<decltype(tinydl::Conv2D(1, 2, 3).weight), tinydl::Parameter<float, 4>>);
  static_assert(std::is_same_v<decltype(tinydl::ConvTranspose2D(1, 2, 3).weight),
                               tinydl::Parameter<float, 4>>);
}
