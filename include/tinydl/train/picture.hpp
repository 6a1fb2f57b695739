// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/train/gnuplot.hpp>
#include <tinydl/train/text_file.hpp>

namespace tinydl {

/// A picture that gnuplot draws, with its script and data kept beside it. Of "runs/loss" it makes
/// loss.gnuplot and loss.dat in the folder runs, and by them loss.svg, loss.png (twice the size)
/// and, for pages with a dark look, loss-dark.svg.
///
///     Picture picture("runs/loss", 800, 400);
///     const std::string points = picture.table({{0, 2.3}, {1, 0.9}});
///     picture.line("plot " + points + " with lines lc rgb blue");
///     picture.draw();
///
/// A script's lines are run once for each file, and find colours by name: paper, ink and faint
/// (the ground, writing, grid lines), and those of Okabe and Ito (jfly.uni-koeln.de/color), which
/// the colour-blind can tell apart: blue, orange, green, red, purple, sky, yellow; pale is a blue
/// that stays behind the others. small is a font.
class Picture {
 public:
  /// An ending .svg or .png of the path is taken off. Sizes in pixels.
  Picture(std::filesystem::path path, int width, int height)
      : path_(std::move(path)), width_(width), height_(height) {
    if (path_.extension() == ".svg" || path_.extension() == ".png") path_.replace_extension();
    if (path_.filename().empty()) throw ValueError("Picture: the path names no file");
  }

  /// Adds a line to the script.
  void line(std::string_view command) { lines_.append("  ").append(command).append("\n"); }

  /// Adds rows of numbers to the data. Numbers that are not finite are left out of the picture.
  /// Returns how the script calls them: "'./loss.dat' index 0".
  std::string table(const std::vector<std::vector<double>>& rows) {
    if (tables_ > 0) data_ += "\n\n";
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) data_ += ' ';
        data_ += number(row[i]);
      }
      data_ += '\n';
    }
    return quoted_file(".dat") + " index " + std::to_string(tables_++);
  }

  /// A place in pixels from the upper left corner, as the script writes it.
  std::string at(double x, double y) const {
    return "screen " + number(x / width_) + ", screen " + number(1 - y / height_);
  }

  /// Adds an entry to the legend: a line of this look ("lw 2 lc rgb blue") and what it stands for.
  /// gnuplot's own legend wraps or covers the curves where it finds too little room; this one
  /// stands where it is put.  x, y: the beginning of the line, as in at()
  void legend(double x, double y, const std::string& look, std::string_view title) {
    line("set arrow from " + at(x, y) + " to " + at(x + 32, y) + " nohead " + look);
    // As SVG, lines of one colour that follow one another would all have the first one's dashes.
    line("set arrow from " + at(x, y) + " to " + at(x, y) + " nohead lw 0.1 lc rgb paper");
    line("set label " + gnuplot_quoted(title) + " at " + at(x + 40, y) +
         " left noenhanced tc rgb ink");
  }

  /// A number as scripts and data write it, so short that reading it gives the same again.
  static std::string number(double x) {
    if (!std::isfinite(x)) return "NaN";
    char digits[32];
    return std::string(digits, std::to_chars(digits, digits + sizeof digits, x).ptr);
  }

  /// The file of this picture with this ending: file(".svg"), file("-dark.svg").
  std::filesystem::path file(std::string_view ending) const {
    std::filesystem::path result = path_;
    return result += ending;
  }

  /// The whole script.
  std::string script() const {
    const auto size = [this](int scale) {
      return std::to_string(scale * width_) + ',' + std::to_string(scale * height_);
    };
    return "# Run by gnuplot in the folder of this file, it draws the picture anew.\n"
           "set encoding utf8\n"
           "do for [look in 'light dark png'] {\n"
           "  reset\n"
           "  dark = look eq 'dark'\n"
           "  paper = dark ? '#1b1f24' : '#ffffff'; ink = dark ? '#dde1e6' : '#24292f'\n"
           "  faint = dark ? '#383f47' : '#dcdfe3'; pale = dark ? '#41759a' : '#9fcbe8'\n"
           "  blue = dark ? '#56b4e9' : '#0072b2'; sky = dark ? '#3b86c8' : '#56b4e9'\n"
           "  orange = '#e69f00'; green = '#009e73'; red = dark ? '#f0803c' : '#d55e00'\n"
           "  purple = '#cc79a7'; yellow = dark ? '#f0e442' : '#b8ab00'\n"
           "  if (look eq 'png') {\n"
           "    set terminal pngcairo size " +
           size(2) +
           " font 'sans-serif,13' fontscale 2 linewidth 2 pointscale 2 background paper\n"
           "  } else {\n"
           "    set terminal svg size " +
           size(1) +
           " font 'sans-serif,14' background paper\n"
           "  }\n"
           "  set output look eq 'png' ? " +
           quoted_file(".png") + " : dark ? " + quoted_file("-dark.svg") + " : " +
           quoted_file(".svg") +
           "\n"
           "  small = look eq 'png' ? ',11' : ',12'\n"
           "  set border 3 lc rgb ink; set tics nomirror textcolor rgb ink; set grid lt 1 lw 1 lc "
           "rgb faint\n"
           "  set title tc rgb ink; set xlabel tc rgb ink; set ylabel tc rgb ink\n"
           "  unset key; set cblabel tc rgb ink\n" +
           lines_ + "  set output\n}\n";
  }

  /// Writes script and data and draws. Whether that made a picture: a missing gnuplot is told
  /// once, its objections each time, on standard error.
  /// @throws FileError if script or data cannot be written.
  bool draw() const {
    write_text_file(file(".dat"), data_);
    write_text_file(file(".gnuplot"), script());
    for (const auto& made : made_) std::filesystem::remove(file(made));
    const GnuplotRun run = run_gnuplot(file(".gnuplot"));
    if (!run.found) {
      static const bool told = [this] {
        return std::fprintf(stderr,
                            "tinydl: gnuplot is not installed, so there are no pictures. Scripts "
                            "and data to draw them by are kept: %s\n",
                            file(".gnuplot").string().c_str()) > 0;
      }();
      static_cast<void>(told);
      return false;
    }
    bool all = run.succeeded;
    for (const auto& made : made_) all = all && std::filesystem::exists(file(made));
    if (!all)
      std::fprintf(stderr, "tinydl: gnuplot could not draw %s: %s\n",
                   file(".gnuplot").string().c_str(), in_short(run.words).c_str());
    return all;
  }

 private:
  static constexpr std::string_view made_[] = {".svg", "-dark.svg", ".png"};

  // "./" keeps gnuplot from taking a name for a pipe ("|...", "<...") or a home ("~").
  std::string quoted_file(std::string_view ending) const {
    return gnuplot_quoted("./" + file(ending).filename().string());
  }

  // gnuplot repeats the line it was at, with a caret below; the reason comes last.
  static std::string in_short(std::string words) {
    while (!words.empty() && static_cast<unsigned char>(words.back()) <= ' ') words.pop_back();
    const auto begin = words.rfind('\n');
    words.erase(0, begin == words.npos ? 0 : begin + 1);
    return words.empty() ? "it gave no reason" : words;
  }

  std::filesystem::path path_;
  int width_, height_;
  std::string lines_, data_;
  int tables_ = 0;
};

}  // namespace tinydl
