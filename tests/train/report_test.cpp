// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/report.hpp>

#include <doctest/doctest.h>

#include <train/pictures.hpp>

using namespace tinydl;
using namespace tinydl_test;

TEST_CASE("report: has a title, and leaves out what is empty") {
  const std::string page = Report{.title = "A run"}.html();
  CHECK(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
  CHECK(has_text(page, "<title>A run</title>"));
  CHECK(has_text(page, "<h1>A run</h1>"));
  CHECK(has_text(page, "<meta charset=\"utf-8\">"));
  CHECK(has_text(page, "<meta name=\"viewport\" content=\"width=device-width"));
  for (const char* part : {"<section", "<h2", "<table", "<dl", "<figure>", "<img"})
    CHECK_MESSAGE(!has_text(page, part), part);
}

TEST_CASE("report: figures, settings and times stand in the order given") {
  Report report{.title = "A run"};
  report.figures = {{"test accuracy", "92.7 %"}, {"test loss", "0.2"}};
  report.settings = {{"seed", "42"}, {"optimiser", "AdamW"}};
  report.times = {{"training", "102 s"}};
  const std::string page = report.html();
  CHECK(has_text(page,
                 "<div><dt>test accuracy</dt><dd>92.7 %</dd></div>\n"
                 "<div><dt>test loss</dt><dd>0.2</dd></div>\n"));
  CHECK(has_text(page,
                 "<tr><th scope=\"row\">seed</th><td>42</td></tr>\n"
                 "<tr><th scope=\"row\">optimiser</th><td>AdamW</td></tr>\n"));
  CHECK(page.find("<h2>Settings</h2>") < page.find("<h2>Times</h2>"));
  CHECK(has_text(page, "<th scope=\"row\">training</th><td>102 s</td>"));
  CHECK_FALSE(has_text(page, "<h2>Model</h2>"));
  CHECK_FALSE(has_text(page, "<h2>Pictures</h2>"));
}

TEST_CASE("report: everything from outside is escaped") {
  const PictureFolder folder;
  write_picture(folder / "a.png", "png");
  const std::string bad = "<script>'\"&", good = "&lt;script&gt;&#39;&quot;&amp;";
  Report report{.title = bad};
  report.figures = report.settings = report.times = {{bad, bad}};
  report.pictures = {
      {folder / "a.png", bad}, {folder / "b.png", bad, bad}, {folder / (bad + ".png"), ""}};
  write_picture(folder / "b.png", "png");
  ModelSummary summary;
  summary.layers = {{.name = bad, .type = bad}};
  report.summary = summary;
  const std::string page = report.html();
  CHECK_FALSE(has_text(page, "<script"));
  // Title and heading, 3 x 2 in lines, 2 captions, 2 alts, 2 in the summary, 1 file that is
  // missing.
  CHECK(occurrences(page, good) == 15);
}

TEST_CASE("report: pictures are part of the page, the dark one for the dark look") {
  const PictureFolder folder;
  write_picture(folder / "loss.svg", "light");
  write_picture(folder / "loss-dark.svg", "dark");
  write_picture(folder / "photo.jpg", "jpg");
  write_picture(folder / "b.gif", "gif");
  Report report{.title = "A run"};
  report.pictures = {{folder / "loss.svg", "The loss"},
                     {folder / "photo.jpg", "", "A photo"},
                     {folder / "b.gif", ""}};
  const std::string page = report.html();
  CHECK(has_text(page,
                 "<source media=\"(prefers-color-scheme: dark)\" "
                 "srcset=\"data:image/svg+xml;base64,ZGFyaw==\">"
                 "<img alt=\"The loss\" src=\"data:image/svg+xml;base64,bGlnaHQ=\">"));
  CHECK(has_text(page, "<figcaption>The loss</figcaption>"));
  CHECK(has_text(page, "<img alt=\"A photo\" src=\"data:image/jpeg;base64,anBn\">"));
  CHECK(has_text(page, "src=\"data:image/gif;base64,Z2lm\">"));
  CHECK(occurrences(page, "<source") == 1);
  CHECK(occurrences(page, "<figcaption>") == 1);
  CHECK(occurrences(page, "<div class=\"box bright\"") == 2);
}

TEST_CASE("report: pictures that were not drawn are named") {
  const PictureFolder folder;
  Report report{.title = "A run"};
  report.pictures = {{folder / "loss.svg", "The loss"}, {folder / "grid.svg", "Images"}};
  const std::string page = report.html();
  CHECK(has_text(page, "<p class=\"note\">Not drawn: loss.svg, grid.svg.</p>"));
  CHECK_FALSE(has_text(page, "<figure>"));
}

TEST_CASE("report: a picture of an unknown kind, and one that cannot be read, are errors") {
  const PictureFolder folder;
  write_picture(folder / "loss.txt", "");
  std::filesystem::create_directories(folder / "folder.png");
  Report report{.title = "A run"};
  report.pictures = {{folder / "loss.txt", ""}};
  CHECK_THROWS_WITH_AS(
      report.html(),
      ("Report: " + (folder / "loss.txt").string() + " is not a .svg, .png, .jpg or .gif picture")
          .c_str(),
      ValueError);
  report.pictures = {{folder / "folder.png", ""}};
  CHECK_THROWS_AS(report.html(), FileError);
}

TEST_CASE("report: the model's layers and their sum are a table") {
  ModelSummary summary;
  summary.layers = {{.name = "", .type = "Sequential", .calls = 1, .output_shape = {64, 10}},
                    {.name = "0",
                     .type = "Linear",
                     .calls = 1,
                     .output_shape = {64, 10},
                     .parameters = 7850,
                     .multiply_adds = 501760,
                     .parameter_bytes = 31400,
                     .activation_bytes = 2560},
                    {.name = "1", .type = "Dropout"}};
  summary.total.parameters = 7850;
  summary.trainable_parameters = 7840;
  Report report{.title = "A run"};
  report.summary = summary;
  const std::string page = report.html();
  CHECK(has_text(page, "<tr><th scope=\"row\">(model)</th><td>Sequential</td><td>(64, 10)</td>"));
  CHECK(has_text(page,
                 "<tr><th scope=\"row\">0</th><td>Linear</td><td>(64, 10)</td>"
                 "<td class=\"number\">7,850</td><td class=\"number\">501,760</td>"
                 "<td class=\"number\">30.7 KiB</td><td class=\"number\">2.5 KiB</td></tr>"));
  CHECK(has_text(page, "<th scope=\"row\">1</th><td>Dropout</td><td>\u2013</td>"));
  CHECK(has_text(page, "<tfoot>\n<tr><th scope=\"row\">total</th>"));
  CHECK(has_text(page, "10 parameters are not trained."));
  report.summary->trainable_parameters = 7850;
  CHECK_FALSE(has_text(report.html(), "not trained"));
}

TEST_CASE("report: nothing is asked of a network, and the browser is told to refuse it") {
  const PictureFolder folder;
  write_picture(folder / "a.svg", "svg");
  Report report{.title = "A run", .figures = {{"a", "b"}}, .summary = ModelSummary{}};
  report.pictures = {{folder / "a.svg", "A"}};
  const std::string page = report.html();
  for (const char* part : {"http:", "https:", "//", "<script", "<link", "@import", "url(", "file:"})
    CHECK_MESSAGE(!has_text(page, part), part);
  CHECK(has_text(page,
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                 "img-src data:; style-src 'unsafe-inline'\">"));
}

TEST_CASE("report: is written as a whole, over an old one, or not at all") {
  const PictureFolder folder;
  Report report{.title = "A run"};
  report.write(folder / "runs/report.html");
  CHECK(picture_bytes(folder / "runs/report.html") == report.html());
  report.title = "Another";
  report.write(folder / "runs/report.html");
  CHECK(has_text(picture_bytes(folder / "runs/report.html"), "<title>Another</title>"));
  report.pictures = {{folder / "runs", ""}};
  CHECK_THROWS(report.write(folder / "runs/report.html"));
  CHECK(has_text(picture_bytes(folder / "runs/report.html"), "<title>Another</title>"));
  CHECK(std::distance(std::filesystem::directory_iterator(folder / "runs"), {}) == 1);
}
