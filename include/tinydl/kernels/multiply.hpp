// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <tinydl/kernels/block.hpp>
#include <tinydl/kernels/pack.hpp>
#include <tinydl/kernels/tile.hpp>

// Matrix products by blocks and tiles: what is done between matmul.hpp and the innermost loops.

namespace tinydl::kernels::detail {

inline constexpr Index max_depth = 512;   // of a product whose left operand is packed
inline constexpr Index cached = 1 << 17;  // numbers that stay in the second-level cache
inline constexpr Index most_strips = 4;   // that meet a panel in turn, while it is in the caches

/// c (m, n) = start + a (m, k) b (k, n), where b is cut into panels of `panel` columns, a multiple
/// of BlockSize::unit and at most a block's, or of a block's if that is 0.
template <class T>
struct Product {
  MatrixView<T> a;
  // Panel q begins at b + q * panel_step, and its rows are b_row apart; but the last one, if it is
  // not a whole one, stands in `edge`, rounded up as BlockSize says: before its columns there are
  // edge_skip others, behind them anything.
  const T* b;
  Index panel_step, panel = 0, b_row = 1;
  const T* edge = nullptr;
  Index edge_row = 0, edge_skip = 0;
  Index n;
  T* c;
  Index c_row;
  const T* start = nullptr;  // rows that are start_row apart, or null
  Index start_row = 0;
  Index together = most_strips;
};

/// Whether columns of a that are far apart are made a run of memory first.
template <class T>
bool packs_columns(const MatrixView<T>& a) {
  return a.column_step != 1 && a.columns * a.column_step > cached;
}

/// The numbers of a block that are inside of the result: (rows, n) of them, from (i, j) on.
template <class T>
[[gnu::noinline]] void copy_edge(const Product<T>& o, const T* block, Index block_row, Index i,
                                 Index rows, Index j, Index n) {
  T* c = o.c + i * o.c_row + j;
  const T* start = o.start ? o.start + i * o.start_row + j : no_start<T>;
  const Index start_row = o.start ? o.start_row : 0;
  for (; rows > 0; --rows, block += block_row, c += o.c_row, start += start_row)
    add_row(block, start, n, c);
}

/// Copies `strips` strips of `height` rows column by column, all side by side, as they share cache
/// lines, and says where their rows are now.
template <class T>
void pack_strips(const MatrixView<T>& a, Index strips, Index height, const T** row, T* packed) {
  using V = Vector<T, 16>;
  constexpr Index width = lanes<V, T>;
  V v;
  for (Index p = 0; p < a.columns; ++p)
    for (Index s = 0; s < strips; ++s) {
      const T* const* from = row + s * height;
      const T *const first = from[0] + p * a.column_step, *const last = from[height - 1];
      T* to = packed + (s * a.columns + p) * height;
      prefetch_read(last + std::min(p + 16, a.columns - 1) * a.column_step);
      if (width <= height && a.row_step == 1 && last == from[0] + (height - 1))
        for (Index i = 0; i < height; i += width) {  // the last vector may overlap
          const Index at = std::min(i, height - width);
          load(v, first + at);
          store(to + at, v);
        }
      else
        for (Index i = 0; i < height; ++i) to[i] = from[i][p * a.column_step];
    }
  for (Index r = 0; r < strips * height; ++r)
    row[r] = packed + r / height * a.columns * height + r % height;
}

/// Tasks [begin, end): strips of the result, as high as a block, each cut across into tasks of
/// `panels` panels. Columns of a that are far apart are packed, unless they are more than
/// max_depth.
template <class T>
void multiply_strips(const Product<T>& o, Index panels, Index begin, Index end,
                     InstructionSet set = instruction_set()) {
  const BlockSize size = block_size<T>(set);
  const Index height = size.rows, columns = o.panel > 0 ? o.panel : size.columns;
  const Index cuts = ((o.n + columns - 1) / columns + panels - 1) / panels;
  const bool packs = packs_columns(o.a) && o.a.columns <= max_depth;
  // Whether what stands before the edge may be written once more, with the same numbers.
  const bool again = cuts == 1 && o.start != o.c;
  constexpr Index most_rows = most_strips * Block<64>::rows;
  T packed[most_rows * max_depth], edge[Block<64>::rows * Block<64>::columns<T>];
  const T* row[most_rows];
  for (Index t = begin; t < end;) {
    const Index strip = t / cuts, first = t % cuts * panels;
    const Index strips = cuts > 1 ? 1 : std::min(o.together, end - t);
    t += strips;
    // Rows that are not there repeat another.
    for (Index r = 0; r < strips * height; ++r)
      row[r] = o.a.row(std::min(strip * height + r, o.a.rows - 1));
    if (packs) pack_strips(o.a, strips, height, row, packed);
    for (Index q = first; q < first + panels && q * columns < o.n; ++q) {
      const Index n = std::min(columns, o.n - q * columns);
      const bool is_edge = n < columns;
      const Index skip = is_edge ? o.edge_skip : 0, j = q * columns - skip;
      const bool fits = !is_edge || n % size.unit == 0 || (skip > 0 && again);
      BlockProduct<T> block{};
      block.n = n;
      block.k = o.a.columns;
      block.a_column = packs ? height : o.a.column_step;
      block.b = is_edge ? o.edge : o.b + q * o.panel_step;
      block.b_row = is_edge ? o.edge_row : o.b_row;
      for (Index s = 0; s < strips; ++s) {
        const Index i = (strip + s) * height, rows = std::min(height, o.a.rows - i);
        block.m = size.rows_for(rows, n);
        const bool is_whole = fits && rows == block.m;
        const bool has_start = is_whole && o.start;
        block.a = row + s * height;
        block.c = is_whole ? o.c + i * o.c_row + j : edge;
        block.c_row = is_whole ? o.c_row : columns;
        block.start = has_start ? o.start + i * o.start_row + j : no_start<T>;
        block.start_row = has_start ? o.start_row : 0;
        run_for<MultiplyBlock<T>>(set, &block);
        if (!is_whole) copy_edge(o, edge + skip, columns, i, rows, q * columns, n);
      }
    }
  }
}

/// Tiles [begin, end) of the result, counted down its columns of tiles, for operands in which a's
/// rows and b's columns are runs of memory: nothing needs packing, and each number of c is the sum
/// of the lanes of a vector. k is at least a vector's lanes, and column j of b begins at
/// b + j * panel_step.
template <class T>
void multiply_tiles(const Product<T>& o, Index begin, Index end,
                    InstructionSet set = instruction_set()) {
  const TileSize tile = tile_size(set);
  const Index whole = o.a.rows / tile.rows, strips = (o.a.rows + tile.rows - 1) / tile.rows;
  constexpr Index most = 16;  // tiles at once
  constexpr Index most_columns = Tile<64>::columns;
  const T* column[most_columns];
  T edge[most * Tile<64>::rows * most_columns];
  for (Index t = begin; t < end;) {
    const Index strip = t % strips, i = strip * tile.rows, j = t / strips * tile.columns;
    const Index tiles = strip < whole ? std::min({most, whole - strip, end - t}) : 1;
    t += tiles;
    const Index columns = std::min(tile.columns, o.n - j), width = tile.columns_for(columns);
    // Columns that are not there repeat the last.
    for (Index c = 0; c < width; ++c)
      column[c] = o.b + (j + std::min(c, columns - 1)) * o.panel_step;
    const bool is_whole = strip < whole && columns == width;
    const bool has_start = is_whole && o.start;
    const TileProduct<T> product{
        .tiles = tiles,
        .n = width,
        .a = o.a,
        .first = i,
        .columns = column,
        .c = is_whole ? o.c + i * o.c_row + j : edge,
        .c_row = is_whole ? o.c_row : width,
        .start = has_start ? o.start + i * o.start_row + j : no_start<T>,
        .start_row = has_start ? o.start_row : 0,
    };
    run_for<MultiplyTiles<T>>(set, &product);
    const Index rows = std::min(tiles * tile.rows, o.a.rows - i);
    if (!is_whole) copy_edge(o, edge, width, i, rows, j, columns);
  }
}

}  // namespace tinydl::kernels::detail
