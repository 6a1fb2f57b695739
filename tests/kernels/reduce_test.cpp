// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/reduce.hpp>

#include <tinydl/core/random.hpp>

#include <instruction_sets.hpp>
#include <restored_threads.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

constexpr double reduce_infinity = std::numeric_limits<double>::infinity();

double reduce_naive(Sum, double y, double x) { return y + x; }
double reduce_naive(Max, double y, double x) { return std::max(y, x); }
double reduce_naive(Min, double y, double x) { return std::min(y, x); }

// fold() by its definition.
template <class F>
std::vector<double> reduce_expected(Index outer, Index n, Index inner,
                                    const std::vector<double>& in) {
  std::vector<double> out(static_cast<std::size_t>(outer * inner), F::template neutral<double>);
  for (Index i = 0; i < outer; ++i)
    for (Index j = 0; j < n; ++j)
      for (Index k = 0; k < inner; ++k) {
        double& y = out[static_cast<std::size_t>(i * inner + k)];
        y = reduce_naive(F{}, y, in[static_cast<std::size_t>((i * n + j) * inner + k)]);
      }
  return out;
}

template <class F>
void reduce_check_fold(Index outer, Index n, Index inner) {
  const auto in = small_integers<double>(outer * n * inner, 3);
  std::vector<double> out(static_cast<std::size_t>(outer * inner), 99);
  fold(outer, n, inner, in.data(), out.data(), F{});
  INFO("fold of (", outer, ", ", n, ", ", inner, ")");
  CHECK(out == reduce_expected<F>(outer, n, inner, in));
}

template <class F>
void reduce_check_rows() {
  const auto in = small_integers<double>(200, 5);
  for (auto set : instruction_sets_here())
    for (Index n = 0; n <= 150; ++n) {
      CAPTURE(n);
      double out = 99;
      run_for<kernels::detail::FoldRow<double, F>>(set, n, in.data() + 1, &out);
      double expected = F::template neutral<double>;
      for (Index i = 1; i <= n; ++i)
        expected = reduce_naive(F{}, expected, in[static_cast<std::size_t>(i)]);
      CHECK(out == expected);
    }
}

// fold_axes() by its definition, for every set of axes.
template <class F>
void reduce_check_axes(const std::vector<Index>& shape) {
  const std::size_t rank = shape.size();
  Index count = 1;
  for (Index size : shape) count *= size;
  const auto in = small_integers<double>(count, 7);
  for (unsigned axes = 0; axes < 1u << rank; ++axes) {
    std::array<bool, 4> folded{};
    Index left = 1;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      folded[axis] = (axes >> axis & 1) != 0;
      if (!folded[axis]) left *= shape[axis];
    }
    std::vector<double> expected(static_cast<std::size_t>(left), F::template neutral<double>);
    for (Index i = 0; i < count; ++i) {
      Index rest = i, at = 0, step = 1;
      for (std::size_t axis = rank; axis-- > 0;) {
        if (!folded[axis]) {
          at += rest % shape[axis] * step;
          step *= shape[axis];
        }
        rest /= shape[axis];
      }
      double& y = expected[static_cast<std::size_t>(at)];
      y = reduce_naive(F{}, y, in[static_cast<std::size_t>(i)]);
    }
    std::vector<double> out(static_cast<std::size_t>(left), 99);
    fold_axes(shape, std::span<const bool>(folded.data(), rank), in.data(), out.data(), F{});
    INFO("shape ", shape_text(shape), ", axes ", axes);
    CHECK(out == expected);
  }
}

}  // namespace

TEST_CASE("FoldRow: every length up to 150, for every instruction set") {
  reduce_check_rows<Sum>();
  reduce_check_rows<Max>();
  reduce_check_rows<Min>();
}

TEST_CASE("FoldColumns: every number of columns up to 70, for every instruction set") {
  constexpr Index stride = 80;
  const auto in = small_integers<double>(5 * stride, 5);
  for (auto set : instruction_sets_here())
    for (Index n = 0; n <= 70; ++n)
      for (Index rows : {0, 1, 5}) {
        CAPTURE(n);
        std::vector<double> out(static_cast<std::size_t>(n) + 1, 99), expected = out;
        for (Index i = 0; i < n; ++i) {
          double sum = 0;
          for (Index r = 0; r < rows; ++r) sum += in[static_cast<std::size_t>(r * stride + i)];
          expected[static_cast<std::size_t>(i)] = sum;
        }
        run_for<kernels::detail::FoldColumns<double, Sum>>(set, rows, n, stride, in.data(),
                                                           out.data());
        CHECK(out == expected);
      }
}

TEST_CASE("fold: is what its definition says, for short and long axes") {
  for (Index outer : {0, 1, 3})
    for (Index n : {0, 1, 2, 511, 512, 513, 1025})
      for (Index inner : {0, 1, 2, 7, 33}) reduce_check_fold<Sum>(outer, n, inner);
  for (Index n : {8191, 8192, 8193, 16'385, 100'000}) {
    reduce_check_fold<Sum>(1, n, 1);
    reduce_check_fold<Sum>(3, n, 1);
    reduce_check_fold<Sum>(2, n, 5);
  }
  reduce_check_fold<Sum>(2, 3, 1300);
  reduce_check_fold<Sum>(1, 600, 1030);
  reduce_check_fold<Sum>(5000, 4, 1);
}

