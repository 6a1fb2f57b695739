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

/// The values of a parameter that begins at `start`, after each of the gradients.
template <class Optimizer, class Options>
Values path_of(double start, const Options& options, const Values& gradients) {
  const Parameter p = parameter({start});
  Optimizer optimizer(Parameters{p}, options);
  Values path;
  for (double g : gradients) {
    p.set_grad(vector({g}));
    optimizer.step();
    path.push_back(p.data()(0));
  }
  return path;
}

inline bool near(const Values& actual, const Values& expected, double tolerance = 1e-14) {
  return std::ranges::equal(actual, expected, [=](double a, double b) {
    return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
  });
}

/// An optimiser with these options, and one with others that is given the state of the first after
/// three steps, take the same steps from then on.
template <class O, class Options>
void resumes(const Options& options) {
  const auto p = parameter({1, -2, 3}), q = parameter({0, 0, 0});
  O first(Parameters{p}, options), second(Parameters{q});
  const auto step = [](O& optimizer, const Parameter& x, int i) {
    x.set_grad(vector({0.3 * i, -1.0 / i, 0.5}));
    optimizer.step();
  };
  for (int i = 1; i <= 3; ++i) step(first, p, i);
  second.set_state(first.state());
  q.mutable_data() = p.data();
  for (int i = 4; i <= 6; ++i) {
    step(first, p, i);
    step(second, q, i);
    CHECK(values(p) == values(q));
  }
}

}  // namespace optim_check
