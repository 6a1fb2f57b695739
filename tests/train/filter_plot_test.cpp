// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/filter_plot.hpp>

#include <doctest/doctest.h>

#include <train/pictures.hpp>

using namespace tinydl;
using namespace tinydl_test;

namespace {

/// {script, data}
std::pair<std::string, std::string> filter_files(std::vector<float> weight, Shape<4> shape) {
  static const bool here = gnuplot_is_here();
  const PictureFolder folder;
  bool drawn = false;
  const std::string told =
      standard_error_of([&] { drawn = plot_filters(folder / "x", weight, shape); });
  CHECK(drawn == here);
  if (here) CHECK(told == "");
  return {picture_bytes(folder / "x.gnuplot"), picture_bytes(folder / "x.dat")};
}

}  // namespace

TEST_CASE("filter_plot: rows go down, columns right, then channels, then filters") {
  const auto [script, data] =
      filter_files({1, 2, 3, 4, 5, 6, 7, 8, -9, 10, 11, 12, 13, 14, 15, 16}, {2, 2, 2, 2});
  // A dot is 22 pixels wide: tiles are 44 wide, and 3 apart.
  CHECK(data.starts_with("23 37 1\n45 37 2\n23 59 3\n45 59 4\n70 37 5\n"));
  CHECK(has_text(data, "\n132 37 -9\n"));
  CHECK(has_text(script, "set cbrange [-16:16]"));
  CHECK(has_text(script, "set label '0' at"));
  CHECK(has_text(script, "set label '1' at"));
  CHECK(has_text(script, "set label 'weight' at"));
  CHECK(occurrences(script, "set object rectangle") == 4);
}

TEST_CASE("filter_plot: one weight, zeros, nan, and more channels than fit are drawn") {
  filter_files({0.5f}, {1, 1, 1, 1});
  CHECK(has_text(filter_files({0, 0}, {2, 1, 1, 1}).first, "set cbrange [-1:1]"));
  filter_files({std::numeric_limits<float>::quiet_NaN(), 1}, {1, 1, 1, 2});
  filter_files(std::vector<float>(40 * 9, 0.25f), {1, 40, 3, 3});
}

TEST_CASE("filter_plot: weights that do not fit their shape are refused") {
  CHECK_THROWS_WITH_AS(plot_filters("not_written", std::vector<float>(8), {1, 1, 3, 3}),
                       "plot_filters: 8 weights of shape (1, 1, 3, 3)", ValueError);
  CHECK_THROWS_WITH_AS(plot_filters("not_written", std::vector<float>(), {0, 1, 3, 3}),
                       "plot_filters: 0 weights of shape (0, 1, 3, 3)", ValueError);
}
