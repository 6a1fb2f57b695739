// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/matmul.hpp>

#include <tinydl/core/random.hpp>

#include <instruction_sets.hpp>
#include <restored_threads.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

// c [+]= a b by the definition.
template <class T>
void matmul_naive(const MatrixView<T>& a, const MatrixView<T>& b, T* c, Index c_row, bool add) {
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < b.columns; ++j) {
      T sum = add ? c[i * c_row + j] : T(0);
      for (Index p = 0; p < a.columns; ++p)
        sum +=
            a.data[i * a.row_step + p * a.column_step] * b.data[p * b.row_step + j * b.column_step];
      c[i * c_row + j] = sum;
    }
}

// Both operands as they are and transposed, into rows that are `gap` elements apart.
template <class T>
void matmul_check(Index m, Index k, Index n, Index gap = 0) {
  const auto a = small_integers<T>(m * k, 1), b = small_integers<T>(k * n, 2);
  const auto c = small_integers<T>(m * (n + gap) + 1, 3);
  for (int way = 0; way < 4; ++way) {
    const auto p = way & 1 ? matrix_view(a.data(), k, m).transposed() : matrix_view(a.data(), m, k);
    const auto q = way & 2 ? matrix_view(b.data(), n, k).transposed() : matrix_view(b.data(), k, n);
    const bool add = way == 1 || way == 2;
    std::vector<T> out = c, expected = c;
    matmul(p, q, out.data(), n + gap, add);
    matmul_naive(p, q, expected.data(), n + gap, add);
    INFO("(", m, ", ", k, ") x (", k, ", ", n, "), way ", way);
    CHECK(out == expected);
  }
}

// One block for one instruction set, whose vectors have `Bytes`.
template <class T, int Bytes>
void matmul_check_block(InstructionSet set) {
  constexpr Index width = kernels::detail::Block<Bytes>::template columns<T>;
  constexpr Index most_rows = kernels::detail::Block<Bytes>::rows;
  const auto a = small_integers<T>(most_rows * 7, 1);
  for (Index rows = 1; rows <= most_rows; ++rows)
    for (Index n = 1; n <= width; ++n)
      for (Index k : {1, 7})
        for (bool add : {false, true}) {
          auto b = small_integers<T>(k * width, 2);
          for (Index p = 0; p < k; ++p)
            std::fill(b.begin() + p * width + n, b.begin() + (p + 1) * width, T(0));
          const auto c = small_integers<T>(rows * (width + 3), 3);
          std::vector<T> out = c, expected = c;
          const MatrixView<T> p{a.data(), rows, k, 7, 1}, q{b.data(), k, n, width, 1};
          const T* a_rows[most_rows];
          for (Index i = 0; i < most_rows; ++i) a_rows[i] = p.row(std::min(i, rows - 1));
          run_for<kernels::detail::MultiplyBlock<T>>(set, k, static_cast<const T* const*>(a_rows),
                                                     p.column_step, q.data, out.data(), width + 3,
                                                     rows, n, add);
          matmul_naive(p, q, expected.data(), width + 3, add);
          CAPTURE(rows);
          CAPTURE(n);
          CHECK(out == expected);
        }
}

template <class T>
void matmul_check_blocks() {
  for (auto set : instruction_sets_here()) {
    CAPTURE(vector_bytes(set));
    switch (set) {
      case InstructionSet::avx512:
        matmul_check_block<T, 64>(set);
        break;
      case InstructionSet::avx2:
        matmul_check_block<T, 32>(set);
        break;
      case InstructionSet::portable:
        matmul_check_block<T, 16>(set);
        break;
    }
  }
}

// Rows of a block's width packed for one instruction set, whose vectors have `Bytes`.
template <int Bytes>
void matmul_check_packing(InstructionSet set) {
  constexpr Index width = kernels::detail::Block<Bytes>::template columns<float>;
  const auto numbers = small_integers<float>(10 * (width + 5), 1);
  const MatrixView<float> b{numbers.data(), 10, width + 5, width + 5, 1};
  std::vector<float> out(4 * width), expected;
  run_for<kernels::detail::PackRows<float>>(set, b, Index(3), Index(4), Index(2), out.data());
  for (Index p = 3; p < 7; ++p) expected.insert(expected.end(), b.row(p) + 2, b.row(p) + 2 + width);
  CHECK(out == expected);
}

template <class T>
std::vector<T> matmul_normals(Index n, std::uint64_t seed) {
  Generator generator(seed);
  std::vector<T> values(static_cast<std::size_t>(n));
  generator.fill_normal(std::span<T>(values));
  return values;
}

}  // namespace

TEST_CASE("matmul: all small sizes agree with the definition, also transposed and added") {
  for (Index m : {1, 2, 5, 8, 13})
    for (Index k : {1, 2, 3, 17})
      for (Index n : {1, 2, 7, 24, 53}) matmul_check<double>(m, k, n);
}

TEST_CASE("matmul: floats of small sizes agree with the definition") {
  for (Index m : {1, 6, 9})
    for (Index k : {1, 19})
      for (Index n : {1, 31, 48, 97}) matmul_check<float>(m, k, n);
}

TEST_CASE("matmul: sizes beyond its blocks in depth and in columns agree with the definition") {
  matmul_check<double>(3, 512, 5);
  matmul_check<double>(3, 513, 5);
  matmul_check<double>(11, 1301, 29);
  matmul_check<double>(3, 7, 1536);
  matmul_check<double>(9, 5, 1537);
  matmul_check<double>(2, 521, 3089);
  matmul_check<double>(257, 131, 67);
  matmul_check<float>(17, 1031, 1543);
  matmul_check<float>(1, 1030, 1600);
  matmul_check<float>(300, 1, 300);
}

