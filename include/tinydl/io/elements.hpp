// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>

#include <tinydl/core/dtype.hpp>

// The elements of tensors in files, by the name of their type: core/dtype.hpp, F16 and BF16.

namespace tinydl::detail {

static_assert(std::endian::native == std::endian::little,
              "elements in files are little-endian; so must be the processor");

/// A binary16 of IEEE 754, by its bits.
inline float from_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1F, fraction = bits & 0x3FF;
  float magnitude;
  if (exponent == 0x1F)
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  else if (exponent == 0)
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  else
    magnitude = std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

/// A bfloat16, by its bits: the upper half of a float.
inline float from_bfloat16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Every element that is stored as an S goes through `convert` into `out`.
template <class S, class T, class F>
void each_element(std::span<const std::byte> bytes, std::span<T> out, F convert) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    S element;
    std::memcpy(&element, bytes.data() + i * sizeof(S), sizeof(S));
    out[i] = static_cast<T>(convert(element));
  }
}

/// Reads bytes of element type `dtype` into `out` if that is type S. There must be out.size() of
/// them.
template <class S, class T>
bool read_elements(std::string_view dtype, std::span<const std::byte> bytes, std::span<T> out) {
  if (dtype != dtype_name<S>()) return false;
  using Stored = std::conditional_t<std::is_same_v<S, bool>, std::uint8_t, S>;
  each_element<Stored>(bytes, out, [](Stored x) { return static_cast<S>(x); });  // bool: not 0
  return true;
}

template <class T, class... S>
bool read_elements(std::string_view dtype, std::span<const std::byte> bytes, std::span<T> out,
                   DtypeList<S...>) {
  return (read_elements<S>(dtype, bytes, out) || ...);
}

/// The same for every type that files have.
template <class T>
void convert_elements(std::string_view dtype, std::span<const std::byte> bytes, std::span<T> out) {
  if (dtype == "F16")
    each_element<std::uint16_t>(bytes, out, from_half);
  else if (dtype == "BF16")
    each_element<std::uint16_t>(bytes, out, from_bfloat16);
  else
    read_elements(dtype, bytes, out, Storable{});
}

}  // namespace tinydl::detail
