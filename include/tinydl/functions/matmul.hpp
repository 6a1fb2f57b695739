// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/reduce.hpp>
#include <tinydl/kernels/matmul.hpp>

namespace tinydl {

/// a b for matrices, or for stacks of as many matrices; either may be taken transposed.
template <int Rank>
struct MatMul : Function {
  static constexpr auto name = "matmul";
  bool transpose_a = false, transpose_b = false;

  template <class T>
  Tensor<T, Rank> forward(const Tensor<T, Rank>& a, const Tensor<T, Rank>& b) const {
    const Index a_rows = a.shape()[Rank - 2], a_columns = a.shape()[Rank - 1];
    const Index b_rows = b.shape()[Rank - 2], b_columns = b.shape()[Rank - 1];
    Shape<Rank> shape = a.shape();
    Index count = 1;
    for (int i = 0; i < Rank - 2; ++i) {
      if (a.shape()[i] != b.shape()[i])
        throw ShapeError(text("matmul: batch dimensions differ: ", a.shape(), " x ", b.shape()));
      count *= shape[i];
    }
    const Index m = transpose_a ? a_columns : a_rows, k = transpose_a ? a_rows : a_columns;
    const Index n = transpose_b ? b_rows : b_columns;
    if (k != (transpose_b ? b_columns : b_rows))
      throw ShapeError(text("matmul: inner dimensions differ: ", a.shape(),
                            transpose_a ? " transposed" : "", " x ", b.shape(),
                            transpose_b ? " transposed" : ""));
    shape[Rank - 2] = m;
    shape[Rank - 1] = n;
    Tensor<T, Rank> c(shape);
    T* out = c.mutable_data();
    const auto multiply = [&](Index i) {
      const auto p = kernels::matrix_view(a.data() + i * a_rows * a_columns, a_rows, a_columns);
      const auto q = kernels::matrix_view(b.data() + i * b_rows * b_columns, b_rows, b_columns);
      kernels::matmul(transpose_a ? p.transposed() : p, transpose_b ? q.transposed() : q,
                      out + i * m * n, n);
    };
    parallel_for(count, multiply);
    return c;
  }

  // With C = A B: d(L)/d(A) = d(L)/d(C) B^T and d(L)/d(B) = A^T d(L)/d(C).
  template <class X>
  std::tuple<X, X> backward(const X& gy, const X& a, const X& b) const {
    const auto product = [](const X& p, bool transpose_p, const X& q, bool transpose_q) {
      return apply(MatMul{{}, transpose_p, transpose_q}, p, q);
    };
    return {!wants(0)     ? X{}
            : transpose_a ? product(b, transpose_b, gy, true)
                          : product(gy, false, b, !transpose_b),
            !wants(1)     ? X{}
            : transpose_b ? product(gy, true, a, transpose_a)
                          : product(a, !transpose_a, gy, false)};
  }
};

/// The matrix product (m, k) x (k, n); of higher ranks, that of each pair of matrices in the last
/// two axes. A higher-rank a times one matrix b is (..., m, k) x (k, n).
/// @throws ShapeError if inner or batch dimensions differ.
template <Operand A, Operand B>
auto matmul(const A& a, const B& b) {
  detail::same_element_type<A, B>();
  constexpr bool matrices = A::rank >= 2 && B::rank >= 2;
  static_assert(matrices, "matmul is for matrices: reshape() vectors");
  static_assert(!matrices || A::rank == B::rank || B::rank == 2,
                "matmul: the operands must have the same rank, or the second be a matrix");
  if constexpr (!matrices) {
    return detail::plain(a);  // refused above
  } else if constexpr (A::rank == B::rank) {
    return apply(MatMul<A::rank>{}, a, b);
  } else if constexpr (B::rank == 2) {
    const Index k = a.shape()[A::rank - 1];
    Shape<A::rank> shape = a.shape();
    if (k != b.shape()[0])
      throw ShapeError(text("matmul: inner dimensions differ: ", a.shape(), " x ", b.shape()));
    shape[A::rank - 1] = b.shape()[1];
    const Index rows =
        k == 0 ? shape.count() / std::max<Index>(shape[A::rank - 1], 1) : a.shape().count() / k;
    return reshape(matmul(reshape(a, Shape<2>(rows, k)), b), shape);
  }
}

/// y = x w^T + b.  x: (n, in), w: (out, in), b: (out), y: (n, out)
struct LinearFunction : Function {
  static constexpr auto name = "linear";
  static constexpr Needs needs{.inputs = 0b011};

  template <class T>
  Tensor<T, 2> forward(const Tensor<T, 2>& x, const Tensor<T, 2>& w, const Tensor<T, 1>& b) const {
    const Index n = x.shape()[0], in = x.shape()[1], out = w.shape()[0];
    Tensor<T, 2> y(Shape<2>(n, out));
    kernels::matmul<T>(kernels::matrix_view(x.data(), n, in),
                       kernels::matrix_view(w.data(), out, in).transposed(), y.mutable_data(), out,
                       b.data(), 0);
    return y;
  }
  template <class X, class B>
  auto backward(const X& gy, const X& x, const X& w, const B&) const {
    return std::tuple<X, X, B>(wants(0) ? matmul(gy, w) : X{},
                               wants(1) ? apply(MatMul<2>{{}, true, false}, gy, x) : X{},
                               wants(2) ? detail::summed(gy, Shape<1>(gy.shape()[1]), 1) : B{});
  }
};

namespace detail {

template <int Rank>
void check_linear(const Shape<Rank>& x, const Shape<2>& weight) {
  if (x[Rank - 1] != weight[1])
    throw ShapeError(text("linear: an input of shape ", x, " for a weight of shape ", weight,
                          ", which takes ", weight[1], " features"));
}

/// f of the rows of x, (..., in) -> (..., out).
template <Operand X, class F>
auto for_rows(const X& x, Index out, F f) {
  if constexpr (X::rank == 2) {
    return f(x);
  } else {
    Shape<X::rank> shape = x.shape();
    const Index in = shape[X::rank - 1];
    shape[X::rank - 1] = 1;
    const Index rows = shape.count();
    shape[X::rank - 1] = out;
    return reshape(f(reshape(x, Shape<2>(rows, in))), shape);
  }
}

}  // namespace detail

/// x weight^T + bias.  x: (..., in), weight: (out, in), bias: (out), result: (..., out)
/// @throws ShapeError if they do not fit.
template <Operand X, Operand W, Operand B>
auto linear(const X& x, const W& weight, const B& bias) {
  static_assert(W::rank == 2 && B::rank == 1, "linear: weight is (out, in) and bias (out)");
  static_assert(X::rank >= 1, "linear: x is (..., in)");
  detail::check_linear(x.shape(), weight.shape());
  const Index out = weight.shape()[0];
  if (bias.shape()[0] != out)
    throw ShapeError(
        text("linear: a bias of shape ", bias.shape(), " for a weight of shape ", weight.shape()));
  return detail::for_rows(
      x, out, [&](const auto& rows) { return apply(LinearFunction{}, rows, weight, bias); });
}

/// The same without a bias.
template <Operand X, Operand W>
auto linear(const X& x, const W& weight) {
  static_assert(W::rank == 2, "linear: weight is (out, in)");
  static_assert(X::rank >= 1, "linear: x is (..., in)");
  detail::check_linear(x.shape(), weight.shape());
  return detail::for_rows(x, weight.shape()[0], [&](const auto& rows) {
    return apply(MatMul<2>{{}, false, true}, rows, weight);
  });
}

}  // namespace tinydl
