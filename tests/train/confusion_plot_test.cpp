// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/confusion_plot.hpp>

#include <doctest/doctest.h>

#include <train/pictures.hpp>

using namespace tinydl;
using namespace tinydl_test;

namespace {

template <class F>
std::string confusion_error(F f) {
  try {
    f();
  } catch (const ValueError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("confusion_plot: the commonest mistakes come first, equal ones by their classes") {
  const ConfusionCounts counts{.classes = {"a", "b", "c"}, .counts = {9, 2, 5, 2, 9, 0, 0, 7, 9}};
  const auto found = commonest_confusions(counts, 10);
  REQUIRE(found.size() == 4);
  const Index expected[][3] = {{2, 1, 7}, {0, 2, 5}, {0, 1, 2}, {1, 0, 2}};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(found[i].actual == static_cast<std::size_t>(expected[i][0]));
    CHECK(found[i].predicted == static_cast<std::size_t>(expected[i][1]));
    CHECK(found[i].count == expected[i][2]);
  }
  CHECK(commonest_confusions(counts, 2).size() == 2);
  CHECK(commonest_confusions({.classes = {"a"}, .counts = {3}}, 2).empty());
}

TEST_CASE("confusion_plot: the cells have counts, and colours by their share of the row") {
  const bool here = gnuplot_is_here();
  const PictureFolder folder;
  bool drawn = false;
  const std::string told = standard_error_of([&] {
    drawn =
        plot_confusion(folder / "x", {.classes = {"T-shirt/top", "it's"}, .counts = {3, 1, 0, 0}});
  });
  CHECK(drawn == here);
  CHECK(picture_bytes(folder / "x.dat") ==
        "0 0 0.8660254037844386\n1 0 0.5\n0 1 0\n1 1 0\n\n\n1 0 1\n0 1 0\n1 1 0\n\n\n0 0 3\n");
  const std::string script = picture_bytes(folder / "x.gnuplot");
  CHECK(has_text(script, "set xtics rotate by 40 right ('T-shirt/top' 0, 'it''s' 1)"));
  CHECK(has_text(script, "set ytics ('T-shirt/top' 0, 'it''s' 1)"));
  for (const char* words : {"'true class'", "'predicted class'", "'share of the true class (%)'"})
    CHECK_MESSAGE(has_text(script, words), words);
  if (here) CHECK(told == "");
}

TEST_CASE("confusion_plot: one class, and many of them, are drawn") {
  if (!gnuplot_is_here()) return;
  const PictureFolder folder;
  CHECK(plot_confusion(folder / "one", {.classes = {"only"}, .counts = {5}}));
  ConfusionCounts many{.classes = std::vector<std::string>(40, "a class with a rather long name"),
                       .counts = std::vector<Index>(1600, 12345)};
  CHECK(plot_confusion(folder / "many", many));
  CHECK(has_text(picture_bytes(folder / "many.svg"), "12345"));
  CHECK(has_text(picture_bytes(folder / "many.svg"), "a class with a rath\u2026"));
}

TEST_CASE("confusion_plot: counts that do not fit are refused") {
  const auto drawing = [](ConfusionCounts counts) {
    return confusion_error([&] { plot_confusion("not_written", counts); });
  };
  CHECK(drawing({}) == "plot_confusion: there are no classes");
  CHECK(drawing({.classes = {"a", "b"}, .counts = {1, 2}}) ==
        "plot_confusion: 2 counts for 2 x 2 classes");
  CHECK(drawing({.classes = {"a"}, .counts = {-1}}) == "plot_confusion: a count is -1");
  CHECK(confusion_error([] { commonest_confusions({}, 1); }) ==
        "commonest_confusions: there are no classes");
}
