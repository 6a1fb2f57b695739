// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/block.hpp>

#include <instruction_sets.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

// As many columns as there are, for one instruction set; rows have gaps.
template <class T>
void block_check(InstructionSet set) {
  const auto size = kernels::detail::block_size<T>(set);
  const Index b_row = size.columns + 1, c_row = size.columns + 2, start_row = size.columns + 3;
  for (Index k : {0, 1, 5})
    for (Index a_column : {1, 3})
      for (Index left : {Index(1), size.rows})
        for (Index n = 1; n <= size.columns; ++n) {
          const Index m = size.rows_for(left, n);
          const Index whole = (n + size.unit - 1) / size.unit * size.unit;
          const auto a = small_integers<T>(size.rows * 20, 1), b = small_integers<T>(5 * b_row, 2);
          const auto start = small_integers<T>(size.rows * start_row, 3);
          std::vector<T> c(static_cast<std::size_t>(size.rows * c_row), T(99)), expected = c;
          std::vector<const T*> rows;
          for (Index i = 0; i < size.rows; ++i) {
            rows.push_back(a.data() + i * 20);
            for (Index j = 0; i < m && j < whole; ++j) {
              T& sum = expected[static_cast<std::size_t>(i * c_row + j)];
              sum = start[static_cast<std::size_t>(i * start_row + j)];
              for (Index p = 0; p < k; ++p)
                sum += rows.back()[p * a_column] * b[static_cast<std::size_t>(p * b_row + j)];
            }
          }
          const kernels::detail::BlockProduct<T> product{.m = m,
                                                         .n = n,
                                                         .k = k,
                                                         .a = rows.data(),
                                                         .a_column = a_column,
                                                         .b = b.data(),
                                                         .b_row = b_row,
                                                         .c = c.data(),
                                                         .c_row = c_row,
                                                         .start = start.data(),
                                                         .start_row = start_row};
          run_for<kernels::detail::MultiplyBlock<T>>(set, &product);
          CAPTURE(vector_bytes(set));
          INFO(m, " rows, ", n, " columns, depth ", k, ", a's columns ", a_column, " apart");
          CHECK(c == expected);
        }
}

}  // namespace

TEST_CASE(
    "block: every number of columns, rounded up, of all rows or half, for every instruction set") {
  for (auto set : instruction_sets_here()) {
    block_check<float>(set);
    block_check<double>(set);
  }
}

TEST_CASE("block: has half its rows where no more are left and no vector is left out") {
  const auto size = kernels::detail::block_size<float>(InstructionSet::avx512);
  CHECK(size.rows_for(8, 48) == 8);
  CHECK(size.rows_for(5, 48) == 8);
  CHECK(size.rows_for(4, 48) == 4);
  CHECK(size.rows_for(1, 33) == 4);
  CHECK(size.rows_for(4, 32) == 8);
  const auto avx2 = kernels::detail::block_size<float>(InstructionSet::avx2);
  CHECK(avx2.rows_for(1, 16) == avx2.rows);
}
