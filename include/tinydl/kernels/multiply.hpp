// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <type_traits>
#include <utility>

#include <tinydl/kernels/pack.hpp>

// Matrix products in registers: the innermost loops of matmul.hpp and packed.hpp.

namespace tinydl::kernels::detail {

/// The block of the result that one pass of the innermost loop holds in registers: 24 of the 32
/// that AVX-512 has, 12 of 16 with AVX2, 8 of 16 with SSE2 or 32 with NEON.
template <int Bytes>
struct Block {
  static constexpr int rows = Bytes == 64 ? 8 : Bytes == 32 ? 6 : 4;
  static constexpr int vectors = Bytes == 64 ? 3 : 2;
  template <class T>
  static constexpr Index columns = vectors* lanes<Vector<T, Bytes>, T>;
};

struct BlockSize {
  Index rows, columns, lanes = 1;
};

template <class T>
BlockSize block_size() {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return {Block<64>::rows, Block<64>::columns<T>, lanes<Vector<T, 64>, T>};
    case InstructionSet::avx2:
      return {Block<32>::rows, Block<32>::columns<T>, lanes<Vector<T, 32>, T>};
    case InstructionSet::portable:
      break;
  }
  return {Block<16>::rows, Block<16>::columns<T>, lanes<Vector<T, 16>, T>};
}

inline constexpr Index max_depth = 512;   // of a product whose left operand is packed
inline constexpr Index cached = 1 << 17;  // numbers that stay in the second-level cache

/// c (m, n) = start + a (m, k) b (k, n), where b is cut into panels of a block's columns.
template <class T>
struct Product {
  MatrixView<T> a;
  // Panel q begins at b + q * panel_step, and its rows are b_row apart; but the last one, if it is
  // not a whole one, stands in `edge`, in whole vectors: before its columns there are edge_skip
  // others, behind them anything.
  const T* b;
  Index panel_step, b_row = 1;
  const T* edge = nullptr;
  Index edge_row = 0, edge_skip = 0;
  Index n;
  T* c;
  Index c_row;
  const T* start = nullptr;  // rows that are start_row apart, or null
  Index start_row = 0;
};

/// Whether columns of a that are far apart are made a run of memory first.
template <class T>
bool packs_columns(const MatrixView<T>& a) {
  return a.column_step != 1 && a.columns * a.column_step > cached;
}

/// Where a block goes, and what it begins with, which may be `no_start` with a step of 0.
template <class T>
struct BlockResult {
  T* c;
  Index c_row;
  const T* start;
  Index start_row;
};

template <class T>
inline constexpr T no_start[64 / sizeof(T) * Block<64>::vectors] = {};

/// The numbers of a block that are inside of the result: (rows, n) of them, from (i, j) on.
template <class T>
[[gnu::noinline]] void copy_edge(const Product<T>& o, const T* block, Index block_row, Index i,
                                 Index rows, Index j, Index n) {
  using V = Vector<T, 16>;
  constexpr Index width = lanes<V, T>;
  V v, first, last{};
  for (Index r = 0; r < rows; ++r, block += block_row) {
    T* c = o.c + (i + r) * o.c_row + j;
    const T* start = o.start ? o.start + (i + r) * o.start_row + j : nullptr;
    const auto sum = [&](V& y, Index l) {
      load(y, block + l);
      if (start) load(first, start + l), y += first;
    };
    if (n < width) {
      for (Index l = 0; l < n; ++l) c[l] = start ? start[l] + block[l] : block[l];
      continue;
    }
    // The last vector overlaps the one before, which may write what it begins with.
    sum(last, n - width);
    for (Index l = 0; l + width <= n; l += width) {
      sum(v, l);
      store(c + l, v);
    }
    store(c + n - width, last);
  }
}

