// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <tinydl/core/memory.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/threads.hpp>
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

/// The block of the result that one pass of the innermost loop holds in registers: 24 of the 32
/// that AVX-512 has, 12 of 16 with AVX2, 8 of 16 with SSE2 or 32 with NEON.
template <int Bytes>
struct Block {
  static constexpr int rows = Bytes == 64 ? 8 : Bytes == 32 ? 6 : 4;
  static constexpr int vectors = Bytes == 64 ? 3 : 2;
  template <class T>
  static constexpr Index columns = vectors* lanes<Vector<T, Bytes>, T>;
};

inline constexpr int most_block_rows = Block<64>::rows;

struct BlockSize {
  Index rows, columns;
};

template <class T>
BlockSize block_size() {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return {Block<64>::rows, Block<64>::columns<T>};
    case InstructionSet::avx2:
      return {Block<32>::rows, Block<32>::columns<T>};
    case InstructionSet::portable:
      break;
  }
  return {Block<16>::rows, Block<16>::columns<T>};
}

/// c (rows, n) [+]= a (rows, k) b (k, n), where rows and n are at most those of a block and b is
/// packed: its k rows follow one another, filled up with zeros to the block's columns. a_rows are
/// the beginnings of a block's rows of a; those that are not there repeat another.
template <class T>
struct MultiplyBlock {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index k, const T* const* a_rows, Index a_column,
                                         const T* b, T* c, Index c_row, Index rows, Index n,
                                         bool add) {
    // Vectors of the block that lie wholly behind the last column are left out.
    constexpr Index width = lanes<Vector<T, Bytes>, T>;
    if (n <= width)
      run_vectors<Bytes, 1>(k, a_rows, a_column, b, c, c_row, rows, n, add);
    else if (Block<Bytes>::vectors == 2 || n <= 2 * width)
      run_vectors<Bytes, 2>(k, a_rows, a_column, b, c, c_row, rows, n, add);
    else
      run_vectors<Bytes, Block<Bytes>::vectors>(k, a_rows, a_column, b, c, c_row, rows, n, add);
  }

  template <int Bytes, int C>
  [[gnu::always_inline]] static void run_vectors(Index k, const T* const* a_rows, Index a_column,
                                                 const T* b, T* c, Index c_row, Index rows, Index n,
                                                 bool add) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    constexpr int R = Block<Bytes>::rows;
    const T* row[R];
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) row[i] = a_rows[i];
    V sum[R][C] = {};
    for (Index p = 0; p < k; ++p) {
      V v[C];
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) load(v[j], b + j * width);
#pragma GCC unroll 8
      for (int i = 0; i < R; ++i) {
        const V x = V{} + *row[i];
#pragma GCC unroll 8
        for (int j = 0; j < C; ++j) sum[i][j] += x * v[j];
        row[i] += a_column;
      }
      b += Block<Bytes>::vectors * width;
    }
    if (rows == R && n == C * width) {
#pragma GCC unroll 8
      for (int i = 0; i < R; ++i) {
#pragma GCC unroll 8
        for (int j = 0; j < C; ++j) {
          T* to = c + i * c_row + j * width;
          V v{};
          if (add) load(v, to);
          v += sum[i][j];
          store(to, v);
        }
      }
      return;
    }
    T edge[R][C * width];
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) store(&edge[i][j * width], sum[i][j]);
    }
    for (Index i = 0; i < rows; ++i)
      for (Index j = 0; j < n; ++j)
        c[i * c_row + j] = add ? c[i * c_row + j] + edge[i][j] : edge[i][j];
  }
};

/// Rows [begin, begin + k) of a whole block of columns from `first` on, one row after another.
template <class T>
struct PackRows {
  template <int Bytes>
  [[gnu::always_inline]] static void run(MatrixView<T> b, Index begin, Index k, Index first,
                                         T* out) {
    using V = Vector<T, Bytes>;
    constexpr int C = Block<Bytes>::vectors;
    for (Index p = 0; p < k; ++p, out += C * lanes<V, T>) {
      const T* from = b.row(begin + p) + first;
      V v[C];
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) load(v[j], from + j * lanes<V, T>);
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) store(out + j * lanes<V, T>, v[j]);
    }
  }
};

