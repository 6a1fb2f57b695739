// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <type_traits>

#include <tinydl/core/grad.hpp>

// Whole matrices of derivatives of a function f of one Variable, at a Tensor or Variable x. f is
// called once, with a fresh Variable, also where recording is switched off. The results are
// constants; nobody's grad() is touched. All throw what grad() throws with create_graph.

namespace tinydl {

namespace detail {

/// d(y_i)/d(x_j) for all i and j: one walk for each element of y.
template <class T, int R, int Rank>
Tensor<T, R + Rank> all_derivatives(const Variable<T, R>& y, const Variable<T, Rank>& x) {
  Shape<R + Rank> shape;
  std::copy(y.shape().begin(), y.shape().end(), shape.begin());
  std::copy(x.shape().begin(), x.shape().end(), shape.begin() + R);
  Tensor<T, R + Rank> result = zeros<T>(shape);
  if (!y.requires_grad()) return result;
  for (Index i = 0; i < y.size(); ++i) {
    Tensor<T, R> one = zeros<T>(y.shape());
    one.mutable_data()[i] = 1;
    const auto [row] = grad(y, one, std::tie(x), {.retain_graph = true});
    std::copy_n(row.data().data(), x.size(), result.mutable_data() + i * x.size());
  }
  return result;
}

/// The gradient of f at x, recorded.
template <class F, class T, int Rank>
Variable<T, Rank> recorded_gradient(F& f, const Variable<T, Rank>& x) {
  using Y = std::remove_cvref_t<decltype(f(x))>;
  constexpr bool number = std::is_same_v<Y, Variable<T, 0>>;
  static_assert(number, "second derivatives want an f whose result is a number: a rank-0 Variable");
  if constexpr (number) {
    const Y y = f(x);
    if (y.requires_grad()) return grad(y, x, {.create_graph = true});
  }
  return zeros<T>(x.shape());
}

template <Operand X>
auto fresh_variable(const X& x) {
  using Fresh = Variable<typename X::Scalar, X::rank>;
  return Fresh(data_of(x), {.requires_grad = true});
}

}  // namespace detail

/// The derivatives of every element of f(x) with respect to every element of x: a Tensor of shape
/// f(x).shape() + x.shape(). Of a number, that is its gradient.
///
///     jacobian([](const auto& x) { return sin(x); }, from_values({0.0, 1.0}));
///     // [[cos(0), 0], [0, cos(1)]]
template <class F, Operand X>
auto jacobian(F&& f, const X& x) {
  const GradMode recording(true);
  const auto at = detail::fresh_variable(x);
  return detail::all_derivatives(f(at), at);
}

/// The second derivatives of the number f(x): a Tensor of shape x.shape() + x.shape(), for a
/// vector of n elements an n x n matrix.
///
///     auto H = hessian([](const auto& p) { return rosenbrock(p); }, p);
template <class F, Operand X>
auto hessian(F&& f, const X& x) {
  const GradMode recording(true);
  const auto at = detail::fresh_variable(x);
  return detail::all_derivatives(detail::recorded_gradient(f, at), at);
}

/// The Hessian of the number f(x) times a v of x's shape, without making the Hessian: the
/// derivative of the gradient's product with v (Pearlmutter, 1994), at the cost of two walks.
/// @throws ShapeError if v has another shape.
template <class F, Operand X>
auto hessian_vector_product(F&& f, const X& x, const Tensor<typename X::Scalar, X::rank>& v) {
  if (v.shape() != x.shape())
    throw ShapeError(text("hessian_vector_product: a vector of shape ", v.shape(),
                          " for x of shape ", x.shape()));
  const GradMode recording(true);
  const auto at = detail::fresh_variable(x);
  const auto gradient = detail::recorded_gradient(f, at);
  if (!gradient.requires_grad()) return zeros<typename X::Scalar>(x.shape());
  return std::get<0>(grad(gradient, v, std::tie(at))).data();
}

}  // namespace tinydl
