// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/gradient_check.hpp>

#include <tinydl/core/eigen.hpp>
#include <tinydl/functions/arithmetic.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <tuple>

using namespace tinydl;

namespace {

// a * b, whose derivatives are multiplied by what is right (1) or wrong.
struct CheckedProduct : Function {
  double a_factor = 1, b_factor = 1;
  bool forgets_b = false;

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& a, const Tensor<T, R>& b) const {
    return a * b;
  }
  template <class T, int R>
  std::tuple<Tensor<T, R>, Tensor<T, R>> backward(const Tensor<T, R>& gy, const Tensor<T, R>& a,
                                                  const Tensor<T, R>& b) const {
    return {gy * b * a_factor, forgets_b ? Tensor<T, R>() : gy * a * b_factor};
  }
};

GradientCheckResult checked_product(const CheckedProduct& product) {
  Generator generator(1);
  const auto a = rand<double>({2, 3}, generator) + 1, b = rand<double>({2, 3}, generator) + 1;
  return gradient_check([&](const auto& p, const auto& q) { return apply(product, p, q); }, a, b);
}

}  // namespace

TEST_CASE("gradient_check: passes what is right and says how close it was") {
  const auto result = checked_product({});
  CHECK(result);
  CHECK(result.passed);
  CHECK(result.worst_error < 1e-8);
  CHECK(text(result) == "gradients agree");
}

TEST_CASE("gradient_check: finds a wrong factor, however small") {
  CHECK_FALSE(checked_product({{}, 2.0}));
  CHECK_FALSE(checked_product({{}, 1.0001}));
  CHECK_FALSE(checked_product({{}, 1, 0.9999}));
  CHECK(checked_product({{}, 2.0}).worst_error > 0.4);
}

TEST_CASE("gradient_check: finds a wrong sign") {
  CHECK_FALSE(checked_product({{}, -1.0}));
  CHECK_FALSE(checked_product({{}, 1, -1}));
}

TEST_CASE("gradient_check: finds an input that was forgotten") {
  CHECK_FALSE(checked_product({{}, 1, 1, true}));
}

TEST_CASE("gradient_check: finds a gradient that is not a number") {
  CHECK_FALSE(checked_product({{}, std::numeric_limits<double>::quiet_NaN()}));
}

TEST_CASE("gradient_check: a failure names the input and shows both gradients") {
  const auto wrong = [](const auto& a, const auto& b) {
    return apply(CheckedProduct{{}, 1, 3}, a, b);
  };
  Generator generator(7);
  const double weight = generator.uniform<double>() + 0.5;  // of the only element
  const auto result =
      gradient_check(wrong, from_values<double>({1, 1}, {2}), from_values<double>({1, 1}, {5}));
  CHECK_FALSE(result);
  CHECK(result.message.find("input 1 ") != std::string::npos);
  const std::string analytic = text(from_values<double>({1, 1}, {3 * 2 * weight}));
  const std::string numeric = text(from_values<double>({1, 1}, {2 * weight}));
  CHECK(result.message.find("by backward():\n" + analytic) != std::string::npos);
  CHECK(result.message.find("by differences:\n" + numeric) != std::string::npos);
  CHECK(text(result) == result.message);
}

TEST_CASE("gradient_check: the first input that is wrong is the one shown") {
  CHECK(checked_product({{}, 2, 2}).message.find("input 0 ") != std::string::npos);
}

TEST_CASE("gradient_check: takes its step and tolerance from its options") {
  const auto product = [](const auto& a, const auto& b) {
    return apply(CheckedProduct{{}, 1.001}, a, b);
  };
  const auto a = full({2}, 1.0), b = full({2}, 1.0);
  CHECK_FALSE(gradient_check(product, a, b));
  CHECK(gradient_check(product, {.tolerance = 0.01}, a, b));
  CHECK_FALSE(gradient_check(product, {.step = 1e-4, .tolerance = 1e-5}, a, b));
}

TEST_CASE("gradient_check: takes inputs of different ranks, sizes of 1 and rank 0") {
  CHECK(gradient_check([](const auto& a, const auto& b) { return a * b / (b * b + 1); },
                       randn<double>({3, 1}), randn<double>({1, 4})));
  CHECK(gradient_check([](const auto& a, const auto& b) { return a - b * b; },
                       randn<double>({2, 3}), Tensor<double, 0>(0.5)));
}

TEST_CASE("gradient_check: leaves the tensors that it is given alone") {
  const auto a = full({3}, 2.0);
  CHECK(gradient_check([](const auto& x) { return x * x; }, a));
  CHECK((a.array() == 2.0).all());
}
