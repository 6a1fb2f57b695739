// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <tinydl/core/shape.hpp>
#include <tinydl/train/picture.hpp>

namespace tinydl {

/// Draws the filters of a convolution, as a rule of a network's first one: under the number of an
/// output channel a tile for each input channel. Zero has the colour of the ground, what is
/// positive is blue, what is negative orange.  weight: (O, C, KH, KW)
///
///     plot_filters("runs/filters", conv.weight.data().span(), conv.weight.shape());
///
/// @returns whether a picture was made, see Picture::draw()
/// @throws ValueError without weights, or if they are not as many as the shape says
inline bool plot_filters(const std::filesystem::path& path, std::span<const float> weight,
                         const Shape<4>& shape) {
  if (shape.count() < 1 || static_cast<std::size_t>(shape.count()) != weight.size())
    throw ValueError(text("plot_filters: ", weight.size(), " weights of shape ", shape));
  const int filters = static_cast<int>(shape[0]), channels = static_cast<int>(shape[1]);
  const int rows = static_cast<int>(shape[2]), columns = static_cast<int>(shape[3]);

  // In pixels of the picture.
  const int dot = std::max(4, 44 / std::max(rows, columns));  // one weight
  const int tile = columns * dot + 3, across = channels * tile + 15, down = rows * dot + 30;
  const int per_line = std::clamp(690 / across, 1, filters);
  const int lines = (filters + per_line - 1) / per_line;
  const int grid_width = std::max(per_line * across, 200), width = grid_width + 110;
  const int height = std::max(lines * down + 16, 140);

  double largest = 0;
  for (const float w : weight)
    if (std::isfinite(w)) largest = std::max(largest, std::abs(static_cast<double>(w)));
  const std::string limit = Picture::number(largest > 0 ? largest : 1);

  Picture picture(path, width, height);
  picture.line("set margins 0, 0, 0, 0; unset border; unset tics; unset grid");
  picture.line("set xrange [0:" + std::to_string(width) + "]; set yrange [" +
               std::to_string(height) + ":0]");
  picture.line("set palette defined (-1 red, 0 paper, 1 blue)");
  picture.line("set cbrange [-" + limit + ':' + limit + "]; set format cb '%.2g'; set cbtics (-" +
               limit + ", 0, " + limit + ")");
  const auto share = [](int part, int whole) {
    return Picture::number(static_cast<double>(part) / whole);
  };
  picture.line("set colorbox user origin screen " + share(grid_width + 20, width) + ", screen " +
               share(15, height) + " size screen " + share(14, width) + ", screen " +
               share(height - 30, height));
  picture.line("set label 'weight' at screen " + share(width - 14, width) +
               ", screen 0.5 center rotate tc rgb ink");

  std::vector<std::vector<double>> dots;  // x, y, weight
  const float* w = weight.data();
  for (int filter = 0; filter < filters; ++filter) {
    const int x = 12 + filter % per_line * across, y = 26 + filter / per_line * down;
    picture.line("set label '" + std::to_string(filter) + "' at " + std::to_string(x) + ',' +
                 std::to_string(y - 9) + " left font small tc rgb ink");
    for (int channel = 0; channel < channels; ++channel) {
      const int left = x + channel * tile;
      picture.line("set object rectangle from " + std::to_string(left - 1) + ',' +
                   std::to_string(y - 1) + " to " + std::to_string(left + columns * dot + 1) + ',' +
                   std::to_string(y + rows * dot + 1) + " fs empty border lc rgb faint");
      for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column)
          dots.push_back({left + (column + 0.5) * dot, y + (row + 0.5) * dot, *w++});
    }
  }
  const std::string half = Picture::number(0.5 * dot);
  picture.line("plot " + picture.table(dots) + " using 1:2:(" + half + "):(" + half +
               "):3 with boxxyerror fs solid noborder lc palette");
  return picture.draw();
}

}  // namespace tinydl
