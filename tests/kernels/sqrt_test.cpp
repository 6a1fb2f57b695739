// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/exp.hpp>
#include <tinydl/kernels/sqrt.hpp>

#include <lanes.hpp>

#include <doctest/doctest.h>

using namespace tinydl;

TEST_CASE("sqrt: correctly rounded on every instruction set, and not a number below 0") {
  CHECK(lanes_test::fault_of(
            kernels::sqrt, [](long double x) { return std::sqrt(x); }, 0.5) == "");
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  CHECK(lanes_test::fault_at(kernels::sqrt, {0, 4, inf, -1, nan}, {0, 2, inf, nan, nan}) == "");
}
