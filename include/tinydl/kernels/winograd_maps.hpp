// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/simd.hpp>

// A correlation of 6 pixels with 3 taps, of which 4 results are wanted, needs 6 products, not 12:
// seen as polynomials, both are evaluated at 6 points, the values multiplied, and the product
// interpolated (Winograd, 1980; Toom and Cook before him). In matrices
//     y = A' [(G w) * (B' x)]
// and, as all three are linear and the product is symmetric, its adjoints are
//     x = B [(G w) * (A y)]    w = G' [(B' x) * (A y)].
// The same along rows and columns gives 4x4 results of 3x3 taps for 36 products in place of 144
// (Lavin and Gray, 2016).
//
// The points are 0, +-5/8, +-3/2 and infinity. Which ones are taken decides on the rounding errors
// (Barabasz et al., 2020): with the usual 0, +-1, +-2 they were measured to be two to three times
// as large.

namespace tinydl::kernels::detail::winograd {

inline constexpr Index points = 6, taps = 3, results = 4;

inline constexpr double inner = 5.0 / 8, outer = 3.0 / 2, inner2 = inner * inner,
                        outer2 = outer * outer;
// One over the products of the distances of a point to all others.
inline constexpr double at_0 = 1 / (inner2 * outer2),
                        at_inner = 1 / (2 * inner2 * (inner2 - outer2)),
                        at_outer = 1 / (2 * outer2 * (outer2 - inner2));

// Each map is given its `in` vectors and makes `out`. T is the type of their elements.

/// B': 6 pixels to their values at the points.
struct PixelsToPoints {
  static constexpr Index in = points, out = points;
  template <class T, class V>
  [[gnu::always_inline]] static void map(const V* x, V* p) {
    const V even_inner = x[4] - T(outer2) * x[2], odd_inner = T(inner) * (x[3] - T(outer2) * x[1]);
    const V even_outer = x[4] - T(inner2) * x[2], odd_outer = T(outer) * (x[3] - T(inner2) * x[1]);
    p[0] = T(inner2 * outer2) * x[0] + (x[4] - T(inner2 + outer2) * x[2]);
    p[1] = even_inner + odd_inner;
    p[2] = even_inner - odd_inner;
    p[3] = even_outer + odd_outer;
    p[4] = even_outer - odd_outer;
    p[5] = T(inner2 * outer2) * x[1] + (x[5] - T(inner2 + outer2) * x[3]);
  }
};

/// G: 3 taps to their values at the points.
struct TapsToPoints {
  static constexpr Index in = taps, out = points;
  template <class T, class V>
  [[gnu::always_inline]] static void map(const V* w, V* p) {
    const V even_inner = T(at_inner) * w[0] + T(at_inner * inner2) * w[2],
            odd_inner = T(at_inner * inner) * w[1];
    const V even_outer = T(at_outer) * w[0] + T(at_outer * outer2) * w[2],
            odd_outer = T(at_outer * outer) * w[1];
    p[0] = T(at_0) * w[0];
    p[1] = even_inner + odd_inner;
    p[2] = even_inner - odd_inner;
    p[3] = even_outer + odd_outer;
    p[4] = even_outer - odd_outer;
    p[5] = w[2];
  }
};

/// G', the adjoint of TapsToPoints.
struct PointsToTaps {
  static constexpr Index in = points, out = taps;
  template <class T, class V>
  [[gnu::always_inline]] static void map(const V* p, V* w) {
    const V even_inner = p[1] + p[2], odd_inner = p[1] - p[2], even_outer = p[3] + p[4],
            odd_outer = p[3] - p[4];
    w[0] = T(at_0) * p[0] + (T(at_inner) * even_inner + T(at_outer) * even_outer);
    w[1] = T(at_inner * inner) * odd_inner + T(at_outer * outer) * odd_outer;
    w[2] = T(at_inner * inner2) * even_inner + (T(at_outer * outer2) * even_outer + p[5]);
  }
};

/// A': the products at the points to 4 results.
struct PointsToResults {
  static constexpr Index in = points, out = results;
  template <class T, class V>
  [[gnu::always_inline]] static void map(const V* p, V* y) {
    const V even_inner = p[1] + p[2], odd_inner = p[1] - p[2], even_outer = p[3] + p[4],
            odd_outer = p[3] - p[4];
    y[0] = p[0] + even_inner + even_outer;
    y[1] = T(inner) * odd_inner + T(outer) * odd_outer;
    y[2] = T(inner2) * even_inner + T(outer2) * even_outer;
    y[3] = T(inner * inner2) * odd_inner + (T(outer * outer2) * odd_outer + p[5]);
  }
};

/// A, the adjoint of PointsToResults.
struct ResultsToPoints {
  static constexpr Index in = results, out = points;
  template <class T, class V>
  [[gnu::always_inline]] static void map(const V* y, V* p) {
    const V even_inner = y[0] + T(inner2) * y[2],
            odd_inner = T(inner) * y[1] + T(inner * inner2) * y[3];
    const V even_outer = y[0] + T(outer2) * y[2],
            odd_outer = T(outer) * y[1] + T(outer * outer2) * y[3];
    p[0] = y[0];
    p[1] = even_inner + odd_inner;
    p[2] = even_inner - odd_inner;
    p[3] = even_outer + odd_outer;
    p[4] = even_outer - odd_outer;
    p[5] = y[3];
  }
};

/// Squares in memory, one after another: channel c of the number in row i and column j of square s
/// is at data + s * next + i * row + j * column + c.
template <class T>
struct Squares {
  T* data;
  Index row, column, next;
};

/// A map along the columns and then the rows of squares, plus start[c] unless start is null.
/// `channels` is a multiple of 16.
template <class T, class Map>
struct MapSquares {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index squares, Index channels, Squares<const T> from,
                                         Squares<T> to, const T* start) {
    using V = Vector<T, Bytes>;
    for (Index s = 0; s < squares; ++s)
      for (Index c = 0; c < channels; c += lanes<V, T>) {
        V first{}, half[Map::out][Map::in], in[Map::in], out[Map::out];
        const T* p = from.data + s * from.next + c;
        for (Index j = 0; j < Map::in; ++j, p += from.column) {
#pragma GCC unroll 6
          for (Index i = 0; i < Map::in; ++i) load(in[i], p + i * from.row);
          Map::template map<T>(in, out);
#pragma GCC unroll 6
          for (Index i = 0; i < Map::out; ++i) half[i][j] = out[i];
        }
        if (start) load(first, start + c);
        T* q = to.data + s * to.next + c;
        for (Index i = 0; i < Map::out; ++i, q += to.row) {
          Map::template map<T>(half[i], out);
#pragma GCC unroll 6
          for (Index j = 0; j < Map::out; ++j) {
            out[j] += first;
            store(q + j * to.column, out[j]);
          }
        }
      }
  }
};

template <class Map, class T>
void map_squares(Index squares, Index channels, Squares<const T> from, Squares<T> to,
                 const T* start = nullptr) {
  dispatch<MapSquares<T, Map>>(squares, channels, from, to, start);
}

}  // namespace tinydl::kernels::detail::winograd
