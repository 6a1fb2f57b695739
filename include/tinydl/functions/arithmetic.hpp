// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tuple>
#include <type_traits>

#include <tinydl/functions/broadcast.hpp>

namespace tinydl {

template <class S>
concept Number = std::is_arithmetic_v<S>;

namespace detail {

template <class A, class B>
constexpr void same_element_type() {
  static_assert(std::is_same_v<typename A::Scalar, typename B::Scalar>,
                "both operands must have the same element type: convert one with cast<T>()");
}

inline constexpr auto plus = [](auto& y, const auto& a, const auto& b) { y = a + b; };
inline constexpr auto minus = [](auto& y, const auto& a, const auto& b) { y = a - b; };
inline constexpr auto times = [](auto& y, const auto& a, const auto& b) { y = a * b; };
inline constexpr auto divided = [](auto& y, const auto& a, const auto& b) { y = a / b; };
inline constexpr auto negated = [](auto& y, const auto& a) { y = -a; };

/// A number in the element type of the tensor beside it.
template <Operand X, Number S>
constexpr typename X::Scalar number_beside(const X&, S number) {
  using T = typename X::Scalar;
  static_assert(!(std::is_integral_v<T> && std::is_floating_point_v<S>),
                "a tensor of integers and a number with a fraction, which would be cut off: "
                "convert the tensor with cast<T>()");
  return static_cast<T>(number);
}

/// A gradient for an operand that was broadcast; undefined if it is not wanted.
template <class G, int Rank>
auto gradient_to(bool wanted, const G& g, const Shape<Rank>& shape) {
  return wanted ? sum_to(g, shape) : decltype(sum_to(g, shape)){};
}

}  // namespace detail

// --- a number and a tensor ---

template <class T>
struct AddNumber : Function {
  static constexpr auto name = "add";
  static constexpr Needs needs{};
  T number;

  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(detail::plus, x, number);
  }
  template <class G>
  G backward(const G& gy) const {
    return gy;
  }
};

template <class T>
struct MultiplyByNumber : Function {
  static constexpr auto name = "mul";
  static constexpr Needs needs{};
  T number;

  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(detail::times, x, number);
  }
  template <class G>
  G backward(const G& gy) const {
    return gy * number;
  }
};

template <class T>
struct DivideByNumber : Function {
  static constexpr auto name = "div";
  static constexpr Needs needs{};
  T number;

  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(detail::divided, x, number);
  }
  template <class G>
  G backward(const G& gy) const {
    return gy / number;
  }
};

/// number - x
template <class T>
struct SubtractFromNumber : Function {
  static constexpr auto name = "sub";
  static constexpr Needs needs{};
  T number;

  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(detail::minus, number, x);
  }
  template <class G>
  G backward(const G& gy) const {
    return -gy;
  }
};

/// number / x
template <class T>
struct DivideNumber : Function {
  static constexpr auto name = "div";
  T number;

  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(detail::divided, number, x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return -number * gy / (x * x);
  }
};

struct Negate : Function {
  static constexpr auto name = "neg";
  static constexpr Needs needs{};

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(detail::negated, x);
  }
  template <class G>
  G backward(const G& gy) const {
    return -gy;
  }
};

template <Operand X>
auto operator-(const X& x) {
  return apply(Negate{}, x);
}

template <Operand X, Number S>
auto operator+(const X& x, S number) {
  using T = typename X::Scalar;
  return apply(AddNumber<T>{{}, detail::number_beside(x, number)}, x);
}
template <Number S, Operand X>
auto operator+(S number, const X& x) {
  return x + number;
}
template <Operand X, Number S>
auto operator-(const X& x, S number) {
  return x + -detail::number_beside(x, number);
}
template <Number S, Operand X>
auto operator-(S number, const X& x) {
  using T = typename X::Scalar;
  return apply(SubtractFromNumber<T>{{}, detail::number_beside(x, number)}, x);
}
template <Operand X, Number S>
auto operator*(const X& x, S number) {
  using T = typename X::Scalar;
  return apply(MultiplyByNumber<T>{{}, detail::number_beside(x, number)}, x);
}
template <Number S, Operand X>
auto operator*(S number, const X& x) {
  return x * number;
}
template <Operand X, Number S>
auto operator/(const X& x, S number) {
  using T = typename X::Scalar;
  return apply(DivideByNumber<T>{{}, detail::number_beside(x, number)}, x);
}
template <Number S, Operand X>
auto operator/(S number, const X& x) {
  using T = typename X::Scalar;
  return apply(DivideNumber<T>{{}, detail::number_beside(x, number)}, x);
}