TEST_CASE("matmul: writes rows that are apart and nothing between them") {
  matmul_check<double>(5, 4, 3, 2);
  matmul_check<double>(9, 40, 50, 1);
  matmul_check<float>(20, 600, 100, 5);
}

TEST_CASE("matmul: of depth 0 is zero, or adds nothing; without rows or columns nothing happens") {
  const double none = 0;
  std::vector<double> c(6, 7.0);
  matmul(matrix_view(&none, 2, 0), matrix_view(&none, 0, 2), c.data(), 3, true);
  CHECK(c == std::vector<double>(6, 7.0));
  matmul(matrix_view(&none, 2, 0), matrix_view(&none, 0, 2), c.data(), 3);
  CHECK(c == std::vector<double>{0, 0, 7, 0, 0, 7});
  matmul(matrix_view(&none, 0, 3), matrix_view(c.data(), 3, 2), c.data(), 2);
  matmul(matrix_view(c.data(), 2, 3), matrix_view(&none, 3, 0), c.data(), 0);
  CHECK(c == std::vector<double>{0, 0, 7, 0, 0, 7});
}

TEST_CASE("matmul: views of a part of a matrix") {
  const auto big = small_integers<double>(10 * 20, 1);
  const MatrixView<double> a{big.data() + 23, 4, 6, 20, 1}, b{big.data() + 61, 6, 5, 20, 2};
  std::vector<double> out(20), expected(20);
  matmul(a, b, out.data(), 5);
  matmul_naive(a, b, expected.data(), 5, false);
  CHECK(out == expected);
}

TEST_CASE("matmul: operands whose rows begin anywhere, and overlap") {
  const auto big = small_integers<double>(700, 1);
  const Index a_offsets[] = {40, 0, 41, 13, 40, 5, 600, 2, 1, 77, 3};
  std::vector<Index> b_offsets;
  for (Index p = 0; p < 50; ++p) b_offsets.push_back(p * 37 % 101);
  const MatrixView<double> a{big.data(), 11, 50, 0, 1, a_offsets},
      b{big.data(), 50, 59, 0, 1, b_offsets.data()};
  std::vector<double> a_copy, b_copy, out(11 * 59), expected(11 * 59);
  for (Index i = 0; i < a.rows; ++i) a_copy.insert(a_copy.end(), a.row(i), a.row(i) + a.columns);
  for (Index p = 0; p < b.rows; ++p) b_copy.insert(b_copy.end(), b.row(p), b.row(p) + b.columns);
  CHECK(b_copy[59] == big[37]);
  matmul_naive(matrix_view(a_copy.data(), 11, 50), matrix_view(b_copy.data(), 50, 59),
               expected.data(), 59, false);
  matmul(a, b, out.data(), 59);
  CHECK(out == expected);
  matmul(a, matrix_view(b_copy.data(), 50, 59), out.data(), 59);
  CHECK(out == expected);
  matmul(matrix_view(a_copy.data(), 11, 50), b, out.data(), 59);
  CHECK(out == expected);
}

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

TEST_CASE("MultiplyBlock: every size of a block of doubles, for every instruction set") {
  matmul_check_blocks<double>();
}

TEST_CASE("MultiplyBlock: every size of a block of floats, for every instruction set") {
  matmul_check_blocks<float>();
}

TEST_CASE("PackRows: a block's columns of some rows, for every instruction set") {
  for (auto set : instruction_sets_here()) {
    CAPTURE(vector_bytes(set));
    if (set == InstructionSet::avx512) matmul_check_packing<64>(set);
    if (set == InstructionSet::avx2) matmul_check_packing<32>(set);
    if (set == InstructionSet::portable) matmul_check_packing<16>(set);
  }
}

TEST_CASE("matmul: gives the same bits for 1, 2 and 4 threads, and inside of a task") {
  const RestoredThreads restored;
  struct Case {
    Index m, k, n;
  };
  for (const Case& s : {Case{130, 700, 300}, Case{5, 1100, 900}, Case{500, 30, 10}}) {
    const auto a = matmul_normals<float>(s.m * s.k, 1), b = matmul_normals<float>(s.k * s.n, 2);
    const auto multiply = [&] {
      std::vector<float> c(static_cast<std::size_t>(s.m * s.n));
      matmul(matrix_view(a.data(), s.m, s.k), matrix_view(b.data(), s.k, s.n), c.data(), s.n);
      return c;
    };
    set_num_threads(1);
    const auto first = multiply();
    const auto same = [&](const std::vector<float>& c) {
      return std::memcmp(c.data(), first.data(), c.size() * sizeof(float)) == 0;
    };
    for (int threads : {2, 4}) {
      set_num_threads(threads);
      CHECK(same(multiply()));
      std::vector<std::vector<float>> nested(3);
      parallel_for(3, [&](Index i) { nested[static_cast<std::size_t>(i)] = multiply(); });
      for (const auto& c : nested) CHECK(same(c));
    }
  }
}

TEST_CASE("matmul: rounding stays small where the numbers are not integers") {
  constexpr Index m = 20, k = 2000, n = 30;
  const auto a = matmul_normals<double>(m * k, 1), b = matmul_normals<double>(k * n, 2);
  std::vector<double> c(m * n), expected(m * n);
  const auto p = matrix_view(a.data(), m, k), q = matrix_view(b.data(), k, n);
  matmul(p, q, c.data(), n);
  matmul_naive(p, q, expected.data(), n, false);
  for (std::size_t i = 0; i < c.size(); ++i) CHECK(std::abs(c[i] - expected[i]) < 1e-11);
}
