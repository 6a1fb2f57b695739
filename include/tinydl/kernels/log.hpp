// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <limits>

#include <tinydl/kernels/exp.hpp>

namespace tinydl::kernels {

namespace detail {

/// 2/3, 2/5, 2/7 ...: of 2 atanh(s) / s - 2 in powers of s^2.
template <class T>
inline constexpr auto atanh_series = [] {
  std::array<T, sizeof(T) == 4 ? 5 : 11> c{};
  for (std::size_t k = 0; k < c.size(); ++k) c[k] = T(2.0 / static_cast<double>(2 * k + 3));
  return c;
}();

/// y = log(1 + f), for f from sqrt(1/2) - 1 to sqrt(2) - 1: with s = f / (2 + f) it is 2 atanh(s),
/// and 2 s = f - s f, of which f is exact.
template <class V>
[[gnu::always_inline]] inline void log_near_1(V& y, const V& f) {
  using T = Lane<V>;
  const V s = f / (f + T(2)), z = s * s;
  polynomial(y, z, atanh_series<T>);
  y = f - s * (f - y * z);
}

}  // namespace detail

/// y = log(x), to 2 units of the last digit.
struct Log {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    using T = Lane<V>;
    using F = detail::Format<T>;
    using B = typename F::Bits;
    using Bits = detail::BitsOf<V>;
    using Limits = std::numeric_limits<T>;
    constexpr B one = std::bit_cast<B>(T(1)), root = std::bit_cast<B>(std::numbers::sqrt2_v<T> / 2);
    constexpr B shift = F::mantissa_bits, mask = (B(1) << shift) - 1;
    constexpr T bias = T(one >> shift), scale = T(B(1) << shift);

    // x = 2^e m, with m from sqrt(1/2) to sqrt(2); denormal numbers are scaled first.
    const V tiny = V{} + Limits::min(), zero = V{};
    const V normal = x < tiny ? x * scale : x;
    Bits bits, exponent;
    std::memcpy(&bits, &normal, sizeof(V));
    bits += one - root;
    exponent = (bits >> (Bits{} + shift)) + std::bit_cast<B>(F::rounder);
    bits = (bits & mask) + root;
    V e, m;
    std::memcpy(&e, &exponent, sizeof(V));
    std::memcpy(&m, &bits, sizeof(V));
    e = (e - F::rounder) - (x < tiny ? zero + (bias + T(shift)) : zero + bias);

    detail::log_near_1(y, m - T(1));
    y = (y + e * F::ln2_low) + e * F::ln2_high;
    const V infinity = zero + Limits::infinity();
    const V beyond = x == zero ? -infinity : zero + Limits::quiet_NaN();  // where x > 0 is false
    y = x > zero ? (x < infinity ? y : x) : beyond;
  }
};
inline constexpr Log log;

/// y = log(1 + x) for x in [0, 1], to 2 units of the last digit also where x is small.
struct Log1pOfShare {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    using T = Lane<V>;
    const V limit = V{} + (std::numbers::sqrt2_v<T> - 1);
    detail::log_near_1(y, x > limit ? (x - T(1)) * T(0.5) : x);
    y += x > limit ? V{} + std::numbers::ln2_v<T> : V{};  // log(1 + x) = ln 2 + log((1 + x) / 2)
  }
};
inline constexpr Log1pOfShare log1p_of_share;

}  // namespace tinydl::kernels
