// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <tinydl/core/apply.hpp>
#include <tinydl/functions/pair.hpp>
#include <tinydl/kernels/upsample.hpp>

namespace tinydl {

/// Each element of larger images from its neighbours in the original; or the adjoint.
template <bool Adjoint>
struct Upsampling : Function {
  static constexpr auto name = Adjoint ? "upsample_adjoint" : "upsample";
  static constexpr Needs needs{};
  kernels::Blends blends;

  template <class T>
  Tensor<T, 4> forward(const Tensor<T, 4>& x) const {
    const Index planes = x.shape()[0] * x.shape()[1];
    Tensor<T, 4> y(
        Adjoint ? Shape<4>(x.shape()[0], x.shape()[1], blends.height, blends.width)
                : Shape<4>(x.shape()[0], x.shape()[1], blends.rows.size(), blends.columns.size()));
    const auto kernel = Adjoint ? kernels::upsample_adjoint<T> : kernels::upsample<T>;
    kernel(planes, blends, x.data(), y.mutable_data());
    return y;
  }
  template <class G>
  G backward(const G& gy) const {
    return apply(Upsampling<!Adjoint>{{}, blends}, gy);
  }
};

namespace detail {

inline void check_upsampling(const char* operation, Pair factor) {
  constexpr Index limit = (Index{1} << 31) - 1;
  if (std::min(factor.height, factor.width) < 1 || std::max(factor.height, factor.width) > limit)
    throw ValueError(text(operation, ": factor ", factor, " is not in [1, 2^31)"));
}

inline kernels::Blends blends(const char* operation, const Shape<4>& shape, Pair factor,
                              std::vector<kernels::Blend> (*of_axis)(Index, Index)) {
  check_upsampling(operation, factor);
  const Shape<4> larger(shape[0], shape[1], shape[2] * factor.height, shape[3] * factor.width);
  check_sizes(larger, sizeof(double));
  if (shape[2] < 1 || shape[3] < 1)
    throw ShapeError(text(operation, ": images of shape ", shape, " are empty"));
  return {shape[2], shape[3], of_axis(shape[2], factor.height), of_axis(shape[3], factor.width)};
}

}  // namespace detail

/// Images with every element repeated: (N, C, H, W) -> (N, C, factor H, factor W). A factor is one
/// number or {height, width}. @throws ValueError if it is below 1.
template <Operand X>
auto upsample_nearest2d(const X& x, Pair factor) {
  static_assert(X::rank == 4, "upsample_nearest2d takes images: (N, C, H, W)");
  return apply(
      Upsampling<false>{
          {}, detail::blends("upsample_nearest2d", x.shape(), factor, kernels::nearest_blends)},
      x);
}

/// Images with straight lines between the centres of the original elements: (N, C, H, W) ->
/// (N, C, factor H, factor W). PyTorch's with align_corners = false.
/// @throws ValueError if a factor is below 1.
template <Operand X>
auto upsample_bilinear2d(const X& x, Pair factor) {
  static_assert(X::rank == 4, "upsample_bilinear2d takes images: (N, C, H, W)");
  return apply(
      Upsampling<false>{
          {}, detail::blends("upsample_bilinear2d", x.shape(), factor, kernels::linear_blends)},
      x);
}

}  // namespace tinydl
