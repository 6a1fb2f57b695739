// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/winograd.hpp>

#include <tinydl/core/random.hpp>
#include <tinydl/kernels/conv_direct.hpp>

#include <restored_threads.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace winograd_test {

using namespace tinydl;
using kernels::ConvAxis;
using kernels::ConvShape;

ConvAxis three(Index in, Index padding) {
  return {.in = in, .out = in + 2 * padding - 2, .kernel = 3, .padding = padding};
}

struct Arrays {
  std::vector<float> x, w, y, bias;

  explicit Arrays(const ConvShape& s)
      : x(static_cast<std::size_t>(s.images * s.image_size())),
        w(static_cast<std::size_t>(s.weight_size())),
        y(static_cast<std::size_t>(s.images * s.result_size())),
        bias(static_cast<std::size_t>(std::max(s.channels, s.filters))) {
    Generator generator(1);
    for (auto* values : {&x, &w, &y, &bias}) generator.fill_normal(std::span<float>(*values));
  }
};

/// The largest error, relative to the largest number.
double error_of(const std::vector<float>& found, const std::vector<double>& expected) {
  double largest = 0, worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    worst = std::max(worst, std::abs(found[i] - expected[i]));
  }
  return worst / largest;
}

/// The three kernels against direct sums in double.
void check_against_direct(const ConvShape& s, double bound) {
  const Arrays given(s);
  const auto doubles = [](const std::vector<float>& v) {
    return std::vector<double>(v.begin(), v.end());
  };
  const auto x = doubles(given.x), w = doubles(given.w), y = doubles(given.y),
             bias = doubles(given.bias);
  INFO(s.images, " images, ", s.channels, " channels to ", s.filters, ", ", s.height.in, " x ",
       s.width.in, ", padding ", s.height.padding, " and ", s.width.padding);
  for (bool has_bias : {false, true}) {
    std::vector<float> out(y.size(), 7), back(x.size(), 7);
    std::vector<double> expected(y.size()), expected_back(x.size());
    const float* start = has_bias ? given.bias.data() : nullptr;
    const double* same = has_bias ? bias.data() : nullptr;
    kernels::winograd_convolve(s, given.x.data(), kernels::winograd_filters(s, given.w.data()),
                               start, out.data());
    kernels::direct_convolve(s, x.data(), w.data(), same, expected.data());
    CHECK(error_of(out, expected) < bound);
    kernels::winograd_convolve_adjoint(s, given.y.data(), given.w.data(), start, back.data());
    kernels::direct_convolve_adjoint(s, y.data(), w.data(), same, expected_back.data());
    CHECK(error_of(back, expected_back) < bound);
  }
  std::vector<float> weights(w.size(), 7);
  std::vector<double> expected(w.size());
  kernels::winograd_convolve_weights(s, given.x.data(), given.y.data(), weights.data());
  kernels::direct_convolve_weights(s, x.data(), y.data(), expected.data());
  CHECK(error_of(weights, expected) < bound);
}

TEST_CASE("winograd: agrees with direct sums for tiles that are cut off anywhere") {
  for (Index height = 3; height <= 9; ++height)
    for (Index width : {3, 6, 8, 11})
      for (Index padding : {0, 1, 2})
        check_against_direct({2, 3, 5, 1, three(height, padding), three(width, 2 - padding)}, 2e-6);
}

TEST_CASE("winograd: more zeros around an image than the filter reaches, or pixels left out") {
  const ConvAxis wide{.in = 5, .out = 11, .kernel = 3, .padding = 4},
      cut{.in = 14, .out = 7, .kernel = 3, .padding = -2};
  check_against_direct({2, 4, 3, 1, wide, wide}, 2e-6);
  check_against_direct({2, 4, 3, 1, cut, wide}, 2e-6);
}

TEST_CASE("winograd: sizes beyond a vector, a panel of the product and a piece of tiles") {
  check_against_direct({3, 17, 70, 1, three(14, 1), three(15, 1)}, 2e-6);
  check_against_direct({1, 33, 16, 1, three(6, 0), three(130, 1)}, 2e-6);
  check_against_direct({40, 16, 16, 1, three(8, 1), three(6, 0)}, 2e-6);
}

TEST_CASE("winograd: rounding errors stay below 4e-6 of the largest result") {
  check_against_direct({4, 32, 64, 1, three(26, 0), three(26, 0)}, 4e-6);
  check_against_direct({2, 256, 256, 1, three(14, 1), three(14, 1)}, 4e-6);
}

TEST_CASE("winograd: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const ConvShape s{5, 20, 50, 1, three(13, 1), three(22, 0)};
  const Arrays given(s);
  const auto run = [&] {
    Arrays out = given;
    kernels::winograd_convolve(s, given.x.data(), kernels::winograd_filters(s, given.w.data()),
                               given.bias.data(), out.y.data());
    kernels::winograd_convolve_adjoint(s, given.y.data(), given.w.data(), given.bias.data(),
                                       out.x.data());
    kernels::winograd_convolve_weights(s, given.x.data(), given.y.data(), out.w.data());
    return out;
  };
  const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  };
  set_num_threads(1);
  const Arrays first = run();
  for (int threads : {2, 4}) {
    set_num_threads(threads);
    const Arrays again = run();
    CHECK(same(again.y, first.y));
    CHECK(same(again.x, first.x));
    CHECK(same(again.w, first.w));
  }
}

TEST_CASE("winograd_pays: for plain 3x3 filters, many channels, and tiles that are well filled") {
  const auto with = [](Index channels, Index filters, ConvAxis height, ConvAxis width,
                       Index images = 8, Index groups = 1) {
    return kernels::winograd_pays({images, channels, filters, groups, height, width});
  };
  const ConvAxis good = three(26, 0);
  CHECK(with(32, 64, good, good));
  CHECK(with(32, 64, good, good, 1));
  CHECK_FALSE(with(8, 64, good, good));
  CHECK_FALSE(with(32, 8, good, good));
  CHECK_FALSE(with(32, 64, good, good, 8, 2));
  CHECK_FALSE(with(32, 64, good, good, 0));
  CHECK_FALSE(with(32, 64, {.in = 26, .out = 22, .kernel = 5}, good));
  CHECK_FALSE(with(32, 64, good, {.in = 26, .out = 12, .kernel = 3, .stride = 2}));
  CHECK_FALSE(with(32, 64, {.in = 26, .out = 22, .kernel = 3, .dilation = 2}, good));
  CHECK_FALSE(with(32, 64, three(7, 0), three(7, 0)));         // 25 of 64
  CHECK_FALSE(with(512, 512, three(14, 1), three(14, 1), 2));  // 32 tiles
  CHECK(with(512, 512, three(14, 1), three(14, 1), 8));
  CHECK(kernels::winograd_weights_pay({8, 128, 128, 1, good, good}));
  CHECK_FALSE(kernels::winograd_weights_pay({8, 256, 256, 1, good, good}));  // too much memory
}

TEST_CASE("turned: a convolution's adjoint as a convolution") {
  const ConvShape s{2, 3, 5, 1, {.in = 7, .out = 6, .kernel = 4, .padding = 1}, three(9, 0)};
  const ConvShape t = kernels::turned(s);
  CHECK(t.channels == 5);
  CHECK(t.filters == 3);
  CHECK(t.height.in == 6);
  CHECK(t.height.out == 7);
  CHECK(t.height.padding == 2);
  CHECK(t.width.padding == 2);
}

}  // namespace winograd_test
