// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/winograd_maps.hpp>

#include <tinydl/core/random.hpp>

#include <instruction_sets.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace winograd_maps_test {

using namespace tinydl;
using namespace kernels::detail::winograd;

template <std::size_t N>
std::array<double, N> drawn(Generator& generator) {
  std::array<double, N> numbers{};
  generator.fill_normal(std::span<double>(numbers));
  return numbers;
}

/// <map(x), y> - <x, adjoint(y)>
template <class Map, class Adjoint>
double adjoint_error(Generator& generator) {
  static_assert(Map::in == Adjoint::out && Map::out == Adjoint::in);
  const auto x = drawn<Map::in>(generator);
  const auto y = drawn<Map::out>(generator);
  std::array<double, Map::out> mapped;
  std::array<double, Map::in> back;
  Map::template map<double>(x.data(), mapped.data());
  Adjoint::template map<double>(y.data(), back.data());
  return std::inner_product(y.begin(), y.end(), mapped.begin(), 0.0) -
         std::inner_product(x.begin(), x.end(), back.begin(), 0.0);
}

TEST_CASE("winograd: products at the points are the correlation of pixels and taps") {
  Generator generator(1);
  const auto x = drawn<points>(generator);
  const auto w = drawn<taps>(generator);
  std::array<double, points> at_x, at_w;
  std::array<double, results> y;
  PixelsToPoints::map<double>(x.data(), at_x.data());
  TapsToPoints::map<double>(w.data(), at_w.data());
  for (std::size_t i = 0; i < points; ++i) at_x[i] *= at_w[i];
  PointsToResults::map<double>(at_x.data(), y.data());
  for (std::size_t i = 0; i < results; ++i)
    CHECK(y[i] == doctest::Approx(x[i] * w[0] + x[i + 1] * w[1] + x[i + 2] * w[2]).epsilon(1e-12));
}

TEST_CASE("winograd: the maps back are the adjoints of those forth") {
  Generator generator(2);
  CHECK(std::abs(adjoint_error<TapsToPoints, PointsToTaps>(generator)) < 1e-12);
  CHECK(std::abs(adjoint_error<ResultsToPoints, PointsToResults>(generator)) < 1e-12);
}

/// A map of squares against the same map of numbers, along the columns and then the rows.
template <class Map>
void check_squares(kernels::InstructionSet set, bool has_start) {
  constexpr Index squares = 3, channels = 32;
  Generator generator(3);
  std::vector<float> from(Map::in * Map::in * squares * channels), start(channels);
  generator.fill_normal(std::span<float>(from));
  generator.fill_normal(std::span<float>(start));
  // Squares side by side in one image, and matrices one after another.
  const Squares<const float> in{from.data(), Map::in * squares * channels, channels,
                                Map::in * channels};
  constexpr Index apart = squares * channels + 16;
  std::vector<float> to(Map::out * Map::out * apart, 7);
  const Squares<float> out{to.data(), Map::out * apart, apart, channels};
  kernels::run_for<MapSquares<float, Map>>(
      set, squares, channels, in, out,
      has_start ? static_cast<const float*>(start.data()) : nullptr);
  double worst = 0;
  for (Index s = 0; s < squares; ++s)
    for (Index c = 0; c < channels; ++c) {
      double half[Map::out][Map::in], x[Map::in], y[Map::out];
      for (Index j = 0; j < Map::in; ++j) {
        for (Index i = 0; i < Map::in; ++i)
          x[i] = from[static_cast<std::size_t>(s * in.next + i * in.row + j * in.column + c)];
        Map::template map<double>(x, y);
        for (Index i = 0; i < Map::out; ++i) half[i][j] = y[i];
      }
      for (Index i = 0; i < Map::out; ++i) {
        Map::template map<double>(half[i], y);
        for (Index j = 0; j < Map::out; ++j) {
          const double expected =
              y[j] + (has_start ? static_cast<double>(start[static_cast<std::size_t>(c)]) : 0);
          const double found =
              to[static_cast<std::size_t>(s * out.next + i * out.row + j * out.column + c)];
          worst = std::max(worst, std::abs(found - expected));
        }
      }
    }
  CHECK(worst < 1e-4);
  CHECK(to[static_cast<std::size_t>(squares * channels)] == 7);  // a gap
}

TEST_CASE("MapSquares: maps columns and rows of each square in every instruction set") {
  for (const auto set : instruction_sets_here())
    for (bool has_start : {false, true}) {
      INFO(vector_bytes(set), " bytes");
      check_squares<PixelsToPoints>(set, has_start);
      check_squares<TapsToPoints>(set, has_start);
      check_squares<PointsToTaps>(set, has_start);
      check_squares<PointsToResults>(set, has_start);
      check_squares<ResultsToPoints>(set, has_start);
    }
}

}  // namespace winograd_maps_test
