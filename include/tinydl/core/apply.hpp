// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/core/call.hpp>

namespace tinydl {

namespace detail {

template <class X>
inline constexpr bool is_tensors = is_tensor<X>;
template <class X>
inline constexpr bool is_tensors<std::vector<X>> = is_tensor<X>;

[[noreturn, gnu::cold]] inline void undefined_operand(std::string_view function) {
  throw ValueError(text(function, ": an operand is undefined"));
}

template <class X>
bool all_defined(const X& x) {
  return x.defined();
}
template <class X>
bool all_defined(const std::vector<X>& xs) {
  for (const X& x : xs)
    if (!x.defined()) return false;
  return true;
}

template <class T, int Rank>
const Variable<T, Rank>& variables_of(const Variable<T, Rank>& x) {
  return x;
}
template <class T, int Rank>
const std::vector<Variable<T, Rank>>& variables_of(const std::vector<Variable<T, Rank>>& xs) {
  return xs;
}
template <class T, int Rank>
Variable<T, Rank> variables_of(const Tensor<T, Rank>& x) {
  return Variable<T, Rank>(x);
}

template <class X>
bool any_requires_grad(const X& x) {
  return x.node()->requires_grad;
}
template <class X>
bool any_requires_grad(const std::vector<X>& xs) {
  for (const X& x : xs)
    if (x.node()->requires_grad) return true;
  return false;
}

template <class T, int Rank>
Variable<T, Rank> new_variables(Tensor<T, Rank> y) {
  return Variable(std::move(y));
}
template <class... Y>
auto new_variables(std::tuple<Y...> ys) {
  return std::apply([](auto&... y) { return std::tuple(Variable(std::move(y))...); }, ys);
}

/// Applies op to Variables alone.
template <class Op, class... V>
auto apply_to_variables(Op op, const V&... x) {
  auto y = new_variables(op.forward(tensors_of(x)...));
  if (thread_mode().watcher || (grad_enabled() && (any_requires_grad(x) || ...)))
    take_in(new Call<Op, decltype(y), std::index_sequence_for<V...>, V...>(std::move(op), y, x...));
  return y;
}

}  // namespace detail

/// op.forward(x...). If one of the operands is a Variable the result is one, and the application is
/// recorded for backward(), unless nothing requires a gradient.
/// Of a std::vector of operands, call it tinydl::apply: std::apply comes along with the vector.
/// @throws ValueError if an operand is undefined.
template <class Op, class... X>
auto apply(Op op, const X&... x) {
  if (!(detail::all_defined(x) && ...)) detail::undefined_operand(detail::name_of<Op>());
  if constexpr ((detail::is_tensors<X> && ...))
    return op.forward(x...);
  else
    return detail::apply_to_variables(std::move(op), detail::variables_of(x)...);
}

}  // namespace tinydl
