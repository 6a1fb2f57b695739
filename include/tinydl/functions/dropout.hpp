// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/arithmetic.hpp>

namespace tinydl {

namespace detail {

/// @throws ValueError unless p is in [0, 1).
inline void check_dropout(double p) {
  if (!(p >= 0 && p < 1)) throw ValueError(text("dropout: p = ", p, " is not in [0, 1)"));
}

}  // namespace detail

/// x times a mask, which broadcasts to it.
template <class T, int Rank>
struct Masked : Function {
  static constexpr auto name = "dropout";
  static constexpr Needs needs{};
  Tensor<T, Rank> mask;

  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const { return x * mask; }
  template <class G>
  G backward(const G& gy) const {
    return gy * mask;
  }
};

namespace detail {

/// 0 with probability p, else 1 / (1 - p).
template <class T, int Rank>
Tensor<T, Rank> dropout_mask(const Shape<Rank>& shape, double p, Generator& generator) {
  check_dropout(p);
  Tensor<T, Rank> mask = rand<T>(shape, generator);
  T* m = mask.mutable_data();
  kernels::map(
      mask.size(), m,
      [limit = static_cast<T>(p), scale = static_cast<T>(1 / (1 - p))](auto& y, const auto& u) {
        const std::remove_cvref_t<decltype(u)> zero{};
        y = u < zero + limit ? zero : zero + scale;
      },
      kernels::Each<T>{m});
  return mask;
}

}  // namespace detail

/// x with each element zeroed with probability p and the others scaled by 1 / (1 - p), so that the
/// mean stays (Srivastava et al., 2014). @throws ValueError unless p is in [0, 1).
template <Operand X>
auto dropout(const X& x, double p, Generator& generator = default_generator()) {
  using T = typename X::Scalar;
  return apply(Masked<T, X::rank>{{}, detail::dropout_mask<T>(x.shape(), p, generator)}, x);
}

/// The same for whole channels, each of which is zeroed or scaled as one (Tompson et al., 2015).
/// x: (N, C, ...). @throws ValueError unless p is in [0, 1).
template <Operand X>
auto dropout2d(const X& x, double p, Generator& generator = default_generator()) {
  static_assert(X::rank >= 3, "dropout2d: x is (N, C, H, W), or (N, C, ...)");
  using T = typename X::Scalar;
  Shape<X::rank> channels;
  channels.fill(1);
  std::copy_n(x.shape().begin(), 2, channels.begin());
  return apply(Masked<T, X::rank>{{}, detail::dropout_mask<T>(channels, p, generator)}, x);
}

}  // namespace tinydl
