// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <tinydl/functions/reduce.hpp>
#include <tinydl/kernels/norm.hpp>

// Normalisation of each example by itself. Tensors go through fused kernels; in a derivative that
// is itself differentiated the same is composed of simpler functions.

namespace tinydl {

namespace detail {

/// (x - mean) rstd over some axes, and what carries a gradient g of it back to x.
template <Operand X>
struct Standardized {
  X y, rstd;

  template <int N>
  Standardized(const X& x, const Index (&axes)[N], typename X::Scalar eps, bool centred = true) {
    const X deviation = centred ? x - mean(x, axes, keepdims) : x;
    rstd = pow(mean(square(deviation), axes, keepdims) + eps, -0.5);
    y = deviation * rstd;
  }
  template <int N>
  X backward(const X& g, const Index (&axes)[N], bool centred = true) const {
    const X straight = g - y * mean(g * y, axes, keepdims);
    return rstd * (centred ? straight - mean(g, axes, keepdims) : straight);
  }
};

}  // namespace detail

/// layer_norm, or without a mean and a bias, rms_norm.
template <class T, bool Centred>
struct RowNorm : Function {
  static constexpr auto name = Centred ? "layer_norm" : "rms_norm";
  static constexpr Needs needs{.inputs = 0b011};
  T eps;
  Tensor<T, 1> means = {}, rstd = {};  // of each row; rstd: 1 / sqrt(variance + eps)

  template <int R, int W, class... B>
  Tensor<T, R> forward(const Tensor<T, R>& x, const Tensor<T, W>& weight, const B&... bias) {
    const Index n = weight.size(), rows = x.size() / n;
    if (Centred) means = Tensor<T, 1>(Shape<1>(rows));
    rstd = Tensor<T, 1>(Shape<1>(rows));
    const T* shift = nullptr;
    ((shift = bias.data()), ...);
    Tensor<T, R> y(x.shape());
    kernels::normalize_rows(rows, n, eps, x.data(), weight.data(), shift, y.mutable_data(),
                            Centred ? means.mutable_data() : nullptr, rstd.mutable_data());
    return y;
  }

  template <class X, class W, class... B>
  std::tuple<X, W, B...> backward(const X& gy, const X& x, const W& weight, const B&...) const {
    const Index n = weight.shape().count(), rows = x.shape().count() / n;
    if constexpr (detail::is_tensor<X>) {
      X gx = wants(0) ? X(x.shape()) : X();
      W gw(weight.shape()), gb = Centred ? W(weight.shape()) : W();
      kernels::normalize_rows_backward(rows, n, gy.data(), x.data(), weight.data(), means.data(),
                                       rstd.data(), gx.mutable_data(), gw.mutable_data(),
                                       gb.mutable_data());
      return gradients<B...>(gx, gw, gb);
    } else {
      const Index axes[] = {1};
      const Shape<2> matrix(rows, n);
      const auto g = reshape(gy, matrix);
      const detail::Standardized h(Variable<T, 2>(reshape(x, matrix)), axes, eps, Centred);
      const auto gx = h.backward(g * flatten(weight), axes, Centred);
      return gradients<B...>(reshape(gx, x.shape()), reshape(sum(g * h.y, 0), weight.shape()),
                             reshape(sum(g, 0), weight.shape()));
    }
  }

