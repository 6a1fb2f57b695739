// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/series.hpp>

#include <doctest/doctest.h>

using namespace tinydl;

namespace {

constexpr double series_nan = std::numeric_limits<double>::quiet_NaN();
constexpr double series_inf = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("series: a moving average is the mean of what is around, less of it at the ends") {
  const std::vector<double> values = {1, 2, 6, 4, 10};
  const std::vector<double> of_3 = {1.5, 3, 4, 20.0 / 3, 7};
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(moving_average(values, i, 1) == values[i]);
    CHECK(moving_average(values, i, 3) == doctest::Approx(of_3[i]));
    CHECK(moving_average(values, i, 100) == doctest::Approx(4.6));
  }
}

TEST_CASE("series: a moving average passes over what is not finite") {
  const std::vector<double> values = {1, series_nan, 3, series_inf, -series_inf, series_nan};
  CHECK(moving_average(values, 1, 3) == 2);
  CHECK(moving_average(values, 2, 3) == 3);
  CHECK(std::isnan(moving_average(values, 4, 3)));
  CHECK_THROWS_WITH_AS(moving_average(values, 0, 0), "moving_average: over 0 values, not 1 or more",
                       ValueError);
}

TEST_CASE("series: positions are spread evenly and end with the last") {
  CHECK(detail::spread_positions(0, 3).empty());
  CHECK(detail::spread_positions(2, 3) == std::vector<std::size_t>{0, 1});
  CHECK(detail::spread_positions(10, 4) == std::vector<std::size_t>{1, 4, 6, 9});
}

TEST_CASE("series: a short series is drawn as it is, of a long one each piece's extremes") {
  CHECK(detail::extreme_positions(std::vector<double>{3, 1, 2}, 2) ==
        std::vector<std::size_t>{0, 1, 2});
  const std::vector<double> values = {3, 1, 2, 9, 5, 5, 5, 5, 1, 2, 0, 1};
  CHECK(detail::extreme_positions(values, 3) == std::vector<std::size_t>{1, 3, 4, 9, 10});
}

TEST_CASE("series: a piece that begins with nan shows its numbers all the same") {
  std::vector<double> values(100, 1.0);
  values[0] = series_nan;
  values[7] = 5;
  values[8] = -5;
  const auto positions = detail::extreme_positions(values, 10);
  CHECK(positions[0] == 7);
  CHECK(positions[1] == 8);
}

TEST_CASE("series: a range is of finite numbers, and wide enough to be drawn") {
  detail::Range range;
  CHECK(range.empty());
  CHECK(range.padded().low == 0);
  CHECK(range.padded().high == 1);
  range.include(std::vector<double>{2, series_nan, 4, series_inf});
  CHECK(range.low == 2);
  CHECK(range.high == 4);
  CHECK(range.padded(0.25).low == 1.5);
  CHECK(range.padded(0.25).high == 4.5);
  detail::Range one;
  one.include(-3);
  CHECK(one.padded().low < -3);
  CHECK(one.padded().high > -3);
  detail::Range zero;
  zero.include(0);
  CHECK(zero.padded().low < zero.padded().high);
}
