// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinydl/data/file.hpp>
#include <tinydl/layers/summary.hpp>
#include <tinydl/train/html.hpp>
#include <tinydl/train/text_file.hpp>

namespace tinydl {

/// A line of a report: {"test accuracy", "92.7 %"}.
struct ReportLine {
  std::string name, value;
};

/// A picture in a report. Beside x.svg, a file x-dark.svg is taken for the dark look.
struct ReportPicture {
  std::filesystem::path path;  ///< .svg, .png, .jpg or .gif
  std::string caption;
  std::string alt = {};  ///< for those who do not see it; the caption, if empty
};

/// What a training run came to, as one page that needs no other file and nothing from a network.
/// Parts that are empty are left out, and so are pictures whose file is not there.
///
///     Report report{.title = "Fashion-MNIST, cnn"};
///     report.figures = {{"test accuracy", "92.7 %"}};
///     report.pictures = {{"runs/loss.svg", "Loss and accuracy"}};
///     report.write("runs/report.html");
struct Report {
  std::string title = {};
  std::vector<ReportLine> figures = {};  ///< in large, at the top
  std::vector<ReportPicture> pictures = {};
  std::optional<ModelSummary> summary = {};
  std::vector<ReportLine> settings = {};  ///< the seed among them
  std::vector<ReportLine> times = {};

  /// The page.  @throws FileError if a picture cannot be read
  /// @throws ValueError for a picture of another kind
  std::string html() const;

