// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/operators_matrix.hpp>

#include <limits>

#include <doctest/doctest.h>

#include "onnx/nodes.hpp"

namespace {

using namespace tinydl;
using namespace tinydl_test;

TEST_CASE("onnx matrix: products of matrices, stacks and vectors") {
  const Value a = floats({2, 2}, {1, 2, 3, 4}), row_ = floats({2}, {1, 10});
  check_value(node_result("MatMul", {a, a}), floats({2, 2}, {7, 10, 15, 22}));
  check_value(node_result("MatMul", {a, row_}), floats({2}, {21, 43}));
  check_value(node_result("MatMul", {row_, a}), floats({2}, {31, 42}));
  check_value(node_result("MatMul", {row_, row_}), floats({}, {101}));
  const Value stack = floats({2, 1, 2}, {1, 0, 0, 1});
  check_value(node_result("MatMul", {stack, a}), floats({2, 1, 2}, {1, 2, 3, 4}));
  check_value(node_result("MatMul", {a, floats({2, 2, 1}, {1, 0, 0, 1})}),
              floats({2, 2, 1}, {1, 3, 2, 4}));
  check_value(node_result("MatMul", {floats({2, 1, 1, 1}, {2, 3}), floats({3, 1, 1}, {1, 2, 4})}),
              floats({2, 3, 1, 1}, {2, 4, 8, 3, 6, 12}));
  check_value(node_result("MatMul", {counted({2, 0}), counted({0, 1})}), floats({2, 1}, {0, 0}));
  CHECK_THROWS_WITH_AS(node_result("MatMul", {a, floats({1, 2}, {1, 2})}),
                       "inner dimensions differ: (2, 2) x (1, 2)", ShapeError);
  CHECK_THROWS_AS(node_result("MatMul", {counted({2, 1, 1}), counted({3, 1, 1})}), ShapeError);
  CHECK_THROWS_AS(node_result("MatMul", {a, floats({}, {1})}), ShapeError);
}

TEST_CASE("onnx matrix: gemm transposes, scales and adds") {
  const Value a = floats({1, 2}, {1, 2}), b = floats({3, 2}, {1, 0, 0, 1, 1, 1});
  const Value c = floats({3}, {10, 20, 30});
  check_value(node_result("Gemm", {a, b, c}, {number("transB", 1)}), floats({1, 3}, {11, 22, 33}));
  check_value(node_result("Gemm", {a, b}, {number("transB", 1)}), floats({1, 3}, {1, 2, 3}));
  check_value(node_result("Gemm", {b, a, floats({3, 1}, {1, 2, 3})},
                          {number("transB", 1), {"alpha", 2.0f}, {"beta", 0.5f}}),
              floats({3, 1}, {2.5f, 5, 7.5f}));
  check_value(node_result("Gemm", {a, a, floats({}, {1})}, {number("transA", 1)}),
              floats({2, 2}, {2, 3, 3, 5}));
  CHECK_THROWS_AS(node_result("Gemm", {a, b, c}), ShapeError);
  CHECK_THROWS_AS(node_result("Gemm", {a, b, counted({2, 3})}, {number("transB", 1)}), ShapeError);
}

TEST_CASE("onnx matrix: reductions name their axes by an attribute or an input") {
  const Value x = floats({2, 3}, {1, 5, 3, 4, 2, 9});
  check_value(node_result("ReduceMean", {x}, {row("axes", {1})}), floats({2, 1}, {3, 5}));
  check_value(node_result("ReduceSum", {x, integers({-2})}, {number("keepdims", 0)}),
              floats({3}, {5, 7, 12}));
  check_value(node_result("ReduceMax", {x}), floats({1, 1}, {9}));
  check_value(node_result("ReduceMin", {x}, {row("axes", {0, 1}), number("keepdims", 0)}),
              floats({}, {1}));
  check_value(node_result("ReduceSum", {x}, {number("noop_with_empty_axes", 1)}), x);
  check_value(node_result("ReduceSum", {counted({2, 0})}, {row("axes", {1})}),
              floats({2, 1}, {0, 0}));
  CHECK_THROWS_AS(node_result("ReduceMax", {counted({2, 0})}, {row("axes", {1})}), ShapeError);
  CHECK_THROWS_AS(node_result("ReduceMax", {x}, {row("axes", {2})}), ShapeError);
}

TEST_CASE("onnx matrix: log of a sum of exponentials that would overflow") {
  const float infinity = std::numeric_limits<float>::infinity(), log2 = 0.6931472f;
  const Value x = floats({2, 2}, {1000, 1000, 0, -infinity});
  check_value(node_result("ReduceLogSumExp", {x}, {row("axes", {1})}),
              floats({2, 1}, {1000 + log2, 0}));
  check_value(node_result("ReduceLogSumExp", {x}, {row("axes", {-2}), number("keepdims", 0)}),
              floats({2}, {1000, 1000}));
}

TEST_CASE("onnx matrix: running sums, in both directions") {
  const Value x = floats({2, 2}, {1, 2, 3, 4});
  check_value(node_result("CumSum", {x, integers({}, {1})}), floats({2, 2}, {1, 3, 3, 7}));
  check_value(node_result("CumSum", {x, integers({-2})}, {number("reverse", 1)}),
              floats({2, 2}, {4, 6, 3, 4}));
  CHECK_THROWS_AS(node_result("CumSum", {x, integers({2})}), ShapeError);
  CHECK_THROWS_AS(node_result("CumSum", {x, integers({0})}, {number("exclusive", 1)}), ValueError);
}

}  // namespace