TEST_CASE("fold: maxima and minima, short and long") {
  for (Index n : {0, 1, 100, 513, 100'000})
    for (Index inner : {1, 5}) {
      reduce_check_fold<Max>(2, n, inner);
      reduce_check_fold<Min>(2, n, inner);
    }
}

TEST_CASE("fold: finds an extreme wherever it is") {
  std::vector<double> in(20'000, 1.0);
  for (std::size_t at : {std::size_t{0}, std::size_t{8191}, std::size_t{8192}, in.size() - 1}) {
    CAPTURE(at);
    double out = 0;
    in[at] = 2;
    fold(1, Index(in.size()), 1, in.data(), &out, Max{});
    CHECK(out == 2);
    in[at] = -reduce_infinity;
    fold(1, Index(in.size()), 1, in.data(), &out, Min{});
    CHECK(out == -reduce_infinity);
    in[at] = 1;
  }
}

TEST_CASE("fold: extremes of integers, which have no infinity") {
  const std::vector<std::int64_t> in{-5, -9, -7};
  std::int64_t out = 0;
  fold(1, 3, 1, in.data(), &out, Max{});
  CHECK(out == -5);
  fold(1, 3, 1, in.data(), &out, Min{});
  CHECK(out == -9);
  fold(1, 0, 1, in.data(), &out, Max{});
  CHECK(out == std::numeric_limits<std::int64_t>::lowest());
}

TEST_CASE("fold_axes: every set of axes of shapes of ranks 0 to 4") {
  reduce_check_axes<Sum>({});
  reduce_check_axes<Sum>({5});
  reduce_check_axes<Sum>({3, 4});
  reduce_check_axes<Sum>({2, 3, 4});
  reduce_check_axes<Sum>({3, 1, 5});
  reduce_check_axes<Sum>({2, 3, 4, 5});
  reduce_check_axes<Sum>({1, 3, 1, 5});
  reduce_check_axes<Sum>({4, 1, 1, 2});
  reduce_check_axes<Sum>({1, 1, 1, 1});
  reduce_check_axes<Max>({2, 3, 4, 5});
  reduce_check_axes<Min>({2, 1, 4, 5});
}

TEST_CASE("fold_axes: sizes of 0 fold to the neutral element, or to nothing") {
  reduce_check_axes<Sum>({0});
  reduce_check_axes<Sum>({0, 3, 4});
  reduce_check_axes<Sum>({2, 0, 4});
  reduce_check_axes<Sum>({2, 3, 0});
  reduce_check_axes<Sum>({2, 0, 1, 3});
  reduce_check_axes<Sum>({0, 2, 0, 3});
  reduce_check_axes<Max>({2, 0, 4});
}

TEST_CASE("fold_axes: long axes") {
  reduce_check_axes<Sum>({2, 100'000});
  reduce_check_axes<Sum>({100'000, 2});
  reduce_check_axes<Sum>({3, 20'000, 2});
}

TEST_CASE("fold: gives the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  struct Case {
    Index outer, n, inner;
  };
  Generator generator(1);
  for (const Case& c : {Case{1, 300'000, 1}, Case{7, 20'000, 1}, Case{3000, 40, 1},
                        Case{1, 9000, 37}, Case{3, 100, 1500}, Case{1, 50, 30'000}}) {
    CAPTURE(c.n);
    std::vector<float> in(static_cast<std::size_t>(c.outer * c.n * c.inner));
    generator.fill_normal(std::span<float>(in));
    std::vector<float> first;
    for (int threads : {1, 2, 4}) {
      set_num_threads(threads);
      std::vector<float> out(static_cast<std::size_t>(c.outer * c.inner));
      fold(c.outer, c.n, c.inner, in.data(), out.data(), Sum{});
      if (threads == 1) first = out;
      CHECK(std::memcmp(out.data(), first.data(), out.size() * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("fold: ten million floats of 0.1 sum to a million, to 1e-5") {
  const std::vector<float> in(10'000'000, 0.1f);
  float sum = 0;
  fold(1, Index(in.size()), 1, in.data(), &sum, Sum{});
  CHECK(std::abs(double(sum) / 1e6 - 1) < 1e-5);
  float columns[2] = {};
  fold(1, Index(in.size()) / 2, 2, in.data(), columns, Sum{});
  for (float column : columns) CHECK(std::abs(double(column) / 5e5 - 1) < 1e-5);
}

TEST_CASE("fold: what is not a number, or infinite, is in the sum") {
  std::vector<double> in(100, 1.0);
  double sum = 0;
  in[40] = reduce_infinity;
  fold(1, 100, 1, in.data(), &sum, Sum{});
  CHECK(sum == reduce_infinity);
  in[99] = std::numeric_limits<double>::quiet_NaN();
  fold(1, 100, 1, in.data(), &sum, Sum{});
  CHECK(std::isnan(sum));
}

TEST_CASE("fold: what is not a number is the maximum and the minimum, wherever it is") {
  for (Index inner : {1, 5})
    for (Index at : {0, 1, 40, 98, 99}) {
      CAPTURE(at);
      std::vector<double> in(static_cast<std::size_t>(100 * inner), 1.0), out(5, 0.0);
      in[static_cast<std::size_t>(at * inner)] = std::numeric_limits<double>::quiet_NaN();
      fold(1, 100, inner, in.data(), out.data(), Max{});
      CHECK(std::isnan(out[0]));
      fold(1, 100, inner, in.data(), out.data(), Min{});
      CHECK(std::isnan(out[0]));
      if (inner > 1) CHECK(out[1] == 1);
    }
}
