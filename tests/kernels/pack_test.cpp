// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/pack.hpp>

#include <instruction_sets.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

// A part of a matrix, packed for one instruction set, whose vectors have `Bytes`.
template <int Bytes>
void pack_check_rows(InstructionSet set) {
  constexpr Index width = 2 * Bytes / 4;
  const auto numbers = small_integers<float>(10 * (width + 5), 1);
  const MatrixView<float> b{numbers.data(), 10, width + 5, width + 5, 1};
  std::vector<float> out(4 * width), expected;
  run_for<kernels::detail::PackRows<float>>(set, b, Index(3), Index(4), Index(2), width,
                                            out.data());
  for (Index p = 3; p < 7; ++p) expected.insert(expected.end(), b.row(p) + 2, b.row(p) + 2 + width);
  CHECK(out == expected);
}

template <class T>
void pack_check_columns(const MatrixView<T>& b, Index begin, Index k, Index first, Index n,
                        Index width) {
  std::vector<T> out(static_cast<std::size_t>(k * width + 1), T(99)), expected = out;
  std::fill_n(expected.begin(), k * width, T(0));
  for (Index p = 0; p < k; ++p)
    for (Index j = 0; j < n; ++j)
      expected[static_cast<std::size_t>(p * width + j)] =
          b.data[(begin + p) * b.row_step + (first + j) * b.column_step];
  kernels::detail::pack_columns(b, begin, k, first, n, width, out.data());
  INFO("(", k, ", ", n, ") of ", width, ", steps ", b.row_step, " and ", b.column_step);
  CHECK(out == expected);
}

template <class T>
void pack_check_all() {
  const Index width = std::max<Index>(48, 192 / sizeof(T));  // whole vectors of every size
  const auto numbers = small_integers<T>(80 * 80, 1);
  for (Index n : {1, 2, 3, 4, 5, 15, 16, 17, 48})
    for (Index k : {1, 2, 3, 4, 5, 6, 7, 19})
      for (const MatrixView<T>& b : {MatrixView<T>{numbers.data(), 30, 60, 70, 1},
                                     MatrixView<T>{numbers.data(), 30, 60, 1, 70},
                                     MatrixView<T>{numbers.data(), 30, 25, 77, 3}})
        pack_check_columns<T>(b, 3, k, 5, std::min(n, b.columns - 5), width);
  const MatrixView<T> wide{numbers.data(), 20, width + 9, width + 9, 1};
  pack_check_columns<T>(wide, 3, 7, 5, width, width);
}

}  // namespace

TEST_CASE("MatrixView: transposed twice is itself, and moves nothing") {
  const double data[6] = {};
  const auto view = matrix_view(data, 2, 3), transposed = view.transposed();
  CHECK(transposed.rows == 3);
  CHECK(transposed.columns == 2);
  CHECK(transposed.data == data);
  CHECK(transposed.row_step == 1);
  CHECK(transposed.column_step == 3);
  CHECK(transposed.transposed().column_step == 1);
}

TEST_CASE("PackRows: a block's columns of some rows, for every instruction set") {
  for (auto set : instruction_sets_here()) {
    CAPTURE(vector_bytes(set));
    if (set == InstructionSet::avx512) pack_check_rows<64>(set);
    if (set == InstructionSet::avx2) pack_check_rows<32>(set);
    if (set == InstructionSet::portable) pack_check_rows<16>(set);
  }
}

TEST_CASE("pack_columns: any part of a matrix, whose rows, columns or neither are together") {
  pack_check_all<float>();
  pack_check_all<double>();
  pack_check_all<short>();
  pack_check_all<signed char>();
}

TEST_CASE("transpose: a square") {
  Vector<float, 16> rows[4];
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) rows[i][j] = static_cast<float>(10 * i + j);
  kernels::detail::transpose<float>(rows);
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) {
      const float number = rows[i][j];
      CHECK(number == static_cast<float>(10 * j + i));
    }
}
