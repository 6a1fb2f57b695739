// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/exp.hpp>
#include <tinydl/kernels/log.hpp>
#include <tinydl/kernels/normal.hpp>

// Activations and their derivatives, for all lanes of a vector at once; functions/activation.hpp
// has the formulas. A slope's first argument is the gradient that it is multiplied by.

namespace tinydl::kernels {

/// from the output y
struct SigmoidSlope {
  template <class V>
  [[gnu::always_inline]] void operator()(V& gx, const V& gy, const V& y) const {
    gx = gy * (y * (Lane<V>(1) - y));
  }
};
struct TanhSlope {
  template <class V>
  [[gnu::always_inline]] void operator()(V& gx, const V& gy, const V& y) const {
    gx = gy * (Lane<V>(1) - y * y);
  }
};

struct Softplus {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    V e, more;
    exp(e, x < V{} ? x : -x);
    log1p_of_share(more, e);
    y = (x < V{} ? V{} : x) + more;
  }
};
struct SoftplusSlope {
  template <class V>
  [[gnu::always_inline]] void operator()(V& gx, const V& gy, const V& x) const {
    sigmoid(gx, x);
    gx *= gy;
  }
};

struct Silu {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    sigmoid(y, x);
    y *= x;
  }
};
struct SiluSlope {
  template <class V>
  [[gnu::always_inline]] void operator()(V& gx, const V& gy, const V& x) const {
    V s;
    sigmoid(s, x);
    gx = gy * (s * (Lane<V>(1) + x * (Lane<V>(1) - s)));
  }
};

template <class T>
struct Elu {
  T alpha;
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    expm1(y, x > V{} ? V{} : x);
    y = x > V{} ? x : alpha * y;
  }
};
template <class T>
struct EluSlope {
  T alpha;
  template <class V>
  [[gnu::always_inline]] void operator()(V& gx, const V& gy, const V& x) const {
    exp(gx, x > V{} ? V{} : x);
    gx = gy * (x > V{} ? V{} + T(1) : alpha * gx);
  }
};

struct Gelu {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    normal_cdf(y, x);
    y *= x;
  }
};
struct GeluSlope {
  template <class V>
  [[gnu::always_inline]] void operator()(V& gx, const V& gy, const V& x) const {
    using T = Lane<V>;
    constexpr T scale = std::numbers::inv_sqrtpi_v<T> / std::numbers::sqrt2_v<T>;
    V cdf, bell;
    normal(cdf, bell, x);
    gx = gy * (cdf + x * (scale * bell));
  }
};

// By tanh: x (1 + tanh(u)) / 2 = x sigmoid(2 u), where u = sqrt(2 / pi) (x + 0.044715 x^3).
struct GeluByTanh {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    using T = Lane<V>;
    constexpr T scale = 2 * std::numbers::sqrt2_v<T> * std::numbers::inv_sqrtpi_v<T>;
    sigmoid(y, scale * (x + T(0.044715) * (x * x * x)));
    y *= x;
  }
};
struct GeluByTanhSlope {
  template <class V>
  [[gnu::always_inline]] void operator()(V& gx, const V& gy, const V& x) const {
    using T = Lane<V>;
    constexpr T scale = 2 * std::numbers::sqrt2_v<T> * std::numbers::inv_sqrtpi_v<T>;
    V s;
    sigmoid(s, scale * (x + T(0.044715) * (x * x * x)));
    const V slope = scale * (x + T(3 * 0.044715) * (x * x * x));
    gx = gy * (s + slope * (s * (T(1) - s)));
  }
};

}  // namespace tinydl::kernels
