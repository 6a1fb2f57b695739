// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/kernels/dropout.hpp>

namespace tinydl {

namespace detail {

/// @throws ValueError unless p is in [0, 1).
inline void check_dropout(double p) {
  if (!(p >= 0 && p < 1)) throw ValueError(text("dropout: p = ", p, " is not in [0, 1)"));
}

}  // namespace detail

/// x times a mask of 0 with probability p, else 1 / (1 - p). Once the mask is drawn it is its own
/// derivative.
template <class T, int Rank>
struct DropoutFunction : Function {
  static constexpr auto name = "dropout";
  static constexpr Needs needs{};
  double p;
  Generator* generator;
  Tensor<T, Rank> mask = {};

  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) {
    if (mask.defined()) return detail::mapped(detail::times, x, mask);
    mask = Tensor<T, Rank>(x.shape());
    Tensor<T, Rank> y(x.shape());
    kernels::dropout(x.size(), *generator, p, x.data(), mask.mutable_data(), y.mutable_data());
    return y;
  }
  template <class G>
  G backward(G gy) const {
    if constexpr (detail::is_tensor<G>)
      return detail::mapped(detail::times, std::move(gy), mask);
    else
      return apply(*this, gy);
  }
};

/// x with each element zeroed with probability p and the others scaled by 1 / (1 - p), so that the
/// mean stays (Srivastava et al., 2014). @throws ValueError unless p is in [0, 1).
template <Operand X>
auto dropout(const X& x, double p, Generator& generator = default_generator()) {
  using T = typename X::Scalar;
  detail::check_dropout(p);
  return apply(DropoutFunction<T, X::rank>{{}, p, &generator}, x);
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
  return x * dropout(ones<T>(channels), p, generator);
}

}  // namespace tinydl
