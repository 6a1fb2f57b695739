// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/simd.hpp>

// A block of a matrix product, in registers: the innermost loop of most products (multiply.hpp).

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

/// A product's last columns are rounded up to `unit`: the vectors of AVX-512 that lie wholly behind
/// them are left out.
struct BlockSize {
  Index rows, columns, unit;

  /// How many rows a block of n columns has where m are left: with AVX-512 half of all, if that is
  /// enough and no vectors are left out.
  Index rows_for(Index m, Index n) const {
    return unit < columns && 2 * m <= rows && n > columns - unit ? rows / 2 : rows;
  }
};

template <class T>
BlockSize block_size(InstructionSet set = instruction_set()) {
  switch (set) {
    case InstructionSet::avx512:
      return {Block<64>::rows, Block<64>::columns<T>, lanes<Vector<T, 64>, T>};
    case InstructionSet::avx2:
      return {Block<32>::rows, Block<32>::columns<T>, Block<32>::columns<T>};
    case InstructionSet::portable:
      break;
  }
  return {Block<16>::rows, Block<16>::columns<T>, Block<16>::columns<T>};
}

/// c = start + a b: m rows, as BlockSize::rows_for says, and n columns, rounded up.
template <class T>
struct BlockProduct {
  Index m, n, k;
  const T* const* a;  // where its rows begin
  Index a_column;     // how far apart their numbers are
  const T* b;
  Index b_row;
  T* c;
  Index c_row;
  const T* start;  // may be `no_start` with a step of 0
  Index start_row;
};

template <class T>
inline constexpr T no_start[64 / sizeof(T) * Block<64>::vectors] = {};

template <class T>
struct MultiplyBlock {
  template <int Bytes>
  [[gnu::always_inline]] static void run(const BlockProduct<T>* product) {
    constexpr Index width = lanes<Vector<T, Bytes>, T>;
    constexpr int R = Block<Bytes>::rows, C = Block<Bytes>::vectors;
    if constexpr (Bytes < 64)
      multiply<Bytes, R, C>(*product);
    else if (product->m < R)
      multiply<Bytes, R / 2, C>(*product);
    else if (product->n <= width)
      multiply<Bytes, R, 1>(*product);
    else if (product->n <= 2 * width)
      multiply<Bytes, R, 2>(*product);
    else
      multiply<Bytes, R, C>(*product);
  }

 private:
  template <int Bytes, int R, int C>
  [[gnu::always_inline]] static void multiply(const BlockProduct<T>& o) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    const T* row[R];
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) row[i] = o.a[i];
    // The line that a vector ends in: the one that it begins in, the panel before has fetched.
    if (o.k >= 256)
      for (int i = 0; i < R; ++i)
        for (int j = 0; j < C; ++j) prefetch(o.c + i * o.c_row + j * width + (width - 1));
    V sum[R][C] = {};
    const T* b = o.b;
    Index at = 0;  // counted apart from `left`, which ends at 0, as registers are few
    for (Index left = o.k; left > 0; --left, at += o.a_column, b += o.b_row) {
      V v[C];
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) {
        load(v[j], b + j * width);
        keep(v[j]);
      }
#pragma GCC unroll 8
      for (int i = 0; i < R; ++i) {
        // Plus nothing is an addition, as it takes the sign from -0; less nothing is none.
        const V x = row[i][at] - V{};
#pragma GCC unroll 8
        for (int j = 0; j < C; ++j) sum[i][j] += x * v[j];
      }
    }
    T* c = o.c;
    const T* start = o.start;
    const Index c_row = o.c_row, start_row = o.start_row;
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) {
        V v;
        load(v, start + j * width);
        v += sum[i][j];
        store(c + j * width, v);
      }
      c += c_row;
      start += start_row;
    }
  }
};

}  // namespace tinydl::kernels::detail
