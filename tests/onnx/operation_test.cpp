// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/operation.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>

#include "onnx/nodes.hpp"

namespace {

using namespace tinydl;
using namespace tinydl_test;
using onnx::Arguments;
using onnx::Settings;

TEST_CASE("onnx operation: a shape that no array can have is refused, empty ones as well") {
  constexpr Index huge = std::numeric_limits<Index>::max() / 4;
  CHECK(onnx::count_of({}) == 1);
  CHECK(onnx::count_of({2, 3, 0}) == 0);
  CHECK_THROWS_AS(onnx::count_of({huge, 2}), ShapeError);
  CHECK_THROWS_AS(onnx::count_of({0, huge, 2}), ShapeError);
  CHECK_THROWS_AS(onnx::count_of({2, -1}), ShapeError);
  CHECK_THROWS_WITH_AS(onnx::count_of(Sizes(9, 1)), "an array of 9 axes: 8 is the most",
                       ShapeError);
}

TEST_CASE("onnx operation: shapes broadcast as NumPy's do") {
  CHECK(onnx::broadcast_sizes({2, 1, 3}, {4, 1}) == Sizes{2, 4, 3});
  CHECK(onnx::broadcast_sizes({}, {2}) == Sizes{2});
  CHECK(onnx::broadcast_sizes({0}, {1}) == Sizes{0});
  CHECK_THROWS_WITH_AS(onnx::broadcast_sizes({2, 3}, {2}),
                       "shapes do not broadcast: (2, 3) and (2,)", ShapeError);
}

TEST_CASE("onnx operation: an input that is missing or of another type is named") {
  const Value x = floats({1}, {2});
  const Arguments arguments({&x, nullptr});
  CHECK(arguments.has(0));
  CHECK_FALSE(arguments.has(1));
  CHECK_FALSE(arguments.has(2));
  CHECK(arguments.number(0) == 2);
  CHECK_THROWS_WITH_AS(arguments[1], "input 1 is missing", ValueError);
  CHECK_THROWS_WITH_AS(arguments.sizes(0), "input 0 has floats, not integers", ValueError);
  CHECK_THROWS_WITH_AS(arguments.tensor<2>(0), "a shape of 2 axes is needed, not (1,)", ShapeError);
}

TEST_CASE("onnx operation: settings have defaults, and a type") {
  const onnx::Node node{
      .op_type = "Op",
      .attributes = {number("axis", -2), {"alpha", 0.5f}, row("pads", {1, 2}), word("mode", "x")}};
  const Settings settings(node);
  CHECK(settings.integer("axis", 7) == -2);
  CHECK(settings.integer("other", 7) == 7);
  CHECK(settings.real("alpha", 1) == 0.5f);
  CHECK(settings.text_of("mode", "y") == "x");
  CHECK(settings.integers("pads") == Sizes{1, 2});
  CHECK_FALSE(settings.integers("strides").has_value());
  CHECK_THROWS_WITH_AS(settings.real("axis", 1), "attribute 'axis' is of a wrong type", ValueError);
  CHECK_NOTHROW(settings.only("axis", -2));
  CHECK_THROWS_WITH_AS(settings.only("axis", Index{0}), "attribute 'axis' is -2; only 0 is known",
                       ValueError);
  CHECK_THROWS_WITH_AS(settings.only("mode", "y"), "attribute 'mode' is x; only y is known",
                       ValueError);
}

TEST_CASE("onnx operation: an array is seen as three axes around one") {
  const onnx::Around a({2, 3, 4, 5}, onnx::axis_of(-2, 4));
  CHECK(a.outer == 6);
  CHECK(a.n == 4);
  CHECK(a.inner == 5);
  CHECK_THROWS_AS(onnx::axis_of(4, 4), ShapeError);
}

}  // namespace
