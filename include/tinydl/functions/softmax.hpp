// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/reduce.hpp>
#include <tinydl/kernels/softmax.hpp>

namespace tinydl {

namespace detail {

/// A shape seen as (outer, n, inner) around one axis.
struct Around {
  Index outer = 1, n = 1, inner = 1;

  template <int Rank>
  Around(const Shape<Rank>& shape, int axis) : n(shape[axis]) {
    for (int i = 0; i < axis; ++i) outer *= shape[i];
    for (int i = axis + 1; i < Rank; ++i) inner *= shape[i];
  }
};

/// The sums along an axis in the place of all that went into them, divided by a number.
template <Operand X>
X sum_along(const X& x, int axis, Index divisor) {
  Missing<X::rank> missing{};
  missing[axis] = true;
  Shape<X::rank - 1> sums;
  for (int i = 0; i < X::rank - 1; ++i) sums[i] = x.shape()[i < axis ? i : i + 1];
  return spread(summed(x, sums, divisor, missing), x.shape(), 1, missing);
}

/// gx = y (gy - sum(gy y)), for the result y of a softmax.
template <class X>
X softmax_gradient(const X& gy, const X& y, int axis) {
  const X minus_sum = sum_along(multiply_alike(gy, y), axis, -1);
  return multiply_alike(y, add_alike(gy, minus_sum));
}

}  // namespace detail

struct SoftmaxFunction : Function {
  static constexpr auto name = "softmax";
  static constexpr Needs needs{.output = true};
  int axis;

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    const detail::Around a(x.shape(), axis);
    Tensor<T, R> y(x.shape());
    if (y.size() > 0) kernels::softmax(a.outer, a.n, a.inner, x.data(), y.mutable_data());
    return y;
  }
  // d(y_i)/d(x_j) = y_i ((i == j) - y_j)
  template <class X>
  X backward(const X& gy, const X& y) const {
    if constexpr (detail::is_tensor<X>) {
      const detail::Around a(y.shape(), axis);
      if (a.inner == 1) {
        X gx(y.shape());
        kernels::softmax_backward(a.outer, a.n, gy.data(), y.data(), gx.mutable_data());
        return gx;
      }
    }
    return detail::softmax_gradient(gy, y, axis);
  }
};

namespace detail {

/// The softmax of each row of a matrix where only derivatives of derivatives meet it: it brings no
/// kernels with it but that of cross_entropy.
struct SoftmaxOfRows : Function {
  static constexpr auto name = "softmax";
  static constexpr Needs needs{.output = true};

  template <class T>
  Tensor<T, 2> forward(const Tensor<T, 2>& x) const {
    Tensor<T, 2> y(x.shape());
    kernels::softmax_rows(x.shape()[0], x.shape()[1], x.data(), y.mutable_data());
    return y;
  }
  template <class X>
  X backward(const X& gy, const X& y) const {
    if constexpr (is_tensor<X>)  // seldom needed, so that nothing is compiled for it alone
      return softmax_gradient(as_variable(gy), as_variable(y), 1).data();
    else
      return softmax_gradient(gy, y, 1);
  }
};

}  // namespace detail

struct LogSoftmaxFunction : Function {
  static constexpr auto name = "log_softmax";
  static constexpr Needs needs{.output = true};
  int axis;

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    const detail::Around a(x.shape(), axis);
    Tensor<T, R> y(x.shape());
    if (y.size() > 0) kernels::log_softmax(a.outer, a.n, a.inner, x.data(), y.mutable_data());
    return y;
  }
  template <class X>
  X backward(const X& gy, const X& y) const {
    if constexpr (detail::is_tensor<X>) {
      const detail::Around a(y.shape(), axis);
      if (a.inner == 1) {
        X gx(y.shape());
        kernels::log_softmax_backward(a.outer, a.n, gy.data(), y.data(), gx.mutable_data());
        return gx;
      }
    }
    return gy - exp(y) * detail::sum_along(gy, axis, 1);
  }
};

/// exp(x) / sum(exp(x)) along an axis, without overflow. @throws ShapeError if there is no such
/// axis.
template <Operand X>
auto softmax(const X& x, Index axis = -1) {
  static_assert(X::rank > 0, "softmax: a rank-0 operand has no axis");
  return apply(SoftmaxFunction{{}, normalized_axis("softmax", axis, X::rank)}, x);
}

/// log(softmax(x)), exact where softmax is 0. @throws ShapeError if there is no such axis.
template <Operand X>
auto log_softmax(const X& x, Index axis = -1) {
  static_assert(X::rank > 0, "log_softmax: a rank-0 operand has no axis");
  return apply(LogSoftmaxFunction{{}, normalized_axis("log_softmax", axis, X::rank)}, x);
}

}  // namespace tinydl