/// Rows [begin, begin + k) of columns [first, first + n) of b, one row after another, filled up
/// with zeros to `width` columns.
template <class T>
void pack_columns(const MatrixView<T>& b, Index begin, Index k, Index first, Index n, Index width,
                  T* out) {
  if (b.column_step == 1 && n == width) {
    dispatch<PackRows<T>>(b, begin, k, first, out);
    return;
  }
  if (b.column_step == 1) {
    for (Index p = 0; p < k; ++p) {
      std::copy_n(b.row(begin + p) + first, n, out + p * width);
      std::fill_n(out + p * width + n, width - n, T(0));
    }
    return;
  }
  // By columns, but only so many rows at once as stay in the first-level cache.
  constexpr Index some = 16;
  const T* from = b.data + begin * b.row_step + first * b.column_step;
  for (Index p = 0; p < k; p += some) {
    const Index end = std::min(k, p + some);
    for (Index j = 0; j < n; ++j) {
      const T* column = from + j * b.column_step;
      for (Index i = p; i < end; ++i) out[i * width + j] = column[i * b.row_step];
    }
    for (Index i = p; i < end; ++i) std::fill_n(out + i * width + n, width - n, T(0));
  }
}

}  // namespace detail

/// c (m, n) = a (m, k) b (k, n), or with `add` c += a b; c's rows are `c_row` apart. Each number of
/// c is summed in the same order whatever the number of threads. Where b has row_offsets its
/// column_step is 1.
template <class T>
void matmul(const MatrixView<T>& a, const MatrixView<T>& b, T* c, Index c_row, bool add = false) {
  const Index m = a.rows, n = b.columns, k = a.columns;
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (!add)
      for (Index i = 0; i < m; ++i) std::fill_n(c + i * c_row, n, T(0));
    return;
  }
  const detail::BlockSize block = detail::block_size<T>();
  // Pieces of b that stay in the second-level cache: up to 512 of its rows, and some columns.
  constexpr Index max_depth = 512, max_columns = 1536;
  const Index depths = (k + max_depth - 1) / max_depth;
  const Index depth = (k + depths - 1) / depths;
  const Index columns = max_columns / block.columns * block.columns;
  tinydl::detail::Storage<T> packed(static_cast<std::size_t>(
      depth * std::min(columns, (n + block.columns - 1) / block.columns * block.columns)));
  for (Index first = 0; first < n; first += columns) {
    const Index some = std::min(columns, n - first);
    const Index panels = (some + block.columns - 1) / block.columns;
    for (Index begin = 0; begin < k; begin += depth) {
      const Index length = std::min(depth, k - begin);
      const bool adds = add || begin > 0;
      const auto panel = [&](Index q) { return packed.data() + q * block.columns * length; };
      const auto panel_width = [&](Index q) {
        return std::min(block.columns, some - q * block.columns);
      };
      parallel_ranges(panels, std::max<Index>(1, 8192 / (length * block.columns)),
                      [&](Index from, Index to) {
                        for (Index q = from; q < to; ++q)
                          detail::pack_columns(b, begin, length, first + q * block.columns,
                                               panel_width(q), block.columns, panel(q));
                      });
      // Tasks are strips of rows; where these are few, strips are cut across as well.
      const Index strips = (m + block.rows - 1) / block.rows;
      const Index cuts = std::min(panels, std::max<Index>(1, 8 / strips));
      const Index per_cut = (panels + cuts - 1) / cuts;
      const Index flops_of_strip = 2 * block.rows * length * per_cut * block.columns;
      const Index grain = std::max<Index>(1, 400'000 / flops_of_strip);
      parallel_ranges(strips * cuts, grain, [&](Index from, Index to) {
        for (Index task = from; task < to; ++task) {
          const Index i = task / cuts * block.rows;
          const Index q_begin = task % cuts * per_cut;
          const Index q_end = std::min(panels, q_begin + per_cut);
          const Index rows = std::min(block.rows, m - i);
          const T* a_rows[detail::most_block_rows];
          for (Index r = 0; r < block.rows; ++r)
            a_rows[r] = a.row(i + std::min(r, rows - 1)) + begin * a.column_step;
          for (Index q = q_begin; q < q_end; ++q)
            dispatch<detail::MultiplyBlock<T>>(length, static_cast<const T* const*>(a_rows),
                                               a.column_step, static_cast<const T*>(panel(q)),
                                               c + i * c_row + first + q * block.columns, c_row,
                                               rows, panel_width(q), adds);
        }
      });
    }
  }
}

}  // namespace tinydl::kernels
