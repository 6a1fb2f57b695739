// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/packed.hpp>

#include <tinydl/core/random.hpp>

#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <span>
#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

/// (m, k) x (k, n) for b as it is and transposed, added and not, into rows with a gap.
template <class T>
void packed_check(Index m, Index k, Index n) {
  const Index a_row = k + 2, c_row = n + 3;
  const auto a = small_integers<T>(m * a_row, 1), b = small_integers<T>(k * n, 2);
  const auto c = small_integers<T>(m * c_row, 3);
  const auto at = [](const std::vector<T>& x, Index i) { return x[static_cast<std::size_t>(i)]; };
  for (int way = 0; way < 4; ++way) {
    const bool add = way & 1, transposed = way & 2;
    const PackedMatrix<T> packed(transposed ? matrix_view(b.data(), n, k).transposed()
                                            : matrix_view(b.data(), k, n));
    CHECK(packed.rows() == k);
    CHECK(packed.columns() == n);
    std::vector<T> out = c, expected = c;
    packed.multiply(m, a.data(), a_row, out.data(), c_row, add ? out.data() : nullptr, c_row);
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < n; ++j) {
        T sum = add ? at(c, i * c_row + j) : T(0);
        for (Index p = 0; p < k; ++p)
          sum += at(a, i * a_row + p) * at(b, transposed ? j * k + p : p * n + j);
        expected[static_cast<std::size_t>(i * c_row + j)] = sum;
      }
    INFO("(", m, ", ", k, ") x (", k, ", ", n, "), way ", way);
    CHECK(out == expected);
  }
}

}  // namespace

TEST_CASE("packed: products agree with the definition and leave the gaps between rows alone") {
  for (Index m : {1, 7, 8, 9, 17})
    for (Index k : {1, 5, 130})
      for (Index n : {1, 23, 24, 49, 100}) {
        packed_check<double>(m, k, n);
        packed_check<float>(m, k, n);
      }
}

TEST_CASE("packed: a row has the same bits however many others there are") {
  constexpr Index most = 9, k = 40, n = 100;
  Generator generator(1);
  std::vector<float> a(most * k), b(k * n), all(most * n), some(most * n);
  generator.fill_normal(std::span<float>(a));
  generator.fill_normal(std::span<float>(b));
  const PackedMatrix<float> packed(matrix_view(b.data(), k, n));
  packed.multiply(most, a.data(), k, all.data(), n);
  for (Index m = 1; m < most; ++m) {
    packed.multiply(m, a.data(), k, some.data(), n);
    CAPTURE(m);
    CHECK(std::memcmp(some.data(), all.data(), static_cast<std::size_t>(m * n) * sizeof(float)) ==
          0);
  }
}

TEST_CASE("packed: no rows, no work") {
  const std::vector<double> b(6, 1.0);
  std::vector<double> out(3, 99.0);
  PackedMatrix<double>(matrix_view(b.data(), 2, 3)).multiply(0, b.data(), 2, out.data(), 3);
  CHECK(out == std::vector<double>(3, 99.0));
}
