// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/index.hpp>

#include <restored_threads.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <vector>

using namespace tinydl;

namespace {

using IndexList = std::vector<std::int64_t>;

IndexList index_below(std::int64_t size, std::size_t count) {
  IndexList index(count);
  for (std::size_t i = 0; i < count; ++i)
    index[i] = static_cast<std::int64_t>(i * 7919 % 1009) % size;
  return index;
}

}  // namespace

TEST_CASE("gather and scatter_add kernels: along every axis, as loops do it") {
  const std::array<Index, 3> a = {2, 3, 4}, b = {3, 5, 4};
  for (int axis = 0; axis < 3; ++axis) {
    CAPTURE(axis);
    const kernels::Lines lines{a, b, axis};
    const auto x = small_integers<double>(60, 3), g = small_integers<double>(24, 4);
    const IndexList index = index_below(b[static_cast<std::size_t>(axis)], 24);
    std::vector<double> y(24), sums(60), expected(24), expected_sums(60);
    for (Index i = 0; i < 24; ++i) {
      std::array<Index, 3> at = {i / 12, i / 4 % 3, i % 4};
      at[static_cast<std::size_t>(axis)] = index[static_cast<std::size_t>(i)];
      const auto from = static_cast<std::size_t>((at[0] * 5 + at[1]) * 4 + at[2]);
      expected[static_cast<std::size_t>(i)] = x[from];
      expected_sums[from] += g[static_cast<std::size_t>(i)];
    }
    kernels::gather(lines, index.data(), x.data(), y.data());
    kernels::scatter_add(lines, index.data(), g.data(), sums.data());
    CHECK(y == expected);
    CHECK(sums == expected_sums);
  }
}

TEST_CASE("cumsum kernel: forwards and from the end, beside wide rows too") {
  for (Index inner : {1, 3, 300}) {
    CAPTURE(inner);
    const auto x = small_integers<double>(2 * 5 * inner, 3);
    for (bool reversed : {false, true}) {
      std::vector<double> y(x.size()), expected(x.size());
      for (Index o = 0; o < 2; ++o)
        for (Index i = 0; i < inner; ++i) {
          double sum = 0;
          for (Index k = 0; k < 5; ++k) {
            const Index row = o * 5 + (reversed ? 4 - k : k);
            const auto at = static_cast<std::size_t>(row * inner + i);
            expected[at] = sum += x[at];
          }
        }
      kernels::cumsum(2, 5, inner, reversed, x.data(), y.data());
      CHECK(y == expected);
    }
  }
}

TEST_CASE("take_rows and add_rows: rows by their index; a negative one names none") {
  const std::vector<double> x = {1, 2, 3, 4, 5, 6};
  const IndexList index = {2, -1, 0, 2};
  std::vector<double> y(8, 99);
  kernels::take_rows(4, 2, index.data(), x.data(), y.data());
  CHECK(y == std::vector<double>{5, 6, 0, 0, 1, 2, 5, 6});
  const std::vector<double> g = {1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<double> sums(6, 99);
  kernels::add_rows(4, 3, 2, index.data(), g.data(), sums.data());
  CHECK(sums == std::vector<double>{5, 6, 0, 0, 8, 10});
}

TEST_CASE("add_rows: sums in the order of the positions") {
  const IndexList index = {1, 1, 1};
  const std::vector<double> g = {1, 1e100, -1e100};
  std::vector<double> sums(2, 99);
  kernels::add_rows(3, 2, 1, index.data(), g.data(), sums.data());
  CHECK(sums == std::vector<double>{0, 0});
}

TEST_CASE("index kernels: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const Index count = 4000, rows = 60, n = 50;
  const IndexList index = index_below(rows, 4000);
  std::vector<double> x(static_cast<std::size_t>(count * n)), first;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 1 / (1.0 + static_cast<double>(i % 997));
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    std::vector<double> sums(static_cast<std::size_t>(rows * n));
    kernels::add_rows(count, rows, n, index.data(), x.data(), sums.data());
    if (first.empty()) first = sums;
    CHECK(sums == first);
  }
}
