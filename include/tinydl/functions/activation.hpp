// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

#include <tinydl/functions/compare.hpp>
#include <tinydl/functions/math.hpp>

namespace tinydl {

struct ReluFunction : Function {
  static constexpr auto name = "relu";
  static constexpr Needs needs{.output = true};
  static constexpr auto formula = [](auto& y, const auto& a) {
    const std::remove_cvref_t<decltype(a)> zero{};
    y = a < zero ? zero : a;
  };
  static constexpr auto slope = [](auto& gx, const auto& gy, const auto& y) {
    const std::remove_cvref_t<decltype(y)> zero{};
    gx = y > zero ? gy : zero;
  };

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(formula, x);
  }
  template <class X>
  X backward(const X& gy, const X& y) const {
    if constexpr (detail::is_tensor<X>)
      return detail::mapped(slope, gy, y);
    else
      return gy * sign(y.data());
  }
};

template <class T>
struct LeakyReluFunction : Function {
  static constexpr auto name = "leaky_relu";
  T slope;

  auto formula() const {
    return [s = slope](T a) { return a > 0 ? a : s * a; };
  }
  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped_singly(formula(), x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return where(x > 0, gy, slope * gy);
  }
};

struct SigmoidFunction : Function {
  static constexpr auto name = "sigmoid";
  static constexpr Needs needs{.output = true};
  static constexpr auto formula = [](auto a) {
    const auto e = std::exp(-std::abs(a));
    return (a >= 0 ? 1 : e) / (1 + e);
  };

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped_singly(formula, x);
  }
  template <class X>
  X backward(const X& gy, const X& y) const {
    return gy * (y * (1 - y));
  }
};

struct TanhFunction : Function {
  static constexpr auto name = "tanh";
  static constexpr Needs needs{.output = true};
  static constexpr auto formula = [](auto a) { return std::tanh(a); };

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped_singly(formula, x);
  }
  template <class X>
  X backward(const X& gy, const X& y) const {
    return gy * (1 - y * y);
  }
};

/// The distribution function of the normal distribution.
struct NormalCdf : Function {
  static constexpr auto name = "normal_cdf";
  static constexpr auto formula = [](auto a) {
    using T = decltype(a);
    return T(0.5) * std::erfc(-a / std::numbers::sqrt2_v<T>);
  };

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped_singly(formula, x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return gy * (exp(-0.5 * square(x)) * (0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2));
  }
};

struct SoftplusFunction : Function {
  static constexpr auto name = "softplus";
  static constexpr auto formula = [](auto a) {
    return std::max(a, decltype(a)(0)) + std::log1p(std::exp(-std::abs(a)));
  };

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped_singly(formula, x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return gy * apply(SigmoidFunction{}, x);
  }
};

template <class T>
struct EluFunction : Function {
  static constexpr auto name = "elu";
  T alpha;

  auto formula() const {
    return [s = alpha](T a) { return a > 0 ? a : s * std::expm1(a); };
  }
  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped_singly(formula(), x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    // exp only where it is used: elsewhere it may overflow, and 0 times infinity is not 0.
    const auto positive = x > 0;
    return gy * where(positive, typename X::Scalar(1), alpha * exp(where(positive, 0, x)));
  }
};

/// max(x, 0); its derivative at 0 is 0.
template <Operand X>
auto relu(const X& x) {
  return apply(ReluFunction{}, x);
}
/// x, or slope x where x is negative.
template <Operand X>
auto leaky_relu(const X& x, double slope = 0.01) {
  using T = typename X::Scalar;
  return apply(LeakyReluFunction<T>{{}, static_cast<T>(slope)}, x);
}
/// 1 / (1 + exp(-x))
template <Operand X>
auto sigmoid(const X& x) {
  return apply(SigmoidFunction{}, x);
}
template <Operand X>
auto tanh(const X& x) {
  return apply(TanhFunction{}, x);
}
/// log(1 + exp(x)), without overflow.
template <Operand X>
auto softplus(const X& x) {
  return apply(SoftplusFunction{}, x);
}
/// x sigmoid(x), also known as swish.
template <Operand X>
auto silu(const X& x) {
  return x * sigmoid(x);
}
/// x, or alpha (exp(x) - 1) where x is negative (Clevert et al., 2015).
template <Operand X>
auto elu(const X& x, double alpha = 1) {
  using T = typename X::Scalar;
  return apply(EluFunction<T>{{}, static_cast<T>(alpha)}, x);
}

struct GeluOptions {
  bool approximate = false;  ///< by tanh, as GPT-2 does
};

/// x times the normal distribution function of x (Hendrycks and Gimpel, 2016).
template <Operand X>
auto gelu(const X& x, GeluOptions options = {}) {
  if (!options.approximate) return x * apply(NormalCdf{}, x);
  const double scale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;  // sqrt(2 / pi)
  return 0.5 * x * (1 + tanh(scale * (x + 0.044715 * pow(x, 3))));
}

}  // namespace tinydl
