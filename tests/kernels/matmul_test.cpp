// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/matmul.hpp>

#include <tinydl/core/random.hpp>

#include <restored_threads.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
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

// For one instruction set this meets every kind of strip, panel and tile, and every remainder.
TEST_CASE("matmul: every number of rows and columns up to beyond two blocks") {
  for (Index m = 1; m <= 17; ++m)
    for (Index n = 1; n <= 100; n += m == 8 || m == 9 ? 1 : 7)
      matmul_check<float>(m, 16 + n % 3, n);
  for (Index m = 1; m <= 17; ++m)
    for (Index n = 1; n <= 50; n += m == 5 ? 1 : 3) matmul_check<double>(m, 16 + n % 9, n);
}

TEST_CASE("matmul: every depth, of operands that run along it") {
  for (Index k = 1; k <= 70; ++k) {
    matmul_check<float>(6, k, 11);
    matmul_check<double>(11, k, 6);
  }
}

TEST_CASE("matmul: sizes beyond its blocks in depth and in columns agree with the definition") {
  matmul_check<double>(3, 512, 5);
  matmul_check<double>(3, 513, 5);
  matmul_check<double>(11, 1301, 29);
  matmul_check<double>(3, 7, 2112);
  matmul_check<double>(9, 5, 2113);
  matmul_check<double>(2, 521, 4241);
  matmul_check<double>(257, 131, 67);
  matmul_check<float>(17, 1031, 2119);
  matmul_check<float>(1, 1030, 2176);
  matmul_check<float>(300, 1, 300);
  matmul_check<float>(255, 520, 510);
  matmul_check<float>(130, 1100, 20);
}

TEST_CASE("matmul: begins with a row for all, with rows of its own, or with nothing") {
  struct Case {
    Index m, k, n;
  };
  for (const Case& s :
       {Case{9, 0, 5}, Case{7, 5, 50}, Case{130, 5, 50}, Case{3, 30, 7}, Case{2, 1100, 100}}) {
    const Index gap = 2, c_row = s.n + gap;
    const auto a = small_integers<float>(s.m * s.k + 1, 1);
    const auto b = small_integers<float>(s.k * s.n + 1, 2);
    const auto start = small_integers<float>(s.m * (s.n + 1), 3);
    for (bool transposed : {false, true})
      for (Index start_row : {Index(0), s.n + 1, Index(-1)}) {
        const auto p = matrix_view(a.data(), s.m, s.k);
        const auto q = transposed ? matrix_view(b.data(), s.n, s.k).transposed()
                                  : matrix_view(b.data(), s.k, s.n);
        std::vector<float> out(static_cast<std::size_t>(s.m * c_row), 99), expected = out;
        for (Index i = 0; i < s.m; ++i)
          for (Index j = 0; j < s.n; ++j)
            expected[static_cast<std::size_t>(i * c_row + j)] =
                start_row < 0 ? 0 : start[static_cast<std::size_t>(i * start_row + j)];
        matmul_naive(p, q, expected.data(), c_row, true);
        matmul<float>(p, q, out.data(), c_row, start_row < 0 ? nullptr : start.data(), start_row);
        INFO("(", s.m, ", ", s.k, ") x (", s.k, ", ", s.n, "), ", transposed, ", ", start_row);
        CHECK(out == expected);
      }
  }
}

TEST_CASE("matmul: infinities stay where they are") {
  constexpr Index k = 21;  // the last vectors of the depth overlap
  const float infinity = std::numeric_limits<float>::infinity();
  for (Index at = 0; at < k; ++at) {
    std::vector<float> a(2 * k, 1), b(2 * k, 1), c(4);
    a[static_cast<std::size_t>(at)] = infinity;
    b[static_cast<std::size_t>(k + k - 1 - at)] = -infinity;
    const auto q = matrix_view(b.data(), 2, k).transposed();
    matmul(matrix_view(a.data(), 2, k), q, c.data(), 2);
    CHECK(c[0] == infinity);
    CHECK(c[2] == k);
    CHECK(c[3] == -infinity);
  }
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

TEST_CASE("matmul: gives the same bits for 1, 2 and 4 threads, and inside of a task") {
  const RestoredThreads restored;
  struct Case {
    Index m, k, n;
  };
  for (const Case& s :
       {Case{130, 700, 300}, Case{5, 1100, 900}, Case{500, 30, 10}, Case{100, 300, 200}}) {
    const auto a = matmul_normals<float>(s.m * s.k, 1), b = matmul_normals<float>(s.k * s.n, 2);
    const auto multiply = [&] {
      std::vector<float> c(static_cast<std::size_t>(3 * s.m * s.n));
      float* out = c.data();
      const auto p = matrix_view(a.data(), s.m, s.k), q = matrix_view(b.data(), s.k, s.n);
      matmul(p, q, out, s.n);
      matmul(p, matrix_view(b.data(), s.n, s.k).transposed(), out += s.m * s.n, s.n);
      matmul(matrix_view(a.data(), s.k, s.m).transposed(), q, out += s.m * s.n, s.n);
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
