// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <numbers>

#include <tinydl/functions/compare.hpp>
#include <tinydl/functions/math.hpp>
#include <tinydl/kernels/activation.hpp>

namespace tinydl {

/// The positive elements, zeros for the others; or, given a gate, the elements where that is
/// positive: the derivative, and its own.
template <class T, int Rank>
struct ReluFunction : Function {
  static constexpr auto name = "relu";
  static constexpr Needs needs{.output = true};
  Tensor<T, Rank> gate = {};

  static constexpr auto formula = [](auto& y, const auto& a) {
    const std::remove_cvref_t<decltype(a)> zero{};
    y = a < zero ? zero : a;
  };
  static constexpr auto slope = [](auto& gx, const auto& gy, const auto& y) {
    const std::remove_cvref_t<decltype(y)> zero{};
    gx = y > zero ? gy : zero;
  };

  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const {
    return gate.defined() ? detail::mapped(slope, x, gate) : detail::mapped(formula, x);
  }
  template <class X>
  X backward(X gy, const X& y) const {
    const Tensor<T, Rank>& opened = gate.defined() ? gate : data_of(y);
    if constexpr (detail::is_tensor<X>)
      return detail::mapped(slope, std::move(gy), opened);
    else
      return apply(ReluFunction{{}, opened}, gy);
  }
};

template <class T>
struct LeakyReluFunction : Function {
  static constexpr auto name = "leaky_relu";
  T slope;

  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped([s = slope](auto& y, const auto& a) { y = a > 0 ? a : s * a; }, x);
  }
  template <class X>
  X backward(X gy, const X& x) const {
    if constexpr (detail::is_tensor<X>)
      return detail::mapped(
          [s = slope](auto& gx, const auto& g, const auto& a) { gx = a > 0 ? g : s * g; },
          std::move(gy), x);
    else
      return where(x > 0, gy, slope * gy);
  }
};

struct SigmoidFunction : Function {
  static constexpr auto name = "sigmoid";
  static constexpr Needs needs{.output = true};

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::sigmoid, x);
  }
  template <class X>
  X backward(X gy, const X& y) const {
    if constexpr (detail::is_tensor<X>)
      return detail::mapped(kernels::SigmoidSlope{}, std::move(gy), y);
    else
      return gy * (y * (1 - y));
  }
};

struct TanhFunction : Function {
  static constexpr auto name = "tanh";
  static constexpr Needs needs{.output = true};

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::tanh, x);
  }
  template <class X>
  X backward(X gy, const X& y) const {
    if constexpr (detail::is_tensor<X>)
      return detail::mapped(kernels::TanhSlope{}, std::move(gy), y);
    else
      return gy * (1 - y * y);
  }
};

struct SoftplusFunction : Function {
  static constexpr auto name = "softplus";

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::Softplus{}, x);
  }
  template <class X>
  X backward(X gy, const X& x) const {
    if constexpr (detail::is_tensor<X>)
      return detail::mapped(kernels::SoftplusSlope{}, std::move(gy), x);
    else
      return gy * apply(SigmoidFunction{}, x);
  }
};

struct SiluFunction : Function {
  static constexpr auto name = "silu";

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::Silu{}, x);
  }
  template <class X>
  X backward(X gy, const X& x) const {
    if constexpr (detail::is_tensor<X>) {
      return detail::mapped(kernels::SiluSlope{}, std::move(gy), x);
    } else {
      const X s = apply(SigmoidFunction{}, x);
      return gy * (s * (1 + x * (1 - s)));
    }
  }
};

template <class T>
struct EluFunction : Function {
  static constexpr auto name = "elu";
  T alpha;

  template <int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::Elu<T>{alpha}, x);
  }
  template <class X>
  X backward(X gy, const X& x) const {
    if constexpr (detail::is_tensor<X>) {
      return detail::mapped(kernels::EluSlope<T>{alpha}, std::move(gy), x);
    } else {
      // exp only where it is used: elsewhere it may overflow, and 0 times infinity is not 0.
      const auto positive = x > 0;
      return gy * where(positive, T(1), alpha * exp(where(positive, 0, x)));
    }
  }
};

/// The distribution function of the normal distribution.
struct NormalCdf : Function {
  static constexpr auto name = "normal_cdf";

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::normal_cdf, x);
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return gy * density(x);
  }
  template <class X>
  static X density(const X& x) {
    return exp(-0.5 * square(x)) * (0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2);
  }
};

struct GeluFunction : Function {
  static constexpr auto name = "gelu";

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::Gelu{}, x);
  }
  template <class X>
  X backward(X gy, const X& x) const {
    if constexpr (detail::is_tensor<X>)
      return detail::mapped(kernels::GeluSlope{}, std::move(gy), x);
    else
      return gy * (apply(NormalCdf{}, x) + x * NormalCdf::density(x));
  }
};

/// x sigmoid(2 u) = x (1 + tanh(u)) / 2, where u = sqrt(2 / pi) (x + 0.044715 x^3).
struct GeluByTanh : Function {
  static constexpr auto name = "gelu";
  static constexpr double scale = 2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return detail::mapped(kernels::GeluByTanh{}, x);
  }
  template <class X>
  X backward(X gy, const X& x) const {
    if constexpr (detail::is_tensor<X>) {
      return detail::mapped(kernels::GeluByTanhSlope{}, std::move(gy), x);
    } else {
      const X s = apply(SigmoidFunction{}, scale * (x + 0.044715 * (x * x * x)));
      return gy * (s + scale * (x + 3 * 0.044715 * (x * x * x)) * (s * (1 - s)));
    }
  }
};

/// max(x, 0); its derivative at 0 is 0.
template <Operand X>
auto relu(const X& x) {
  return apply(ReluFunction<typename X::Scalar, X::rank>{}, x);
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
  return apply(SiluFunction{}, x);
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
  return options.approximate ? apply(GeluByTanh{}, x) : apply(GeluFunction{}, x);
}

}  // namespace tinydl
