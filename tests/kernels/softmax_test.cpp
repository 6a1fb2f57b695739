// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/softmax.hpp>

#include <tinydl/core/random.hpp>

#include <instruction_sets.hpp>
#include <restored_threads.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

using namespace tinydl;

namespace {

constexpr double softmax_infinity = std::numeric_limits<double>::infinity();

std::vector<double> softmax_of(const std::vector<double>& in) {
  std::vector<double> out(in.size());
  kernels::softmax(1, Index(in.size()), 1, in.data(), out.data());
  return out;
}
std::vector<double> log_softmax_of(const std::vector<double>& in) {
  std::vector<double> out(in.size());
  kernels::log_softmax(1, Index(in.size()), 1, in.data(), out.data());
  return out;
}

std::vector<double> softmax_normals(Index n) {
  Generator generator(1);
  std::vector<double> values(static_cast<std::size_t>(n));
  generator.fill_normal(std::span<double>(values));
  return values;
}

}  // namespace

TEST_CASE("softmax: is exp(x) over its sum, along an axis anywhere") {
  struct Case {
    Index outer, n, inner;
  };
  for (const Case& c : {Case{1, 5, 1}, Case{4, 3, 1}, Case{1, 4, 6}, Case{3, 7, 5}, Case{2, 1, 3},
                        Case{2, 16, 1}, Case{3, 45, 1}, Case{2, 3, 45}, Case{2, 2, 130}}) {
    const auto in = softmax_normals(c.outer * c.n * c.inner);
    std::vector<double> out(in.size()), logs(in.size());
    kernels::softmax(c.outer, c.n, c.inner, in.data(), out.data());
    kernels::log_softmax(c.outer, c.n, c.inner, in.data(), logs.data());
    for (Index i = 0; i < c.outer; ++i)
      for (Index k = 0; k < c.inner; ++k) {
        const auto at = [&](Index j) {
          return static_cast<std::size_t>((i * c.n + j) * c.inner + k);
        };
        double sum = 0;
        for (Index j = 0; j < c.n; ++j) sum += std::exp(in[at(j)]);
        for (Index j = 0; j < c.n; ++j) {
          CHECK(out[at(j)] == doctest::Approx(std::exp(in[at(j)]) / sum).epsilon(1e-14));
          CHECK(std::abs(logs[at(j)] - (in[at(j)] - std::log(sum))) < 1e-14);
        }
      }
  }
}

TEST_CASE("softmax: huge logits neither overflow nor vanish") {
  CHECK(softmax_of({1000, 1000, -1000}) == std::vector<double>{0.5, 0.5, 0});
  CHECK(softmax_of({-1000, -1000}) == std::vector<double>{0.5, 0.5});
  CHECK(softmax_of({1e308, -1e308}) == std::vector<double>{1, 0});
  CHECK(log_softmax_of({1000, 0, -1000}) == std::vector<double>{0, -1000, -2000});
  CHECK(log_softmax_of({-1000, -1000})[0] == doctest::Approx(-1000 + 1000 - std::log(2.0)));
}

TEST_CASE("softmax: floats of 1000 and -1000") {
  const float in[] = {1000, -1000, 1000, 1000};
  float out[4], logs[4];
  kernels::softmax(2, 2, 1, in, out);
  kernels::log_softmax(2, 2, 1, in, logs);
  CHECK(out[0] == 1);
  CHECK(out[1] == 0);
  CHECK(out[2] == 0.5f);
  CHECK(logs[0] == 0);
  CHECK(logs[1] == -2000);
  CHECK(logs[3] == doctest::Approx(-std::log(2.0)));
}

TEST_CASE("softmax: a logit of minus infinity has no probability and leaves the others theirs") {
  CHECK(softmax_of({-softmax_infinity, 3, 3}) == std::vector<double>{0, 0.5, 0.5});
  const auto logs = log_softmax_of({3, -softmax_infinity, 3});
  CHECK(logs[1] == -softmax_infinity);
  CHECK(logs[0] == doctest::Approx(-std::log(2.0)));
}

// The middle one of three rows has something special at one place, among numbers or infinities.
TEST_CASE_TEMPLATE("softmax: what is not a number shows in its whole line, and in no other", T,
                   float, double) {
  constexpr T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  struct Case {
    T special, rest;  // a rest of 0: other numbers
  };
  for (auto set : instruction_sets_here())
    for (Index n = 2; n < 40; ++n)
      for (Index at = 0; at < n; ++at)
        for (const Case& c :
             {Case{nan, 0}, Case{nan, -inf}, Case{nan, inf}, Case{inf, 0}, Case{-inf, -inf}}) {
          std::vector<T> x(static_cast<std::size_t>(3 * n)), p(x), logs(x), target(x), losses(3);
          std::fill(target.begin(), target.end(), T(1) / T(n));
          for (Index i = 0; i < 3 * n; ++i) {
            const bool middle = i / n == 1;
            x[static_cast<std::size_t>(i)] = middle && c.rest != 0 ? c.rest : T(i * 37 % 11) - 5;
          }
          x[static_cast<std::size_t>(n + at)] = c.special;
          const T *from = x.data(), *targets = target.data(), mass[] = {1, 1, 1};
          const T* masses = mass;
          kernels::run_for<kernels::detail::SoftmaxRows<T>>(set, Index(3), n, from, p.data(),
                                                            targets, masses, losses.data());
          kernels::run_for<kernels::detail::LogSoftmaxRows<T>>(set, Index(3), n, from, logs.data());
          bool right = true;
          for (Index i = 0; i < 3 * n; ++i) {
            const auto k = static_cast<std::size_t>(i);
            right =
                right && std::isnan(p[k]) == (i / n == 1) && std::isnan(logs[k]) == (i / n == 1);
          }
          CAPTURE(vector_bytes(set));
          CAPTURE(n);
          CAPTURE(at);
          CHECK(right);
          CHECK(std::isnan(losses[1]));
          CHECK_FALSE(std::isnan(losses[0] + losses[2]));
        }
}

