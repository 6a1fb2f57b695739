// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/norm.hpp>

#include <tinydl/core/random.hpp>

#include <instruction_sets.hpp>
#include <restored_threads.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <vector>

using namespace tinydl;

namespace {

using NormNumbers = std::vector<double>;

NormNumbers norm_uniform(Index n, std::uint64_t seed) {
  Generator generator(seed);
  NormNumbers values(static_cast<std::size_t>(n));
  generator.fill_uniform(std::span<double>(values), -2.0, 2.0);
  return values;
}

bool norm_close(const NormNumbers& a, const NormNumbers& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(std::abs(a[i] - b[i]) <= 1e-12 * std::max(1.0, std::abs(b[i])))) return false;
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("SumRow: two sums of every length, on every instruction set") {
  const auto x = small_integers<double>(150, 5), g = small_integers<double>(150, 6);
  using F = kernels::detail::AddProducts<double>;
  for (auto set : instruction_sets_here())
    for (Index n = 0; n <= 150; ++n) {
      CAPTURE(n);
      double a = 99, b = 99, expected_a = 0, expected_b = 0;
      for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
        expected_a += g[i];
        expected_b += g[i] * (x[i] - 2);
      }
      kernels::run_for<kernels::detail::SumRow<double, F>>(set, n, F{g.data(), x.data(), 2}, &a,
                                                           &b);
      CHECK(a == expected_a);
      CHECK(b == expected_b);
    }
}

TEST_CASE("row_moments: the mean of each row, and the squares of what departs from it") {
  const NormNumbers x = {1, 2, 6, 5, 5, 5};
  NormNumbers means(2), squares(2);
  kernels::row_moments(2, 3, x.data(), means.data(), squares.data());
  CHECK(means == NormNumbers{3, 5});
  CHECK(squares == NormNumbers{14, 0});
}

TEST_CASE("row_moments: a mean of 1e8 does not drown a variance of 1") {
  NormNumbers x(100), means(1), squares(1);
  for (std::size_t i = 0; i < 100; ++i) x[i] = 1e8 + (i % 2 == 0 ? 1 : -1);
  kernels::row_moments(1, 100, x.data(), means.data(), squares.data());
  CHECK(means[0] == 1e8);
  CHECK(squares[0] == 100);
}

TEST_CASE("scale_rows, row_products, combine_rows: by their definitions, with repeated tables") {
  const Index rows = 6, n = 19, period = 3;
  const auto x = norm_uniform(rows * n, 1), g = norm_uniform(rows * n, 2);
  const auto means = norm_uniform(period, 3), a = norm_uniform(period, 4),
             b = norm_uniform(period, 5), c = norm_uniform(period, 6);
  NormNumbers scaled(x.size()), combined(x.size()), sums(6), products(6);
  NormNumbers expected_scaled, expected_combined, expected_sums(6), expected_products(6);
  for (std::size_t r = 0; r < 6; ++r)
    for (std::size_t i = 0; i < 19; ++i) {
      const std::size_t t = r % 3;
      const double u = g[r * 19 + i], v = x[r * 19 + i] - means[t];
      expected_scaled.push_back(v * a[t] + b[t]);
      expected_combined.push_back(a[t] * u + b[t] * v + c[t]);
      expected_sums[r] += u;
      expected_products[r] += u * v;
    }
  kernels::scale_rows(rows, n, period, x.data(), means.data(), a.data(), b.data(), scaled.data());
  kernels::row_products(rows, n, period, g.data(), x.data(), means.data(), sums.data(),
                        products.data());
  kernels::combine_rows(rows, n, period, g.data(), x.data(), means.data(), a.data(), b.data(),
                        c.data(), combined.data());
  CHECK(norm_close(scaled, expected_scaled));
  CHECK(norm_close(sums, expected_sums));
  CHECK(norm_close(products, expected_products));
  CHECK(norm_close(combined, expected_combined));
}

