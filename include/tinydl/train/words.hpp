// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace tinydl::detail {

/// Letters of UTF-8 text.
inline std::size_t letters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Text of at most so many letters, the last of which says that there were more.
inline std::string shortened(std::string_view text, std::size_t at_most) {
  if (letters(text) <= at_most) return std::string(text);
  std::size_t end = 0, seen = 0;
  while (end < text.size() && ((text[end] & 0xC0) == 0x80 || ++seen < at_most)) ++end;
  return std::string(text.substr(0, end)) + "\u2026";
}

/// The same, but what is kept is the end: of "encoder.layers.0.weight" the words that matter.
inline std::string ending(std::string_view text, std::size_t at_most) {
  std::size_t begin = 0;
  for (std::size_t over = letters(text); over > at_most - (begin > 0 ? 1 : 0); --over) do
      ++begin;
    while (begin < text.size() && (text[begin] & 0xC0) == 0x80);
  return (begin > 0 ? "\u2026" : "") + std::string(text.substr(begin));
}

}  // namespace tinydl::detail
