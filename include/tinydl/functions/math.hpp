// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/kernels/exp.hpp>
#include <tinydl/kernels/log.hpp>
#include <tinydl/kernels/sine.hpp>
#include <tinydl/kernels/sqrt.hpp>

namespace tinydl {

struct Exp : Function {
  static constexpr auto name = "exp";
  static constexpr Needs needs{.output = true};

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::exp, x);
  }
  template <class X>
  X backward(const X& gy, const X& y) const {
    return gy * y;
  }
};

struct Log : Function {
  static constexpr auto name = "log";

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::log, x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return gy / x;
  }
};

struct Sqrt : Function {
  static constexpr auto name = "sqrt";
  static constexpr Needs needs{.output = true};

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::sqrt, x);
  }
  template <class X>
  X backward(const X& gy, const X& y) const {
    return gy / (2 * y);
  }
};

struct Square : Function {
  static constexpr auto name = "square";
  static constexpr auto formula = [](auto& y, const auto& a) { y = a * a; };

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(formula, x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return 2 * gy * x;
  }
};

template <class T>
struct Pow : Function {
  static constexpr auto name = "pow";
  T exponent;

  auto formula() const {
    return [p = exponent](T a) { return std::pow(a, p); };
  }
  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped_singly(formula(), x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    if (exponent == 0) return gy * T(0);
    return gy * (exponent * pow(x, exponent - 1));
  }
};

struct Sin : Function {
  static constexpr auto name = "sin";

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::sin, x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return gy * cos(x);
  }
};

struct Cos : Function {
  static constexpr auto name = "cos";

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::cos, x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return -gy * sin(x);
  }
};

namespace detail {

inline constexpr auto sign_of = [](auto& y, const auto& a) {
  using V = std::remove_cvref_t<decltype(a)>;
  y = a > 0 ? V{} + 1 : a < 0 ? V{} - 1 : V{};
};

}  // namespace detail

/// -1, 0 or 1.
template <class T, int R>
Tensor<T, R> sign(const Tensor<T, R>& x) {
  return detail::mapped(detail::sign_of, x);
}

struct Abs : Function {
  static constexpr auto name = "abs";
  static constexpr auto formula = [](auto& y, const auto& a) { y = a > 0 ? a : 0 - a; };

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(formula, x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return gy * sign(data_of(x));
  }
};

template <Operand X>
auto exp(const X& x) {
  return apply(Exp{}, x);
}
/// The natural logarithm.
template <Operand X>
auto log(const X& x) {
  return apply(Log{}, x);
}
template <Operand X>
auto sqrt(const X& x) {
  return apply(Sqrt{}, x);
}
template <Operand X>
auto square(const X& x) {
  return apply(Square{}, x);
}
/// x to the power of a number.
template <Operand X, Number S>
auto pow(const X& x, S exponent) {
  using T = typename X::Scalar;
  return apply(Pow<T>{{}, detail::number_beside(x, exponent)}, x);
}
template <Operand X>
auto sin(const X& x) {
  return apply(Sin{}, x);
}
template <Operand X>
auto cos(const X& x) {
  return apply(Cos{}, x);
}
/// The derivative at 0 is 0.
template <Operand X>
auto abs(const X& x) {
  return apply(Abs{}, x);
}

}  // namespace tinydl
