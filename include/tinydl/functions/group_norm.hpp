// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/norm.hpp>

namespace tinydl {

template <class T>
struct GroupNormFunction : Function {
  static constexpr auto name = "group_norm";
  static constexpr Needs needs{.inputs = 0b011};
  Index groups;
  T eps;
  Tensor<T, 3> means = {}, rstd = {};  // of each group: (N, groups, 1)

  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x, const Tensor<T, 1>& weight,
                       const Tensor<T, 1>& bias) {
    const detail::Planes planes(x.shape());
    const Shape<3> table = channel_table(planes);
    const auto moments =
        detail::plane_moments(x.data(), planes.size, {table[0] * groups, table[2]}, 1);
    means = moments.means.with_shape(Shape<3>(table[0], groups, 1));
    rstd = pow(moments.variances + eps, -0.5).with_shape(means.shape());
    const auto scales = rstd * per_channel(weight, table);
    Tensor<T, R> y(x.shape());
    kernels::scale_rows(planes.count(), planes.size, planes.count(), x.data(),
                        broadcast_to(means, table).data(), scales.data(),
                        broadcast_to(per_channel(bias, table), table).data(), y.mutable_data());
    return y;
  }

  template <class X, class W>
  std::tuple<X, W, W> backward(const X& gy, const X& x, const W& weight, const W&) const {
    const detail::Planes planes(x.shape());
    const Shape<3> table = channel_table(planes);
    if constexpr (detail::is_tensor<X>) {
      const Tensor<T, 3> shift = broadcast_to(means, table);
      const Tensor<T, 2> w = per_channel(weight, table);
      Tensor<T, 3> sums(table), products(table);
      kernels::row_products(planes.count(), planes.size, planes.count(), gy.data(), x.data(),
                            shift.data(), sums.mutable_data(), products.mutable_data());
      // With h = (x - mean) rstd and g = gy weight:  d(L)/d(x) = rstd (g - mean(g) - h mean(g h))
      const T count = static_cast<T>(table[2] * planes.size);
      const auto scales = rstd * w;
      const auto slopes =
          broadcast_to(-rstd * rstd * rstd * sum(w * products, 2, keepdims) / count, table);
      const auto shifts = broadcast_to(-rstd * sum(w * sums, 2, keepdims) / count, table);
      X gx(x.shape());
      kernels::combine_rows(planes.count(), planes.size, planes.count(), gy.data(), x.data(),
                            shift.data(), scales.data(), slopes.data(), shifts.data(),
                            gx.mutable_data());
      return {gx, flatten(sum(rstd * products, 0)), flatten(sum(sums, 0))};
    } else {
      const Index axes[] = {1}, all_but_channels[] = {0, 2};
      const Shape<2> rows(table[0] * groups, table[2] * planes.size);
      const auto g = reshape(gy, planes.shape());
      const detail::Standardized h(Variable<T, 2>(reshape(x, rows)), axes, eps);
      const auto gx = h.backward(reshape(g * unsqueeze(weight, 1), rows), axes);
      return {reshape(gx, x.shape()), sum(g * reshape(h.y, planes.shape()), all_but_channels),
              sum(g, all_but_channels)};
    }
  }

 private:
  /// (N, groups, channels of a group)
  Shape<3> channel_table(const detail::Planes& planes) const {
    return {planes.examples, groups, planes.channels / groups};
  }
  static Tensor<T, 2> per_channel(const Tensor<T, 1>& weight, const Shape<3>& table) {
    return weight.with_shape(Shape<2>(table[1], table[2]));
  }
};

/// Group normalisation (Wu and He, 2018): the channels of each example in `groups` groups of
/// neighbours, each normalised as (x - mean) / sqrt(variance + eps); then times weight, plus bias.
/// x: (N, C, ...), weight and bias: (C)
/// @throws ShapeError if they do not fit or are empty, ValueError unless groups divide channels
/// and eps is finite and not negative.
template <Operand X, Operand W, Operand B>
auto group_norm(const X& x, Index groups, const W& weight, const B& bias, double eps = 1e-5) {
  using T = typename X::Scalar;
  static_assert(W::rank == 1 && B::rank == 1, "group_norm: weight and bias are (C)");
  detail::check_channels("group_norm", x.shape(), weight.shape(), bias.shape());
  const detail::Planes planes(x.shape());
  if (groups < 1 || planes.channels % groups != 0)
    throw ValueError(
        text("group_norm: ", groups, " groups do not divide ", planes.channels, " channels"));
  if (planes.channels * planes.size == 0)
    throw ShapeError(text("group_norm: nothing to normalise in ", x.shape()));
  detail::check_eps("group_norm", eps);
  return apply(GroupNormFunction<T>{{}, groups, static_cast<T>(eps)}, x, weight, bias);
}

}  // namespace tinydl
