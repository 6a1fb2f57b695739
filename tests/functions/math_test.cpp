// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/math.hpp>

#include <limits>

#include "functions/check.hpp"

namespace tinydl_test {

namespace {

/// The derivatives of f on matrices of numbers in [low, high).
template <class F>
Verdict matrix_derivatives_agree(const char* function, double low, double high, const F& f) {
  return all({derivatives_agree(function, f, numbers({2, 3}, low, high)),
              derivatives_agree(function, f, numbers({1, 1}, low, high)),
              derivatives_agree(function, f, numbers({3, 1}, low, high))});
}

}  // namespace

TEST_CASE("math: known values") {
  const auto x = from_values({0.0, 1.0, 4.0});
  CHECK(is(exp(x), {3}, {1, 2.718281828459045, 54.598150033144236}));
  CHECK(is(log(x + 1), {3}, {0, 0.6931471805599453, 1.6094379124341003}));
  CHECK(is(sqrt(x), {3}, {0, 1, 2}));
  CHECK(is(square(x - 2), {3}, {4, 1, 4}));
  CHECK(is(sin(x), {3}, {0, 0.8414709848078965, -0.7568024953079283}));
  CHECK(is(cos(x), {3}, {1, 0.5403023058681398, -0.6536436208636119}));
  CHECK(is(abs(x - 2), {3}, {2, 1, 2}));
  CHECK(is(sign(x - 1), {3}, {-1, 0, 1}));
  CHECK(is(exp(from_values({1.0f})), {1}, {2.7182818}));
}

TEST_CASE("exp: derivatives for all ranks") {
  const auto f = [](auto x) { return exp(x); };
  CHECK(derivatives_agree(f, number(0.3)));
  CHECK(derivatives_agree(f, numbers({4})));
  CHECK(derivatives_agree(f, numbers({2, 1, 2})));
  CHECK(derivatives_agree(f, numbers({1, 2, 1, 2})));
  CHECK(matrix_derivatives_agree("exp", -2, 2, f));
}

TEST_CASE("math: derivatives") {
  CHECK(matrix_derivatives_agree("log", 0.5, 3, [](auto x) { return log(x); }));
  CHECK(matrix_derivatives_agree("sqrt", 0.5, 3, [](auto x) { return sqrt(x); }));
  CHECK(matrix_derivatives_agree("square", -2, 2, [](auto x) { return square(x); }));
  CHECK(matrix_derivatives_agree("sin", -3, 3, [](auto x) { return sin(x); }));
  CHECK(matrix_derivatives_agree("cos", -3, 3, [](auto x) { return cos(x); }));
  CHECK(matrix_derivatives_agree("abs", -3, -0.5, [](auto x) { return abs(x); }));
  CHECK(matrix_derivatives_agree("abs", 0.5, 3, [](auto x) { return abs(x); }));
}

TEST_CASE("pow: known values and derivatives for whole, broken, negative exponents and 0") {
  const auto x = from_values({-2.0, 0.0, 3.0});
  CHECK(is(pow(x, 3), {3}, {-8, 0, 27}));
  CHECK(is(pow(x, 0), {3}, {1, 1, 1}));
  CHECK(is(pow(from_values({4.0, 0.25}), 0.5), {2}, {2, 0.5}));
  CHECK(is(pow(from_values({4.0, 0.5}), -1), {2}, {0.25, 2}));
  for (double exponent : {0.0, 1.0, 2.0, 3.0, 0.5, 1.7, -1.0, -0.5}) {
    CAPTURE(exponent);
    CHECK(matrix_derivatives_agree("pow", 0.5, 2, [=](auto a) { return pow(a, exponent); }));
  }
  CHECK(derivatives_agree([](auto a) { return pow(a, 3); }, numbers({2, 2}, -2, -0.5)));
}

TEST_CASE("pow: at 0 the derivatives of powers 0, 1 and 2 are 0, 1 and 0") {
  for (int exponent : {0, 1, 2}) {
    const auto x = variable(from_values({0.0}));
    sum(pow(x, exponent)).backward();
    CHECK(is(x.grad(), {1}, {exponent == 1 ? 1.0 : 0.0}));
  }
}

TEST_CASE("abs: its derivative at 0 is 0") {
  const auto x = variable(from_values({-2.0, 0.0, 5.0}));
  sum(abs(x)).backward();
  CHECK(is(x.grad(), {3}, {-1, 0, 1}));
}

TEST_CASE("math: outside of what they are defined for, functions give what IEEE 754 says") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  CHECK(is(log(from_values({0.0, -1.0, inf})), {3}, {-inf, nan, inf}));
  CHECK(is(sqrt(from_values({-1.0, inf})), {2}, {nan, inf}));
  CHECK(is(exp(from_values({-inf, 1000.0, -1000.0})), {3}, {0, inf, 0}));
}

TEST_CASE("math: operands without elements") {
  const auto none = variable(zeros<double>({2, 0}));
  CHECK(is(exp(none), {2, 0}, {}));
  CHECK(is(square(none), {2, 0}, {}));
  sum(exp(none) + square(none)).backward();
  CHECK(is(none.grad(), {2, 0}, {}));
}

TEST_CASE("math: refuses an undefined operand") {
  CHECK(error_of([] { exp(Tensor<double, 2>()); }) == "ValueError: exp: an operand is undefined");
  CHECK(error_of([] { exp(Variable<double, 2>()); }) == "ValueError: exp: an operand is undefined");
}

}  // namespace tinydl_test
