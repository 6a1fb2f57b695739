// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/operators_norm.hpp>

#include <doctest/doctest.h>

#include "onnx/nodes.hpp"

namespace {

using namespace tinydl;
using namespace tinydl_test;

TEST_CASE("onnx norm: batch normalisation with what was found in training") {
  const Value scale = floats({2}, {1, 2}), shift = floats({2}, {0, 10});
  const Value mean = floats({2}, {1, 2}), variance = floats({2}, {3, 0});
  const std::vector<Attribute> eps = {{"epsilon", 1.0f}};
  check_value(node_result("BatchNormalization",
                          {floats({1, 2, 2}, {1, 5, 2, 4}), scale, shift, mean, variance}, eps),
              floats({1, 2, 2}, {0, 2, 10, 14}));
  check_value(node_result("BatchNormalization",
                          {floats({2, 2}, {1, 2, 5, 4}), scale, shift, mean, variance}, eps),
              floats({2, 2}, {0, 10, 2, 14}));
  CHECK_THROWS_AS(
      node_result("BatchNormalization", {counted({2, 3}), scale, shift, mean, variance}, eps),
      ShapeError);
  CHECK_THROWS_AS(
      node_result("BatchNormalization", {counted({2}), scale, shift, mean, variance}, eps),
      ShapeError);
  CHECK_THROWS_AS(node_result("BatchNormalization", {}, {number("training_mode", 1)}), ValueError);
}

TEST_CASE("onnx norm: each channel of each example by itself") {
  check_value(
      node_result("InstanceNormalization",
                  {floats({1, 2, 1, 2}, {1, 3, 10, 10}), floats({2}, {2, 1}), floats({2}, {0, 7})},
                  {{"epsilon", 0.0001f}}),
      floats({1, 2, 1, 2}, {-2, 2, 7, 7}), 1e-4);
}

TEST_CASE("onnx norm: layer normalisation over the last axes") {
  const Value x = floats({2, 2}, {1, 3, 2, 6});
  check_value(node_result("LayerNormalization", {x, floats({2}, {1, 2}), floats({2}, {0, 1})}),
              floats({2, 2}, {-1, 3, -1, 3}), 1e-5);
  check_value(node_result("LayerNormalization", {floats({1, 2, 1}, {1, 3}), floats({2, 1}, {1, 1})},
                          {number("axis", 1)}),
              floats({1, 2, 1}, {-1, 1}), 1e-5);
  CHECK_THROWS_AS(node_result("LayerNormalization", {x, floats({1}, {1})}), ShapeError);
}

}  // namespace