// --- two tensors, which broadcast ---

template <int A, int B>
struct Add : Function {
  static constexpr auto name = "add";
  static constexpr Needs needs{};
  Shape<A> a_shape;
  Shape<B> b_shape;

  template <class T>
  auto forward(const Tensor<T, A>& a, const Tensor<T, B>& b) const {
    return detail::mapped_broadcast(name, detail::plus, a, b);
  }
  template <class G>
  auto backward(const G& gy) const {
    return std::tuple(detail::gradient_to(wants(0), gy, a_shape),
                      detail::gradient_to(wants(1), gy, b_shape));
  }
};

template <int A, int B>
struct Subtract : Function {
  static constexpr auto name = "sub";
  static constexpr Needs needs{};
  Shape<A> a_shape;
  Shape<B> b_shape;

  template <class T>
  auto forward(const Tensor<T, A>& a, const Tensor<T, B>& b) const {
    return detail::mapped_broadcast(name, detail::minus, a, b);
  }
  template <class G>
  auto backward(const G& gy) const {
    auto ga = detail::gradient_to(wants(0), gy, a_shape);
    auto gb = detail::gradient_to(wants(1), gy, b_shape);
    return std::tuple(ga, wants(1) ? -gb : gb);
  }
};

struct Multiply : Function {
  static constexpr auto name = "mul";

  template <class T, int A, int B>
  auto forward(const Tensor<T, A>& a, const Tensor<T, B>& b) const {
    return detail::mapped_broadcast(name, detail::times, a, b);
  }
  template <class G, class A, class B>
  std::tuple<A, B> backward(const G& gy, const A& a, const B& b) const {
    return {wants(0) ? sum_to(gy * b, a.shape()) : A{}, wants(1) ? sum_to(gy * a, b.shape()) : B{}};
  }
};

struct Divide : Function {
  static constexpr auto name = "div";

  template <class T, int A, int B>
  auto forward(const Tensor<T, A>& a, const Tensor<T, B>& b) const {
    return detail::mapped_broadcast(name, detail::divided, a, b);
  }
  template <class G, class A, class B>
  std::tuple<A, B> backward(const G& gy, const A& a, const B& b) const {
    return {wants(0) ? sum_to(gy / b, a.shape()) : A{},
            wants(1) ? sum_to(-gy * a / (b * b), b.shape()) : B{}};
  }
};

namespace detail {

// Of operands that have one shape. The derivatives of derivatives are made of these: they bring
// nothing of broadcasting with them.
struct MultiplyAlike : Function {
  static constexpr auto name = "mul";

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& a, const Tensor<T, R>& b) const {
    return mapped(times, a, b);
  }
  template <class X>
  std::tuple<X, X> backward(const X& gy, const X& a, const X& b) const {
    return {wants(0) ? apply(*this, gy, b) : X{}, wants(1) ? apply(*this, gy, a) : X{}};
  }
};

template <class X>
X add_alike(const X& a, const X& b) {
  if constexpr (is_tensor<X>)
    return mapped(plus, a, b);
  else
    return X(slot<X>(VariableData<typename X::Scalar>::sum(a, b).node()));
}
template <class X>
X multiply_alike(const X& a, const X& b) {
  return apply(MultiplyAlike{}, a, b);
}

}  // namespace detail

/// Elementwise, with NumPy's broadcasting. @throws ShapeError if the shapes do not broadcast.
template <Operand A, Operand B>
auto operator+(const A& a, const B& b) {
  detail::same_element_type<A, B>();
  return apply(Add<A::rank, B::rank>{{}, a.shape(), b.shape()}, a, b);
}
template <Operand A, Operand B>
auto operator-(const A& a, const B& b) {
  detail::same_element_type<A, B>();
  return apply(Subtract<A::rank, B::rank>{{}, a.shape(), b.shape()}, a, b);
}
template <Operand A, Operand B>
auto operator*(const A& a, const B& b) {
  detail::same_element_type<A, B>();
  return apply(Multiply{}, a, b);
}
template <Operand A, Operand B>
auto operator/(const A& a, const B& b) {
  detail::same_element_type<A, B>();
  return apply(Divide{}, a, b);
}

}  // namespace tinydl
