// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/tile.hpp>

#include <instruction_sets.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

template <class T>
void tile_check(InstructionSet set, kernels::detail::TileSize size, Index n) {
  const Index lanes = vector_bytes(set) / static_cast<Index>(sizeof(T)), row = 5 * lanes;
  constexpr Index tiles = 3, first = 2;
  const Index m = tiles * size.rows, c_row = n + 3;
  const auto a = small_integers<T>((first + m) * row, 1), b = small_integers<T>(n * row, 2);
  const auto start = small_integers<T>(m * c_row, 3);
  const auto at = [](const auto& numbers, Index i) { return numbers[static_cast<std::size_t>(i)]; };
  std::vector<const T*> columns;
  for (Index j = 0; j < n; ++j) columns.push_back(b.data() + j * row);
  for (Index missing : {0, 1})
    for (Index k = lanes; k <= 4 * lanes; ++k) {
      std::vector<T> c(static_cast<std::size_t>(m * c_row), T(99)), expected = c;
      for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < n; ++j) {
          const Index a_row = first + std::min(i, m - 1 - missing);
          T sum = at(start, i * c_row + j);
          for (Index p = 0; p < k; ++p) sum += at(a, a_row * row + p) * at(b, j * row + p);
          expected[static_cast<std::size_t>(i * c_row + j)] = sum;
        }
      const kernels::detail::TileProduct<T> product{
          .tiles = tiles,
          .n = n,
          .a = {a.data(), first + m - missing, k, row, 1},
          .first = first,
          .columns = columns.data(),
          .c = c.data(),
          .c_row = c_row,
          .start = start.data(),
          .start_row = c_row,
      };
      run_for<kernels::detail::MultiplyTiles<T>>(set, &product);
      CAPTURE(vector_bytes(set));
      CAPTURE(n);
      CAPTURE(k);
      CAPTURE(missing);
      CHECK(c == expected);
    }
}

}  // namespace

TEST_CASE("tile: products of every depth from a vector on, for every instruction set") {
  for (auto set : instruction_sets_here()) {
    const auto size = kernels::detail::tile_size(set);
    for (Index n : {size.narrow, size.columns}) {
      tile_check<float>(set, size, n);
      tile_check<double>(set, size, n);
    }
  }
}

TEST_CASE("tile: the last columns of 10, 64, 100 or 256 fill a tile of AVX-512") {
  const auto size = kernels::detail::tile_size(InstructionSet::avx512);
  for (Index n : {10, 64, 100, 256}) CHECK(size.columns_for(n % size.columns) == n % size.columns);
  CHECK(size.columns_for(1) == size.narrow);
  CHECK(size.columns_for(size.narrow + 1) == size.columns);
}
