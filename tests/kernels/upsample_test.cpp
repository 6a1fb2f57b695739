// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/upsample.hpp>

#include <restored_threads.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using namespace tinydl;
using kernels::Blend;
using kernels::Blends;
using kernels::linear_blends;
using kernels::nearest_blends;

namespace {

/// The value at each upsampled position of a line.
std::vector<double> upsampled_line(const std::vector<Blend>& blends, const std::vector<double>& x) {
  std::vector<double> y(blends.size());
  kernels::upsample(1, Blends{1, static_cast<Index>(x.size()), nearest_blends(1, 1), blends},
                    x.data(), y.data());
  return y;
}

}  // namespace

TEST_CASE("nearest_blends: every position comes `factor` times") {
  CHECK(upsampled_line(nearest_blends(3, 2), {1, 2, 3}) == std::vector<double>{1, 1, 2, 2, 3, 3});
  CHECK(upsampled_line(nearest_blends(2, 3), {1, 2}) == std::vector<double>{1, 1, 1, 2, 2, 2});
  CHECK(upsampled_line(nearest_blends(1, 1), {7}) == std::vector<double>{7});
}

TEST_CASE("linear_blends: lines between the centres, constants beyond the outer ones") {
  CHECK(upsampled_line(linear_blends(3, 2), {0, 8, 4}) == std::vector<double>{0, 2, 6, 7, 5, 4});
  CHECK(upsampled_line(linear_blends(2, 4), {0, 8}) == std::vector<double>{0, 0, 1, 3, 5, 7, 8, 8});
  CHECK(upsampled_line(linear_blends(1, 3), {7}) == std::vector<double>{7, 7, 7});
  CHECK(upsampled_line(linear_blends(3, 1), {1, 2, 3}) == std::vector<double>{1, 2, 3});
}

TEST_CASE("linear_blends: an odd factor hits the centres, without a look at the neighbours") {
  const double inf = std::numeric_limits<double>::infinity();
  const auto y = upsampled_line(linear_blends(3, 3), {1, 2, inf});
  REQUIRE(y.size() == 9);
  CHECK(y[1] == 1);
  CHECK(y[4] == 2);
  CHECK(y[7] == inf);
}

TEST_CASE("upsample: rows and columns have factors of their own, planes do not mix") {
  const std::vector<double> x{1, 2, 3, 4, 5, 6};  // (3, 1, 2)
  std::vector<double> y(12);
  kernels::upsample(3, Blends{1, 2, nearest_blends(1, 2), nearest_blends(2, 1)}, x.data(),
                    y.data());
  CHECK(y == std::vector<double>{1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6});
}

TEST_CASE("upsample and upsample_adjoint: one is the other, transposed") {
  // Factors of 2 and 4 have weights that are exact.
  const std::vector<Blends> cases{{3, 4, linear_blends(3, 2), linear_blends(4, 4)},
                                  {5, 1, linear_blends(5, 4), linear_blends(1, 2)},
                                  {2, 3, nearest_blends(2, 3), nearest_blends(3, 5)},
                                  {1, 1, linear_blends(1, 1), nearest_blends(1, 1)}};
  for (const Blends& blends : cases) {
    const auto x = small_integers<double>(2 * blends.height * blends.width, 1);
    const auto y = small_integers<double>(
        static_cast<Index>(2 * blends.rows.size() * blends.columns.size()), 2);
    std::vector<double> up(y.size(), -1), back(x.size(), -1);
    kernels::upsample(2, blends, x.data(), up.data());
    kernels::upsample_adjoint(2, blends, y.data(), back.data());
    CHECK(std::inner_product(y.begin(), y.end(), up.begin(), 0.0) ==
          std::inner_product(x.begin(), x.end(), back.begin(), 0.0));
    const std::vector<double> ones(x.size(), 1);  // and not because both are zero
    kernels::upsample(2, blends, ones.data(), up.data());
    CHECK(up == std::vector<double>(y.size(), 1));
  }
}

TEST_CASE("upsampling kernels: the same bits on 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const Index planes = 13, height = 20, width = 21;
  const Blends blends{height, width, linear_blends(height, 3), linear_blends(width, 3)};
  std::vector<float> x(static_cast<std::size_t>(planes * height * width));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i));
  std::vector<std::vector<float>> all;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    std::vector<float> up(x.size() * 9), back(x.size());
    kernels::upsample(planes, blends, x.data(), up.data());
    kernels::upsample_adjoint(planes, blends, up.data(), back.data());
    up.insert(up.end(), back.begin(), back.end());
    all.push_back(up);
  }
  const bool same = all[0] == all[1] && all[0] == all[2];
  CHECK_UNARY(same);
}
