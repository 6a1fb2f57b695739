// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/copy.hpp>

#include <restored_threads.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <vector>

using namespace tinydl;
using kernels::copy_strided;
using kernels::steps_of;

namespace {

std::vector<double> copy_counted(Index n) {
  std::vector<double> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 0.0);
  return values;
}

}  // namespace

TEST_CASE_TEMPLATE("fill: every count, nothing behind it, and a negative zero", T, float, double,
                   signed char) {
  for (Index n = 0; n < 70; ++n)
    for (T value : {T(3), T(-0.0)}) {
      std::vector<T> numbers(static_cast<std::size_t>(n + 5), T(9));
      kernels::fill(numbers.data() + 1, n, value);
      for (Index i = 0; i < n + 5; ++i) {
        const T number = numbers[static_cast<std::size_t>(i)];
        const bool inside = i > 0 && i <= n;
        CHECK(number == (inside ? value : T(9)));
        if (inside) CHECK(std::signbit(double(number)) == std::signbit(double(value)));
      }
    }
}

TEST_CASE("steps_of: the last axis has neighbours side by side") {
  CHECK(steps_of(Shape(2, 3, 4)) == Shape(12, 4, 1));
  CHECK(steps_of(Shape(5)) == Shape(1));
  CHECK(steps_of(Shape<0>()) == Shape<0>());
}

TEST_CASE("copy_strided: a number") {
  double to = 0;
  const double from = 7;
  copy_strided(Shape<0>(), &from, Shape<0>(), &to, Shape<0>());
  CHECK(to == 7);
}

TEST_CASE("copy_strided: permutes axes, reading or writing across") {
  const auto from = copy_counted(24);
  const Shape<3> shape(2, 3, 4), permuted(4, 2, 3);  // axes 2, 0, 1
  std::vector<double> read(24), written(24);
  copy_strided(permuted, from.data(), Shape(1, 12, 4), read.data(), steps_of(permuted));
  copy_strided(shape, from.data(), steps_of(shape), written.data(), Shape(3, 1, 6));
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        CHECK(read[6 * k + 3 * i + j] == from[12 * i + 4 * j + k]);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 4; ++k)
        CHECK(written[3 * i + j + 6 * k] == from[12 * i + 4 * j + k]);
}

TEST_CASE("copy_strided: cuts a block out and puts it elsewhere, writing nothing else") {
  const auto from = copy_counted(20);  // (4, 5)
  std::vector<double> to(12, -1);      // (3, 4)
  copy_strided(Shape(2, 3), from.data() + 7, Shape(5, 1), to.data() + 1, Shape(4, 1));
  CHECK(to == std::vector<double>{-1, 7, 8, 9, -1, 12, 13, 14, -1, -1, -1, -1});
}

TEST_CASE("copy_strided: a step of 0 repeats, and a negative one goes backwards") {
  const auto from = copy_counted(3);
  std::vector<double> to(6);
  copy_strided(Shape(2, 3), from.data(), Shape(0, 1), to.data(), Shape(3, 1));
  CHECK(to == std::vector<double>{0, 1, 2, 0, 1, 2});
  copy_strided(Shape(3, 2), from.data(), Shape(1, 0), to.data(), Shape(2, 1));
  CHECK(to == std::vector<double>{0, 0, 1, 1, 2, 2});
  copy_strided(Shape(3), from.data() + 2, Shape(-1), to.data(), Shape(2));
  CHECK(to == std::vector<double>{2, 0, 1, 1, 0, 2});
}

TEST_CASE("copy_strided: sizes of 0 copy nothing") {
  double untouched = 5;
  for (const Shape<2>& shape : {Shape(0, 3), Shape(3, 0), Shape(0, 0)})
    copy_strided(shape, static_cast<const double*>(nullptr), steps_of(shape), &untouched,
                 steps_of(shape));
  CHECK(untouched == 5);
}

TEST_CASE("copy_strided: transposes a large matrix on 1, 2 and 4 threads") {
  const RestoredThreads restored;
  constexpr Index m = 301, n = 503;
  const auto from = copy_counted(m * n);
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    std::vector<double> to(from.size());
    copy_strided(Shape(n, m), from.data(), Shape(Index{1}, n), to.data(), Shape(m, Index{1}));
    Index wrong = 0;
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < n; ++j)
        wrong +=
            to[static_cast<std::size_t>(j * m + i)] != from[static_cast<std::size_t>(i * n + j)];
    CHECK(wrong == 0);
  }
}
