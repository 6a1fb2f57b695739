// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/picture.hpp>

#include <doctest/doctest.h>

#include <limits>

#include <train/pictures.hpp>

using namespace tinydl;
using namespace tinydl_test;

namespace {

Picture picture_of_a_line(const std::filesystem::path& path) {
  Picture picture(path, 300, 200);
  const std::string points = picture.table({{0, 2.5}, {1, 0.5}});
  picture.line("plot " + points + " with lines lc rgb blue");
  return picture;
}

}  // namespace

TEST_CASE("picture: numbers are short, and what is not finite is NaN") {
  CHECK(Picture::number(0.1) == "0.1");
  CHECK(Picture::number(3) == "3");
  CHECK(Picture::number(-1e-300) == "-1e-300");
  for (const double x :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK(Picture::number(x) == "NaN");
}

TEST_CASE("picture: an ending .svg or .png of the path is taken off, no other") {
  CHECK(Picture("runs/loss", 1, 1).file(".dat") == "runs/loss.dat");
  CHECK(Picture("runs/loss.svg", 1, 1).file(".dat") == "runs/loss.dat");
  CHECK(Picture("runs/loss.png", 1, 1).file("-dark.svg") == "runs/loss-dark.svg");
  CHECK(Picture("runs/run.2", 1, 1).file(".png") == "runs/run.2.png");
  CHECK_THROWS_WITH_AS(Picture("runs/", 1, 1), "Picture: the path names no file", ValueError);
}

TEST_CASE("picture: each table is a block of the data file, called by its number") {
  const PictureFolder folder;
  Picture picture(folder / "it's", 300, 200);
  CHECK(picture.table({{1, 2}, {3, std::numeric_limits<double>::infinity()}}) ==
        "'./it''s.dat' index 0");
  CHECK(picture.table({{0.5}}) == "'./it''s.dat' index 1");
  picture.line("plot no_such_thing");
  standard_error_of([&] { picture.draw(); });
  CHECK(picture_bytes(folder / "it's.dat") == "1 2\n3 NaN\n\n\n0.5\n");
  CHECK(picture_bytes(folder / "it's.gnuplot") == picture.script());
}

TEST_CASE("picture: is drawn as SVG, light and dark, and as PNG of twice the size") {
  if (!gnuplot_is_here()) return;
  const PictureFolder folder;
  const auto path = folder / "new/a \"b\" it's";
  REQUIRE(picture_of_a_line(path).draw());
  const auto bytes = [&](const char* ending) {
    auto file = path;
    return picture_bytes(file += ending);
  };
  const std::string light = bytes(".svg"), dark = bytes("-dark.svg"), png = bytes(".png");
  CHECK(has_text(light, "width=\"300\" height=\"200\""));
  CHECK(has_text(light, "#ffffff"));
  CHECK_FALSE(has_text(light, "#1b1f24"));
  CHECK(has_text(dark, "#1b1f24"));
  CHECK(png.substr(1, 3) == "PNG");
  CHECK(png.substr(16, 8) == std::string("\0\0\2\x58\0\0\1\x90", 8));  // 600, 400
}

TEST_CASE("picture: equal data make equal files") {
  if (!gnuplot_is_here()) return;
  const PictureFolder folder;
  REQUIRE(picture_of_a_line(folder / "a/x").draw());
  REQUIRE(picture_of_a_line(folder / "b/x").draw());
  for (const char* file : {"x.svg", "x-dark.svg", "x.png", "x.dat", "x.gnuplot"})
    CHECK_MESSAGE((picture_bytes(folder / "a" / file) == picture_bytes(folder / "b" / file)), file);
}

TEST_CASE("picture: a legend's entry is a line of a look and its title, where it is put") {
  Picture picture("x", 200, 100);
  CHECK(picture.at(50, 25) == "screen 0.25, screen 0.75");
  picture.legend(0, 50, "lw 2 lc rgb blue", "it's");
  CHECK(has_text(picture.script(),
                 "set arrow from screen 0, screen 0.5 to screen 0.16, screen 0.5 nohead lw 2 lc "
                 "rgb blue\n"));
  CHECK(has_text(picture.script(), "set label 'it''s' at screen 0.2, screen 0.5 left"));
}

TEST_CASE("picture: what gnuplot objects to is told in its words, and no old picture stays") {
  if (!gnuplot_is_here()) return;
  const PictureFolder folder;
  REQUIRE(picture_of_a_line(folder / "x").draw());
  Picture wrong(folder / "x", 300, 200);
  wrong.line("plot no_such_thing");
  bool drawn = true;
  const std::string told = standard_error_of([&] { drawn = wrong.draw(); });
  CHECK_FALSE(drawn);
  CHECK(has_text(told, "tinydl: gnuplot could not draw " + (folder / "x.gnuplot").string() +
                           ": \"./x.gnuplot\" line "));
  CHECK(has_text(told, ": undefined variable: no_such_thing\n"));
  CHECK(occurrences(told, "\n") == 1);
  for (const char* file : {"x.svg", "x-dark.svg", "x.png"}) {
    // The first one was begun.
    if (std::filesystem::exists(folder / file))
      CHECK_FALSE(has_text(picture_bytes(folder / file), "</svg>"));
  }
}

TEST_CASE("picture: a missing gnuplot is told once, and script and data are kept") {
  const bool here = gnuplot_is_here();
  const PictureFolder folder;
  const PathScope nowhere(folder / "empty");
  bool drawn = false;
  const std::string told = standard_error_of([&] {
    for (const char* name : {"x", "y"}) drawn = picture_of_a_line(folder / name).draw() || drawn;
  });
  CHECK_FALSE(drawn);
  if (here) {
    CHECK(told ==
          "tinydl: gnuplot is not installed, so there are no pictures. Scripts and data to "
          "draw them by are kept: " +
              (folder / "x.gnuplot").string() + "\n");
  }
  CHECK(picture_bytes(folder / "y.dat") == "0 2.5\n1 0.5\n");
  CHECK(has_text(picture_bytes(folder / "y.gnuplot"), "plot './y.dat' index 0 with lines"));
  CHECK_FALSE(std::filesystem::exists(folder / "y.svg"));
}

TEST_CASE("picture: a folder that cannot be written is an error") {
  const PictureFolder folder;
  write_picture(folder / "file", "");
  CHECK_THROWS_AS(picture_of_a_line(folder / "file/x").draw(), FileError);
}
