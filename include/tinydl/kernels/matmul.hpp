// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <tinydl/core/memory.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/threads.hpp>
#include <tinydl/kernels/multiply.hpp>

namespace tinydl::kernels {

namespace detail {

template <class T>
Index operations(const Product<T>& product) {
  return 2 * product.a.rows * product.a.columns * product.n;
}

/// How many operations take no longer than telling another thread.
inline constexpr Index few_operations = 2'000'000;

/// How many of a product's tasks make a piece: few enough that threads end together.
template <class T>
Index tasks_per_piece(const Product<T>& product, Index tasks) {
  const Index all = operations(product);
  return all < few_operations ? tasks : std::max<Index>(1, 200'000 * tasks / all);
}

/// Whether packing b would cost more than it saves: a has few rows, which stay in the second-level
/// cache, and both run along the depth.
template <class T>
bool runs_along_depth(const MatrixView<T>& a, const MatrixView<T>& b) {
  return a.column_step == 1 && b.row_step == 1 && a.columns >= Index(64 / sizeof(T)) &&
         a.rows <= a.columns && a.rows * a.columns <= cached;
}

template <class T>
void multiply_runs(const Product<T>& product) {
  const TileSize tile = tile_size();
  const Index tiles = ((product.a.rows + tile.rows - 1) / tile.rows) *
                      ((product.n + tile.columns - 1) / tile.columns);
  tinydl::detail::parallel_stretches(
      tiles, tasks_per_piece(product, tiles),
      [&](Index begin, Index end) { multiply_tiles(product, begin, end); });
}

template <class T>
void multiply_blocks(Product<T> product, const BlockSize& block) {
  // Tasks are strips of rows; where these are few, strips are cut across as well, so that threads
  // end together, if there is enough for more than one.
  const Index strips = (product.a.rows + block.rows - 1) / block.rows;
  const Index panels = (product.n + block.columns - 1) / block.columns;
  const bool is_small = operations(product) < few_operations;
  const Index cuts = is_small ? 1 : std::min(panels, (31 + strips) / strips);
  const Index per_cut = (panels + cuts - 1) / cuts;
  const Index tasks = strips * ((panels + per_cut - 1) / per_cut);
  // Some strips at once where a's columns are packed, as they share cache lines, or b is read from
  // beyond the second-level cache.
  const bool shares = packs_columns(product.a) || product.a.columns * product.n > 2 * cached;
  const Index together = shares ? std::clamp<Index>(strips / 16, 1, most_strips) : 1;
  const Index grain = std::max(tasks_per_piece(product, tasks), together);
  product.together = std::min(grain, most_strips);
  tinydl::detail::parallel_stretches(
      tasks, grain, [&](Index begin, Index end) { multiply_strips(product, per_cut, begin, end); });
}

/// The same with columns [first, first + n) and rows [begin, begin + k) of b.
template <class T>
void multiply_slab(Product<T> product, const MatrixView<T>& b, Index first, Index begin,
                   const BlockSize& block, T* packed) {
  const Index k = product.a.columns, n = product.n, whole = n / block.columns;
  const Index panels = (n + block.columns - 1) / block.columns;
  // Rows of b that few rows of a meet are read where they are, if they are not too far apart.
  constexpr Index most = 2 * cached, few = 256 * most;  // numbers
  const Index m = product.a.rows, size = b.rows * b.columns;
  const bool in_place = b.column_step == 1 && !b.row_offsets &&
                        (m <= block.rows || (size <= most && m * size <= few));
  const Index step = k * block.columns, left = n - whole * block.columns;
  // The edge's vectors end with the last column, unless it is all that there is.
  const Index edge = (left + block.unit - 1) / block.unit * block.unit;
  product.edge_skip = whole > 0 ? edge - left : 0;
  const auto pack = [&](Index q, Index width, T* to) {
    const Index skip = q < whole ? 0 : product.edge_skip, at = q * block.columns - skip;
    pack_columns(b, begin, k, first + at, std::min(block.columns, n - at), width, to);
  };
  if (in_place) {
    product.b = b.row(begin) + first;
    product.panel_step = block.columns;
    product.b_row = product.edge_row = b.row_step;
    if (whole > 0 || left == edge) {
      product.edge = product.b + n - edge;
    } else {
      product.edge = packed;
      product.edge_row = edge;
      pack(whole, edge, packed);
    }
  } else {
    product.b = packed;
    product.panel_step = step;
    product.b_row = product.edge_row = block.columns;
    product.edge = packed + whole * step;
    parallel_ranges(panels, std::max<Index>(1, 8192 / step), [&](Index from, Index to) {
      for (Index q = from; q < to; ++q) pack(q, block.columns, packed + q * step);
    });
  }
  multiply_blocks(product, block);
}

/// The columns and rows of b that caches hold: a slab, whose panels are packed together.
struct SlabSize {
  Index columns, depth, packed;  // the last of them in numbers
};
template <class T>
SlabSize slab_size(Index k, Index n) {
  constexpr Index max_columns = 2112;
  const BlockSize block = block_size<T>();
  const Index depths = std::max<Index>(1, (k + max_depth - 1) / max_depth),
              depth = (k + depths - 1) / depths;
  const Index columns = max_columns / block.columns * block.columns;
  const Index panels = (std::min(columns, n) + block.columns - 1) / block.columns;
  return {columns, depth, depth * panels * block.columns};
}

}  // namespace detail

/// How many numbers matmul() may have to pack of a right operand (k, n).
template <class T>
Index matmul_scratch(Index k, Index n) {
  return detail::slab_size<T>(k, n).packed;
}

/// c (m, n) = start + a (m, k) b (k, n). c's rows are `c_row` apart, those of start `start_row`: it
/// may be c itself, or one row for all, with a step of 0, or null for zeros. Each number of c is
/// summed in the same order whatever the number of threads. Where b has row_offsets its column_step
/// is 1. `packed` is memory for matmul_scratch numbers.
template <class T>
void matmul(const MatrixView<T>& a, const MatrixView<T>& b, T* c, Index c_row, const T* start,
            Index start_row, T* packed) {
  const Index m = a.rows, n = b.columns, k = a.columns;
  if (m == 0 || n == 0) return;
  if (k == 0) {
    for (Index i = 0; i < m; ++i)
      if (start)
        std::copy_n(start + i * start_row, n, c + i * c_row);
      else
        std::fill_n(c + i * c_row, n, T(0));
    return;
  }
  if (detail::runs_along_depth(a, b)) {
    detail::multiply_runs<T>({.a = a,
                              .b = b.data,
                              .panel_step = b.column_step,
                              .n = n,
                              .c = c,
                              .c_row = c_row,
                              .start = start,
                              .start_row = start_row});
    return;
  }
  const detail::BlockSize block = detail::block_size<T>();
  const auto [columns, depth, numbers] = detail::slab_size<T>(k, n);
  for (Index first = 0; first < n; first += columns)
    for (Index begin = 0; begin < k; begin += depth) {
      detail::Product<T> product{};
      product.a = a;
      product.a.data += begin * a.column_step;
      product.a.columns = std::min(depth, k - begin);
      product.n = std::min(columns, n - first);
      product.c = c + first;
      product.c_row = c_row;
      product.start = begin > 0 ? product.c : start ? start + first : nullptr;
      product.start_row = begin > 0 ? c_row : start_row;
      detail::multiply_slab(product, b, first, begin, block, packed);
    }
}

/// The same with memory of its own.
template <class T>
void matmul(const MatrixView<T>& a, const MatrixView<T>& b, T* c, Index c_row, const T* start,
            Index start_row) {
  const Index size = detail::runs_along_depth(a, b) ? 0 : matmul_scratch<T>(b.rows, b.columns);
  const tinydl::detail::Storage<T> packed(static_cast<std::size_t>(size));
  matmul<T>(a, b, c, c_row, start, start_row, packed.data());
}

/// c = a b, or with `add` c += a b.
template <class T>
void matmul(const MatrixView<T>& a, const MatrixView<T>& b, T* c, Index c_row, bool add = false) {
  matmul<T>(a, b, c, c_row, add ? c : nullptr, c_row);
}

}  // namespace tinydl::kernels
