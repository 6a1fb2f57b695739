// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/log.hpp>

#include <lanes.hpp>

#include <doctest/doctest.h>

using namespace tinydl;
using lanes_test::fault_at;
using lanes_test::fault_of;

TEST_CASE("log: within 2 units of the last digit, also close to 1 and of denormal numbers") {
  CHECK(fault_of(
            kernels::log, [](long double x) { return std::log(x); }, 1.3) == "");
}

TEST_CASE("log1p_of_share: within 2 units of the last digit") {
  const auto exact = [](long double x) { return std::log1p(x); };
  CHECK(fault_of(kernels::log1p_of_share, exact, 2, 0, 1) == "");
}

TEST_CASE("log: at 0, 1, infinity, and what has no logarithm") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  CHECK(fault_at(kernels::log, {0, -0.0, 1, inf, -inf, -1, nan},
                 {-inf, -inf, 0, inf, nan, nan, nan}) == "");
  CHECK(fault_at(kernels::log1p_of_share, {0, nan}, {0, nan}) == "");
}
