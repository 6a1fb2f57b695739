// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <tinydl/core/shape.hpp>

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

template <class... T>
struct DtypeList {};
/// The element types that a Tensor can hold.
using Storable = DtypeList<double, float, std::int64_t, std::int32_t, std::int16_t, std::int8_t,
                           std::uint64_t, std::uint32_t, std::uint16_t, std::uint8_t, bool>;

/// Bytes of an element; 0 for a type that this library does not know.
template <class... T>
Index dtype_bytes(std::string_view name, DtypeList<T...>) {
  Index bytes = name == "F16" || name == "BF16" ? 2 : 0;
  ((name == dtype_name<T>() ? void(bytes = sizeof(T)) : void()), ...);
  return bytes;
}

}  // namespace tinydl::detail
