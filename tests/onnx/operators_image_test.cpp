// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/operators_image.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "onnx/nodes.hpp"

namespace {

using namespace tinydl;
using namespace tinydl_test;

TEST_CASE("onnx image: convolutions with any padding") {
  const Value x = counted({1, 1, 3, 3}), ones = floats({1, 1, 2, 2}, {1, 1, 1, 1});
  check_value(node_result("Conv", {x, ones}), floats({1, 1, 2, 2}, {8, 12, 20, 24}));
  check_value(node_result("Conv", {x, ones, floats({1}, {100})}, {row("strides", {2, 2})}),
              floats({1, 1, 1, 1}, {108}));
  check_value(node_result("Conv", {x, ones}, {row("pads", {1, 1, 1, 1}), row("strides", {3, 3})}),
              floats({1, 1, 2, 2}, {0, 2, 6, 8}));
  // One row above, one column at the left.
  check_value(node_result("Conv", {x, ones}, {row("pads", {1, 1, 0, 0})}),
              floats({1, 1, 3, 3}, {0, 1, 3, 3, 8, 12, 9, 20, 24}));
  check_value(node_result("Conv", {x, ones}, {word("auto_pad", "SAME_LOWER")}),
              floats({1, 1, 3, 3}, {0, 1, 3, 3, 8, 12, 9, 20, 24}));
  check_value(node_result("Conv", {x, ones}, {word("auto_pad", "SAME_UPPER")}),
              floats({1, 1, 3, 3}, {8, 12, 7, 20, 24, 13, 13, 15, 8}));
  check_value(node_result("Conv", {x, floats({1, 1, 2, 2}, {1, 0, 0, 1})},
                          {row("dilations", {2, 2}), word("auto_pad", "VALID")}),
              floats({1, 1, 1, 1}, {8}));
  CHECK_THROWS_AS(node_result("Conv", {x, ones}, {row("pads", {-1, 0, 0, 0})}), ShapeError);
  CHECK_THROWS_AS(node_result("Conv", {x, counted({1, 2, 2, 2})}), ShapeError);
  CHECK_THROWS_AS(node_result("Conv", {x, ones}, {word("auto_pad", "NEAR")}), ValueError);
}

TEST_CASE("onnx image: a convolution keeps its filters as long as the weight is the same") {
  const auto idle = [] { return tinydl::detail::MemoryPool::instance().cached_bytes(); };
  const Tensor<float, 4> x = randn(Shape(1, 16, 8, 8));
  const Value image = onnx::value_of(x);
  const onnx::Node node{.op_type = "Conv", .outputs = {"y"}};
  const onnx::Operation conv = onnx::operation_of(node);
  const std::size_t filters = 36 * 16 * 16 * sizeof(float);
  for (int weight = 0; weight < 2; ++weight) {
    const Tensor<float, 4> w = randn(Shape(16, 16, 3, 3));
    const Tensor<float, 4> expected = conv2d(x, w);
    const Value taps = onnx::value_of(w);
    const std::size_t before = idle();
    for (int run = 0; run < 2; ++run) {
      const auto y = conv(onnx::Arguments({&image, &taps}));
      CHECK(std::ranges::equal(std::get<onnx::Floats>(y[0].elements).span(), expected.span()));
    }
    if (weight == 0) CHECK((idle() + filters <= before) == tinydl::detail::recycles);
  }
}

TEST_CASE("onnx image: a row is an image of height 1") {
  const Value x = floats({1, 2, 3}, {1, 2, 3, 4, 5, 6}), w = floats({1, 2, 2}, {1, 1, 10, 10});
  check_value(node_result("Conv", {x, w}), floats({1, 1, 2}, {93, 115}));
  check_value(node_result("Conv", {x, w}, {row("pads", {1, 0}), row("strides", {2})}),
              floats({1, 1, 2}, {41, 115}));
  check_value(node_result("Conv", {x, floats({2, 1, 1}, {1, 2})}, {number("group", 2)}),
              floats({1, 2, 3}, {1, 2, 3, 8, 10, 12}));
  check_value(node_result("MaxPool", {x}, {row("kernel_shape", {2})}),
              floats({1, 2, 2}, {2, 3, 5, 6}));
  check_value(node_result("GlobalAveragePool", {x}), floats({1, 2, 1}, {2, 5}));
  CHECK_THROWS_AS(node_result("Conv", {counted({2, 2}), w}), ShapeError);
  CHECK_THROWS_AS(node_result("MaxPool", {x}, {row("kernel_shape", {2, 2})}), ShapeError);
}

TEST_CASE("onnx image: a transposed convolution spreads") {
  const Value x = floats({1, 1, 1, 2}, {1, 2}), w = floats({1, 1, 1, 2}, {1, 10});
  check_value(node_result("ConvTranspose", {x, w}), floats({1, 1, 1, 3}, {1, 12, 20}));
  check_value(node_result("ConvTranspose", {x, w, floats({1}, {5})},
                          {row("strides", {1, 2}), row("output_padding", {0, 1})}),
              floats({1, 1, 1, 5}, {6, 15, 7, 25, 5}));
  check_value(node_result("ConvTranspose", {x, w}, {row("pads", {0, 1, 0, 1})}),
              floats({1, 1, 1, 1}, {12}));
  CHECK_THROWS_AS(node_result("ConvTranspose", {x, w}, {row("pads", {0, 1, 0, 0})}), ValueError);
  CHECK_THROWS_AS(node_result("ConvTranspose", {x, w}, {row("output_shape", {1, 3})}), ValueError);
}

TEST_CASE("onnx image: the largest and the mean of windows") {
  const Value x = floats({1, 1, 2, 2}, {-4, -3, -2, -1});
  check_value(node_result("MaxPool", {x}, {row("kernel_shape", {2, 2}), row("pads", {0, 1, 0, 0})}),
              floats({1, 1, 1, 2}, {-2, -1}));
  check_value(node_result("MaxPool", {x}, {row("kernel_shape", {1, 2}), row("strides", {2, 1})}),
              floats({1, 1, 1, 1}, {-3}));
  check_value(
      node_result("AveragePool", {x},
                  {row("kernel_shape", {2, 2}), row("strides", {2, 2}), row("pads", {1, 1, 1, 1})}),
      x);
  check_value(node_result("AveragePool", {x},
                          {row("kernel_shape", {2, 2}), row("strides", {2, 2}),
                           row("pads", {1, 1, 1, 1}), number("count_include_pad", 1)}),
              floats({1, 1, 2, 2}, {-1, -0.75f, -0.5f, -0.25f}));
  check_value(node_result("GlobalMaxPool", {x}), floats({1, 1, 1, 1}, {-1}));
  check_value(node_result("GlobalAveragePool", {x}), floats({1, 1, 1, 1}, {-2.5f}));
  CHECK_THROWS_WITH_AS(
      node_result("MaxPool", {x}, {row("kernel_shape", {2, 2}), number("ceil_mode", 1)}),
      "attribute 'ceil_mode' is 1; only 0 is known", ValueError);
  CHECK_THROWS_AS(node_result("MaxPool", {x}), ShapeError);
}

TEST_CASE("onnx image: resize by whole numbers, by scales or by sizes") {
  const Value x = floats({1, 1, 1, 2}, {1, 3}), scales = floats({4}, {1, 1, 2, 2});
  const std::vector<Attribute> nearest = {word("coordinate_transformation_mode", "asymmetric"),
                                          word("nearest_mode", "floor")};
  const Value twice = floats({1, 1, 2, 4}, {1, 1, 3, 3, 1, 1, 3, 3});
  check_value(node_result("Resize", {x, left_out, scales}, nearest), twice);
  check_value(node_result("Resize", {x, left_out, left_out, integers({1, 1, 2, 4})}, nearest),
              twice);
  check_value(node_result("Resize", {x, left_out, scales}), twice);
  check_value(
      node_result("Resize", {x, left_out, floats({4}, {1, 1, 1, 2})}, {word("mode", "linear")}),
      floats({1, 1, 1, 4}, {1, 1.5f, 2.5f, 3}));
  CHECK_THROWS_AS(node_result("Resize", {x, left_out, floats({4}, {1, 1, 1, 1.5f})}), ValueError);
  CHECK_THROWS_AS(node_result("Resize", {x, left_out, scales}, {word("mode", "cubic")}),
                  ValueError);
}

}  // namespace
