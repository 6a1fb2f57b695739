// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include <tinydl/core/memory.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/threads.hpp>
#include <tinydl/kernels/simd.hpp>

namespace tinydl::kernels {

// The ways to fold: each knows its neutral element and how to take in one more. What is not a
// number stays: no comparison with it is true.
struct Sum {
  template <class T>
  static constexpr T neutral = T(0);
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    y = y + x;
  }
};
struct Max {
  template <class T>
  static constexpr T neutral = std::numeric_limits<T>::has_infinity
                                   ? -std::numeric_limits<T>::infinity()
                                   : std::numeric_limits<T>::lowest();
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    y = ((y > x) | (y != y)) ? y : x;  // a NaN stays
  }
};
struct Min {
  template <class T>
  static constexpr T neutral = std::numeric_limits<T>::has_infinity
                                   ? std::numeric_limits<T>::infinity()
                                   : std::numeric_limits<T>::max();
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    y = ((y < x) | (y != y)) ? y : x;
  }
};

namespace detail {

/// Folds n numbers into one: four vectors side by side, then their lanes, in a fixed order.
template <class T, class F>
struct FoldRow {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, const T* in, T* out) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    const F f;
    V sums[4], v;
    for (V& sum : sums) sum = V{} + F::template neutral<T>;
    Index i = 0;
    for (; i + 4 * width <= n; i += 4 * width) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        load(v, in + i + k * width);
        f(sums[k], v);
      }
    }
    for (; i + width <= n; i += width) {
      load(v, in + i);
      f(sums[0], v);
    }
    f(sums[0], sums[1]);
    f(sums[2], sums[3]);
    f(sums[0], sums[2]);
    fold_lanes(out, sums[0], f);
    for (; i < n; ++i) f(*out, in[i]);
  }
};

/// Folds `rows` rows of n numbers, `stride` apart, into one row.
template <class T, class F>
struct FoldColumns {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index rows, Index n, Index stride, const T* in, T* out) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    const F f;
    V sums[4], v;
    Index i = 0;
    for (; i + 4 * width <= n; i += 4 * width) {
      for (V& sum : sums) sum = V{} + F::template neutral<T>;
      for (Index r = 0; r < rows; ++r) {
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) {
          load(v, in + r * stride + i + k * width);
          f(sums[k], v);
        }
      }
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) store(out + i + k * width, sums[k]);
    }
    for (; i < n; i += width) {
      const Index some = std::min(width, n - i);
      const Index whole = (rows - 1) * stride + n - (i + width);  // vectors begin inside up to here
      sums[0] = V{} + F::template neutral<T>;
      for (Index r = 0; r < rows; ++r) {
        if (r * stride <= whole)
          load(v, in + r * stride + i);
        else
          load_some(v, in + r * stride + i, some);
        f(sums[0], v);
      }
      store_some(out + i, sums[0], some);
    }
  }
};

}  // namespace detail

/// out (outer, inner) = in (outer, n, inner) folded over its middle axis. Long axes are folded in
/// pieces of a fixed length, in parallel, and then the pieces, so that rounding errors stay small
/// and the same for every number of threads.
template <class T, class F>
void fold(Index outer, Index n, Index inner, const T* in, T* out, F f) {
  constexpr Index piece = 8192;
  const Index pieces = inner == 1 ? (n + piece - 1) / piece : (n + 511) / 512;
  if (pieces > 1) {
    const Index length = (n + pieces - 1) / pieces;
    tinydl::detail::Storage<T> parts(static_cast<std::size_t>(outer * pieces * inner));
    parallel_for(outer * pieces, [&](Index i) {
      const Index begin = i % pieces * length, end = std::min(n, begin + length);
      const T* from = in + (i / pieces * n + begin) * inner;
      T* to = parts.data() + i * inner;
      if (inner == 1)
        dispatch<detail::FoldRow<T, F>>(std::max<Index>(end - begin, 0), from, to);
      else
        dispatch<detail::FoldColumns<T, F>>(std::max<Index>(end - begin, 0), inner, inner, from,
                                            to);
    });
    fold(outer, pieces, inner, static_cast<const T*>(parts.data()), out, f);
    return;
  }
  if (inner == 1) {
    parallel_ranges(outer, std::max<Index>(1, 16384 / std::max<Index>(n, 1)),
                    [&](Index begin, Index end) {
                      for (Index i = begin; i < end; ++i)
                        dispatch<detail::FoldRow<T, F>>(n, in + i * n, out + i);
                    });
    return;
  }
  constexpr Index columns = 512;  // a multiple of every vector, so that the cut changes no bit
  const Index blocks = (inner + columns - 1) / columns;
  const Index work = n * std::min(inner, columns);
  parallel_ranges(outer * blocks, std::max<Index>(1, 16384 / std::max<Index>(work, 1)),
                  [&](Index begin, Index end) {
                    for (Index i = begin; i < end; ++i) {
                      const Index a = i / blocks, c = i % blocks * columns;
                      dispatch<detail::FoldColumns<T, F>>(n, std::min(columns, inner - c), inner,
                                                          in + a * n * inner + c,
                                                          out + a * inner + c);
                    }
                  });
}

/// Folds a row-major array over the axes for which `folded` is true. `out` has the other axes.
template <class T, class F>
void fold_axes(std::span<const Index> shape, std::span<const bool> folded, const T* in, T* out,
               F f) {
  // Neighbouring axes that are both folded, or both kept, are one; then one group after another is
  // folded, the last first, each into memory of its own but the first.
  struct Group {
    Index size;
    bool folded;
  };
  std::array<Group, 16> groups{};
  int count = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 1) continue;
    if (count > 0 && groups[count - 1].folded == folded[axis])
      groups[count - 1].size *= shape[axis];
    else
      groups[count++] = {shape[axis], folded[axis]};
  }
  tinydl::detail::Storage<T> holder;
  Index inner = 1;
  int left = 0;
  for (int g = 0; g < count; ++g) left += groups[g].folded;
  if (left == 0) {
    Index n = 1;
    for (Index size : shape) n *= size;
    std::copy_n(in, n, out);
    return;
  }
  for (int g = count - 1; g >= 0; --g) {
    if (!groups[g].folded) {
      inner *= groups[g].size;
      continue;
    }
    Index outer = 1;
    for (int h = 0; h < g; ++h) outer *= groups[h].size;
    --left;
    tinydl::detail::Storage<T> next;
    if (left > 0) next = tinydl::detail::Storage<T>(static_cast<std::size_t>(outer * inner));
    fold(outer, groups[g].size, inner, in, left > 0 ? next.data() : out, f);
    holder = next;
    in = holder.data();
  }
}

}  // namespace tinydl::kernels
