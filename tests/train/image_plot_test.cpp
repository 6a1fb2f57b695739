// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/image_plot.hpp>

#include <doctest/doctest.h>

#include <train/pictures.hpp>

using namespace tinydl;
using namespace tinydl_test;

namespace {

ClassifiedImages two_images() {
  return {.height = 2,
          .width = 3,
          .pixels = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
          .actual = {0, 1},
          .predicted = {0, 2},
          .classes = {"Coat", "T-shirt/top", "it's"}};
}

std::string image_script(const ClassifiedImages& images) {
  static const bool here = gnuplot_is_here();
  const PictureFolder folder;
  bool drawn = false;
  const std::string told = standard_error_of([&] { drawn = plot_images(folder / "x", images); });
  CHECK(drawn == here);
  if (here) CHECK(told == "");
  return picture_bytes(folder / "x.gnuplot");
}

std::string image_error(const ClassifiedImages& images) {
  try {
    plot_images("not_written", images);
  } catch (const ValueError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("image_plot: a wrong image has a frame, a cross and both classes, a right one has not") {
  const std::string script = image_script(two_images());
  CHECK(occurrences(script, "set object rectangle") == 1);
  CHECK(has_text(script, "'\u2713 Coat'"));
  CHECK(has_text(script, "'\u2717 it''s'"));
  CHECK(has_text(script, "'is T-shirt/top'"));
  CHECK(occurrences(script, "\u2713") == 1);
  CHECK(occurrences(script, "\u2717") == 1);
  CHECK(has_text(script, "set cbrange [0:11]"));
  CHECK(has_text(script, "set palette gray\n"));
}

TEST_CASE("image_plot: an image's rows are the data's, from the top") {
  const PictureFolder folder;
  standard_error_of([&] { plot_images(folder / "x", two_images()); });
  CHECK(picture_bytes(folder / "x.dat") == "0 1 2\n3 4 5\n\n\n6 7 8\n9 10 11\n");
}

TEST_CASE("image_plot: the commonest confusions are named below, in lines that fit") {
  ClassifiedImages images = two_images();
  images.confusions = {{1, 0, 95}, {0, 2, 7}};
  const std::string script = image_script(images);
  CHECK(has_text(script, "'Commonest confusions: '"));
  CHECK(has_text(script, "'T-shirt/top taken for Coat (95), '"));
  CHECK(has_text(script, "'Coat taken for it''s (7)'"));
  CHECK(
      detail::confusion_lines(images, 200) ==
      std::vector<std::string>{"Commonest confusions: T-shirt/top taken for Coat (95), Coat taken "
                               "for it's (7)"});
}

TEST_CASE("image_plot: equal pixels, inverted ones, nan and columns more than images are drawn") {
  ClassifiedImages images = two_images();
  images.inverted = true;
  images.columns = 1;
  std::fill(images.pixels.begin(), images.pixels.end(), 0.0f);
  CHECK(has_text(image_script(images), "set palette gray negative\n"));
  images.columns = 100;
  images.pixels[3] = std::numeric_limits<float>::quiet_NaN();
  image_script(images);
}

TEST_CASE("image_plot: what does not fit is refused") {
  CHECK(image_error({}) == "plot_images: there are no images");
  auto images = two_images();
  images.columns = 0;
  CHECK(image_error(images) == "plot_images: images of 2 x 3 in 0 columns");
  images = two_images();
  images.predicted.pop_back();
  CHECK(image_error(images) == "plot_images: 2 images and 1 predictions");
  images = two_images();
  images.pixels.pop_back();
  CHECK(image_error(images) == "plot_images: 11 pixels for 2 images of 2 x 3");
  images = two_images();
  images.actual[1] = 3;
  CHECK(image_error(images) == "plot_images: class 3 of 3");
  images.actual[1] = -1;
  CHECK(image_error(images) == "plot_images: class -1 of 3");
  images = two_images();
  images.confusions = {{0, 3, 1}};
  CHECK(image_error(images) == "plot_images: a confusion names class 3 of 3");
}
