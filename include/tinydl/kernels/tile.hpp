// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <utility>

#include <tinydl/kernels/pack.hpp>

// A tile of a matrix product, a vector for each number: the innermost loop of products whose
// operands both run along the depth (multiply.hpp).

namespace tinydl::kernels::detail {

template <int Bytes>
struct Tile {
  static constexpr int rows = Bytes >= 32 ? 4 : 3;
  static constexpr int columns = Bytes == 64 ? 6 : 3;
  static constexpr int narrow = Bytes == 64 ? 4 : 3;  // columns, where few are left
};

struct TileSize {
  Index rows, columns, narrow;

  /// How many columns a tile has where n are left.
  Index columns_for(Index n) const { return n <= narrow ? narrow : columns; }
};

inline TileSize tile_size(InstructionSet set = instruction_set()) {
  switch (set) {
    case InstructionSet::avx512:
      return {Tile<64>::rows, Tile<64>::columns, Tile<64>::narrow};
    case InstructionSet::avx2:
      return {Tile<32>::rows, Tile<32>::columns, Tile<32>::narrow};
    case InstructionSet::portable:
      break;
  }
  return {Tile<16>::rows, Tile<16>::columns, Tile<16>::narrow};
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

template <class V, class T>
[[gnu::always_inline]] inline void add_some(V& y, const T* a, const T* b) {
  V v;
  load(y, a);
  load(v, b);
  y += v;
}

/// c = start + sums, n numbers of a row; c may be start.
template <class T>
[[gnu::always_inline]] inline void add_row(const T* sums, const T* start, Index n, T* c) {
  using V = Vector<T, 16>;
  constexpr Index width = lanes<V, T>;
  if (n < width) {
    for (Index j = 0; j < n; ++j) c[j] = start[j] + sums[j];
    return;
  }
  // The last vector overlaps the one before, which may write what it begins with.
  V v, last;
  add_some(last, sums + n - width, start + n - width);
  for (Index j = 0; j + width < n; j += width) {
    add_some(v, sums + j, start + j);
    store(c + j, v);
  }
  store(c + n - width, last);
}

/// Tiles of c = start + a b, one below another. a's rows and b's columns are runs of memory, at
/// least a vector's lanes of it.
template <class T>
struct TileProduct {
  Index tiles, n;  // and the columns of each: TileSize::columns_for
  MatrixView<T> a;
  Index first;              // row of a; those that are not there repeat the last
  const T* const* columns;  // of b
  T* c;                     // with room for whole tiles
  Index c_row;
  const T* start;  // may be `no_start` with a step of 0
  Index start_row;
};

template <class T>
struct MultiplyTiles {
  template <int Bytes>
  [[gnu::always_inline]] static void run(const TileProduct<T>* product) {
    constexpr int columns = Tile<Bytes>::columns, narrow = Tile<Bytes>::narrow;
    if (narrow < columns && product->n <= narrow)
      multiply<Bytes, narrow>(*product);
    else
      multiply<Bytes, columns>(*product);
  }

 private:
  template <int Bytes, int C>
  [[gnu::always_inline]] static void multiply(const TileProduct<T>& o) {
    constexpr int R = Tile<Bytes>::rows;
    constexpr Index width = lanes<Vector<T, Bytes>, T>;
    T sums[(R * C + width - 1) / width * width];
    T* c = o.c;
    const T* start = o.start;
    for (Index t = 0; t < o.tiles; ++t) {
      sum_products<Bytes, C>(o, o.first + t * R, sums);
      for (int i = 0; i < R; ++i, c += o.c_row, start += o.start_row)
        add_row(sums + i * C, start, C, c);
    }
  }

  /// The sums of the products of the tile's rows and columns, row by row.
  template <int Bytes, int C>
  [[gnu::always_inline]] static void sum_products(const TileProduct<T>& o, Index first, T* sums) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    constexpr int R = Tile<Bytes>::rows;
    const T *row[R], *column[C];
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) row[i] = o.a.row(std::min(first + i, o.a.rows - 1));
#pragma GCC unroll 8
    for (int j = 0; j < C; ++j) column[j] = o.columns[j];
    V sum[R * C] = {}, x, y[C];
    const Index k = o.a.columns;
    Index p = 0;
    for (; p + width <= k; p += width) {
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) {
        load(y[j], column[j] + p);
        keep(y[j]);
      }
#pragma GCC unroll 8
      for (int i = 0; i < R; ++i) {
        load(x, row[i] + p);
#pragma GCC unroll 8
        for (int j = 0; j < C; ++j) sum[i * C + j] += x * y[j];
      }
    }
    if (p < k) {
      // The lanes that are new where the last vector overlaps the one before.
      V lane;
      load(lane, lane_numbers<T>.data());
      const auto fresh = lane >= V{} + static_cast<T>(p + width - k);
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
#pragma GCC unroll 8
    for (int i = 0; i < R * C; i += width) store(sums + i, sum[i / width]);
  }
};

}  // namespace tinydl::kernels::detail