TEST_CASE("softmax: gives the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto in = softmax_normals(900 * 50);
  std::vector<double> first;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    std::vector<double> out(in.size() * 5, 1), losses(900);
    double* results = out.data();
    const double *x = in.data(), *y = results;
    const auto next = [&] { return results += in.size(); };
    kernels::softmax(900, 50, 1, x, results);
    kernels::log_softmax(30, 30, 50, x, next());
    kernels::softmax_backward(900, 50, x, y, next());
    kernels::cross_entropy(900, 50, x, y, x, next(), losses.data());
    kernels::cross_entropy_backward(900, 50, losses.data(), losses.data(), x, y, next());
    if (threads == 1) first = out;
    CHECK(std::memcmp(out.data(), first.data(), out.size() * sizeof(double)) == 0);
  }
}

namespace {

/// The largest difference of the results of a kernel on one set from those of plain loops.
template <class Kernel, class... Args>
double softmax_fault(kernels::InstructionSet set, const std::vector<double>& expected, Index rows,
                     Index n, Args... args) {
  std::vector<double> out(expected.size() + 1, 99);
  kernels::run_for<Kernel>(set, rows, n, args..., out.data());
  double worst = out.back() == 99 ? 0 : 1;
  for (std::size_t i = 0; i < expected.size(); ++i)
    worst = std::max(worst, std::abs(out[i] - expected[i]));
  return worst;
}

}  // namespace

TEST_CASE("softmax: rows of every length, forward and backward, on every instruction set") {
  using namespace kernels::detail;
  const Index rows = 9;  // more than a vector has lanes
  for (Index n = 1; n <= 40; ++n) {
    const auto size = static_cast<std::size_t>(rows * n), count = static_cast<std::size_t>(n);
    auto x = softmax_normals(rows * n), g = x;
    std::reverse(g.begin(), g.end());
    std::vector<double> p(size), logs(size), gp(size), gl(size), losses(rows), gx(size), mass(rows),
        g_sums(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      double sum = 0, gy = 0, gs = 0;
      mass[row] = 0.5 + static_cast<double>(row);
      for (std::size_t i = row * count; i < (row + 1) * count; ++i) sum += std::exp(x[i]);
      for (std::size_t i = row * count; i < (row + 1) * count; ++i) {
        p[i] = std::exp(x[i]) / sum;
        logs[i] = x[i] - std::log(sum);
        gy += g[i] * p[i];
        gs += g[i];
        losses[row] -= g[i] * logs[i];
      }
      g_sums[row] = gs;
      for (std::size_t i = row * count; i < (row + 1) * count; ++i) {
        gp[i] = p[i] * (g[i] - gy);
        gl[i] = g[i] - p[i] * gs;
        gx[i] = mass[row] * (mass[row] * p[i] - g[i]);
      }
    }
    CAPTURE(n);
    for (auto set : instruction_sets_here()) {
      const double *in = x.data(), *gy = g.data(), *y = p.data(), *l = logs.data(),
                   *m = mass.data(), *sums = g_sums.data();
      CHECK(softmax_fault<LogSoftmaxRows<double>>(set, logs, rows, n, in) < 1e-13);
      CHECK(softmax_fault<SoftmaxRowsBackward<double, false>>(set, gp, rows, n, gy, y) < 1e-14);
      CHECK(softmax_fault<SoftmaxRowsBackward<double, true>>(set, gl, rows, n, gy, l) < 1e-13);
      std::vector<double> found(size);
      CHECK(softmax_fault<SoftmaxRows<double>>(set, losses, rows, n, in, found.data(), gy, sums) <
            1e-12);
      for (std::size_t i = 0; i < size; ++i) CHECK(std::abs(found[i] - p[i]) < 1e-14);
      CHECK(softmax_fault<CrossEntropyRowsBackward<double>>(set, gx, rows, n, m, m, y, gy) < 1e-14);
    }
  }
}

TEST_CASE("cross_entropy: a target of 0 counts for nothing, whatever the logit is") {
  const double x[] = {-softmax_infinity, 3, 3}, target[] = {0, 1, 0};
  double p[3], loss;
  const double mass = 1;
  kernels::cross_entropy(1, 3, x, target, &mass, p, &loss);
  CHECK(loss == doctest::Approx(std::log(2.0)));
  CHECK(p[0] == 0);
}

TEST_CASE("cross_entropy: a row without a mass has no loss, whatever its logits are") {
  const double x[] = {std::numeric_limits<double>::quiet_NaN(), 3, 0, 0}, target[] = {0, 0, 0, 1};
  const double mass[] = {0, 1};
  double p[4], losses[2];
  kernels::cross_entropy(2, 2, x, target, mass, p, losses);
  CHECK(losses[0] == 0);
  CHECK(losses[1] == doctest::Approx(std::log(2.0)));
}
