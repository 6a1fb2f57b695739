// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/operators_math.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

#include <doctest/doctest.h>

#include "onnx/nodes.hpp"

namespace {

using namespace tinydl;
using namespace tinydl_test;

TEST_CASE("onnx math: functions of one element") {
  const Value x = floats({3, 1}, {-2, 0.5f, 1});
  const auto of_each = [](double (*f)(double)) {
    return floats(
        {3, 1}, {static_cast<float>(f(-2)), static_cast<float>(f(0.5)), static_cast<float>(f(1))});
  };
  check_value(node_result("Abs", {x}), of_each(std::fabs));
  check_value(node_result("Neg", {x}), floats({3, 1}, {2, -0.5f, -1}));
  check_value(node_result("Exp", {x}), of_each(std::exp));
  check_value(node_result("Sin", {x}), of_each(std::sin));
  check_value(node_result("Cos", {x}), of_each(std::cos));
  check_value(node_result("Tanh", {x}), of_each(std::tanh));
  check_value(node_result("Erf", {x}), of_each(std::erf));
  check_value(node_result("Reciprocal", {x}), floats({3, 1}, {-0.5f, 2, 1}));
  check_value(node_result("Sigmoid", {x}),
              of_each([](double a) { return 1 / (1 + std::exp(-a)); }));
  check_value(node_result("Softplus", {x}),
              of_each([](double a) { return std::log1p(std::exp(a)); }));
  check_value(node_result("Relu", {x}), floats({3, 1}, {0, 0.5f, 1}));
  check_value(node_result("LeakyRelu", {x}), floats({3, 1}, {-0.02f, 0.5f, 1}));
  check_value(node_result("LeakyRelu", {x}, {{"alpha", 0.25f}}), floats({3, 1}, {-0.5f, 0.5f, 1}));
  check_value(node_result("Elu", {x}, {{"alpha", 2.0f}}),
              of_each([](double a) { return a > 0 ? a : 2 * std::expm1(a); }));
  const Value positive = floats({2}, {0.25f, 4});
  check_value(node_result("Log", {positive}), floats({2}, {-1.3862944f, 1.3862944f}));
  check_value(node_result("Sqrt", {positive}), floats({2}, {0.5f, 2}));
}

TEST_CASE("onnx math: operands broadcast") {
  const Value a = floats({2, 1}, {6, 8}), b = floats({2}, {2, 4});
  check_value(node_result("Add", {a, b}), floats({2, 2}, {8, 10, 10, 12}));
  check_value(node_result("Sub", {a, b}), floats({2, 2}, {4, 2, 6, 4}));
  check_value(node_result("Mul", {a, b}), floats({2, 2}, {12, 24, 16, 32}));
  check_value(node_result("Div", {a, b}), floats({2, 2}, {3, 1.5f, 4, 2}));
  check_value(node_result("Pow", {a, floats({}, {2})}), floats({2, 1}, {36, 64}));
  check_value(node_result("Pow", {b, floats({}, {0.5f})}), floats({2}, {1.4142135f, 2}));
  check_value(node_result("Pow", {b, integers({}, {3})}), floats({2}, {8, 64}));
  check_value(node_result("Max", {a, b, floats({}, {7})}), floats({2, 2}, {7, 7, 8, 8}));
  check_value(node_result("Min", {a, b}), floats({2, 2}, {2, 4, 2, 4}));
  CHECK_THROWS_AS(node_result("Add", {a, floats({3, 1}, {1, 2, 3})}), ShapeError);
}

TEST_CASE("onnx math: integers are computed as such") {
  constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  const Value a = integers({7, -7, lowest}), b = integers({2, 2, -1});
  check_value(node_result("Div", {a, b}), integers({3, -3, lowest}));
  check_value(node_result("Sub", {a, b}), integers({5, -9, lowest + 1}));
  check_value(node_result("Mul", {a, integers({}, {2})}), integers({14, -14, 0}));
  check_value(node_result("Add", {a, b}),
              integers({9, -5, std::numeric_limits<std::int64_t>::max()}));
  check_value(node_result("Max", {a, b}), integers({7, 2, -1}));
  CHECK_THROWS_WITH_AS(node_result("Div", {a, integers({}, {0})}), "an integer is divided by 0",
                       ValueError);
  CHECK_THROWS_WITH_AS(node_result("Add", {a, floats({1}, {1})}),
                       "input 1 has floats, not integers", ValueError);
}

TEST_CASE("onnx math: comparisons make bools, and where chooses by them") {
  const Value a = floats({2}, {1, 2}), b = floats({2, 1}, {1, 2});
  check_value(node_result("Equal", {a, b}), bools({2, 2}, {true, false, false, true}));
  check_value(node_result("Less", {a, b}), bools({2, 2}, {false, false, true, false}));
  check_value(node_result("LessOrEqual", {a, b}), bools({2, 2}, {true, false, true, true}));
  check_value(node_result("Greater", {integers({2}), integers({1, 3})}), bools({2}, {true, false}));
  check_value(node_result("GreaterOrEqual", {a, b}), bools({2, 2}, {true, true, false, true}));
  const Value p = bools({2}, {true, false}), q = bools({}, {true});
  check_value(node_result("And", {p, q}), p);
  check_value(node_result("Or", {p, q}), bools({2}, {true, true}));
  check_value(node_result("Not", {p}), bools({2}, {false, true}));

  check_value(node_result("Where", {p, a, b}), floats({2, 2}, {1, 1, 1, 2}));
  check_value(node_result("Where", {q, integers({4}), integers({5, 6})}), integers({4, 4}));
  check_value(node_result("Where", {bools({2, 1}, {true, false}), a, floats({}, {9})}),
              floats({2, 2}, {1, 2, 9, 9}));
}

TEST_CASE("onnx math: limits of clip may be left out") {
  const Value x = floats({3}, {-2, 0, 2});
  check_value(node_result("Clip", {x, floats({}, {-1}), floats({}, {1})}), floats({3}, {-1, 0, 1}));
  check_value(node_result("Clip", {x, left_out, floats({}, {1})}), floats({3}, {-2, 0, 1}));
  check_value(node_result("Clip", {x, floats({}, {0})}), floats({3}, {0, 0, 2}));
}

TEST_CASE("onnx math: a cast cuts fractions off, and no float is too large for it") {
  const float infinity = std::numeric_limits<float>::infinity();
  check_value(node_result("Cast", {floats({4}, {1.75f, -1.75f, infinity, std::nanf("")})},
                          {number("to", 7)}),
              integers({1, -1, std::numeric_limits<std::int64_t>::max(), 0}));
  check_value(node_result("Cast", {floats({1}, {-infinity})}, {number("to", 6)}),
              integers({std::numeric_limits<std::int64_t>::min()}));
  check_value(node_result("Cast", {integers({3, 0})}, {number("to", 1)}), floats({2}, {3, 0}));
  check_value(node_result("Cast", {integers({3, 0})}, {number("to", 9)}),
              bools({2}, {true, false}));
  CHECK_THROWS_WITH_AS(node_result("Cast", {integers({3})}, {number("to", 8)}),
                       "a cast to element type 8, which is not known", ValueError);
}

TEST_CASE("onnx math: softmax along any axis") {
  const Value x = floats({2, 2}, {0, 1, 2, 1});
  const float e = 0.26894142f;  // 1 / (1 + exp(1))
  check_value(node_result("Softmax", {x}), floats({2, 2}, {e, 1 - e, 1 - e, e}));
  const float f = 0.11920292f;  // 1 / (1 + exp(2))
  check_value(node_result("Softmax", {x}, {number("axis", 0)}),
              floats({2, 2}, {f, 0.5f, 1 - f, 0.5f}));
  check_value(node_result("LogSoftmax", {x}, {number("axis", 1)}),
              floats({2, 2}, {std::log(e), std::log(1 - e), std::log(1 - e), std::log(e)}));
}

}  // namespace
