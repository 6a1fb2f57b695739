// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <string_view>
#include <type_traits>

namespace tinydl::detail {

/// An element type's name in files: F64, F32, I64 ... I8, U64 ... U8 or BOOL.
template <class T>
constexpr std::string_view dtype_name() {
  static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8,
                "files hold floats, doubles, integers of up to 64 bits and bools");
  constexpr std::string_view names[3][4] = {
      {"I8", "I16", "I32", "I64"}, {"U8", "U16", "U32", "U64"}, {"", "", "F32", "F64"}};
  if (std::is_same_v<T, bool>) return "BOOL";
  return names[std::is_floating_point_v<T> ? 2 : std::is_unsigned_v<T>]
              [std::bit_width(sizeof(T)) - 1];
}

}  // namespace tinydl::detail
