// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/operators_shape.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "onnx/nodes.hpp"

namespace {

using namespace tinydl;
using namespace tinydl_test;

Sizes shape_after(const char* op_type, const std::vector<Value>& inputs,
                  std::vector<Attribute> attributes = {}) {
  return node_result(op_type, inputs, std::move(attributes)).shape;
}

TEST_CASE("onnx shape: elements stay where they are and are arranged anew") {
  const Value x = counted({2, 3, 4});
  CHECK(shape_after("Reshape", {x, integers({0, -1})}) == Sizes{2, 12});
  CHECK(shape_after("Reshape", {x, integers({4, 6})}) == Sizes{4, 6});
  CHECK(shape_after("Reshape", {counted({0, 2}), integers({0, 5})}, {number("allowzero", 1)}) ==
        Sizes{0, 5});
  CHECK_THROWS_AS(node_result("Reshape", {x, integers({5, -1})}), ShapeError);
  CHECK_THROWS_AS(node_result("Reshape", {x, integers({1, 2, 3, 0})}), ShapeError);
  CHECK(shape_after("Flatten", {x}) == Sizes{2, 12});
  CHECK(shape_after("Flatten", {x}, {number("axis", -1)}) == Sizes{6, 4});
  CHECK(shape_after("Flatten", {x}, {number("axis", 3)}) == Sizes{24, 1});

  const Value y = counted({1, 3, 1});
  CHECK(shape_after("Squeeze", {y}) == Sizes{3});
  CHECK(shape_after("Squeeze", {y, integers({-1})}) == Sizes{1, 3});
  CHECK_THROWS_AS(node_result("Squeeze", {y, integers({1})}), ShapeError);
  CHECK(shape_after("Unsqueeze", {y, integers({0, -1})}) == Sizes{1, 1, 3, 1, 1});
  CHECK_THROWS_AS(node_result("Unsqueeze", {y, integers({0, 0})}), ShapeError);
}

TEST_CASE("onnx shape: transpose permutes axes, or turns them around") {
  const Value x = counted({1, 2, 3});
  check_value(node_result("Transpose", {x}, {row("perm", {2, 0, 1})}),
              floats({3, 1, 2}, {0, 3, 1, 4, 2, 5}));
  check_value(node_result("Transpose", {x}), floats({3, 2, 1}, {0, 3, 1, 4, 2, 5}));
  CHECK_THROWS_AS(node_result("Transpose", {x}, {row("perm", {0, 1})}), ShapeError);
  CHECK_THROWS_AS(node_result("Transpose", {x}, {row("perm", {0, 1, 1})}), ShapeError);
}

TEST_CASE("onnx shape: slices go forward and backward, and their ends are cut off") {
  constexpr std::int64_t end = std::numeric_limits<std::int64_t>::max(), begin = -end - 1;
  const Value x = counted({2, 4});
  const auto cut = [&](std::int64_t from, std::int64_t to, std::int64_t step) {
    return node_result("Slice",
                       {x, integers({from}), integers({to}), integers({-1}), integers({step})});
  };
  check_value(cut(1, 3, 1), floats({2, 2}, {1, 2, 5, 6}));
  check_value(cut(-1, end, 1), floats({2, 1}, {3, 7}));
  check_value(cut(0, end, 3), floats({2, 2}, {0, 3, 4, 7}));
  check_value(cut(-1, begin, -1), floats({2, 4}, {3, 2, 1, 0, 7, 6, 5, 4}));
  check_value(cut(end, 0, -2), floats({2, 2}, {3, 1, 7, 5}));
  check_value(cut(3, 1, 1), floats({2, 0}, {}));
  check_value(cut(0, 4, end), floats({2, 1}, {0, 4}));
  check_value(node_result("Slice", {x, integers({1, 0}), integers({2, 1})}), floats({1, 1}, {4}));
  check_value(node_result("Slice", {counted({0}), integers({-1}), integers({begin}), integers({0}),
                                    integers({-1})}),
              floats({0}, {}));
  CHECK_THROWS_WITH_AS(cut(0, 4, 0), "a step of 0", ValueError);
  CHECK_THROWS_WITH_AS(cut(0, 4, begin), text("a step of ", begin).c_str(), ValueError);
  CHECK_THROWS_AS(node_result("Slice", {x, integers({1}), integers({2, 3})}), ShapeError);
}

TEST_CASE("onnx shape: expand repeats, in both directions") {
  check_value(node_result("Expand", {floats({2, 1}, {1, 2}), integers({2, 1, 2})}),
              floats({2, 2, 2}, {1, 1, 2, 2, 1, 1, 2, 2}));
  check_value(node_result("Expand", {integers({}, {3}), integers({2})}), integers({3, 3}));
  CHECK(shape_after("Expand", {floats({2}, {1, 2}), integers({1})}) == Sizes{2});
  CHECK_THROWS_AS(node_result("Expand", {floats({2}, {1, 2}), integers({3})}), ShapeError);
  CHECK_THROWS_AS(node_result("Expand", {floats({1}, {1}), integers({-1})}), ShapeError);
}

TEST_CASE("onnx shape: concat and split are each other's inverse") {
  const Value x = counted({2, 3}), first = floats({2, 1}, {0, 3}),
              rest = floats({2, 2}, {1, 2, 4, 5});
  check_value(node_result("Concat", {first, rest}, {number("axis", 1)}), x);
  const auto parts = node_results("Split", {x, integers({1, 2})}, {number("axis", -1)}, 2);
  REQUIRE(parts.size() == 2);
  check_value(parts[0], first);
  check_value(parts[1], rest);
  check_value(node_results("Split", {x}, {}, 2).at(1), floats({1, 3}, {3, 4, 5}));
  CHECK_THROWS_AS(node_result("Concat", {x, first}, {number("axis", 0)}), ShapeError);
  CHECK_THROWS_AS(node_result("Concat", {x, integers({1, 3}, {1, 2, 3})}, {number("axis", 0)}),
                  ValueError);
  CHECK_THROWS_AS(node_results("Split", {x, integers({1, 1})}, {number("axis", 1)}, 2), ShapeError);
  CHECK_THROWS_AS(node_results("Split", {x, integers({-1, 4})}, {number("axis", 1)}, 2),
                  ShapeError);
}

TEST_CASE("onnx shape: gather takes along an axis, counted from the back as well") {
  const Value x = counted({2, 3});
  check_value(node_result("Gather", {x, integers({}, {-1})}), floats({3}, {3, 4, 5}));
  check_value(node_result("Gather", {x, integers({1, 2}, {2, 0})}, {number("axis", 1)}),
              floats({2, 1, 2}, {2, 0, 5, 3}));
  CHECK_THROWS_WITH_AS(node_result("Gather", {x, integers({2})}),
                       "index 2 is outside of axis 0 of shape (2, 3)", ValueError);
  CHECK_THROWS_AS(node_result("Gather", {x, integers({-3})}), ValueError);
  CHECK(shape_after("Gather", {counted({1000, 1, 0}), integers({})}, {number("axis", 1)}) ==
        Sizes{1000, 0, 0});
}

TEST_CASE("onnx shape: single elements are gathered along an axis") {
  const Value x = counted({2, 3});
  check_value(
      node_result("GatherElements", {x, integers({2, 2}, {2, 0, -1, 1})}, {number("axis", 1)}),
      floats({2, 2}, {2, 0, 5, 4}));
  check_value(node_result("GatherElements", {x, integers({1, 2}, {1, 0})}), floats({1, 2}, {3, 1}));
  CHECK_THROWS_AS(node_result("GatherElements", {x, integers({1, 1}, {2})}), ValueError);
  CHECK_THROWS_AS(node_result("GatherElements", {x, integers({1, 4}, {0, 0, 0, 0})}), ShapeError);
  CHECK_THROWS_AS(node_result("GatherElements", {x, integers({0})}), ShapeError);
}

TEST_CASE("onnx shape: pad adds elements on both sides of every axis") {
  check_value(node_result("Pad", {floats({1, 2}, {1, 2}), integers({0, 1, 1, 0})}),
              floats({2, 3}, {0, 1, 2, 0, 0, 0}));
  check_value(node_result("Pad", {floats({1, 2}, {1, 2}), integers({1, 0}), floats({}, {9}),
                                  integers({-1})}),
              floats({1, 3}, {9, 1, 2}));
  CHECK_THROWS_AS(node_result("Pad", {floats({2}, {1, 2}), integers({-1, 0})}), ShapeError);
  CHECK_THROWS_AS(node_result("Pad", {floats({2}, {1, 2}), integers({1})}), ShapeError);
  CHECK_THROWS_AS(
      node_result("Pad", {floats({2}, {1, 2}), integers({1, 1})}, {word("mode", "edge")}),
      ValueError);
}

TEST_CASE("onnx shape: shapes and constants are arrays") {
  const Value x = counted({2, 3, 4});
  check_value(node_result("Shape", {x}), integers({2, 3, 4}));
  check_value(node_result("Shape", {x}, {number("start", -2), number("end", 2)}), integers({3}));
  check_value(node_result("ConstantOfShape", {integers({2, 1})}), floats({2, 1}, {0, 0}));
  check_value(node_result("ConstantOfShape", {integers({2})}, {{"value", integers({7})}}),
              integers({7, 7}));
  CHECK_THROWS_AS(node_result("ConstantOfShape", {integers({-2})}), ShapeError);
  check_value(node_result("Constant", {}, {{"value", x}}), x);
  check_value(node_result("Constant", {}, {{"value_float", 0.5f}}), floats({}, {0.5f}));
  check_value(node_result("Constant", {}, {number("value_int", 5)}), integers({}, {5}));
  check_value(node_result("Constant", {}, {row("value_ints", {5, 6})}), integers({5, 6}));
  CHECK_THROWS_AS(node_result("Constant", {}, {word("value_string", "a")}), ValueError);
}

TEST_CASE("onnx shape: identity and dropout hand on what they get") {
  const Value x = counted({2});
  check_value(node_result("Identity", {x}), x);
  check_value(node_result("Dropout", {x, floats({}, {0.5f})}), x);
  check_value(node_results("Dropout", {x}, {}, 2).at(1), bools({2}, {true, true}));
  CHECK_THROWS_WITH_AS(node_result("Dropout", {x, left_out, bools({}, {true})}),
                       "dropout in training", ValueError);
}

}  // namespace
