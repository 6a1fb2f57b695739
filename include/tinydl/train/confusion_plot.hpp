// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <tinydl/train/picture.hpp>
#include <tinydl/train/words.hpp>
#include <tinydl/core/shape.hpp>

namespace tinydl {

/// How often each class was taken for each.
struct ConfusionCounts {
  std::vector<std::string> classes = {};
  std::vector<Index> counts = {};  ///< (true class, predicted class), row by row
};

/// One kind of mistake: so many of one class were taken for another.
struct Confusion {
  std::size_t actual = 0, predicted = 0;  ///< classes
  Index count = 0;
};

namespace detail {

inline void check_confusion(const char* who, const ConfusionCounts& confusion) {
  const std::size_t n = confusion.classes.size();
  if (n == 0) throw ValueError(text(who, ": there are no classes"));
  if (confusion.counts.size() != n * n)
    throw ValueError(
        text(who, ": ", confusion.counts.size(), " counts for ", n, " x ", n, " classes"));
  for (const Index count : confusion.counts)
    if (count < 0) throw ValueError(text(who, ": a count is ", count));
}

}  // namespace detail

/// The mistakes made most often, the commonest first; equal ones in order of their classes.
/// @throws ValueError if there are not as many counts as the classes take
inline std::vector<Confusion> commonest_confusions(const ConfusionCounts& confusion,
                                                   std::size_t at_most) {
  detail::check_confusion("commonest_confusions", confusion);
  const std::size_t n = confusion.classes.size();
  std::vector<Confusion> found;
  for (std::size_t i = 0; i < n * n; ++i)
    if (i / n != i % n && confusion.counts[i] > 0)
      found.push_back({i / n, i % n, confusion.counts[i]});
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  found.resize(std::min(found.size(), at_most));
  return found;
}

/// Draws a confusion matrix: a row for each true class, a column for each predicted one, the
/// counts in the cells. The colour is the share of the row, on a scale that shows small ones.
/// @returns whether a picture was made, see Picture::draw()
/// @throws ValueError without classes, or if there are not as many counts as they take
inline bool plot_confusion(const std::filesystem::path& path, const ConfusionCounts& confusion) {
  detail::check_confusion("plot_confusion", confusion);
  const std::size_t n = confusion.classes.size();
  std::vector<std::vector<double>> cells;                      // column, row, colour
  std::vector<std::vector<double>> light_counts, dark_counts;  // column, row, count
  for (std::size_t i = 0; i < n; ++i) {
    const Index* counts = confusion.counts.data() + i * n;
    const auto total = static_cast<double>(std::accumulate(counts, counts + n, Index{0}));
    for (std::size_t j = 0; j < n; ++j) {
      const auto x = static_cast<double>(j), y = static_cast<double>(i);
      const auto count = static_cast<double>(counts[j]);
      const double colour = total > 0 ? std::sqrt(count / total) : 0;
      cells.push_back({x, y, colour});
      (colour < 0.6 ? light_counts : dark_counts).push_back({x, y, count});
    }
  }

  std::size_t longest = 0;
  std::string names;
  for (std::size_t i = 0; i < n; ++i) {
    const std::string name = detail::shortened(confusion.classes[i], 20);
    longest = std::max(longest, detail::letters(name));
    names += (i > 0 ? ", " : "") + gnuplot_quoted(name) + ' ' + std::to_string(i);
  }
  // In pixels: a letter is 8 wide, slanted names are lower than they are long.
  const int classes = static_cast<int>(n), name_width = 8 * static_cast<int>(longest);
  const int cell = std::max(40, 520 / classes), left = 50 + name_width;
  const int right = 110, top = 16, bottom = 50 + name_width * 3 / 4;
  const int width = left + classes * cell + right, height = top + classes * cell * 4 / 5 + bottom;
  const auto share = [](int part, int whole) {
    return Picture::number(static_cast<double>(part) / whole);
  };
  const std::string edge = Picture::number(static_cast<double>(n) - 0.5);

  Picture picture(path, width, height);
  picture.line("set lmargin at screen " + share(left, width) + "; set rmargin at screen " +
               share(width - right, width));
  picture.line("set tmargin at screen " + share(height - top, height) + "; set bmargin at screen " +
               share(bottom, height));
  picture.line("set xrange [-0.5:" + edge + "]; set yrange [" + edge + ":-0.5]");
  picture.line("unset grid; unset border; set tics scale 0 noenhanced");
  picture.line("set xtics rotate by 40 right (" + names + "); set ytics (" + names + ")");
  picture.line("set label 1 'true class' at screen " + share(16, width) +
               ", graph 0.5 center rotate tc rgb ink");
  picture.line("set label 2 'predicted class' at graph 0.5, screen " + share(16, height) +
               " center tc rgb ink");
  picture.line("set palette defined (0 paper, 1 blue); set cbrange [0:1]");
  picture.line("set colorbox user origin screen " + share(width - right + 16, width) +
               ", graph 0 size screen " + share(14, width) + ", graph 1");
  picture.line("set cbtics ('0' 0, '1' 0.1, '5' 0.2236, '25' 0.5, '50' 0.7071, '100' 1)");
  picture.line("set label 3 'share of the true class (%)' at screen " + share(width - 16, width) +
               ", graph 0.5 center rotate tc rgb ink");
  std::string plot =
      "plot " + picture.table(cells) +
      " using 1:2:(0.48):(0.48):3 with boxxyerror fs solid border lc rgb faint lc palette";
  // gnuplot 5.4 crashes on labels of which there are none.
  if (!light_counts.empty()) plot += ", " + picture.table(light_counts) + " with labels tc rgb ink";
  if (!dark_counts.empty()) plot += ", " + picture.table(dark_counts) + " with labels tc rgb paper";
  picture.line(plot);
  return picture.draw();
}

}  // namespace tinydl
