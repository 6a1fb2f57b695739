// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/multiply.hpp>

#include <instruction_sets.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

// Rows 0 to m of a (k long, steps as given) times a packed b, into rows with a gap, for one
// instruction set, whose vectors have `Bytes`.
template <class T, int Bytes>
void multiply_check_blocks(InstructionSet set) {
  constexpr Index width = kernels::detail::Block<Bytes>::template columns<T>;
  constexpr Index most_rows = kernels::detail::Block<Bytes>::rows, gap = 3;
  const Index unit = kernels::detail::block_size<T>(set).unit;
  const auto a = small_integers<T>(30 * 30, 1);
  for (Index m = 1; m <= most_rows + 1; ++m)
    for (Index n = 1; n <= width + 2; ++n)
      for (Index k : {1, 7})
        for (int way = 0; way < 5; ++way) {
          const Index c_row = n + gap;
          // All panels may be narrower than a block.
          const Index panel = way == 4 ? std::max(unit, width - unit) : width;
          // Columns of a may be apart; the panels stand one after another, or in the matrix.
          const MatrixView<T> p = way == 0   ? MatrixView<T>{a.data(), m, k, 30, 1}
                                  : way == 1 ? MatrixView<T>{a.data(), m, k, 1, 30}
                                             : MatrixView<T>{a.data(), m, k, 30, 2};
          const auto numbers = small_integers<T>(k * n, 2);
          const auto q = matrix_view(numbers.data(), k, n);
          std::vector<T> panels(static_cast<std::size_t>(2 * k * width));
          for (Index i = 0; i < k; ++i)
            for (Index j = 0; j < n; ++j)
              panels[static_cast<std::size_t>((j / panel * k + i) * panel + j % panel)] =
                  q.row(i)[j];
          const auto start = small_integers<T>(n, 3);
          std::vector<T> out(static_cast<std::size_t>(m * c_row), T(99)), expected = out;
          for (Index i = 0; i < m; ++i)
            for (Index j = 0; j < n; ++j) {
              T sum = way == 1 ? T(0) : start[static_cast<std::size_t>(j)];
              for (Index l = 0; l < k; ++l)
                sum += p.data[i * p.row_step + l * p.column_step] * q.row(l)[j];
              expected[static_cast<std::size_t>(i * c_row + j)] = sum;
            }
          kernels::detail::Product<T> product{.a = p,
                                              .b = panels.data(),
                                              .panel_step = k * panel,
                                              .panel = way == 4 ? panel : 0,
                                              .b_row = panel,
                                              .edge = panels.data() + n / panel * k * panel,
                                              .edge_row = panel,
                                              .n = n,
                                              .c = out.data(),
                                              .c_row = c_row,
                                              .start = way == 1 ? nullptr : start.data()};
          const Index left = n % width, edge = (left + unit - 1) / unit * unit;
          if (way == 3 && edge <= n) {
            product.b = numbers.data();
            product.panel_step = width;
            product.b_row = product.edge_row = n;
            product.edge = numbers.data() + n - edge;
            product.edge_skip = edge - left;
          }
          const Index strips = (m + most_rows - 1) / most_rows,
                      tasks = (n + panel - 1) / panel * strips;
          // One panel for each task; the last of them by itself.
          kernels::detail::multiply_strips(product, 1, 0, tasks - 1, set);
          kernels::detail::multiply_strips(product, 1, tasks - 1, tasks, set);
          INFO("(", m, ", ", k, ") x (", k, ", ", n, "), way ", way);
          CHECK(out == expected);
        }
}

/// Several strips at once, whose k columns are near or `far` apart.
template <class T>
void multiply_check_strips(InstructionSet set, Index k, Index far) {
  const kernels::detail::BlockSize block = kernels::detail::block_size<T>(set);
  const Index R = block.rows, width = block.columns, n = width + 1, most = 11 * R;
  const auto a = small_integers<T>((k - 1) * far + most, 1), b = small_integers<T>(k * n, 2);
  std::vector<T> panels(static_cast<std::size_t>(2 * k * width));
  for (Index i = 0; i < k * n; ++i)
    panels[static_cast<std::size_t>((i % n / width * k + i / n) * width + i % n % width)] =
        b[static_cast<std::size_t>(i)];
  for (Index m : {Index(3), 2 * R + 1, 4 * R, 9 * R + 2})
    for (Index step : {most, far}) {
      std::vector<T> out(static_cast<std::size_t>(m * n)), expected = out;
      for (Index i = 0; i < m * n; ++i)
        for (Index l = 0; l < k; ++l)
          expected[static_cast<std::size_t>(i)] += a[static_cast<std::size_t>(i / n + l * step)] *
                                                   b[static_cast<std::size_t>(l * n + i % n)];
      for (Index together : {1, 3, 4}) {
        const kernels::detail::Product<T> product{.a = {a.data(), m, k, 1, step},
                                                  .b = panels.data(),
                                                  .panel_step = k * width,
                                                  .b_row = width,
                                                  .edge = panels.data() + k * width,
                                                  .edge_row = width,
                                                  .n = n,
                                                  .c = out.data(),
                                                  .c_row = n,
                                                  .together = together};
        const Index strips = (m + R - 1) / R;
        std::fill(out.begin(), out.end(), T(0));
        kernels::detail::multiply_strips(product, 2, 0, strips, set);
        INFO(m, " rows, columns ", step, " apart, ", together, " strips together");
        CHECK(out == expected);
      }
    }
}

