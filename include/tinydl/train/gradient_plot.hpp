// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/train/picture.hpp>
#include <tinydl/train/series.hpp>
#include <tinydl/train/words.hpp>

namespace tinydl {

/// How large the gradients of a model's parameters were in the course of training.
struct GradientCurves {
  std::vector<std::string> names = {};          ///< of the parameters: "0.weight"
  std::vector<Index> steps = {};                ///< at which they were noted, rising
  std::vector<std::vector<double>> means = {};  ///< of absolute values: means[parameter][i]
};

namespace detail {

inline void check_flow(const GradientCurves& flow) {
  if (flow.names.empty() || flow.steps.empty())
    throw ValueError(text("plot_gradient_flow: ", flow.names.size(), " parameters at ",
                          flow.steps.size(), " steps: there is nothing to draw"));
  if (flow.means.size() != flow.names.size())
    throw ValueError(text("plot_gradient_flow: ", flow.names.size(), " names and means of ",
                          flow.means.size(), " parameters"));
  for (std::size_t i = 0; i < flow.means.size(); ++i)
    if (flow.means[i].size() != flow.steps.size())
      throw ValueError(text("plot_gradient_flow: ", flow.steps.size(), " steps and ",
                            flow.means[i].size(), " means of ", flow.names[i]));
}

}  // namespace detail

/// Draws the mean absolute gradient of every parameter over the steps, on a logarithmic scale:
/// averaged, so that many lines stay apart. A colour is a layer; within it the first parameter's
/// line is whole, the next ones' are broken. A mean of 0 has no logarithm: where the average is 0,
/// the line has a gap, and the legend says so of a parameter whose gradient was always 0.
/// @returns whether a picture was made, see Picture::draw()
/// @throws ValueError without parameters or steps, or if the lengths do not fit
inline bool plot_gradient_flow(const std::filesystem::path& path, const GradientCurves& flow) {
  detail::check_flow(flow);
  const std::size_t parameters = flow.names.size(), notes = flow.steps.size();
  const Index window = 1 + static_cast<Index>(notes) / 30;
  Picture picture(path, 800, std::max(420, 30 + 20 * static_cast<int>(parameters)));
  picture.line("set logscale y; set format y '10^{%L}'; set xlabel 'step'");
  picture.line("set ylabel 'mean absolute gradient (log scale)'");
  picture.line("array colours[7] = [blue, red, green, purple, orange, sky, ink]");

  detail::Range range;
  std::string plot, layer;
  std::vector<std::string> titles, looks;
  int colour = 0, dash = 0;
  std::size_t longest = 0;
  for (std::size_t p = 0; p < parameters; ++p) {
    const std::string& name = flow.names[p];
    const std::string its_layer = name.substr(0, name.find_last_of('.'));
    dash = p > 0 && its_layer == layer ? dash + 1 : 0;
    if (p > 0 && dash == 0) ++colour;
    layer = its_layer;
    std::vector<std::vector<double>> rows;
    bool drawn = false, zero = true;
    for (const std::size_t i : detail::spread_positions(notes, 150)) {
      double mean = moving_average(flow.means[p], i, window);
      zero = zero && mean == 0;
      if (!(mean > 0)) mean = std::numeric_limits<double>::quiet_NaN();
      drawn = drawn || std::isfinite(mean);
      range.include(mean);
      rows.push_back({static_cast<double>(flow.steps[i]), mean});
    }
    const std::string note = zero ? ": 0" : drawn ? "" : ": not finite";
    titles.push_back(detail::ending(name, 28) + note);
    longest = std::max(longest, detail::letters(titles.back()));
    looks.push_back("lw 1.5 dashtype " + std::to_string(1 + (dash + colour / 7 * 2) % 5) +
                    " lc rgb colours[" + std::to_string(1 + colour % 7) + ']');
    plot += (p > 0 ? ", " : "plot ") + picture.table(rows) + " with " +
            (notes > 1 ? "lines " : "points pt 7 ") + looks.back();
  }
  if (range.empty()) range = {0.1, 1};
  const double first = static_cast<double>(flow.steps.front());
  const double last = std::max(static_cast<double>(flow.steps.back()), first + 1);
  picture.line("set xrange [" + Picture::number(first) + ':' + Picture::number(last) +
               "]; set yrange [" + Picture::number(range.low / 1.5) + ':' +
               Picture::number(range.high * 1.5) + ']');
  const double border = 720 - 9 * static_cast<double>(longest);  // a letter is about 9 pixels wide
  picture.line("set lmargin at screen 0.11; set rmargin at screen " +
               Picture::number(border / 800));
  for (std::size_t p = 0; p < parameters; ++p)
    picture.legend(border + 12, 24 + 20 * static_cast<double>(p), looks[p], titles[p]);
  picture.line(plot);
  return picture.draw();
}

}  // namespace tinydl
