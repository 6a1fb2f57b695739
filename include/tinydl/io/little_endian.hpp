// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace tinydl::detail {

/// The number whose bytes begin at `at`, the lowest first. They must be there.
template <std::unsigned_integral U>
U little_endian(std::string_view bytes, std::size_t at) {
  U value = 0;
  for (std::size_t i = sizeof(U); i-- > 0;)
    value = static_cast<U>(value << 4 << 4 | static_cast<unsigned char>(bytes.at(at + i)));
  return value;
}

/// The reverse.
template <std::unsigned_integral U>
void append_little_endian(std::string& bytes, U value) {
  for (std::size_t i = 0; i < sizeof(U); ++i) bytes += static_cast<char>(value >> 8 * i & 0xFF);
}

}  // namespace tinydl::detail
