// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/random.hpp>
#include <tinydl/kernels/exp.hpp>
#include <tinydl/kernels/map.hpp>

#include <instruction_sets.hpp>

/// What tests of functions of vectors (kernels/exp.hpp ...) share.
namespace lanes_test {

using tinydl::Index;

/// f in every lane, as compiled for `set`.
template <class T, class F>
std::vector<T> results_of(tinydl::kernels::InstructionSet set, const F& f,
                          const std::vector<T>& x) {
  using tinydl::kernels::Each;
  std::vector<T> y(x.size());
  tinydl::kernels::run_for<tinydl::kernels::detail::Map<T, F, Each<T>>>(
      set, static_cast<Index>(x.size()), y.data(), f, Each<T>{x.data()});
  return y;
}

/// Numbers of every size and both signs, denormal ones among them, then many around 0.
template <class T>
std::vector<T> numbers_of_all_sizes() {
  using Bits = typename tinydl::kernels::detail::Format<T>::Bits;
  tinydl::Generator generator(1);
  std::vector<T> numbers;
  while (numbers.size() < 100000) {
    const Bits bits = static_cast<Bits>(generator.integer(Index(1) << 62)) * Bits(4) +
                      static_cast<Bits>(generator.integer(4));
    T x;
    std::memcpy(&x, &bits, sizeof(T));
    if (std::isfinite(x)) numbers.push_back(x);
  }
  for (double reach : {1.0, 4.0, 20.0, 100.0, 1000.0, 6000.0})
    for (int i = 0; i < 30000; ++i) numbers.push_back(generator.uniform<T>(T(-reach), T(reach)));
  for (int i = 0; i < 10000; ++i) numbers.push_back(generator.uniform<T>(T(0.99), T(1.01)));
  for (int i = 1; i < 3000; ++i) numbers.push_back(static_cast<T>(i * 1.5707963267948966));
  return numbers;
}

/// "" if f is within `units` of the last digit of `exact` for all these numbers, on every
/// instruction set; denormal results have a last digit, too. What is not a number has to be none.
template <class T, class F, class Exact>
std::string fault_of(const F& f, const Exact& exact, double units, const std::vector<T>& numbers) {
  for (auto set : instruction_sets_here()) {
    const std::vector<T> y = results_of(set, f, numbers);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const long double e = exact(static_cast<long double>(numbers[i]));
      int exponent;
      std::frexp(e, &exponent);
      exponent = std::max(exponent, std::numeric_limits<T>::min_exponent);
      const long double unit = std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits);
      const bool same = std::isnan(e) ? std::isnan(y[i]) : y[i] == static_cast<T>(e);
      if (!same && !(std::abs(static_cast<long double>(y[i]) - e) <= units * unit))
        return tinydl::text(numbers[i], " gives ", y[i], " instead of ", static_cast<double>(e),
                            " on set ", static_cast<int>(set));
    }
  }
  return {};
}

/// The same for numbers of all sizes that are in [low, high], in both types.
template <class F, class Exact>
std::string fault_of(const F& f, const Exact& exact, double units, double low = -INFINITY,
                     double high = INFINITY) {
  const auto fault = [&](auto numbers) {
    std::erase_if(numbers, [=](auto x) { return x < low || x > high; });
    return fault_of(f, exact, units, numbers);
  };
  const std::string in_float = fault(numbers_of_all_sizes<float>());
  return in_float.empty() ? fault(numbers_of_all_sizes<double>()) : in_float;
}

/// "" if f gives exactly these values (or not a number) in every lane, in both types.
template <class F>
std::string fault_at(const F& f, const std::vector<double>& x, const std::vector<double>& y) {
  const auto fault = [&](auto zero) -> std::string {
    using T = decltype(zero);
    for (auto set : instruction_sets_here())
      for (std::size_t i = 0; i < x.size(); ++i)
        for (const T result : results_of(set, f, std::vector<T>(19, static_cast<T>(x[i]))))
          if (result != static_cast<T>(y[i]) && !(std::isnan(result) && std::isnan(y[i])))
            return tinydl::text(x[i], " gives ", result, " instead of ", y[i]);
    return {};
  };
  const std::string in_float = fault(0.0f);
  return in_float.empty() ? fault(0.0) : in_float;
}

}  // namespace lanes_test
