// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace benchmarks {

/// A number with so many decimals; nothing for what is not a number.
inline std::string number(double value, int decimals) {
  if (std::isnan(value)) return "";
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", decimals, value);
  return text;
}

/// Lines of cells, the first of them the heading, as Markdown that can be read as it is.
inline void print_table(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths(lines.front().size(), 3);
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  const auto print = [&](const std::vector<std::string>& line) {
    for (std::size_t i = 0; i < line.size(); ++i)
      std::printf("| %*s ", (i == 0 ? -1 : 1) * static_cast<int>(widths[i]), line[i].c_str());
    std::printf("|\n");
  };
  print(lines.front());
  for (std::size_t i = 0; i < widths.size(); ++i)
    std::printf("|%s%s", std::string(widths[i] + 1, '-').c_str(), i == 0 ? "-" : ":");
  std::printf("|\n");
  for (std::size_t i = 1; i < lines.size(); ++i) print(lines[i]);
  std::fflush(stdout);
}

}  // namespace benchmarks