TEST_CASE("normalize_rows: (x - mean) rstd weight + bias; without means, x rstd weight") {
  const NormNumbers x = {1, 3, -3, 3}, weight = {1, 10}, bias = {0.5, -0.5};
  NormNumbers y(4), means(2), rstd(2);
  kernels::normalize_rows(2, 2, 3.0, x.data(), weight.data(), bias.data(), y.data(), means.data(),
                          rstd.data());
  CHECK(means == NormNumbers{2, 0});
  CHECK(norm_close(rstd, {0.5, 1 / std::sqrt(12.0)}));
  CHECK(norm_close(y, {0, 4.5, 0.5 - 3 * rstd[1], 30 * rstd[1] - 0.5}));
  const double* none = nullptr;
  double* no_means = nullptr;
  kernels::normalize_rows(2, 2, 7.0, x.data(), weight.data(), none, y.data(), no_means,
                          rstd.data());
  CHECK(norm_close(rstd, {1 / std::sqrt(12.0), 0.25}));
  CHECK(norm_close(y, {rstd[0], 30 * rstd[0], -0.75, 7.5}));
}

TEST_CASE("normalize_rows_backward: by its formula, over several pieces of rows") {
  const std::size_t rows = 70, n = 9;
  const auto x = norm_uniform(rows * n, 1), g = norm_uniform(rows * n, 2);
  const auto weight = norm_uniform(n, 3), bias = norm_uniform(n, 4);
  for (bool centred : {true, false}) {
    CAPTURE(centred);
    NormNumbers y(rows * n), means(rows), rstd(rows), gx(rows * n), gw(n), gb(n);
    double* m = centred ? means.data() : nullptr;
    kernels::normalize_rows(Index(rows), Index(n), 0.1, x.data(), weight.data(), bias.data(),
                            y.data(), m, rstd.data());
    NormNumbers expected_gx(rows * n), expected_gw(n), expected_gb(n);
    for (std::size_t r = 0; r < rows; ++r) {
      double sum = 0, dot = 0;
      const auto h = [&](std::size_t i) { return (x[r * n + i] - means[r]) * rstd[r]; };
      for (std::size_t i = 0; i < n; ++i) {
        sum += g[r * n + i] * weight[i] / double(n);
        dot += g[r * n + i] * weight[i] * h(i) / double(n);
        expected_gw[i] += g[r * n + i] * h(i);
        expected_gb[i] += g[r * n + i];
      }
      for (std::size_t i = 0; i < n; ++i)
        expected_gx[r * n + i] =
            rstd[r] * (g[r * n + i] * weight[i] - (centred ? sum : 0) - h(i) * dot);
    }
    kernels::normalize_rows_backward(Index(rows), Index(n), g.data(), x.data(), weight.data(), m,
                                     rstd.data(), gx.data(), gw.data(),
                                     centred ? gb.data() : nullptr);
    CHECK(norm_close(gx, expected_gx));
    CHECK(norm_close(gw, expected_gw));
    if (centred) CHECK(norm_close(gb, expected_gb));
    NormNumbers alone(n);
    double* no_gx = nullptr;
    kernels::normalize_rows_backward(Index(rows), Index(n), g.data(), x.data(), weight.data(), m,
                                     rstd.data(), no_gx, alone.data(), gb.data());
    CHECK(alone == gw);
  }
}

TEST_CASE("row kernels: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const Index rows = 5000, n = 37;
  const auto x = norm_uniform(rows * n, 1), weight = norm_uniform(n, 2);
  std::vector<NormNumbers> first;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    NormNumbers y(x.size()), means(5000), rstd(5000), gx(x.size()), gw(37), gb(37), squares(5000);
    kernels::row_moments(rows, n, x.data(), means.data(), squares.data());
    kernels::normalize_rows(rows, n, 0.1, x.data(), weight.data(), weight.data(), y.data(),
                            means.data(), rstd.data());
    kernels::normalize_rows_backward(rows, n, y.data(), x.data(), weight.data(), means.data(),
                                     rstd.data(), gx.data(), gw.data(), gb.data());
    const std::vector<NormNumbers> found = {y, means, rstd, squares, gx, gw, gb};
    if (first.empty()) first = found;
    CHECK(found == first);
  }
}
