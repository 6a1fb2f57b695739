// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>

#include <tinydl/core/grad.hpp>

namespace tinydl {

struct GradientCheckOptions {
  double step = 1e-6;       ///< of the central differences
  double tolerance = 1e-6;  ///< of |analytic - numeric| / max(1, |numeric|)
};

/// What gradient_check found: whether all derivatives agree, the worst error, and for a failure
/// both derivatives. Converts to bool.
struct GradientCheckResult {
  bool passed = true;
  double worst_error = 0;
  std::string message = {};

  explicit operator bool() const { return passed; }
};

inline std::ostream& operator<<(std::ostream& out, const GradientCheckResult& result) {
  return out << (result.passed ? "gradients agree" : result.message);
}

namespace detail {

/// sum(y * weights), in double.
template <class T, int Rank>
double weighted_sum(const Tensor<T, Rank>& y, const Tensor<T, Rank>& weights) {
  double sum = 0;
  for (Index i = 0; i < y.size(); ++i)
    sum += static_cast<double>(y.data()[i]) * static_cast<double>(weights.data()[i]);
  return sum;
}

}  // namespace detail

/// Compares the derivatives of function(Variables...) by backward() with central differences, for
/// every element of every input. The function returns one Variable of any rank, whose elements are
/// weighted by fixed random numbers; it must give the same values each time it is called. Meant
/// for double.
///
///     CHECK(gradient_check([](auto x) { return cube(x); }, randn<double>({3, 4})));
template <class F, class T, int... Ranks>
GradientCheckResult gradient_check(F&& function, GradientCheckOptions options,
                                   const Tensor<T, Ranks>&... inputs) {
  std::tuple variables(Variable<T, Ranks>(inputs, {.requires_grad = true})...);
  const auto value = [&] {
    return std::apply([&](const auto&... x) { return function(x...); }, variables);
  };
  Generator generator(7);
  const auto y = value();
  auto weights = rand<T>(y.shape(), generator);
  for (T& weight : weights.mutable_span()) weight += T(0.5);
  y.backward(weights);

  GradientCheckResult result;
  int number = 0;
  const auto check = [&](const auto& x) {
    using X = std::remove_cvref_t<decltype(x)>;
    const auto analytic = x.grad().defined() ? x.grad() : zeros<T>(x.shape());
    auto numeric = zeros<T>(x.shape());
    const auto original = x.data();
    const NoGrad no_grad;
    for (Index i = 0; i < original.size(); ++i) {
      const double step = options.step * std::max(1.0, std::abs(double(original.data()[i])));
      const auto at = [&](double shift) {
        auto moved = original;
        moved.mutable_data()[i] = static_cast<T>(original.data()[i] + shift);
        x.mutable_data() = moved;
        return detail::weighted_sum(value().data(), weights);
      };
      numeric.mutable_data()[i] = static_cast<T>((at(step) - at(-step)) / (2 * step));
      x.mutable_data() = original;
      const double error = std::abs(double(analytic.data()[i]) - double(numeric.data()[i])) /
                           std::max(1.0, std::abs(double(numeric.data()[i])));
      if (!(error <= options.tolerance)) result.passed = false;
      result.worst_error = std::isnan(error) ? error : std::max(result.worst_error, error);
    }
    if (!result.passed && result.message.empty())
      result.message =
          text("gradients of input ", number, " of rank ", X::rank, " differ by ",
               result.worst_error, "\nby backward():\n", analytic, "\nby differences:\n", numeric);
    ++number;
  };
  std::apply([&](const auto&... x) { (check(x), ...); }, variables);
  return result;
}
template <class F, class T, int... Ranks>
GradientCheckResult gradient_check(F&& function, const Tensor<T, Ranks>&... inputs) {
  return gradient_check(function, GradientCheckOptions{}, inputs...);
}

}  // namespace tinydl
