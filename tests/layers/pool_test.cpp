// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/pool.hpp>

#include <doctest/doctest.h>

#include "check.hpp"

namespace {

using tinydl::Shape;

/// Gradients, no parameters, the same in eval mode, and a clone that does the same.
template <class Layer, int Rank>
void check_pooling_layer(const Layer& layer, const tinydl::Tensor<double, Rank>& x) {
  layer_check::check_gradients(layer, x);
  const auto y = layer(x).data();
  layer.eval();
  CHECK(layer_check::same(layer(x).data(), y));
  const auto copy = layer.clone();
  CHECK_FALSE(copy.training());
  CHECK(layer_check::same(copy(x).data(), y));
}

}  // namespace

TEST_CASE("pooling layers: each is its function, in training and eval mode, and when cloned") {
  const auto x = layer_check::normal(Shape(2, 3, 5, 6));
  const auto same = [&](const auto& layer, const auto& expected) {
    CHECK(layer_check::same(layer(x).data(), expected));
    check_pooling_layer(layer, x);
  };
  using namespace tinydl;
  same(MaxPool2D(2), max_pool2d(x, 2));
  same(MaxPool2D({3, 2}, {.stride = {1, 2}, .padding = 1, .dilation = {2, 1}}),
       max_pool2d(x, {3, 2}, {.stride = {1, 2}, .padding = 1, .dilation = {2, 1}}));
  same(AvgPool2D(2), avg_pool2d(x, 2));
  same(AvgPool2D(3, {.stride = 2, .padding = 1, .count_include_pad = false}),
       avg_pool2d(x, 3, {.stride = 2, .padding = 1, .count_include_pad = false}));
  same(AdaptiveMaxPool2D({2, 4}), adaptive_max_pool2d(x, {2, 4}));
  same(AdaptiveAvgPool2D({2, 4}), adaptive_avg_pool2d(x, {2, 4}));
  same(GlobalMaxPool2D(), global_max_pool2d(x));
  same(GlobalAvgPool2D(), global_avg_pool2d(x));
}

TEST_CASE("pooling layers: gradients for every stride, padding and dilation") {
  const auto x = layer_check::normal(Shape(1, 2, 7, 9));
  for (tinydl::Index stride : {1, 2})
    for (tinydl::Index padding : {0, 1, 2}) {
      const tinydl::Pair kernel = {4, 5};  // larger than the stride
      for (tinydl::Index dilation : {1, 2})
        check_pooling_layer(
            tinydl::MaxPool2D(kernel, {.stride = stride, .padding = padding, .dilation = dilation}),
            x);
      check_pooling_layer(tinydl::AvgPool2D(kernel, {.stride = stride, .padding = padding}), x);
    }
}

TEST_CASE("pooling layers: a batch of one image of one element") {
  const auto x = layer_check::normal(Shape(1, 1, 1, 1));
  check_pooling_layer(tinydl::MaxPool2D(1), x);
  check_pooling_layer(tinydl::AvgPool2D(2, {.padding = 1}), x);
  check_pooling_layer(tinydl::AdaptiveMaxPool2D(1), x);
  check_pooling_layer(tinydl::AdaptiveAvgPool2D(2), x);
  check_pooling_layer(tinydl::GlobalMaxPool2D(), x);
  check_pooling_layer(tinydl::GlobalAvgPool2D(), x);
}

TEST_CASE("pooling layers: refuse when they are made what no image can have") {
  using namespace tinydl;
  CHECK_THROWS_WITH_AS(MaxPool2D(0), "MaxPool2D: kernel (0, 0) is not in [1, 2^31)", ValueError);
  CHECK_THROWS_WITH_AS(MaxPool2D(2, {.stride = 0}), "MaxPool2D: stride (0, 0) is not in [1, 2^31)",
                       ValueError);
  CHECK_THROWS_WITH_AS(MaxPool2D(2, {.dilation = {1, 0}}),
                       "MaxPool2D: dilation (1, 0) is not in [1, 2^31)", ValueError);
  CHECK_THROWS_WITH_AS(MaxPool2D({2, 3}, {.padding = {1, 2}}),
                       "MaxPool2D: padding (1, 2) is more than half of the kernel (2, 3)",
                       ValueError);
  CHECK_THROWS_WITH_AS(AvgPool2D({-1, 2}), "AvgPool2D: kernel (-1, 2) is not in [1, 2^31)",
                       ValueError);
  CHECK_THROWS_WITH_AS(AvgPool2D(2, {.padding = -1}),
                       "AvgPool2D: padding (-1, -1) is not in [0, 2^31)", ValueError);
  CHECK_THROWS_WITH_AS(AdaptiveMaxPool2D({3, 0}),
                       "AdaptiveMaxPool2D: output size (3, 0) is not in [1, 2^31)", ValueError);
  CHECK_THROWS_WITH_AS(AdaptiveAvgPool2D(-2),
                       "AdaptiveAvgPool2D: output size (-2, -2) is not in [1, 2^31)", ValueError);
}

TEST_CASE("pooling layers: refuse images that are smaller than the kernel") {
  CHECK_THROWS_WITH_AS(
      tinydl::MaxPool2D(3)(layer_check::normal(Shape(1, 2, 2, 4))),
      "MaxPool2D: max_pool2d: kernel (3, 3) with dilation (1, 1) is larger than images of "
      "shape (1, 2, 2, 4) with padding (0, 0)",
      tinydl::ShapeError);
}
