// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include <tinydl/core/variable.hpp>

namespace optim_check {

using Values = std::vector<double>;
using Parameter = tinydl::Variable<double, 1>;
using Parameters = std::vector<tinydl::AnyVariable<double>>;

inline tinydl::Tensor<double, 1> vector(const Values& values) {
  return tinydl::from_values<double>(tinydl::Shape<1>(values.size()), std::span(values));
}

/// A parameter, with this gradient if there is one.
inline Parameter parameter(const Values& values, const Values& gradient = {}) {
  const Parameter p(vector(values), {.requires_grad = true});
  if (!gradient.empty()) p.set_grad(vector(gradient));
  return p;
}

inline Values values(const Parameter& p) {
  return {p.data().span().begin(), p.data().span().end()};
}
inline Values gradient(const Parameter& p) {
  return {p.grad().span().begin(), p.grad().span().end()};
}

inline bool near(const Values& actual, const Values& expected, double tolerance = 1e-14) {
  return std::ranges::equal(actual, expected, [=](double a, double b) {
    return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
  });
}

}  // namespace optim_check
