// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <tinydl/train/confusion_plot.hpp>
#include <tinydl/train/picture.hpp>
#include <tinydl/train/series.hpp>
#include <tinydl/train/words.hpp>

namespace tinydl {

/// Grey images with what they are and what a model takes them for.
struct ClassifiedImages {
  Index height = 0, width = 0;     ///< of each image, in pixels
  std::vector<float> pixels = {};  ///< (image, row, column), the lowest of all black
  std::vector<Index> actual = {};  ///< the class of each image
  std::vector<Index> predicted = {};
  std::vector<std::string> classes = {};
  std::vector<Confusion> confusions = {};  ///< named below the images
  bool inverted = false;                   ///< the lowest pixel white, as ink on paper
  int columns = 8;
};

namespace detail {

inline void check_images(const ClassifiedImages& images) {
  const std::size_t n = images.actual.size();
  const auto refuse = [](const auto&... why) { throw ValueError(text("plot_images: ", why...)); };
  if (n == 0) refuse("there are no images");
  if (images.height < 1 || images.width < 1 || images.columns < 1)
    refuse("images of ", images.height, " x ", images.width, " in ", images.columns, " columns");
  if (images.predicted.size() != n)
    refuse(n, " images and ", images.predicted.size(), " predictions");
  if (images.pixels.size() != n * static_cast<std::size_t>(images.height * images.width))
    refuse(images.pixels.size(), " pixels for ", n, " images of ", images.height, " x ",
           images.width);
  const auto classes = static_cast<Index>(images.classes.size());
  for (const auto* labels : {&images.actual, &images.predicted})
    for (const Index label : *labels)
      if (label < 0 || label >= classes) refuse("class ", label, " of ", classes);
  for (const Confusion& confusion : images.confusions)
    if (std::max(confusion.actual, confusion.predicted) >= images.classes.size())
      refuse("a confusion names class ", std::max(confusion.actual, confusion.predicted), " of ",
             classes);
}

/// "Shirt taken for Coat (71)" and so on, in lines of at most about so many letters.
inline std::vector<std::string> confusion_lines(const ClassifiedImages& images,
                                                std::size_t at_most) {
  std::vector<std::string> lines;
  if (images.confusions.empty()) return lines;
  lines.push_back("Commonest confusions: ");
  for (std::size_t i = 0; i < images.confusions.size(); ++i) {
    const Confusion& confusion = images.confusions[i];
    const std::string words = images.classes[confusion.actual] + " taken for " +
                              images.classes[confusion.predicted] + " (" +
                              std::to_string(confusion.count) + ')' +
                              (i + 1 < images.confusions.size() ? ", " : "");
    if (letters(lines.back()) + letters(words) > at_most) lines.emplace_back();
    lines.back() += words;
  }
  return lines;
}

}  // namespace detail

/// Draws images in a grid, each with the class that a model takes it for below it. A wrong one has
/// a frame and a cross, and below that the class that it is.
/// @returns whether a picture was made, see Picture::draw()
/// @throws ValueError without images, for a class without a name, or if sizes do not fit
inline bool plot_images(const std::filesystem::path& path, const ClassifiedImages& images) {
  detail::check_images(images);
  const int n = static_cast<int>(images.actual.size()), columns = std::min(images.columns, n);
  const int grid_rows = (n + columns - 1) / columns;
  // In pixels of the picture: an image is drawn 100 wide and high, its words below it.
  const int across = 100, image = 84, down = image + 42, edge = 8;
  const int width = std::max(columns * across + 2 * edge, 400);
  const auto lines = detail::confusion_lines(images, static_cast<std::size_t>(width / 9));
  const int height =
      grid_rows * down + 2 * edge + (lines.empty() ? 0 : 8 + 20 * static_cast<int>(lines.size()));

  Picture picture(path, width, height);
  picture.line("set margins 0, 0, 0, 0; unset border; unset tics; unset grid; unset colorbox");
  picture.line("set xrange [0:" + std::to_string(width) + "]; set yrange [" +
               std::to_string(height) + ":0]");
  picture.line(images.inverted ? "set palette gray negative" : "set palette gray");
  detail::Range range;
  for (const float pixel : images.pixels) range.include(pixel);
  range = range.low < range.high ? range : range.padded();
  picture.line("set cbrange [" + Picture::number(range.low) + ':' + Picture::number(range.high) +
               ']');

  const int left = (width - columns * across) / 2;
  const auto words = [&](const std::string& what, int x, int y, const char* colour) {
    picture.line("set label " + gnuplot_quoted(what) + " at " + std::to_string(x) + ',' +
                 std::to_string(y) + " center noenhanced font small tc rgb " + colour);
  };
  std::string plot;
  const float* pixel = images.pixels.data();
  for (int i = 0; i < n; ++i) {
    const int x = left + i % columns * across + (across - image) / 2;
    const int y = edge + i / columns * down;
    const auto at = static_cast<std::size_t>(i);
    const Index actual = images.actual[at], predicted = images.predicted[at];
    const std::string name =
        detail::shortened(images.classes[static_cast<std::size_t>(predicted)], 12);
    if (actual == predicted) {
      words("\u2713 " + name, x + image / 2, y + image + 12, "ink");
    } else {
      words("\u2717 " + name, x + image / 2, y + image + 12, "red");
      words("is " + detail::shortened(images.classes[static_cast<std::size_t>(actual)], 12),
            x + image / 2, y + image + 26, "ink");
      picture.line("set object rectangle from " + std::to_string(x - 2) + ',' +
                   std::to_string(y - 2) + " to " + std::to_string(x + image + 2) + ',' +
                   std::to_string(y + image + 2) + " fs empty border lc rgb red lw 3");
    }
    std::vector<std::vector<double>> rows;
    for (Index row = 0; row < images.height; ++row, pixel += images.width)
      rows.emplace_back(pixel, pixel + images.width);
    const std::string x_step = Picture::number(image / static_cast<double>(images.width));
    const std::string y_step = Picture::number(image / static_cast<double>(images.height));
    plot += (i > 0 ? ", " : "plot ") + picture.table(rows) + " matrix using (" + std::to_string(x) +
            " + " + x_step + " * ($1 + 0.5)):(" + std::to_string(y) + " + " + y_step +
            " * ($2 + 0.5)):3 with image";
  }
  for (std::size_t i = 0; i < lines.size(); ++i)
    picture.line("set label " + gnuplot_quoted(lines[i]) + " at " + std::to_string(left + edge) +
                 ',' + std::to_string(grid_rows * down + edge + 16 + 20 * static_cast<int>(i)) +
                 " left noenhanced tc rgb ink");
  picture.line(plot);
  return picture.draw();
}

}  // namespace tinydl
