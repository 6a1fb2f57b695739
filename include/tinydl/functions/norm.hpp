// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <tinydl/functions/reduce.hpp>

namespace tinydl {

/// (x - mean) / sqrt(variance + eps) over the last axis.
template <class T>
struct Standardize : Function {
  static constexpr auto name = "layer_norm";
  T eps;
  Tensor<T, 1> rstd = {};  // 1 / sqrt(variance + eps), one for each row
  Tensor<T, 1> means = {};

  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) {
    const Index n = x.shape()[R - 1], rows = x.size() / n;
    Tensor<T, R> y(x.shape());
    rstd = Tensor<T, 1>(Shape<1>(rows));
    means = Tensor<T, 1>(Shape<1>(rows));
    T *out = y.mutable_data(), *r = rstd.mutable_data(), *m = means.mutable_data();
    parallel_ranges(rows, std::max<Index>(1, 8192 / n), [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        const T* row = x.data() + i * n;
        T sum = 0, squares = 0;
        for (Index j = 0; j < n; ++j) sum += row[j];
        m[i] = sum / static_cast<T>(n);
        for (Index j = 0; j < n; ++j) squares += (row[j] - m[i]) * (row[j] - m[i]);
        r[i] = 1 / std::sqrt(squares / static_cast<T>(n) + eps);
        for (Index j = 0; j < n; ++j) out[i * n + j] = (row[j] - m[i]) * r[i];
      }
    });
    return y;
  }

  // With y the result: d(L)/d(x) = rstd (gy - mean(gy) - y mean(gy y))
  template <class X>
  X backward(const X& gy, const X& x) const {
    if constexpr (detail::is_tensor<X>) {
      constexpr int R = X::rank;
      const Index n = x.shape()[R - 1], rows = x.size() / n;
      X gx(x.shape());
      T* out = gx.mutable_data();
      parallel_ranges(rows, std::max<Index>(1, 8192 / n), [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) {
          const T *row = x.data() + i * n, *g = gy.data() + i * n;
          const T m = means.data()[i], r = rstd.data()[i];
          T sum = 0, dot = 0;
          for (Index j = 0; j < n; ++j) sum += g[j];
          for (Index j = 0; j < n; ++j) dot += g[j] * (row[j] - m);
          const T shift = sum / static_cast<T>(n), slope = dot * r * r / static_cast<T>(n);
          for (Index j = 0; j < n; ++j) out[i * n + j] = r * (g[j] - shift - (row[j] - m) * slope);
        }
      });
      return gx;
    } else {
      const X centred = x - mean(x, -1, keepdims);
      const X r = pow(mean(square(centred), -1, keepdims) + eps, -0.5);
      const X y = centred * r;
      return r * (gy - mean(gy, -1, keepdims) - y * mean(gy * y, -1, keepdims));
    }
  }
};

/// Layer normalisation over the last axis (Ba et al., 2016): (x - mean) / sqrt(variance + eps),
/// times weight, plus bias.  x: (..., n), weight and bias: (n)
/// @throws ShapeError if they do not fit.
template <Operand X, Operand W, Operand B>
auto layer_norm(const X& x, const W& weight, const B& bias, double eps = 1e-5) {
  using T = typename X::Scalar;
  static_assert(X::rank >= 1 && W::rank == 1 && B::rank == 1,
                "layer_norm: x is (..., n), weight and bias are (n)");
  const Index n = x.shape()[X::rank - 1];
  if (n == 0 || weight.shape()[0] != n || bias.shape()[0] != n)
    throw ShapeError(text("layer_norm: an input of shape ", x.shape(), ", a weight of ",
                          weight.shape(), " and a bias of ", bias.shape()));
  return apply(Standardize<T>{{}, static_cast<T>(eps)}, x) * weight + bias;
}

}  // namespace tinydl
