// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numbers>

#include <tinydl/kernels/simd.hpp>

// exp and what is made of it, for all lanes of a vector at once (see simd.hpp), for float and
// double. They are objects, so that they can be handed to map(): map(n, y, exp, Each<T>{x}).

namespace tinydl::kernels {

namespace detail {

/// How numbers are made of bits, and where exp begins and ends.
template <class T>
struct Format;

template <>
struct Format<float> {
  using Bits = std::uint32_t;
  static constexpr int mantissa_bits = 23;
  // Added to a small number, it leaves the nearest integer in the lowest bits of the sum.
  static constexpr float rounder = 0x1.8p23f;
  static constexpr float lowest = -104, highest = 89;                         // exp: 0, infinity
  static constexpr float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;  // n ln2_high is exact
  static constexpr int exp_terms = 7;
};

template <>
struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa_bits = 52;
  static constexpr double rounder = 0x1.8p52;
  static constexpr double lowest = -746, highest = 710;
  static constexpr double ln2_high = 0x1.62e42fefp-1, ln2_low = 0x1.473de6af278edp-34;
  static constexpr int exp_terms = 13;
};

template <class V>
using BitsOf = Vector<typename Format<Lane<V>>::Bits, static_cast<int>(sizeof(V))>;

/// y = c[0] + c[1] x + c[2] x^2 ...
template <class V, std::size_t N>
[[gnu::always_inline]] inline void polynomial(V& y, const V& x, const std::array<Lane<V>, N>& c) {
  y = V{} + c[N - 1];
#pragma GCC unroll 32
  for (std::size_t k = N - 1; k > 0; --k) y = y * x + c[k - 1];
}

/// y = the integer next to x
template <class V>
[[gnu::always_inline]] inline void round(V& y, const V& x) {
  constexpr Lane<V> rounder = Format<Lane<V>>::rounder;
  y = (x + rounder) - rounder;
}

/// y = 2^n, for an integer n among the exponents of normal numbers.
template <class V>
[[gnu::always_inline]] inline void power_of_two(V& y, const V& n) {
  using F = Format<Lane<V>>;
  BitsOf<V> bits, one_bits;
  const V sum = n + F::rounder, one = V{} + Lane<V>(1);
  std::memcpy(&bits, &sum, sizeof(V));
  std::memcpy(&one_bits, &one, sizeof(V));
  bits = (bits << (BitsOf<V>{} + static_cast<typename F::Bits>(F::mantissa_bits))) + one_bits;
  std::memcpy(&y, &bits, sizeof(V));
}

/// 1/1!, 1/2!, ...
template <class T>
inline constexpr auto inverse_factorials = [] {
  std::array<T, Format<T>::exp_terms> c{};
  double factorial = 1;
  for (std::size_t k = 0; k < c.size(); ++k)
    c[k] = T(1 / (factorial *= static_cast<double>(k + 1)));
  return c;
}();

/// exp(x + low) = 2^n (1 + p): n is the integer next to x / ln 2, r = x - n ln 2 + low is in
/// [-0.35, 0.35] if low is 0, and 1 + p = exp(r) by its power series.
template <class V>
[[gnu::always_inline]] inline void split_exp(V& n, V& p, const V& x, const V& low) {
  using T = Lane<V>;
  round(n, x * std::numbers::log2e_v<T>);
  const V r = ((x - n * Format<T>::ln2_high) - n * Format<T>::ln2_low) + low;
  polynomial(p, r, inverse_factorials<T>);
  p *= r;
}

/// y = exp(x + low), for a low that is small.
template <class V>
[[gnu::always_inline]] inline void exp_of_sum(V& y, const V& x, const V& low) {
  using T = Lane<V>;
  using F = Format<T>;
  const V zero{}, lowest = zero + F::lowest;
  V within = x < lowest ? zero : x, n, p, half, a, b;  // results too small for a number cost time
  within = within > V{} + F::highest ? V{} + F::highest : within;
  split_exp(n, p, within, low);
  round(half, n * T(0.5));  // in two steps, so that 0, denormal numbers and infinity are reached
  power_of_two(a, half);
  power_of_two(b, n - half);
  y = x < lowest ? zero : (p + T(1)) * a * b;
}

}  // namespace detail

/// y = exp(x), to 2 units of the last digit.
struct Exp {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    detail::exp_of_sum(y, x, V{});
  }
};
inline constexpr Exp exp;

/// y = exp(x) - 1, to 3 units of the last digit also where x is small.
struct Expm1 {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    using T = Lane<V>;
    constexpr T lowest = detail::Format<T>::lowest / 2, highest = detail::Format<T>::highest;
    V within = x < V{} + lowest ? V{} + lowest : x, n, p, half;
    within = within > V{} + highest ? V{} + highest : within;
    detail::split_exp(n, p, within, V{});
    detail::power_of_two(half, n - T(1));  // 2^n alone might be too large
    y = T(2) * (p * half + (half - T(0.5)));
  }
};
inline constexpr Expm1 expm1;

/// y = 1 / (1 + exp(-x)), to 3 units of the last digit, also where it is close to 0.
struct Sigmoid {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    using T = Lane<V>;
    V e;
    exp(e, x < V{} ? x : -x);
    y = (x < V{} ? e : V{} + T(1)) / (T(1) + e);
  }
};
inline constexpr Sigmoid sigmoid;

/// y = tanh(x), to 3 units of the last digit also where x is small.
struct Tanh {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    using T = Lane<V>;
    V e;
    expm1(e, T(2) * (x < V{} ? x : -x));
    y = e / (e + T(2));         // of -|x|
    y = x < V{} ? y : V{} - y;  // tanh(0) is 0, not -0
  }
};
inline constexpr Tanh tanh;

}  // namespace tinydl::kernels