template <class T>
struct MultiplyBlocks {
  /// Tasks [begin, end): strips of the result, as high as a block, each cut across into tasks of
  /// `panels` panels. Where a's columns are apart there are at most max_depth.
  template <int Bytes>
  [[gnu::always_inline]] static void run(const Product<T>* product, Index panels, Index begin,
                                         Index end) {
    constexpr Index width = lanes<Vector<T, Bytes>, T>, columns = Block<Bytes>::vectors * width;
    constexpr int R = Block<Bytes>::rows;
    const Product<T>& o = *product;
    const Index whole = o.n / columns, cuts = ((o.n + columns - 1) / columns + panels - 1) / panels;
    const bool packs = packs_columns(o.a);
    // Whether what stands before the edge may be written once more, with the same numbers.
    const bool again = cuts == 1 && o.start != o.c;
    constexpr Index most = 4;  // strips that meet a panel in turn, while it is in the caches
    T packed[most * R * max_depth], edge[R * columns];
    const T* row[most * R];
    for (Index t = begin; t < end;) {
      const Index strip = t / cuts, first = t % cuts * panels;
      const Index count = cuts > 1 ? 1 : std::min(most, end - t);
      t += count;
      // Rows that are not there repeat another.
      for (Index r = 0; r < count * R; ++r) row[r] = o.a.row(std::min(strip * R + r, o.a.rows - 1));
      if (packs) pack_strips<R>(o.a, count, row, packed);
      const Index a_column = packs ? R : o.a.column_step;
      for (Index q = first; q < first + panels && q * columns < o.n; ++q) {
        const T* b = q < whole ? o.b + q * o.panel_step : o.edge;
        const Index b_row = q < whole ? o.b_row : o.edge_row, skip = q < whole ? 0 : o.edge_skip;
        const Index n = std::min(columns, o.n - q * columns);
        for (Index s = 0; s < count; ++s) {
          const Index i = (strip + s) * R, rows = std::min<Index>(R, o.a.rows - i);
          const bool is_whole = rows == R && (n % width == 0 || (skip > 0 && again));
          BlockResult<T> to{edge, columns, no_start<T>, 0};
          if (is_whole) {
            to.c = o.c + i * o.c_row + q * columns - skip;
            to.c_row = o.c_row;
          }
          if (is_whole && o.start) {
            to.start = o.start + i * o.start_row + q * columns - skip;
            to.start_row = o.start_row;
          }
          // Vectors of the block that lie wholly behind the last column are left out.
          if (n <= width)
            block<Bytes, 1>(o.a.columns, row + s * R, a_column, b, b_row, to);
          else if (Block<Bytes>::vectors == 2 || n <= 2 * width)
            block<Bytes, 2>(o.a.columns, row + s * R, a_column, b, b_row, to);
          else
            block<Bytes, Block<Bytes>::vectors>(o.a.columns, row + s * R, a_column, b, b_row, to);
          if (!is_whole) copy_edge(o, edge + skip, columns, i, rows, q * columns, n);
        }
      }
    }
  }

  /// Copies strips of R rows column by column, all side by side, as they share cache lines, and
  /// says where their rows are now.
  template <int R>
  [[gnu::always_inline]] static void pack_strips(const MatrixView<T>& a, Index strips,
                                                 const T** row, T* packed) {
    for (Index p = 0; p < a.columns; ++p)
      for (Index s = 0; s < strips; ++s) {
        const T* const* from = row + s * R;
        T* to = packed + (s * a.columns + p) * R;
        prefetch_read(from[R - 1] + std::min(p + 16, a.columns - 1) * a.column_step);
        if (from[R - 1] == from[0] + (R - 1))
          std::copy_n(from[0] + p * a.column_step, R, to);
        else
          for (Index i = 0; i < R; ++i) to[i] = from[i][p * a.column_step];
      }
    for (Index r = 0; r < strips * R; ++r) row[r] = packed + r / R * a.columns * R + r % R;
  }

  template <int Bytes, int C>
  [[gnu::always_inline]] static void block(Index k, const T* const* a_rows, Index a_column,
                                           const T* b, Index b_row, const BlockResult<T>& to) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    constexpr int R = Block<Bytes>::rows;
    const T* row[R];
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) row[i] = a_rows[i];
    // The line that a vector ends in: the one that it begins in, the panel before has fetched.
    if (k >= 256)
      for (int i = 0; i < R; ++i)
        for (int j = 0; j < C; ++j) prefetch(to.c + i * to.c_row + j * width + (width - 1));
    V sum[R][C] = {};
    for (Index p = 0; p < k; ++p, b += b_row) {
      V v[C];
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) load(v[j], b + j * width);
#pragma GCC unroll 8
      for (int i = 0; i < R; ++i) {
        // Plus nothing is an addition, as it takes the sign from -0; less nothing is none.
        const V x = row[i][p * a_column] - V{};
#pragma GCC unroll 8
        for (int j = 0; j < C; ++j) sum[i][j] += x * v[j];
      }
    }
    T* c = to.c;
    const T* start = to.start;
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) {
        V v;
        load(v, start + j * width);
        store(c + j * width, v + sum[i][j]);
      }
      c += to.c_row;
      start += to.start_row;
    }
  }
};

