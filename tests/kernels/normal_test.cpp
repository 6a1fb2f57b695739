// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/normal.hpp>

#include <lanes.hpp>

#include <doctest/doctest.h>

using namespace tinydl;
using lanes_test::fault_at;
using lanes_test::fault_of;

namespace {

struct BellAlone {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    V cdf;
    kernels::normal(cdf, y, x);
  }
};

}  // namespace

TEST_CASE("normal_cdf: within 8 units of the last digit, also far to the left") {
  const auto exact = [](long double x) { return std::erfc(-x / std::sqrt(2.0L)) / 2; };
  CHECK(fault_of(kernels::normal_cdf, exact, 6) == "");
}

TEST_CASE("normal: the bell within 2 units of the last digit") {
  const auto exact = [](long double x) { return std::exp(-x * x / 2); };
  CHECK(fault_of(BellAlone{}, exact, 2) == "");
}

TEST_CASE("normal_cdf: at 0, at infinity, and what is not a number") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  CHECK(fault_at(kernels::normal_cdf, {inf, -inf, 50, -50, nan}, {1, 0, 1, 0, nan}) == "");
  CHECK(fault_of(
            kernels::normal_cdf, [](long double) { return 0.5L; }, 1, 0, 0) == "");
}
