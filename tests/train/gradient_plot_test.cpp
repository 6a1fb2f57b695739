// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/gradient_plot.hpp>

#include <doctest/doctest.h>

#include <train/pictures.hpp>

using namespace tinydl;
using namespace tinydl_test;

namespace {

std::string gradient_script(const GradientCurves& flow) {
  static const bool here = gnuplot_is_here();
  const PictureFolder folder;
  bool drawn = false;
  const std::string told =
      standard_error_of([&] { drawn = plot_gradient_flow(folder / "x", flow); });
  CHECK(drawn == here);
  if (here) CHECK(told == "");
  return picture_bytes(folder / "x.gnuplot");
}

std::string gradient_error(const GradientCurves& flow) {
  try {
    plot_gradient_flow("not_written", flow);
  } catch (const ValueError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("gradient_plot: one line for each parameter, a colour for each layer") {
  const std::string script =
      gradient_script({.names = {"0.weight", "0.bias", "2.weight"},
                       .steps = {1, 2, 4},
                       .means = {{0.1, 0.2, 0.3}, {1, 2, 3}, {0.01, 0.01, 0.01}}});
  CHECK(occurrences(script, "' index ") == 3);
  const std::size_t plot = script.find("plot '");
  REQUIRE(plot != script.npos);
  const std::string lines = script.substr(plot);
  CHECK(occurrences(lines, "dashtype 1 lc rgb colours[1]") == 1);
  CHECK(occurrences(lines, "dashtype 2 lc rgb colours[1]") == 1);
  CHECK(occurrences(lines, "dashtype 1 lc rgb colours[2]") == 1);
  for (const char* words :
       {"'0.weight'", "'0.bias'", "'2.weight'", "set xlabel 'step'",
        "'mean absolute gradient (log scale)'", "set logscale y", "set xrange [1:4]"})
    CHECK_MESSAGE(has_text(script, words), words);
}

TEST_CASE("gradient_plot: no two of 14 layers' parameters look the same") {
  GradientCurves flow{.steps = {1, 2}};
  for (int layer = 0; layer < 14; ++layer)
    for (const char* name : {".weight", ".bias"}) {
      flow.names.push_back(std::to_string(layer) + name);
      flow.means.push_back({1, 1});
    }
  const std::string script = gradient_script(flow);
  for (int dash = 1; dash <= 4; ++dash)
    for (int colour = 1; colour <= 7; ++colour) {
      // In the legend and in the plot.
      const std::string look = text("dashtype ", dash, " lc rgb colours[", colour, "]");
      CHECK_MESSAGE(occurrences(script, look) == 2, look);
    }
}

TEST_CASE("gradient_plot: what cannot stand on a logarithmic scale is said in the legend") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string script = gradient_script({.names = {"a.w", "b.w", "c.w", "d.w"},
                                              .steps = {1, 2},
                                              .means = {{0, 0}, {nan, nan}, {0, 1}, {1, nan}}});
  for (const char* words : {"'a.w: 0'", "'b.w: not finite'", "'c.w'", "'d.w'"})
    CHECK_MESSAGE(has_text(script, words), words);
  gradient_script({.names = {"a"}, .steps = {1, 2}, .means = {{0, 0}}});
  gradient_script({.names = {"a"}, .steps = {5}, .means = {{1e-30}}});
}

TEST_CASE("gradient_plot: the end of a long name is kept") {
  CHECK(has_text(
      gradient_script(
          {.names = {"encoder.layers.11.attention.in_proj_weight"}, .steps = {1}, .means = {{1}}}),
      "'\u202611.attention.in_proj_weight'"));
}

TEST_CASE("gradient_plot: values that do not fit are refused") {
  CHECK(gradient_error({}) ==
        "plot_gradient_flow: 0 parameters at 0 steps: there is nothing to draw");
  CHECK(gradient_error({.names = {"a"}, .means = {{}}}) ==
        "plot_gradient_flow: 1 parameters at 0 steps: there is nothing to draw");
  CHECK(gradient_error({.names = {"a"}, .steps = {1}}) ==
        "plot_gradient_flow: 1 names and means of 0 parameters");
  CHECK(gradient_error({.names = {"a", "b"}, .steps = {1}, .means = {{1}, {1, 2}}}) ==
        "plot_gradient_flow: 1 steps and 2 means of b");
}