/// The tile of the result that MultiplyRuns holds in registers, a vector for each number.
template <int Bytes>
struct Tile {
  static constexpr int rows = Bytes >= 32 ? 4 : 3;
  static constexpr int columns = Bytes == 64 ? 6 : 3;
};

template <class T>
BlockSize tile_size() {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return {Tile<64>::rows, Tile<64>::columns};
    case InstructionSet::avx2:
      return {Tile<32>::rows, Tile<32>::columns};
    case InstructionSet::portable:
      break;
  }
  return {Tile<16>::rows, Tile<16>::columns};
}

/// Adds up the lanes of N vectors: lane i of v[0] becomes the sum of v[i]'s, and so on. In each
/// step pairs of vectors become one, which has the sums of the first's lanes that are Step apart
/// where the lane's number has no bit of Step, and those of the second's where it has one.
template <int Step, int N, class V, int... Lane>
[[gnu::always_inline]] inline void sum_lanes(V* v, std::integer_sequence<int, Lane...> each) {
  constexpr int n = sizeof...(Lane);
  if constexpr (Step < n) {
#pragma GCC unroll 16
    for (int i = 0; i < N; i += 2) {
      const V x = v[i], y = v[i + 1 < N ? i + 1 : i];
      v[i / 2] = __builtin_shufflevector(x, y, (Lane & Step ? Lane + n : Lane)...) +
                 __builtin_shufflevector(x, y, (Lane & Step ? Lane + n - Step : Lane + Step)...);
    }
    sum_lanes<2 * Step, (N + 1) / 2>(v, each);
  }
}

/// c = start + a b for operands in which a's rows and b's columns are runs of memory: nothing needs
/// packing, and each number of c is the sum of the lanes of a vector. k is at least a vector's
/// lanes, and column j of b begins at b + j * panel_step.
template <class T>
struct MultiplyRuns {
  /// Tiles [begin, end) of the result, counted down its columns of tiles.
  template <int Bytes>
  [[gnu::always_inline]] static void run(const Product<T>* product, Index begin, Index end) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    constexpr int R = Tile<Bytes>::rows, C = Tile<Bytes>::columns;
    const Product<T>& o = *product;
    const Index k = o.a.columns, strips = (o.a.rows + R - 1) / R;
    // The lanes that are new where the last vector overlaps the one before.
    V lane;
    load(lane, lane_numbers<T>.data());
    const auto fresh = lane >= V{} + static_cast<T>(width - k % width);
    for (Index t = begin; t < end; ++t) {
      const Index i0 = t % strips * R, j0 = t / strips * C;
      const Index rows = std::min<Index>(R, o.a.rows - i0), columns = std::min<Index>(C, o.n - j0);
      const T *row[R], *column[C];
#pragma GCC unroll 8
      for (int i = 0; i < R; ++i) row[i] = o.a.row(i0 + std::min<Index>(i, rows - 1));
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j)
        column[j] = o.b + (j0 + std::min<Index>(j, columns - 1)) * o.panel_step;
      V sum[R * C] = {}, x, y[C];
      Index p = 0;
      for (; p + width <= k; p += width) {
#pragma GCC unroll 8
        for (int j = 0; j < C; ++j) load(y[j], column[j] + p);
#pragma GCC unroll 8
        for (int i = 0; i < R; ++i) {
          load(x, row[i] + p);
#pragma GCC unroll 8
          for (int j = 0; j < C; ++j) sum[i * C + j] += x * y[j];
        }
      }
      if (p < k) {
#pragma GCC unroll 8
        for (int j = 0; j < C; ++j) {
          load(y[j], column[j] + k - width);
          y[j] = fresh ? y[j] : V{};
        }
#pragma GCC unroll 8
        for (int i = 0; i < R; ++i) {
          load(x, row[i] + k - width);
          x = fresh ? x : V{};
#pragma GCC unroll 8
          for (int j = 0; j < C; ++j) sum[i * C + j] += x * y[j];
        }
      }
      sum_lanes<1, R * C>(sum, std::make_integer_sequence<int, width>());
      T sums[(R * C + width - 1) / width * width];
#pragma GCC unroll 8
      for (int i = 0; i < R * C; i += width) store(sums + i, sum[i / width]);
      copy_edge(o, sums, Index(C), i0, rows, j0, columns);
    }
  }
};

}  // namespace tinydl::kernels::detail
