// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/optim/rmsprop.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "check.hpp"

namespace {

using optim_check::near;
using optim_check::parameter;
using optim_check::Parameters;
using optim_check::Values;
using tinydl::RMSpropOptions;

Values rmsprop_path(const RMSpropOptions& options, const Values& gradients) {
  return optim_check::path_of<tinydl::RMSprop<double>>(2, options, gradients);
}

/// The same from the formulas.
Values rmsprop_by_formula(const RMSpropOptions& o, const Values& gradients) {
  double p = 2, v = 0, m = 0, b = 0;
  Values path;
  for (double gradient : gradients) {
    const double g = gradient + o.weight_decay * p;
    v = o.alpha * v + (1 - o.alpha) * g * g;
    m = o.alpha * m + (1 - o.alpha) * g;
    b = o.momentum * b + g / (std::sqrt(o.centered ? v - m * m : v) + o.eps);
    p -= o.lr * b;
    path.push_back(p);
  }
  return path;
}

const Values rmsprop_gradients{0.5, -2, 3, 0.01, 0.01, -0.2};

}  // namespace

TEST_CASE("rmsprop: the first step is lr / sqrt(1 - alpha) against the sign of the gradient") {
  for (double g : {1e-3, 1.0, 250.0}) {
    CHECK(near(rmsprop_path({.lr = 0.1, .alpha = 0.75, .eps = 0}, {g}), {1.8}));
    CHECK(near(rmsprop_path({.lr = 0.1, .alpha = 0.75, .eps = 0}, {-g}), {2.2}));
  }
  CHECK(near(rmsprop_path({}, {1}), {2 - 0.01 / (0.1 + 1e-8)}, 1e-13));
}

TEST_CASE("rmsprop: it follows the formula, with momentum, decay and centering") {
  for (const RMSpropOptions& options :
       {RMSpropOptions{.lr = 0.1}, RMSpropOptions{.lr = 0.1, .alpha = 0.5, .eps = 0.5},
        RMSpropOptions{.lr = 0.1, .weight_decay = 0.3}, RMSpropOptions{.lr = 0.1, .momentum = 0.9},
        RMSpropOptions{.lr = 0.1, .alpha = 0.9, .centered = true},
        RMSpropOptions{.lr = 0.1,
        .alpha = 0.8,
        .eps = 1e-3,
        .weight_decay = 0.2,
        .momentum = 0.5,
        .centered = true}})
    CHECK(near(rmsprop_path(options, rmsprop_gradients),
               rmsprop_by_formula(options, rmsprop_gradients), 1e-12));
}

TEST_CASE("rmsprop: centering and momentum make a difference") {
  const Values plain = rmsprop_path({.lr = 0.1, .alpha = 0.9}, rmsprop_gradients);
  CHECK_FALSE(near(
      plain, rmsprop_path({.lr = 0.1, .alpha = 0.9, .centered = true}, rmsprop_gradients), 1e-3));
  CHECK_FALSE(near(
      plain, rmsprop_path({.lr = 0.1, .alpha = 0.9, .momentum = 0.5}, rmsprop_gradients), 1e-3));
}

TEST_CASE("rmsprop: a variance that rounds below 0 is 0, not a root of something negative") {
  // With alpha = 0, v = g^2 and m = g: the variance of a constant.
  for (double g : {0.1, 0.7, 3.3})
    CHECK(near(rmsprop_path({.lr = 1e-3, .alpha = 0, .eps = 0.5, .centered = true}, {g}),
               {2 - 1e-3 * g / 0.5}, 1e-9));
  const Values constant(2000, 0.1);
  const Values path = rmsprop_path({.lr = 1e-9, .alpha = 0.3, .centered = true}, constant);
  CHECK(std::isfinite(path.back()));
}

TEST_CASE("rmsprop: every element moves by its own gradient, in any number") {
  for (int n : {1, 3, 8, 100, 10000})
    for (bool centered : {false, true}) {
      Values start, gradient, expected;
      const double root = centered ? std::sqrt(0.25 - 0.0625) : 0.5;
      for (int i = 0; i < n; ++i) {
        start.push_back(i % 7);
        gradient.push_back(i % 2 ? 3 : -1);
        expected.push_back(start.back() - (i % 2 ? 0.5 : -0.5) / root);
      }
      const auto p = parameter(start, gradient);
      tinydl::RMSprop<double>(Parameters{p},
                              {.lr = 0.5, .alpha = 0.75, .eps = 0, .centered = centered})
          .step();
      CHECK(near(optim_check::values(p), expected));
    }
}

TEST_CASE("rmsprop: an option out of range is refused with its name and value") {
  const struct {
    RMSpropOptions options;
    const char* message;
  } wrong[] = {
      {{.lr = -1}, "RMSprop: lr = -1 is not in [0, inf)"},
      {{.alpha = 1}, "RMSprop: alpha = 1 is not in [0, 1)"},
      {{.alpha = std::nan("")}, "RMSprop: alpha = nan is not in [0, 1)"},
      {{.eps = -1e-8}, "RMSprop: eps = -1e-08 is not in [0, inf)"},
      {{.weight_decay = -2}, "RMSprop: weight_decay = -2 is not in [0, inf)"},
      {{.momentum = 1}, "RMSprop: momentum = 1 is not in [0, 1)"},
  };
  const auto p = parameter({1}, {1});
  for (const auto& [options, message] : wrong)
    CHECK_THROWS_WITH_AS(tinydl::RMSprop<double>(Parameters{p}, options), message,
                         tinydl::ValueError);
  CHECK_THROWS_AS(tinydl::RMSprop<double>(Parameters{}), tinydl::ValueError);
}

TEST_CASE("rmsprop: with the state of another it goes on as that one, whatever its options were") {
  optim_check::resumes<tinydl::RMSprop<double>>(RMSpropOptions{.lr = 0.1,
                                                               .alpha = 0.8,
                                                               .eps = 0.01,
                                                               .weight_decay = 0.1,
                                                               .momentum = 0.7,
                                                               .centered = true});
}
