// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/sine.hpp>

#include <lanes.hpp>

#include <doctest/doctest.h>

using namespace tinydl;
using lanes_test::fault_at;
using lanes_test::fault_of;

TEST_CASE("sine: sin and cos within 2 units of the last digit, of huge numbers and close to 0") {
  CHECK(fault_of(
            kernels::sin, [](long double x) { return std::sin(x); }, 2) == "");
  CHECK(fault_of(
            kernels::cos, [](long double x) { return std::cos(x); }, 2) == "");
}

TEST_CASE("sine: at 0, and what has none") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  CHECK(fault_at(kernels::sin, {0, inf, -inf, nan}, {0, nan, nan, nan}) == "");
  CHECK(fault_at(kernels::cos, {0, inf, -inf, nan}, {1, nan, nan, nan}) == "");
}

TEST_CASE("sine: one lane that is too large for the series leaves the others theirs") {
  std::vector<double> x(19, 0.5);
  x[3] = 1e20;
  for (auto set : instruction_sets_here()) {
    const auto y = lanes_test::results_of(set, kernels::sin, x);
    CHECK(y[3] == std::sin(1e20));
    for (std::size_t i : {0, 2, 4, 18}) CHECK(std::abs(y[i] - std::sin(0.5)) < 1e-15);
  }
}
