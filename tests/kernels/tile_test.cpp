// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/tile.hpp>

#include <instruction_sets.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

template <class T>
void tile_check(InstructionSet set) {
  const auto size = kernels::detail::tile_size(set);
  const Index lanes = vector_bytes(set) / static_cast<Index>(sizeof(T)), row = 5 * lanes;
  constexpr Index tiles = 3;
  const Index m = tiles * size.rows, n = size.columns;
  const auto a = small_integers<T>(m * row, 1), b = small_integers<T>(n * row, 2);
  std::vector<const T*> rows, columns;
  for (Index i = 0; i < m; ++i) rows.push_back(a.data() + i * row);
  for (Index j = 0; j < n; ++j) columns.push_back(b.data() + j * row);
  for (Index k = lanes; k <= 4 * lanes; ++k) {
    std::vector<T> sums(static_cast<std::size_t>(m * n + lanes), T(99)), expected;
    for (const T* x : rows)
      for (const T* y : columns) {
        T sum = 0;
        for (Index p = 0; p < k; ++p) sum += x[p] * y[p];
        expected.push_back(sum);
      }
    run_for<kernels::detail::MultiplyTiles<T>>(set, tiles, k, rows.data(), columns.data(),
                                               sums.data());
    sums.resize(expected.size());
    CAPTURE(vector_bytes(set));
    CAPTURE(k);
    CHECK(sums == expected);
  }
}

}  // namespace

TEST_CASE("tile: sums of every length from a vector on, for every instruction set") {
  for (auto set : instruction_sets_here()) {
    tile_check<float>(set);
    tile_check<double>(set);
  }
}
