// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/exp.hpp>

#include <lanes.hpp>

#include <doctest/doctest.h>

using namespace tinydl;
using lanes_test::fault_at;
using lanes_test::fault_of;

namespace {

constexpr double exp_inf = std::numeric_limits<double>::infinity();
constexpr double exp_nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("exp: within 2 units of the last digit, denormal results included") {
  CHECK(fault_of(
            kernels::exp, [](long double x) { return std::exp(x); }, 1.3) == "");
}

TEST_CASE("expm1: within 3 units of the last digit") {
  CHECK(fault_of(
            kernels::expm1, [](long double x) { return std::expm1(x); }, 2.5) == "");
}

TEST_CASE("sigmoid: within 3 units of the last digit, also where it is close to 0") {
  const auto exact = [](long double x) {
    return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
  };
  CHECK(fault_of(kernels::sigmoid, exact, 2.5) == "");
}

TEST_CASE("tanh: within 3 units of the last digit") {
  CHECK(fault_of(
            kernels::tanh, [](long double x) { return std::tanh(x); }, 3) == "");
}

TEST_CASE("exp: exact at 0, limits at infinity, and what is not a number stays so") {
  const std::vector<double> x = {0, exp_inf, -exp_inf, exp_nan, 1000, -1000};
  CHECK(fault_at(kernels::exp, x, {1, exp_inf, 0, exp_nan, exp_inf, 0}) == "");
  CHECK(fault_at(kernels::expm1, x, {0, exp_inf, -1, exp_nan, exp_inf, -1}) == "");
  CHECK(fault_at(kernels::sigmoid, x, {0.5, 1, 0, exp_nan, 1, 0}) == "");
  CHECK(fault_at(kernels::tanh, x, {0, 1, -1, exp_nan, 1, -1}) == "");
}
