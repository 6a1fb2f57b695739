// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/exp.hpp>

namespace tinydl::kernels {

namespace detail {

/// (x + 4) (1 - cdf(x)) / exp(-x^2 / 2) for x >= 0 in powers of t = (x - 4) / (x + 4): with a
/// relative error of 1.3e-8 up to x = 15, and of 4e-17 up to 39. Interpolated between the Chebyshev
/// points, as Shepherd and Laframboise did (1981).
template <class T>
struct TailOfNormal;

template <>
struct TailOfNormal<float> {
  static constexpr float end = 15;
  static constexpr std::array<float, 10> series = {
      0.7552851386f,    -0.6078965941f,   0.3871366831f,   -0.1865233068f,   0.06040618551f,
      -0.007525402418f, -0.003520972824f, 0.001566881688f, 0.0001889965194f, -0.0001255583856f};
};

template <>
struct TailOfNormal<double> {
  static constexpr double end = 39;
  static constexpr std::array<double, 23> series = {
      0.7552851304157514799,     -0.6078966419718917589,   0.3871374007422188786,
      -0.1865218579596941633,    0.06039657489069946413,   -0.007540188965593059021,
      -0.003479692362242533344,  0.001630818441890359596,  0.0001333442540190491162,
      -0.0002310948183193762113, -1.907866531661357434e-6, 0.00003514418115776097273,
      7.150055959216098661e-7,   -5.918892731763236447e-6, -6.251321040478680193e-7,
      1.019804851813517266e-6,   2.636824857640762506e-7,  -1.542632053677107395e-7,
      -7.63808205349045035e-8,   1.457859334703645972e-8,  1.39240239935017101e-8,
      7.269545479026689456e-11,  -9.653425420228504669e-10};
};

/// y = exp(-x^2 / 2) for x in [0, end]. x is split into h, whose square is exact, and a rest.
template <class V>
[[gnu::always_inline]] inline void bell(V& y, const V& x) {
  using T = Lane<V>;
  BitsOf<V> bits;
  using B = typename Format<T>::Bits;
  constexpr B low_half = (B(1) << (Format<T>::mantissa_bits / 2 + 1)) - 1;
  std::memcpy(&bits, &x, sizeof(V));
  bits &= BitsOf<V>{} + ~low_half;
  V h;
  std::memcpy(&h, &bits, sizeof(V));
  exp_of_sum(y, T(-0.5) * (h * h), T(-0.5) * ((x - h) * (x + h)));
}

}  // namespace detail

/// Of the normal distribution: cdf, its distribution function, to 8 units of the last digit also
/// far to the left, and bell, sqrt(2 pi) times its density.
template <class V>
[[gnu::always_inline]] inline void normal(V& cdf, V& bell, const V& x) {
  using T = Lane<V>;
  using Tail = detail::TailOfNormal<T>;
  V size = x < V{} ? -x : x, tail;
  size = size > V{} + Tail::end ? V{} + Tail::end : size;
  detail::bell(bell, size);
  const V inverse = T(1) / (size + T(4)), t = (size - T(4)) * inverse;
  detail::polynomial(tail, t, Tail::series);
  tail = tail * inverse * bell;
  cdf = x < V{} ? tail : T(1) - tail;
}

struct NormalCdf {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    V bell;
    normal(y, bell, x);
  }
};
inline constexpr NormalCdf normal_cdf;

}  // namespace tinydl::kernels