  /// Writes the page, as a whole or not at all.  @throws FileError if that cannot be
  void write(const std::filesystem::path& path) const { write_text_file(path, html()); }
};

namespace detail {

// Colours of the ground and of writing are those of Picture.
constexpr std::string_view report_style = R"(
:root { color-scheme: light dark; --page: #f4f5f7; --card: #fff; --ink: #24292f; --soft: #57606a;
  --line: #dcdfe3; --mark: #0072b2; }
@media (prefers-color-scheme: dark) {
  :root { --page: #111418; --card: #1b1f24; --ink: #dde1e6; --soft: #9aa4af; --line: #383f47;
    --mark: #56b4e9; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; }
.figures { display: grid; gap: .75rem; margin: 0;
  grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
.figures div, figure, .box { background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; }
.figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end;
  padding: .7rem 1rem; }
.figures dt { color: var(--soft); font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.25rem; font-weight: 600; line-height: 1.3;
  color: var(--mark); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
figure { margin: 0 0 1rem; padding: .75rem; }
figcaption { color: var(--soft); font-size: .9375rem; padding: .5rem .25rem 0; }
.box { overflow-x: auto; }
figure .box { border: 0; border-radius: .3rem; }
figure .bright { background: #fff; }
img { display: block; height: auto; max-width: 100%; margin: 0 auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .9rem; text-align: left; vertical-align: top;
  border-top: 1px solid var(--line); }
thead th, tbody:first-child tr:first-child > * { border-top: 0; }
thead th { color: var(--soft); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 500; }
tfoot > tr > * { font-weight: 600; }
.layers td, .layers th { white-space: nowrap; }
.layers .number { text-align: right; }
.lines th { width: 14rem; color: var(--soft); }
.lines td { overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: .9375rem; margin: .75rem 0 0; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
@media (max-width: 40rem) {
  figure img { max-width: 40rem; }
  .lines th { width: 40%; }
  th, td { padding: .4rem .7rem; }
}
@media print { body { background: none; } figure, tr { break-inside: avoid; } }
)";

inline std::string data_url(const std::filesystem::path& path) {
  const std::string kind = path.extension().string();
  std::string_view type;
  if (kind == ".svg") type = "image/svg+xml";
  if (kind == ".png") type = "image/png";
  if (kind == ".jpg" || kind == ".jpeg") type = "image/jpeg";
  if (kind == ".gif") type = "image/gif";
  if (type.empty())
    throw ValueError(text("Report: ", path.string(), " is not a .svg, .png, .jpg or .gif picture"));
  return text("data:", type, ";base64,") + base64(read_file(path).bytes);
}

inline std::string report_picture(const ReportPicture& picture) {
  std::filesystem::path dark = picture.path;
  if (dark.extension() == ".svg") dark.replace_extension() += "-dark.svg";
  const bool has_dark = dark != picture.path && std::filesystem::exists(dark);
  std::string out = "<figure>\n<div class=\"box";
  out += has_dark ? "" : " bright";
  out += "\" tabindex=\"0\"><picture>";
  if (has_dark)
    out += "<source media=\"(prefers-color-scheme: dark)\" srcset=\"" + data_url(dark) + "\">";
  const std::string& alt = picture.alt.empty() ? picture.caption : picture.alt;
  out += "<img alt=\"" + html_escaped(alt) + "\" src=\"" + data_url(picture.path) + "\">";
  out += "</picture></div>\n";
  if (!picture.caption.empty())
    out += "<figcaption>" + html_escaped(picture.caption) + "</figcaption>\n";
  return out + "</figure>\n";
}

inline std::string report_pictures(const std::vector<ReportPicture>& pictures) {
  std::string shown, missing;
  for (const ReportPicture& picture : pictures) {
    if (std::filesystem::exists(picture.path))
      shown += report_picture(picture);
    else
      missing += (missing.empty() ? "" : ", ") + html_escaped(picture.path.filename().string());
  }
  if (!missing.empty()) missing = "<p class=\"note\">Not drawn: " + missing + ".</p>\n";
  if (shown.empty() && missing.empty()) return "";
  return "<section>\n<h2>Pictures</h2>\n" + shown + missing + "</section>\n";
}

inline std::string report_lines(std::string_view heading, const std::vector<ReportLine>& lines) {
  if (lines.empty()) return "";
  std::string out = text("<section>\n<h2>", heading,
                         "</h2>\n<div class=\"box\"><table class=\"lines\">\n<tbody>\n");
  for (const ReportLine& line : lines)
    out += "<tr><th scope=\"row\">" + html_escaped(line.name) + "</th><td>" +
           html_escaped(line.value) + "</td></tr>\n";
  return out + "</tbody>\n</table></div>\n</section>\n";
}

inline std::string report_layer(const LayerSummary& layer, const std::string& name,
                                const std::string& output) {
  const std::string cells[] = {layer.type, output};
  const std::string numbers[] = {with_commas(layer.parameters), with_commas(layer.multiply_adds),
                                 readable_bytes(layer.parameter_bytes),
                                 readable_bytes(layer.activation_bytes)};
  std::string out = "<tr><th scope=\"row\">" + html_escaped(name) + "</th>";
  for (const std::string& cell : cells) out += "<td>" + html_escaped(cell) + "</td>";
  for (const std::string& number : numbers) out += "<td class=\"number\">" + number + "</td>";
  return out + "</tr>\n";
}

inline std::string report_model(const ModelSummary& summary) {
  std::string out =
      "<section>\n<h2>Model</h2>\n<div class=\"box\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Layers of the model\"><table class=\"layers\">\n<thead><tr>"
      "<th scope=\"col\">Layer</th><th scope=\"col\">Type</th><th scope=\"col\">Output</th>";
  for (const char* name : {"Parameters", "Multiply-adds", "Memory", "Activations"})
    out += text("<th scope=\"col\" class=\"number\">", name, "</th>");
  out += "</tr></thead>\n<tbody>\n";
  for (const LayerSummary& layer : summary.layers)
    out += report_layer(layer, layer.name.empty() ? "(model)" : layer.name,
                        layer.calls > 0 ? shape_text(layer.output_shape) : "\u2013");
  out += "</tbody>\n<tfoot>\n" + report_layer(summary.total, "total", "") +
         "</tfoot>\n</table></div>\n";
  if (const Index fixed = summary.total.parameters - summary.trainable_parameters; fixed > 0)
    out += "<p class=\"note\">" + with_commas(fixed) + " parameters are not trained.</p>\n";
  return out + "</section>\n";
}

}  // namespace detail

inline std::string Report::html() const {
  // The policy makes the browser itself refuse whatever is not in the page.
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\">\n<title>" +
      detail::html_escaped(title) + "</title>\n<style>";
  out += detail::report_style;
  out += "</style>\n</head>\n<body>\n<main>\n<h1>" + detail::html_escaped(title) + "</h1>\n";
  if (!figures.empty()) {
    out += "<dl class=\"figures\">\n";
    for (const ReportLine& figure : figures)
      out += "<div><dt>" + detail::html_escaped(figure.name) + "</dt><dd>" +
             detail::html_escaped(figure.value) + "</dd></div>\n";
    out += "</dl>\n";
  }
  out += detail::report_pictures(pictures);
  if (summary) out += detail::report_model(*summary);
  out += detail::report_lines("Settings", settings) + detail::report_lines("Times", times);
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace tinydl
