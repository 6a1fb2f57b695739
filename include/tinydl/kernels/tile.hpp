// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <tinydl/kernels/simd.hpp>

// A tile of a matrix product, a vector for each number: the innermost loop of products whose
// operands both run along the depth (multiply.hpp).

namespace tinydl::kernels::detail {

template <int Bytes>
struct Tile {
  static constexpr int rows = Bytes >= 32 ? 4 : 3;
  static constexpr int columns = Bytes == 64 ? 6 : 3;
};

struct TileSize {
  Index rows, columns;
};

inline TileSize tile_size(InstructionSet set = instruction_set()) {
  switch (set) {
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

/// `tiles` tiles below one another: the sums of the products of their rows and of the columns, runs
/// of k numbers each, row by row. k is at least a vector's lanes; behind the sums there is room for
/// a vector.
template <class T>
struct MultiplyTiles {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index tiles, Index k, const T* const* rows,
                                         const T* const* columns, T* sums) {
    constexpr int R = Tile<Bytes>::rows, C = Tile<Bytes>::columns;
    for (; tiles > 0; --tiles, rows += R, sums += R * C) tile<Bytes>(k, rows, columns, sums);
  }

 private:
  template <int Bytes>
  [[gnu::always_inline]] static void tile(Index k, const T* const* rows, const T* const* columns,
                                          T* sums) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    constexpr int R = Tile<Bytes>::rows, C = Tile<Bytes>::columns;
    const T *row[R], *column[C];
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) row[i] = rows[i];
#pragma GCC unroll 8
    for (int j = 0; j < C; ++j) column[j] = columns[j];
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
