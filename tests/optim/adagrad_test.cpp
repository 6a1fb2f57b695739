// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/optim/adagrad.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "check.hpp"

namespace {

using optim_check::near;
using optim_check::parameter;
using optim_check::Parameters;
using optim_check::Values;
using tinydl::AdagradOptions;

Values adagrad_path(const AdagradOptions& options, const Values& gradients) {
  return optim_check::path_of<tinydl::Adagrad<double>>(2, options, gradients);
}

/// The same from the formulas.
Values adagrad_by_formula(const AdagradOptions& o, const Values& gradients) {
  double p = 2, s = o.initial_accumulator_value;
  Values path;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const double g = gradients[i] + o.weight_decay * p;
    s += g * g;
    p -= o.lr / (1 + static_cast<double>(i) * o.lr_decay) * g / (std::sqrt(s) + o.eps);
    path.push_back(p);
  }
  return path;
}

}  // namespace

TEST_CASE("adagrad: steps of equal gradients shrink as 1 / sqrt(t)") {
  const AdagradOptions options{.lr = 0.5, .eps = 0};
  for (double g : {1e-3, 1.0, 250.0})
    CHECK(near(adagrad_path(options, {g, g}), {1.5, 1.5 - 0.5 / std::sqrt(2.0)}));
  CHECK(near(adagrad_path({}, {3}), {1.99}, 1e-10));
}

TEST_CASE("adagrad: the sum begins where it is told to, once") {
  CHECK(near(adagrad_path({.lr = 1, .initial_accumulator_value = 16, .eps = 0}, {3, 12}),
             {2 - 3 / 5.0, 2 - 3 / 5.0 - 12 / 13.0}));
}

TEST_CASE("adagrad: the rate decays with the steps before") {
  CHECK(near(adagrad_path({.lr = 1, .lr_decay = 0.5, .eps = 0}, {3, 4}), {1, 1 - 1 / 1.5 * 4 / 5}));
}

TEST_CASE("adagrad: it follows the formula") {
  const Values gradients{0.5, -2, 3, 0.01, 0.01, -0.2};
  for (const AdagradOptions& options :
       {AdagradOptions{.lr = 0.1}, AdagradOptions{.lr = 0.1, .weight_decay = 0.3},
        AdagradOptions{.lr = 0.1,
        .lr_decay = 0.2,
        .weight_decay = 0.1,
        .initial_accumulator_value = 0.5,
        .eps = 0.25}})
    CHECK(near(adagrad_path(options, gradients), adagrad_by_formula(options, gradients), 1e-13));
}

TEST_CASE("adagrad: every element moves by its own gradient, in any number") {
  for (int n : {1, 3, 8, 100, 10000}) {
    Values start, gradient, expected;
    for (int i = 0; i < n; ++i) {
      start.push_back(i % 7);
      gradient.push_back(i % 2 ? 3 : -1);
      expected.push_back(start.back() - (i % 2 ? 0.5 : -0.5));
    }
    const auto p = parameter(start, gradient);
    tinydl::Adagrad<double>(Parameters{p}, {.lr = 0.5, .eps = 0}).step();
    CHECK(near(optim_check::values(p), expected));
  }
}

TEST_CASE("adagrad: an option out of range is refused with its name and value") {
  const struct {
    AdagradOptions options;
    const char* message;
  } wrong[] = {
      {{.lr = -1}, "Adagrad: lr = -1 is not in [0, inf)"},
      {{.lr_decay = -1}, "Adagrad: lr_decay = -1 is not in [0, inf)"},
      {{.weight_decay = -2}, "Adagrad: weight_decay = -2 is not in [0, inf)"},
      {{.initial_accumulator_value = -1},
       "Adagrad: initial_accumulator_value = -1 is not in [0, inf)"},
      {{.eps = std::nan("")}, "Adagrad: eps = nan is not in [0, inf)"},
  };
  const auto p = parameter({1}, {1});
  for (const auto& [options, message] : wrong)
    CHECK_THROWS_WITH_AS(tinydl::Adagrad<double>(Parameters{p}, options), message,
                         tinydl::ValueError);
  CHECK_THROWS_AS(tinydl::Adagrad<double>(Parameters{}), tinydl::ValueError);
}

TEST_CASE("adagrad: with the state of another it goes on as that one, whatever its options were") {
  optim_check::resumes<tinydl::Adagrad<double>>(
      tinydl::AdagradOptions{.lr = 0.1,
                             .lr_decay = 0.2,
                             .weight_decay = 0.1,
                             .initial_accumulator_value = 0.3,
                             .eps = 0.01});
}
