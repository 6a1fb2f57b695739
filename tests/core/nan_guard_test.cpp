// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/nan_guard.hpp>

#include <tinydl/core/grad.hpp>
#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/math.hpp>
#include <tinydl/functions/reduce.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <thread>

using namespace tinydl;

namespace {

constexpr double guard_nan = std::numeric_limits<double>::quiet_NaN();
constexpr double guard_inf = std::numeric_limits<double>::infinity();

Variable<double, 2> guard_matrix(double odd) {
  Tensor<double, 2> values = ones<double>({2, 4});
  values.mutable_data()[3] = odd;
  return Variable(values, {.requires_grad = true});
}

}  // namespace

TEST_CASE("nan guard: the first function that makes a nan is named, with place and shapes") {
  const auto x = guard_matrix(-1);
  const NanGuard guard;
  CHECK_THROWS_WITH_AS(exp(log(x)) + 1,
                       "log: made nan (first at (0, 3)) from operands of shapes (2, 4)",
                       ValueError);
}

TEST_CASE("nan guard: infinities count, unless they are allowed") {
  const auto x = guard_matrix(0);
  {
    const NanGuard guard;
    CHECK_THROWS_WITH_AS(log(x), "log: made inf (first at (0, 3)) from operands of shapes (2, 4)",
                         ValueError);
  }
  const NanGuard guard({.infinities = false});
  const auto y = log(x);
  CHECK(y.data()(0, 3) == -guard_inf);
  CHECK_THROWS_WITH_AS(0 * y, doctest::Contains("made nan (first at (0, 3))"), ValueError);
}

TEST_CASE("nan guard: a function that is given one is told apart from one that makes it") {
  auto x = guard_matrix(guard_nan);
  const NanGuard guard;
  CHECK_THROWS_WITH_AS(exp(x), "exp: was given nan (first at (0, 3)) in operand 0 of shape (2, 4)",
                       ValueError);
  x.set_name("x");
  CHECK_THROWS_WITH_AS(ones<double>({2, 4}) * x,
                       "mul: was given nan (first at (0, 3)) in operand 1, 'x', of shape (2, 4)",
                       ValueError);
}

TEST_CASE("nan guard: functions of constants and under NoGrad are seen, of Tensors alone are not") {
  const Tensor<double, 1> values = from_values({-1.0});
  const NanGuard guard;
  CHECK_THROWS_AS(log(Variable(values)), ValueError);
  {
    const NoGrad no_grad;
    CHECK_THROWS_AS(log(Variable(values, {.requires_grad = true})), ValueError);
  }
  CHECK(std::isnan(log(values)(0)));
}

TEST_CASE("nan guard: what it watches is recorded as ever: only what requires a gradient") {
  const NanGuard guard;
  const Variable<double, 0> x(2.0, {.requires_grad = true}), c(3.0);
  CHECK(exp(c).creator() == nullptr);
  CHECK_FALSE(exp(c).requires_grad());
  const auto y = x * c;
  REQUIRE(y.creator() != nullptr);
  CHECK(y.generation() == 1);
  y.backward();
  CHECK(x.grad().item() == 3);
  const NoGrad no_grad;
  CHECK(exp(x).creator() == nullptr);
}

TEST_CASE("nan guard: a backward pass names the function and the operand; gradients stay") {
  const Variable<double, 1> x(from_values({1.0, 0.0}), {.requires_grad = true, .name = "x"});
  const auto y = sum(sqrt(x));
  {
    const NanGuard guard;
    CHECK_THROWS_WITH_AS(y.backward(),
                         "backward of sqrt: made inf (first at (1,)) in the gradient of operand 0, "
                         "'x', of shape (2,)",
                         ValueError);
  }
  CHECK_FALSE(x.has_grad());
  sum(sqrt(x)).backward();
  CHECK(x.grad()(1) == guard_inf);
}

TEST_CASE("nan guard: in a pass with create_graph the function that backward applies is named") {
  const Variable<double, 1> x(from_values({0.0}), {.requires_grad = true});
  const auto y = sum(sqrt(x));
  const NanGuard guard;
  CHECK_THROWS_WITH_AS(grad(y, x, {.create_graph = true}), doctest::Contains(": made inf"),
                       ValueError);
}

TEST_CASE("nan guard: it ends with its scope, guards nest, and other threads are not watched") {
  const Variable<double, 0> x(-1.0);
  {
    const NanGuard outer;
    {
      const NanGuard inner({.infinities = false});
      CHECK_THROWS_AS(log(x), ValueError);
    }
    CHECK_THROWS_AS(log(x), ValueError);
    bool threw = false;
    std::thread([&] {
      try {
        log(x);
      } catch (const ValueError&) {
        threw = true;
      }
    }).join();
    CHECK_FALSE(threw);
  }
  CHECK(std::isnan(log(x).item()));
}

TEST_CASE("nan guard: float is watched as double is") {
  const Variable<float, 0> x(-1.0f);
  const NanGuard guard;
  CHECK_THROWS_WITH_AS(log(x), "log: made nan from operands of shapes ()", ValueError);
}

TEST_CASE("nan guard: sees the sums of gradients in a walk that is recorded") {
  const Variable x(1.0, {.requires_grad = true});
  const auto y = x * 1e308 + x * 1e308;
  const NanGuard guard;
  CHECK_THROWS_WITH_AS(grad(y, std::tie(x), {.create_graph = true}),
                       doctest::Contains("add_gradients: made inf"), ValueError);
}
