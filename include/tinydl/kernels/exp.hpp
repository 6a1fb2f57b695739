// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <type_traits>

#include <tinydl/kernels/simd.hpp>

// exp and what is made of it, for all lanes of a vector at once (see simd.hpp), for float and
// double.

namespace tinydl::kernels {

namespace detail {

template <class T>
struct ExpConstants;

template <>
struct ExpConstants<float> {
  using Bits = std::uint32_t;
  static constexpr float lowest = -87, highest = 88;
  static constexpr float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;
  static constexpr int mantissa_bits = 23, terms = 7;
};

template <>
struct ExpConstants<double> {
  using Bits = std::uint64_t;
  static constexpr double lowest = -708, highest = 709;
  static constexpr double ln2_high = 0x1.62e42fefap-1, ln2_low = 0x1.cf79abc9e3b39p-40;
  static constexpr int mantissa_bits = 52, terms = 13;
};

}  // namespace detail

/// y = exp(x) to within a few units of the last digit; beyond the range of normal numbers, the
/// value at its end.
///
/// With n the integer next to x / ln 2, and r = x - n ln 2 in [-0.35, 0.35]: exp(x) = 2^n exp(r),
/// exp(r) by its power series, 2^n by writing n into the exponent of a number.
template <class T, class V>
[[gnu::always_inline]] inline void exp(V& y, const V& x) {
  using C = detail::ExpConstants<T>;
  using Bits = Vector<typename C::Bits, static_cast<int>(sizeof(V))>;
  constexpr typename C::Bits unit = 1;
  // Added to a small number, it leaves the nearest integer in the lowest bits of the sum.
  constexpr T rounder = static_cast<T>(unit << C::mantissa_bits) * T(1.5);

  V r = x < V{} + C::lowest ? V{} + C::lowest : x;
  r = r > V{} + C::highest ? V{} + C::highest : r;
  const V rounded = r * std::numbers::log2e_v<T> + rounder;
  const V n = rounded - rounder;
  r = r - n * C::ln2_high;  // exact: ln2_high has few digits
  r = r - n * C::ln2_low;

  T factorial = 1;
  for (int k = 2; k <= C::terms; ++k) factorial *= static_cast<T>(k);
  y = V{} + 1 / factorial;
#pragma GCC unroll 16
  for (int k = C::terms; k > 0; --k) {
    factorial /= static_cast<T>(k);
    y = y * r + 1 / factorial;
  }

  Bits bits, one;
  V power = V{} + T(1);
  std::memcpy(&bits, &rounded, sizeof(V));
  std::memcpy(&one, &power, sizeof(V));
  bits = (bits << (Bits{} + static_cast<typename C::Bits>(C::mantissa_bits))) + one;
  std::memcpy(&power, &bits, sizeof(V));
  y *= power;
}

/// y = 1 / (1 + exp(-x))
template <class T, class V>
[[gnu::always_inline]] inline void sigmoid(V& y, const V& x) {
  V e;
  exp<T>(e, -x);
  y = T(1) / (T(1) + e);
}

/// y = tanh(x), its absolute error below some units of the last digit of 1.
template <class T, class V>
[[gnu::always_inline]] inline void tanh(V& y, const V& x) {
  V e;
  exp<T>(e, x + x);
  y = (e - T(1)) / (e + T(1));
}

}  // namespace tinydl::kernels
