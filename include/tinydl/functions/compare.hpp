// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <functional>

#include <tinydl/functions/arithmetic.hpp>

namespace tinydl {

namespace detail {

/// f(a, b) -> bool for every pair of elements of operands that broadcast.
template <class F, Operand A, Operand B>
auto compared(const char* operation, F f, const A& a, const B& b) {
  same_element_type<A, B>();
  const auto shape = broadcast_shape(operation, a.shape(), b.shape());
  const auto p = broadcast_to(data_of(a), shape);
  const auto q = broadcast_to(data_of(b), shape);
  Mask<std::max(A::rank, B::rank)> mask(shape);
  std::transform(p.data(), p.data() + p.size(), q.data(), mask.mutable_data(), f);
  return mask;
}

template <Operand X, Number S>
auto number_like(const X& x, S number) {
  return Tensor<typename X::Scalar, 0>(number_beside(x, number));
}

}  // namespace detail

// Comparisons, of elements or with a number, make a Mask; nothing is differentiated through it.

template <Operand A, Operand B>
auto operator<(const A& a, const B& b) {
  return detail::compared("operator<", std::less<>(), a, b);
}
template <Operand A, Operand B>
auto operator<=(const A& a, const B& b) {
  return detail::compared("operator<=", std::less_equal<>(), a, b);
}
template <Operand A, Operand B>
auto operator>(const A& a, const B& b) {
  return detail::compared("operator>", std::greater<>(), a, b);
}
template <Operand A, Operand B>
auto operator>=(const A& a, const B& b) {
  return detail::compared("operator>=", std::greater_equal<>(), a, b);
}
template <Operand A, Operand B>
auto operator==(const A& a, const B& b) {
  return detail::compared("operator==", std::equal_to<>(), a, b);
}
template <Operand A, Operand B>
auto operator!=(const A& a, const B& b) {
  return detail::compared("operator!=", std::not_equal_to<>(), a, b);
}
template <Operand A, Number S>
auto operator<(const A& a, S number) {
  return a < detail::number_like(a, number);
}
template <Operand A, Number S>
auto operator<=(const A& a, S number) {
  return a <= detail::number_like(a, number);
}
template <Operand A, Number S>
auto operator>(const A& a, S number) {
  return a > detail::number_like(a, number);
}
template <Operand A, Number S>
auto operator>=(const A& a, S number) {
  return a >= detail::number_like(a, number);
}
template <Operand A, Number S>
auto operator==(const A& a, S number) {
  return a == detail::number_like(a, number);
}
template <Operand A, Number S>
auto operator!=(const A& a, S number) {
  return a != detail::number_like(a, number);
}

template <Number S, Operand B>
auto operator<(S number, const B& b) {
  return b > number;
}
template <Number S, Operand B>
auto operator<=(S number, const B& b) {
  return b >= number;
}
template <Number S, Operand B>
auto operator>(S number, const B& b) {
  return b < number;
}
template <Number S, Operand B>
auto operator>=(S number, const B& b) {
  return b <= number;
}
template <Number S, Operand B>
auto operator==(S number, const B& b) {
  return b == number;
}
template <Number S, Operand B>
auto operator!=(S number, const B& b) {
  return b != number;
}

/// Takes its first operand where the mask is true, else its second; all of one shape.
template <int Rank>
struct Where : Function {
  static constexpr auto name = "where";
  static constexpr Needs needs{};
  Mask<Rank> mask;

