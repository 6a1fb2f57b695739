// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <tinydl/kernels/exp.hpp>

namespace tinydl::kernels {

namespace detail {

/// pi / 2 as a sum. The products of all parts but the last with an integer below `turns` are exact
/// (Cody and Waite, 1980).
template <class T>
struct HalfPi;

template <>
struct HalfPi<float> {
  static constexpr float parts[] = {0x1.92p+0f, 0x1.fb4p-12f, 0x1.444p-24f, 0x1.68c234p-39f};
  static constexpr float turns = 0x1p12f;
  static constexpr std::size_t terms = 5;  // of the series below
};

template <>
struct HalfPi<double> {
  static constexpr double parts[] = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2ep-69,
                                     0x1.b839a252049c1p-104};
  static constexpr double turns = 0x1p20;
  static constexpr std::size_t terms = 9;
};

/// 1/first!, -1/(first + 2)!, 1/(first + 4)! ...
template <class T, int first>
inline constexpr auto alternating_series = [] {
  std::array<T, HalfPi<T>::terms> c{};
  double term = 1;
  for (int k = 2; k <= first; ++k) term /= k;
  for (int k = 0; k < static_cast<int>(c.size()); ++k) {
    c[static_cast<std::size_t>(k)] = T(term);
    term /= -(first + 2 * k + 1) * (first + 2 * k + 2);
  }
  return c;
}();

/// y = sin(x + quarters pi / 2), to 2 units of the last digit.
///
/// With n the integer next to x / (pi / 2), and r what x is beyond n of them, it is the sine or
/// cosine of r in [-pi / 4, pi / 4], by their power series, with the sign of the quarter. Where x
/// is too large for that, f is called for each lane.
template <int quarters, class V, class F>
[[gnu::always_inline]] inline void sine(V& y, const V& x, F f) {
  using T = Lane<V>;
  using C = HalfPi<T>;
  using Bits = BitsOf<V>;
  using B = typename Format<T>::Bits;
  V n, sine, cosine;
  round(n, x * (2 * std::numbers::inv_pi_v<T>));
  const V r = (((x - n * C::parts[0]) - n * C::parts[1]) - n * C::parts[2]) - n * C::parts[3];
  const V z = r * r;
  polynomial(sine, z, alternating_series<T, 3>);
  sine = r - (r * z) * sine;
  polynomial(cosine, z, alternating_series<T, 2>);
  cosine = T(1) - z * cosine;

  const V shifted = n + (Format<T>::rounder + T(quarters));
  Bits quarter, odd, negative;
  std::memcpy(&quarter, &shifted, sizeof(V));
  odd = quarter & (Bits{} + B(1));
  negative = (quarter & (Bits{} + B(2))) << (Bits{} + B(sizeof(T) * 8 - 2));  // the sign's bit
  y = odd == Bits{} ? sine : cosine;
  std::memcpy(&quarter, &y, sizeof(V));
  quarter ^= negative;
  std::memcpy(&y, &quarter, sizeof(V));

  bool far = false;
  const V size = x < V{} ? -x : x, limit = V{} + (C::turns * T(1.5));
  any_lane(far, size > limit);
  if (far) each_lane<T>(y, f, x);
}

}  // namespace detail

struct Sin {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    detail::sine<0>(y, x, [](Lane<V> a) { return std::sin(a); });
  }
};
inline constexpr Sin sin;

struct Cos {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    detail::sine<1>(y, x, [](Lane<V> a) { return std::cos(a); });
  }
};
inline constexpr Cos cos;

}  // namespace tinydl::kernels
