// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstring>

#include <tinydl/kernels/simd.hpp>

namespace tinydl::kernels {

namespace detail {

#if defined(__clang__)
inline constexpr std::size_t widest_asm = 16;  // it looks at the flags, not at the function
#else
inline constexpr std::size_t widest_asm = 64;
#endif

/// `avx`: whether the instructions are there that take three operands.
template <bool avx, class V>
[[gnu::always_inline]] inline void sqrt(V& y, const V& x) {
  using T = Lane<V>;
  [[maybe_unused]] constexpr bool is_float = std::is_same_v<T, float>;
  if constexpr (sizeof(V) > widest_asm) {
    Vector<T, sizeof(V) / 2> in[2], out[2];
    std::memcpy(&in, &x, sizeof(V));
    sqrt<avx>(out[0], in[0]);
    sqrt<avx>(out[1], in[1]);
    std::memcpy(&y, &out, sizeof(V));
  } else {
#if defined(__x86_64__) && defined(__GNUC__)
    if constexpr (avx && is_float)
      asm("vsqrtps %1, %0" : "=v"(y) : "v"(x));
    else if constexpr (avx)
      asm("vsqrtpd %1, %0" : "=v"(y) : "v"(x));
    else if constexpr (is_float)
      asm("sqrtps %1, %0" : "=x"(y) : "x"(x));
    else
      asm("sqrtpd %1, %0" : "=x"(y) : "x"(x));
#elif defined(__aarch64__) && defined(__GNUC__)
    if constexpr (is_float)
      asm("fsqrt %0.4s, %1.4s" : "=w"(y) : "w"(x));
    else
      asm("fsqrt %0.2d, %1.2d" : "=w"(y) : "w"(x));
#else
    each_lane<T>(
        y, [](T a) { return std::sqrt(a); }, x);
#endif
  }
}

}  // namespace detail

/// y = sqrt(x), correctly rounded. The instruction is named, since std::sqrt may set errno, for
/// which compilers take one lane after another, with a test for each.
struct Sqrt {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    detail::sqrt<(sizeof(V) > 16)>(y, x);
  }
};
inline constexpr Sqrt sqrt;

}  // namespace tinydl::kernels