  template <class T>
  Tensor<T, Rank> forward(const Tensor<T, Rank>& a, const Tensor<T, Rank>& b) const {
    Tensor<T, Rank> y(mask.shape());
    T* out = y.mutable_data();
    for (Index i = 0; i < y.size(); ++i) out[i] = mask.data()[i] ? a.data()[i] : b.data()[i];
    return y;
  }
  template <class G>
  std::tuple<G, G> backward(const G& gy) const {
    const auto zero = zeros<typename G::Scalar>(mask.shape());
    return {wants(0) ? apply(*this, gy, zero) : G{}, wants(1) ? apply(*this, zero, gy) : G{}};
  }
};

/// a where the condition is true, else b. All three broadcast.
template <int M, Operand A, Operand B>
auto where(const Mask<M>& condition, const A& a, const B& b) {
  detail::same_element_type<A, B>();
  const auto shape =
      broadcast_shape("where", broadcast_shape("where", condition.shape(), a.shape()), b.shape());
  constexpr int rank = std::max({M, A::rank, B::rank});
  return apply(Where<rank>{{}, broadcast_to(condition, shape)}, broadcast_to(a, shape),
               broadcast_to(b, shape));
}
template <int M, Operand A, Number S>
auto where(const Mask<M>& condition, const A& a, S b) {
  return where(condition, a, detail::number_like(a, b));
}
template <int M, Number S, Operand B>
auto where(const Mask<M>& condition, S a, const B& b) {
  return where(condition, detail::number_like(b, a), b);
}

/// The larger (or smaller) of two elements, or what is not a number. Where both are equal, each
/// gets half of the gradient.
template <bool Larger>
struct Extremum : Function {
  static constexpr auto name = Larger ? "maximum" : "minimum";
  static constexpr auto formula = [](auto& y, const auto& a, const auto& b) {
    if constexpr (Larger)
      y = ((a > b) | (a != a)) ? a : b;
    else
      y = ((a < b) | (a != a)) ? a : b;
  };

  template <class T, int A, int B>
  auto forward(const Tensor<T, A>& a, const Tensor<T, B>& b) const {
    return detail::mapped_broadcast(name, formula, a, b);
  }
  template <class G, class A, class B>
  std::tuple<A, B> backward(const G& gy, const A& a, const B& b) const {
    using T = typename G::Scalar;
    const auto first = Larger ? a > b : a < b;
    const auto share = where(first, T(1), where(a == b, T(0.5), zeros<T>(first.shape())));
    return {wants(0) ? sum_to(gy * share, a.shape()) : A{},
            wants(1) ? sum_to(gy * (1 - share), b.shape()) : B{}};
  }
};

template <Operand A, Operand B>
auto maximum(const A& a, const B& b) {
  detail::same_element_type<A, B>();
  return apply(Extremum<true>{}, a, b);
}
template <Operand A, Operand B>
auto minimum(const A& a, const B& b) {
  detail::same_element_type<A, B>();
  return apply(Extremum<false>{}, a, b);
}

template <class T>
struct Clamp : Function {
  static constexpr auto name = "clamp";
  T low, high;

  auto formula() const {
    return [l = low, h = high](auto& y, const auto& a) {
      const auto from = std::remove_cvref_t<decltype(a)>{} + l;
      const auto to = std::remove_cvref_t<decltype(a)>{} + h;
      y = a < from ? from : a;
      y = y > to ? to : y;
    };
  }
  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(formula(), x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return where(x >= low, where(x <= high, gy, 0), 0);
  }
};

/// x, but at least `low` and at most `high`; outside the derivative is 0.
/// @throws ValueError if low > high.
template <Operand X>
auto clamp(const X& x, std::type_identity_t<typename X::Scalar> low,
           std::type_identity_t<typename X::Scalar> high) {
  if (!(low <= high)) throw ValueError(text("clamp: low ", low, " is above high ", high));
  return apply(Clamp<typename X::Scalar>{{}, low, high}, x);
}

/// The position of the largest element along an axis; of several, the first.
template <Operand X>
Labels<X::rank - 1> argmax(const X& x, Index axis = -1) {
  static_assert(X::rank > 0, "argmax needs an axis");
  const int along = normalized_axis("argmax", axis, X::rank);
  const auto& data = data_of(x);
  const Index n = data.shape()[along];
  if (n == 0)
    throw ShapeError(text("argmax: axis ", axis, " of shape ", data.shape(), " is empty"));
  Shape<X::rank - 1> shape;
  for (int i = 0; i < X::rank - 1; ++i) shape[i] = data.shape()[i < along ? i : i + 1];
  Index inner = 1;
  for (int i = along + 1; i < X::rank; ++i) inner *= data.shape()[i];
  Labels<X::rank - 1> result(shape);
  std::int64_t* out = result.mutable_data();
  for (Index line = 0; line < result.size(); ++line) {
    const auto* first = data.data() + line / inner * n * inner + line % inner;
    Index best = 0;
    for (Index i = 1; i < n; ++i)
      if (first[i * inner] > first[best * inner]) best = i;
    out[line] = best;
  }
  return result;
}

}  // namespace tinydl
