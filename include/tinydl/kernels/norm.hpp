// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <tinydl/core/memory.hpp>
#include <tinydl/kernels/map.hpp>
#include <tinydl/kernels/reduce.hpp>

// Normalisation of rows: a row is an example, or one channel of one example. Means come before
// deviations (two passes, over a row that is in the cache by then), so that a large mean does not
// drown a small variance. Sums run in a fixed order.
namespace tinydl::kernels {

namespace detail {

/// One or two sums over a row of n: f(a, b, i) adds the elements from i on to them, a vector of
/// them or, at the end, a single one.
template <class T, class F>
struct SumRow {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, F f, T* a, T* b) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    V a0{}, a1{}, b0{}, b1{};
    Index i = 0;
    for (; i + 2 * width <= n; i += 2 * width) {
      f(a0, b0, i);
      f(a1, b1, i + width);
    }
    for (; i + width <= n; i += width) f(a0, b0, i);
    fold_lanes(a, a0 + a1, Sum{});
    if constexpr (F::sums == 2) fold_lanes(b, b0 + b1, Sum{});
    for (; i < n; ++i) f(*a, *b, i);
  }
};

template <class T>
struct Sums {
  T a = 0, b = 0;
};

template <class T, class F>
Sums<T> sum_row(Index n, F f) {
  Sums<T> sums;
  dispatch<SumRow<T, F>>(n, f, &sums.a, &sums.b);
  return sums;
}

template <class T>
struct AddElements {
  static constexpr int sums = 1;
  const T* x;
  template <class V>
  [[gnu::always_inline]] void operator()(V& a, V&, Index i) const {
    V v;
    load(v, x + i);
    a = a + v;
  }
};
template <class T>
struct AddSquares {
  static constexpr int sums = 1;
  const T* x;
  T mean;
  template <class V>
  [[gnu::always_inline]] void operator()(V& a, V&, Index i) const {
    V v;
    load(v, x + i);
    v = v - mean;
    a = a + v * v;
  }
};
/// a: g, b: g (x - mean)
template <class T>
struct AddProducts {
  static constexpr int sums = 2;
  const T *g, *x;
  T mean;
  template <class V>
  [[gnu::always_inline]] void operator()(V& a, V& b, Index i) const {
    V u, v;
    load(u, g + i);
    load(v, x + i);
    a = a + u;
    b = b + u * (v - mean);
  }
};
/// a: g weight, b: g weight (x - mean)
template <class T>
struct AddWeightedProducts {
  static constexpr int sums = 2;
  const T *g, *x, *weight;
  T mean;
  template <class V>
  [[gnu::always_inline]] void operator()(V& a, V& b, Index i) const {
    V u, v, w;
    load(u, g + i);
    load(v, x + i);
    load(w, weight + i);
    u = u * w;
    a = a + u;
    b = b + u * (v - mean);
  }
};

// What is computed for each element; see map().
inline constexpr auto scaled = [](auto& y, const auto& x, const auto& mean, const auto& scale,
                                  const auto& shift) { y = (x - mean) * scale + shift; };
inline constexpr auto combined = [](auto& y, const auto& g, const auto& x, const auto& mean,
                                    const auto& a, const auto& b,
                                    const auto& c) { y = a * g + b * (x - mean) + c; };
inline constexpr auto normalized = [](auto& y, const auto& x, const auto& mean, const auto& rstd,
                                      const auto& weight,
                                      const auto& bias) { y = (x - mean) * rstd * weight + bias; };
inline constexpr auto normalized_gradient = [](auto& y, const auto& g, const auto& weight,
                                               const auto& x, const auto& mean, const auto& rstd,
                                               const auto& slope, const auto& shift) {
  y = rstd * (g * weight - (x - mean) * slope - shift);
};
inline constexpr auto weight_gradient = [](auto& y, const auto& sum, const auto& g, const auto& x,
                                           const auto& mean,
                                           const auto& rstd) { y = sum + g * (x - mean) * rstd; };
inline constexpr auto bias_gradient = [](auto& y, const auto& sum, const auto& g) { y = sum + g; };

/// f(r) for every row of n elements, several rows a task.
template <class F>
void each_row(Index rows, Index n, F f) {
  parallel_ranges(rows, std::max<Index>(1, 16384 / std::max<Index>(n, 1)),
                  [&](Index begin, Index end) {
                    for (Index r = begin; r < end; ++r) f(r);
                  });
}

}  // namespace detail

// --- rows with numbers of their own ---

/// Of each row of n elements the mean, and the sum of the squared deviations from it.
template <class T>
void row_moments(Index rows, Index n, const T* x, T* means, T* squares) {
  detail::each_row(rows, n, [=](Index r) {
    const T* row = x + r * n;
    means[r] = detail::sum_row<T>(n, detail::AddElements<T>{row}).a / static_cast<T>(n);
    squares[r] = detail::sum_row<T>(n, detail::AddSquares<T>{row, means[r]}).a;
  });
}

// The tables of what follows have `period` entries: that of row r is number r % period.

