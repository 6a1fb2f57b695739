// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/norm.hpp>

namespace tinydl {

/// (x - mean) rstd weight + bias, with a mean and an rstd = 1 / sqrt(variance + eps) for each
/// channel: those of x itself, or fixed ones.
template <class T>
struct BatchNormFunction : Function {
  static constexpr auto name = "batch_norm";
  static constexpr Needs needs{.inputs = 0b011};
  bool fixed;
  T eps;
  Tensor<T, 1> means, rstd;

  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x, const Tensor<T, 1>& weight,
                       const Tensor<T, 1>& bias) const {
    const detail::Planes planes(x.shape());
    const Tensor<T, 1> scales = weight * rstd;
    if (planes.size == 1) {  // (N, C): rows of channels instead of planes
      const Tensor<T, 2> rows = x.with_shape(Shape<2>(planes.examples, planes.channels));
      return ((rows - means) * scales + bias).with_shape(x.shape());
    }
    Tensor<T, R> y(x.shape());
    kernels::scale_rows(planes.count(), planes.size, planes.channels, x.data(), means.data(),
                        scales.data(), bias.data(), y.mutable_data());
    return y;
  }

  template <class X, class W>
  std::tuple<X, W, W> backward(const X& gy, const X& x, const W& weight, const W&) const {
    const detail::Planes planes(x.shape());
    if constexpr (detail::is_tensor<X>) {
      if (!fixed && planes.size > 1) return backward_by_planes(planes, gy, x, weight);
    }
    const auto g = reshape(gy, planes.shape()), x3 = reshape(x, planes.shape());
    const auto gh = g * unsqueeze(weight, 1);
    const Index axes[] = {0, 2};
    if (fixed) {
      const auto h = (x3 - unsqueeze(means, 1)) * unsqueeze(rstd, 1);
      return {reshape(gh * unsqueeze(rstd, 1), x.shape()), sum(g * h, axes), sum(g, axes)};
    }
    const detail::Standardized h(x3, axes, eps);
    return {reshape(h.backward(gh, axes), x.shape()), sum(g * h.y, axes), sum(g, axes)};
  }

 private:
  // With h = (x - mean) rstd:  d(L)/d(x) = weight rstd (gy - mean(gy) - h mean(gy h))
  template <class X>
  std::tuple<X, Tensor<T, 1>, Tensor<T, 1>> backward_by_planes(const detail::Planes& planes,
                                                               const X& gy, const X& x,
                                                               const Tensor<T, 1>& weight) const {
    Tensor<T, 2> sums(Shape<2>(planes.examples, planes.channels)), products(sums.shape());
    kernels::row_products(planes.count(), planes.size, planes.channels, gy.data(), x.data(),
                          means.data(), sums.mutable_data(), products.mutable_data());
    const Tensor<T, 1> gb = sum(sums, 0), gw = sum(products, 0) * rstd;
    if (!wants(0)) return {X(), gw, gb};
    const T count = static_cast<T>(planes.examples * planes.size);
    const Tensor<T, 1> scales = weight * rstd, slopes = -scales * rstd * gw / count,
                       shifts = -scales * gb / count;
    X gx(x.shape());
    kernels::combine_rows(planes.count(), planes.size, planes.channels, gy.data(), x.data(),
                          means.data(), scales.data(), slopes.data(), shifts.data(),
                          gx.mutable_data());
    return {gx, gw, gb};
  }
};

namespace detail {

/// The mean and the variance, divided by their number, of the values of each channel.
/// @throws ShapeError unless there are more values than one.
template <class T, int R>
Moments<T> channel_moments(const char* name, const Tensor<T, R>& x) {
  const Planes planes(x.shape());
  if (planes.examples * planes.size < 2)
    throw ShapeError(
        text(name, ": training needs more than one value of each channel: shape ", x.shape()));
  const Shape<2> table(planes.examples, planes.channels);
  if (planes.size > 1) return plane_moments(x.data(), planes.size, table, 0);
  const Tensor<T, 2> rows = x.with_shape(table);
  const Tensor<T, 1> means = mean(rows, 0);
  return {means, mean(square(rows - means), 0)};
}

template <Operand X, Operand W, Operand B>
auto batch_norm_by(bool fixed, const Moments<typename X::Scalar>& moments, const X& x,
                   const W& weight, const B& bias, double eps) {
  using T = typename X::Scalar;
  const T e = static_cast<T>(eps);
  return apply(BatchNormFunction<T>{{}, fixed, e, moments.means, pow(moments.variances + e, -0.5)},
               x, weight, bias);
}

}  // namespace detail

/// Batch normalisation (Ioffe and Szegedy, 2015) as in training: (x - mean) / sqrt(variance + eps)
/// with the mean and the variance of each channel over all examples and positions, times weight,
/// plus bias.  x: (N, C, ...), weight and bias: (C)
/// @throws ShapeError if they do not fit, or a channel has fewer than two values, ValueError if eps
/// is negative or not finite.
template <Operand X, Operand W, Operand B>
auto batch_norm(const X& x, const W& weight, const B& bias, double eps = 1e-5) {
  static_assert(W::rank == 1 && B::rank == 1, "batch_norm: weight and bias are (C)");
  detail::check_channels("batch_norm", x.shape(), weight.shape(), bias.shape());
  detail::check_eps("batch_norm", eps);
  const auto moments = detail::channel_moments("batch_norm", data_of(x));
  return detail::batch_norm_by(false, moments, x, weight, bias, eps);
}

/// The same as after training, with a mean and a variance that are given: (C)
/// @throws ShapeError if they do not fit, ValueError if eps is negative or not finite.
template <Operand X, Operand W, Operand B>
auto batch_norm(const X& x, const W& weight, const B& bias,
                const Tensor<typename X::Scalar, 1>& mean,
                const Tensor<typename X::Scalar, 1>& variance, double eps = 1e-5) {
  static_assert(W::rank == 1 && B::rank == 1, "batch_norm: weight and bias are (C)");
  detail::check_channels("batch_norm", x.shape(), weight.shape(), bias.shape());
  detail::check_eps("batch_norm", eps);
  if (mean.shape() != weight.shape() || variance.shape() != weight.shape())
    throw ShapeError(text("batch_norm: an input of shape ", x.shape(), ", a mean of ", mean.shape(),
                          " and a variance of ", variance.shape()));
  return detail::batch_norm_by(true, {mean, variance}, x, weight, bias, eps);
}

}  // namespace tinydl
