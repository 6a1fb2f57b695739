// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <utility>

#include <tinydl/kernels/simd.hpp>

namespace tinydl::kernels {

/// A matrix in memory: element (i, j) is at i * row_step + j * column_step, or, if its rows begin
/// anywhere, at row_offsets[i] + j * column_step.
template <class T>
struct MatrixView {
  const T* data;
  Index rows, columns;
  Index row_step, column_step;
  const Index* row_offsets = nullptr;

  const T* row(Index i) const { return data + (row_offsets ? row_offsets[i] : i * row_step); }
  /// Of a matrix without row_offsets.
  MatrixView transposed() const { return {data, columns, rows, column_step, row_step}; }
};

/// A row-major matrix without gaps.
template <class T>
MatrixView<T> matrix_view(const T* data, Index rows, Index columns) {
  return {data, rows, columns, columns, 1};
}

namespace detail {

/// Rows [begin, begin + k) of `width` columns from `first` on, one after another; the width is a
/// multiple of a vector's lanes.
template <class T>
struct PackRows {
  template <int Bytes>
  [[gnu::always_inline]] static void run(MatrixView<T> b, Index begin, Index k, Index first,
                                         Index width, T* out) {
    using V = Vector<T, Bytes>;
    for (Index p = 0; p < k; ++p, out += width) {
      const T* from = b.row(begin + p) + first;
      const T* later = b.row(std::min(begin + p + 24, b.rows - 1)) + first;
      V v;
      for (Index j = 0; j < width; j += lanes<V, T>) {
        prefetch_read(later + j + (lanes<V, T> - 1));
        load(v, from + j);
        store(out + j, v);
      }
    }
  }
};

/// Swaps, in each pair of rows that are Step apart, the blocks of Step lanes off the diagonal, then
/// those of 2 Step, 4 Step ...: from Step = 1 on this transposes a square.
template <int Step, class V, int... Lane>
[[gnu::always_inline]] inline void swap_blocks(V* rows, std::integer_sequence<int, Lane...> each) {
  constexpr int n = sizeof...(Lane);
  if constexpr (Step < n) {
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i) {
      if (i & Step) continue;
      const V x = rows[i], y = rows[i + Step];
      rows[i] = __builtin_shufflevector(x, y, (Lane & Step ? Lane + n - Step : Lane)...);
      rows[i + Step] = __builtin_shufflevector(x, y, (Lane & Step ? Lane + n : Lane + Step)...);
    }
    swap_blocks<2 * Step>(rows, each);
  }
}

/// A square of numbers, whose rows are vectors of 16 bytes.
template <class T>
[[gnu::always_inline]] inline void transpose(Vector<T, 16>* rows) {
  swap_blocks<1>(rows, std::make_integer_sequence<int, lanes<Vector<T, 16>, T>>());
}

template <class T>
[[gnu::always_inline]] inline void copy_transposed(const T* from, Index from_step, T* to,
                                                   Index to_step) {
  constexpr int n = lanes<Vector<T, 16>, T>;
  Vector<T, 16> rows[n];
#pragma GCC unroll 16
  for (int i = 0; i < n; ++i) load(rows[i], from + i * from_step);
  transpose<T>(rows);
#pragma GCC unroll 16
  for (int i = 0; i < n; ++i) store(to + i * to_step, rows[i]);
}

/// out (k, n), whose rows are `out_step` apart, = n rows of k numbers transposed. Each row is read
/// from its beginning to its end, as memory likes best.
template <class T>
void pack_transposed(Index n, Index k, const T* from, Index from_step, T* out, Index out_step) {
  constexpr Index square = lanes<Vector<T, 16>, T>, line = 64 / sizeof(T);
  for (Index j = 0; j < n; j += square) {
    Index p = 0;
    if (j + square <= n)
      for (; p + square <= k; p += square) {
        if (p % line == 0)  // of the rows that come next
          for (Index i = j + square; i < std::min(n, j + 2 * square); ++i)
            prefetch_read(from + i * from_step + p);
        copy_transposed(from + j * from_step + p, from_step, out + p * out_step + j, out_step);
      }
    for (; p < k; ++p)
      for (Index i = j; i < std::min(n, j + square); ++i)
        out[p * out_step + i] = from[i * from_step + p];
  }
}

/// Rows [begin, begin + k) of columns [first, first + n) of b, one row after another, filled up
/// with zeros to `width` columns.
template <class T>
void pack_columns(const MatrixView<T>& b, Index begin, Index k, Index first, Index n, Index width,
                  T* out) {
  if (n < width) std::fill_n(out, k * width, T(0));
  const T* from = b.data + begin * b.row_step + first * b.column_step;
  if (b.column_step == 1 && n == width)
    dispatch<PackRows<T>>(b, begin, k, first, width, out);
  else if (b.column_step == 1)
    for (Index p = 0; p < k; ++p) std::copy_n(b.row(begin + p) + first, n, out + p * width);
  else if (b.row_step == 1)
    pack_transposed(n, k, from, b.column_step, out, width);
  else
    for (Index p = 0; p < k; ++p)
      for (Index j = 0; j < n; ++j) out[p * width + j] = from[p * b.row_step + j * b.column_step];
}

}  // namespace detail
}  // namespace tinydl::kernels