/// y = (x - mean) scale + shift, with one of each for a row.
template <class T>
void scale_rows(Index rows, Index n, Index period, const T* x, const T* means, const T* scales,
                const T* shifts, T* y) {
  detail::each_row(rows, n, [=](Index r) {
    const Index at = r % period;
    map_serial(n, y + r * n, detail::scaled, Each<T>{x + r * n}, Same<T>{means[at]},
               Same<T>{scales[at]}, Same<T>{shifts[at]});
  });
}

/// Of each row the sum of g, and that of g (x - mean).
template <class T>
void row_products(Index rows, Index n, Index period, const T* g, const T* x, const T* means,
                  T* sums, T* products) {
  detail::each_row(rows, n, [=](Index r) {
    const auto found =
        detail::sum_row<T>(n, detail::AddProducts<T>{g + r * n, x + r * n, means[r % period]});
    sums[r] = found.a;
    products[r] = found.b;
  });
}

/// y = a g + b (x - mean) + c, with one of each for a row.
template <class T>
void combine_rows(Index rows, Index n, Index period, const T* g, const T* x, const T* means,
                  const T* a, const T* b, const T* c, T* y) {
  detail::each_row(rows, n, [=](Index r) {
    const Index at = r % period;
    map_serial(n, y + r * n, detail::combined, Each<T>{g + r * n}, Each<T>{x + r * n},
               Same<T>{means[at]}, Same<T>{a[at]}, Same<T>{b[at]}, Same<T>{c[at]});
  });
}

// --- rows with one weight, and one bias, for each column ---

/// y = (x - mean) rstd weight + bias, where rstd is 1 / sqrt(variance + eps) of the row. Without
/// `means` and `bias` (null), they are 0 and the variance is the mean of the squares.
template <class T>
void normalize_rows(Index rows, Index n, T eps, const T* x, const T* weight, const T* bias, T* y,
                    T* means, T* rstd) {
  detail::each_row(rows, n, [=](Index r) {
    const T* row = x + r * n;
    const T count = static_cast<T>(n);
    const T mean = means ? detail::sum_row<T>(n, detail::AddElements<T>{row}).a / count : T(0);
    const T squares = detail::sum_row<T>(n, detail::AddSquares<T>{row, mean}).a;
    rstd[r] = 1 / std::sqrt(squares / count + eps);
    const auto write = [&](auto shift) {
      map_serial(n, y + r * n, detail::normalized, Each<T>{row}, Same<T>{mean}, Same<T>{rstd[r]},
                 Each<T>{weight}, shift);
    };
    if (!means) return write(Same<T>{0});
    means[r] = mean;
    write(Each<T>{bias});
  });
}

/// The gradients of normalize_rows: of x unless gx is null, of weight, and of bias unless gb is.
/// With h = (x - mean) rstd:  d(L)/d(x) = rstd (gy weight - mean(gy weight) - h mean(gy weight h))
template <class T>
void normalize_rows_backward(Index rows, Index n, const T* gy, const T* x, const T* weight,
                             const T* means, const T* rstd, T* gx, T* gw, T* gb) {
  // Each piece of rows sums up the gradients of weight and bias by itself.
  const Index length = std::max<Index>(32, 32768 / std::max<Index>(n, 1));
  const Index pieces = (rows + length - 1) / length;
  const auto size = static_cast<std::size_t>(pieces * n);
  tinydl::detail::Storage<T> gws(size), gbs(gb ? size : 0);
  parallel_for(pieces, [&](Index piece) {
    T* gw_part = gws.data() + piece * n;
    T* gb_part = gb ? gbs.data() + piece * n : nullptr;
    std::fill_n(gw_part, n, T(0));
    if (gb) std::fill_n(gb_part, n, T(0));
    for (Index r = piece * length; r < std::min(rows, (piece + 1) * length); ++r) {
      const T *g = gy + r * n, *row = x + r * n;
      const T mean = means ? means[r] : T(0);
      map_serial(n, gw_part, detail::weight_gradient, Each<T>{gw_part}, Each<T>{g}, Each<T>{row},
                 Same<T>{mean}, Same<T>{rstd[r]});
      if (gb) map_serial(n, gb_part, detail::bias_gradient, Each<T>{gb_part}, Each<T>{g});
      if (!gx) continue;
      const auto sums = detail::sum_row<T>(n, detail::AddWeightedProducts<T>{g, row, weight, mean});
      const T slope = sums.b * rstd[r] * rstd[r] / static_cast<T>(n);
      const T shift = means ? sums.a / static_cast<T>(n) : T(0);
      map_serial(n, gx + r * n, detail::normalized_gradient, Each<T>{g}, Each<T>{weight},
                 Each<T>{row}, Same<T>{mean}, Same<T>{rstd[r]}, Same<T>{slope}, Same<T>{shift});
    }
  });
  fold(Index(1), pieces, n, static_cast<const T*>(gws.data()), gw, Sum{});
  if (gb) fold(Index(1), pieces, n, static_cast<const T*>(gbs.data()), gb, Sum{});
}

}  // namespace tinydl::kernels
