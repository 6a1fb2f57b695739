// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/exp.hpp>

#include <instruction_sets.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

/// exp, sigmoid and tanh of a whole number of vectors.
template <class T>
struct ExpOfAll {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, const T* x, T* e, T* s, T* t) {
    Vector<T, Bytes> v, y;
    for (Index i = 0; i < n; i += lanes<Vector<T, Bytes>, T>) {
      load(v, x + i);
      kernels::exp<T>(y, v);
      store(e + i, y);
      kernels::sigmoid<T>(y, v);
      store(s + i, y);
      kernels::tanh<T>(y, v);
      store(t + i, y);
    }
  }
};

template <class T>
struct ExpResults {
  std::vector<T> exp, sigmoid, tanh;

  ExpResults(InstructionSet set, std::vector<T> x) : exp(x.size()), sigmoid(exp), tanh(exp) {
    REQUIRE(x.size() % 16 == 0);
    run_for<ExpOfAll<T>>(set, static_cast<Index>(x.size()), static_cast<const T*>(x.data()),
                         exp.data(), sigmoid.data(), tanh.data());
  }
};

/// The largest errors, in units of T's epsilon: relative for exp and sigmoid, absolute for tanh.
template <class T>
void exp_check(double reach) {
  std::vector<T> x;
  for (int i = 0; i < 1 << 16; ++i) x.push_back(static_cast<T>(reach * (i / 32768.0 - 1)));
  for (int i = 0; i < 1 << 12; ++i) x.push_back(static_cast<T>((i - 2048) / 1024.0));
  for (auto set : instruction_sets_here()) {
    const ExpResults<T> r(set, x);
    double worst[3] = {};
    for (std::size_t i = 0; i < x.size(); ++i) {
      const long double a = x[i];
      const auto error = [](long double y, long double expected, long double scale) {
        return static_cast<double>(std::abs(y - expected) / scale /
                                   std::numeric_limits<T>::epsilon());
      };
      const long double e = std::exp(a), s = 1 / (1 + std::exp(-a)), t = std::tanh(a);
      worst[0] = std::max(worst[0], error(r.exp[i], e, e));
      worst[1] = std::max(worst[1], error(r.sigmoid[i], s, s));
      worst[2] = std::max(worst[2], error(r.tanh[i], t, 1));
    }
    CHECK(worst[0] < 2);
    CHECK(worst[1] < 3);
    CHECK(worst[2] < 3);
  }
}

}  // namespace

TEST_CASE("exp: a few units of the last digit from the true value, in every instruction set") {
  exp_check<float>(86.9);
  exp_check<double>(707.9);
}

TEST_CASE("exp: exact at 0, limits at infinity, and what is not a number stays so") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  for (auto set : instruction_sets_here()) {
    std::vector<double> x(16);
    x[1] = inf, x[2] = -inf, x[3] = nan, x[4] = 1000, x[5] = -1000;
    const ExpResults<double> d(set, x);
    const ExpResults<float> f(set, {x.begin(), x.end()});
    const auto check = [](const auto& r) {
      CHECK(r.exp[0] == 1);
      CHECK(r.sigmoid[0] == 0.5);
      CHECK(r.tanh[0] == 0);
      for (std::size_t high : {1, 4}) {
        CHECK(r.exp[high] > 1e38);
        CHECK(r.sigmoid[high] == 1);
        CHECK(r.tanh[high] == 1);
      }
      for (std::size_t low : {2, 5}) {
        CHECK(r.exp[low] >= 0);
        CHECK(r.exp[low] < 1e-37);
        CHECK(r.sigmoid[low] >= 0);
        CHECK(r.sigmoid[low] < 1e-37);
        CHECK(r.tanh[low] == -1);
      }
      CHECK(std::isnan(r.exp[3]));
      CHECK(std::isnan(r.sigmoid[3]));
      CHECK(std::isnan(r.tanh[3]));
    };
    check(d);
    check(f);
  }
}