 private:
  template <class... B, class X, class W>
  static std::tuple<X, W, B...> gradients(const X& gx, const W& gw, const W& gb) {
    if constexpr (Centred)
      return {gx, gw, gb};
    else
      return {gx, gw};
  }
};

namespace detail {

/// @throws ShapeError unless the last axes of x are those of the weight, and not empty.
template <int R, int W>
void check_trailing(const char* name, const Shape<R>& x, const Shape<W>& weight) {
  if (weight.count() == 0 || !std::equal(weight.begin(), weight.end(), x.end() - W))
    throw ShapeError(text(name, ": a weight of shape ", weight, " for the last axes of ", x));
}

/// @throws ValueError unless eps is finite and not negative.
inline void check_eps(const char* name, double eps) {
  if (!(eps >= 0 && eps < std::numeric_limits<double>::infinity()))
    throw ValueError(text(name, ": eps ", eps, " is not in [0, inf)"));
}

}  // namespace detail

/// Layer normalisation (Ba et al., 2016) over the last axes, those that the weight has:
/// (x - mean) / sqrt(variance + eps), times weight, plus bias.
/// x: (..., n) and weight, bias: (n), or x: (..., m, n) and weight, bias: (m, n), and so on
/// @throws ShapeError if they do not fit, ValueError if eps is negative or not finite.
template <Operand X, Operand W, Operand B>
auto layer_norm(const X& x, const W& weight, const B& bias, double eps = 1e-5) {
  using T = typename X::Scalar;
  constexpr bool last_axes = W::rank >= 1 && W::rank <= X::rank, same = W::rank == B::rank;
  static_assert(last_axes, "layer_norm: the weight has the last axes of x, one at least");
  static_assert(same || !last_axes, "layer_norm: weight and bias have the same shape");
  if constexpr (last_axes && same) {
    detail::check_trailing("layer_norm", x.shape(), weight.shape());
    if (bias.shape() != weight.shape())
      throw ShapeError(
          text("layer_norm: a weight of shape ", weight.shape(), " and a bias of ", bias.shape()));
    detail::check_eps("layer_norm", eps);
    return apply(RowNorm<T, true>{{}, static_cast<T>(eps)}, x, weight, bias);
  } else {
    return detail::plain(x);  // refused above
  }
}

/// Root mean square normalisation (Zhang and Sennrich, 2019) over the last axes, those that the
/// weight has: x / sqrt(mean(x^2) + eps), times weight.  x: (..., n), weight: (n)
/// @throws ShapeError if they do not fit, ValueError if eps is negative or not finite.
template <Operand X, Operand W>
auto rms_norm(const X& x, const W& weight,
              double eps = std::numeric_limits<typename X::Scalar>::epsilon()) {
  using T = typename X::Scalar;
  constexpr bool last_axes = W::rank >= 1 && W::rank <= X::rank;
  static_assert(last_axes, "rms_norm: the weight has the last axes of x, one at least");
  if constexpr (last_axes) {
    detail::check_trailing("rms_norm", x.shape(), weight.shape());
    detail::check_eps("rms_norm", eps);
    return apply(RowNorm<T, false>{{}, static_cast<T>(eps)}, x, weight);
  } else {
    return detail::plain(x);  // refused above
  }
}

// --- channels ---

namespace detail {

/// An operand (N, C, ...) as planes: one for each example and channel.
struct Planes {
  Index examples, channels, size = 1;

  template <int R>
  explicit Planes(const Shape<R>& shape) : examples(shape[0]), channels(shape[1]) {
    for (int i = 2; i < R; ++i) size *= shape[i];
  }
  Index count() const { return examples * channels; }
  Shape<3> shape() const { return {examples, channels, size}; }
};

template <class T>
struct Moments {
  Tensor<T, 1> means, variances;
};

/// The moments of x, whose planes are summed up in groups: those of one column, or of one row, of a
/// table of all planes of this shape.
template <class T>
Moments<T> plane_moments(const T* x, Index plane, const Shape<2>& table, int axis) {
  Tensor<T, 2> means(table), squares(table);
  kernels::row_moments(table.count(), plane, x, means.mutable_data(), squares.mutable_data());
  const Tensor<T, 2> mean_of_means = mean(means, axis, keepdims);
  const Tensor<T, 1> total = sum(squares, axis) + plane * sum(square(means - mean_of_means), axis);
  return {flatten(mean_of_means), total / (plane * table[axis])};
}

/// @throws ShapeError unless x has C channels, and weight and bias C elements.
template <int R>
void check_channels(const char* name, const Shape<R>& x, const Shape<1>& weight,
                    const Shape<1>& bias) {
  static_assert(R >= 2, "batch_norm, group_norm: x is (N, C, ...)");
  if (weight[0] != x[1] || bias[0] != x[1])
    throw ShapeError(
        text(name, ": an input of shape ", x, ", a weight of ", weight, " and a bias of ", bias));
}

}  // namespace detail

}  // namespace tinydl