/// Two rows as far apart as those of a strip that ends with the second if they were a run.
template <class T>
void multiply_check_gaps(InstructionSet set) {
  const kernels::detail::BlockSize block = kernels::detail::block_size<T>(set);
  const Index k = 3, far = kernels::detail::cached / 2, gap = block.rows - 1;
  const auto a = small_integers<T>(2 * far + block.rows, 1);
  const auto b = small_integers<T>(k * block.columns, 2);
  std::vector<T> out(static_cast<std::size_t>(2 * block.columns)), expected = out;
  for (Index i = 0; i < 2 * block.columns; ++i)
    for (Index l = 0; l < k; ++l)
      expected[static_cast<std::size_t>(i)] +=
          a[static_cast<std::size_t>(i / block.columns * gap + l * far)] *
          b[static_cast<std::size_t>(l * block.columns + i % block.columns)];
  const kernels::detail::Product<T> product{.a = {a.data(), 2, k, gap, far},
                                            .b = b.data(),
                                            .panel_step = 0,
                                            .b_row = block.columns,
                                            .n = block.columns,
                                            .c = out.data(),
                                            .c_row = block.columns};
  kernels::detail::multiply_strips(product, 1, 0, 1, set);
  CHECK(out == expected);
}

template <class T, int Bytes>
void multiply_check_tiles(InstructionSet set) {
  constexpr Index width = lanes<Vector<T, Bytes>, T>;
  constexpr Index R = kernels::detail::Tile<Bytes>::rows, C = kernels::detail::Tile<Bytes>::columns;
  std::vector<Index> heights{17 * R + 1};  // more than are made at once
  for (Index m = 1; m <= 6 * R + 1; m += m < R ? 1 : 2) heights.push_back(m);
  const auto a = small_integers<T>(70 * 70, 1), b = small_integers<T>(20 * 70, 2);
  const auto start = small_integers<T>(70 * 20, 3);
  for (Index k : {width, width + 1, 2 * width - 1, 2 * width, 3 * width + 3})
    for (bool adds : {false, true})  // to what stands there
      for (Index m : heights)
        for (Index n = 1; n <= 2 * C + 1; ++n) {
          std::vector<T> out(static_cast<std::size_t>(m * 20), T(99));
          if (adds) std::copy_n(start.data(), m * 20, out.data());
          std::vector<T> expected = out;
          for (Index i = 0; i < m; ++i)
            for (Index j = 0; j < n; ++j) {
              T sum = start[static_cast<std::size_t>(i * 20 + j)];
              for (Index l = 0; l < k; ++l)
                sum += a[static_cast<std::size_t>(i * 70 + l)] *
                       b[static_cast<std::size_t>(j * 70 + l)];
              expected[static_cast<std::size_t>(i * 20 + j)] = sum;
            }
          const kernels::detail::Product<T> product{.a = {a.data(), m, k, 70, 1},
                                                    .b = b.data(),
                                                    .panel_step = 70,
                                                    .n = n,
                                                    .c = out.data(),
                                                    .c_row = 20,
                                                    .start = adds ? out.data() : start.data(),
                                                    .start_row = 20};
          const Index tiles = ((m + R - 1) / R) * ((n + C - 1) / C);
          kernels::detail::multiply_tiles(product, 0, 1, set);
          kernels::detail::multiply_tiles(product, 1, tiles, set);
          INFO("(", m, ", ", k, ") x (", k, ", ", n, ")");
          CHECK(out == expected);
        }
}

// So far apart that they are packed, and too many for that.
template <class T>
void multiply_check_strips() {
  for (const InstructionSet set : instruction_sets_here()) {
    CAPTURE(vector_bytes(set));
    multiply_check_strips<T>(set, 3, kernels::detail::cached / 2);
    if (sizeof(T) == 1) continue;  // whose sums would be too large
    multiply_check_strips<T>(set, kernels::detail::max_depth + 1, 300);
  }
}

template <class T>
void multiply_check_all() {
  for (auto set : instruction_sets_here()) {
    CAPTURE(vector_bytes(set));
    switch (set) {
      case InstructionSet::avx512:
        multiply_check_blocks<T, 64>(set);
        multiply_check_tiles<T, 64>(set);
        break;
      case InstructionSet::avx2:
        multiply_check_blocks<T, 32>(set);
        multiply_check_tiles<T, 32>(set);
        break;
      case InstructionSet::portable:
        multiply_check_blocks<T, 16>(set);
        multiply_check_tiles<T, 16>(set);
        break;
    }
  }
}

}  // namespace

TEST_CASE("multiply: every size of blocks and tiles of doubles, for every instruction set") {
  multiply_check_all<double>();
}

TEST_CASE("multiply: every size of blocks and tiles of floats, for every instruction set") {
  multiply_check_all<float>();
}

TEST_CASE("multiply: rows with gaps are packed one by one, for every instruction set") {
  for (const InstructionSet set : instruction_sets_here()) {
    CAPTURE(vector_bytes(set));
    multiply_check_gaps<double>(set);
    multiply_check_gaps<float>(set);
  }
}

TEST_CASE("multiply: strips whose columns are packed, for every instruction set") {
  multiply_check_strips<double>();
  multiply_check_strips<float>();
  multiply_check_strips<std::int16_t>();  // of some instruction sets' blocks, fewer rows than
  multiply_check_strips<std::int8_t>();   // a vector of 16 bytes has numbers
}
