// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/optim/sgd.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "check.hpp"

namespace {

using optim_check::near;
using optim_check::parameter;
using optim_check::Parameters;
using optim_check::Values;
using tinydl::SGDOptions;

Values sgd_path(const SGDOptions& options, const Values& gradients) {
  return optim_check::path_of<tinydl::SGD<double>>(1, options, gradients);
}

}  // namespace

TEST_CASE("sgd: it moves against the gradient by lr times it") {
  CHECK(near(sgd_path({.lr = 0.1}, {2, -3}), {0.8, 1.1}));
}

TEST_CASE("sgd: with default options it moves") { CHECK(near(sgd_path({}, {2}), {1 - 1e-3 * 2})); }

TEST_CASE("sgd: momentum keeps a running sum of the gradients") {
  // v = 2, then 0.5 * 2 + 4 = 5, then 0.5 * 5 + 0 = 2.5
  CHECK(near(sgd_path({.lr = 0.1, .momentum = 0.5}, {2, 4, 0}), {0.8, 0.3, 0.05}));
}

TEST_CASE("sgd: dampening takes less of every gradient but the first") {
  // v = 2, then 0.5 * 2 + 0.75 * 4 = 4
  CHECK(near(sgd_path({.lr = 0.1, .momentum = 0.5, .dampening = 0.25}, {2, 4}), {0.8, 0.4}));
}

TEST_CASE("sgd: Nesterov's momentum looks one step ahead") {
  // v = 2, d + 0.5 v = 3; v = 0.5 * 2 + 4 = 5, d + 0.5 v = 6.5
  CHECK(near(sgd_path({.lr = 0.1, .momentum = 0.5, .nesterov = true}, {2, 4}), {0.7, 0.05}));
}

TEST_CASE("sgd: weight decay adds the parameter to its gradient, also under momentum") {
  CHECK(near(sgd_path({.lr = 0.1, .weight_decay = 0.5}, {2}), {1 - 0.1 * 2.5}));
  // v = 2.5, p = 0.75; v = 0.5 * 2.5 + (4 + 0.375) = 5.625
  CHECK(near(sgd_path({.lr = 0.1, .momentum = 0.5, .weight_decay = 0.5}, {2, 4}),
             {0.75, 0.75 - 0.5625}));
  // d = 2.5, v = 2.5, d + 0.5 v = 3.75
  CHECK(near(sgd_path({.lr = 0.1, .momentum = 0.5, .nesterov = true, .weight_decay = 0.5}, {2}),
             {1 - 0.375}));
}

TEST_CASE("sgd: every element moves by its own gradient, in any number") {
  for (int n : {1, 3, 8, 100, 10000}) {
    Values start, gradient, expected;
    for (int i = 0; i < n; ++i) {
      start.push_back(i % 7);
      gradient.push_back(i % 5 - 2);
      expected.push_back(start.back() - 0.5 * gradient.back());
    }
    const auto p = parameter(start, gradient);
    tinydl::SGD<double>(Parameters{p}, {.lr = 0.5, .momentum = 0.9}).step();
    CHECK(near(optim_check::values(p), expected));
    CHECK(near(optim_check::gradient(p), gradient));
  }
}

TEST_CASE("sgd: an option out of range is refused with its name and value") {
  const struct {
    SGDOptions options;
    const char* message;
  } wrong[] = {
      {{.lr = -0.1}, "SGD: lr = -0.1 is not in [0, inf)"},
      {{.lr = INFINITY}, "SGD: lr = inf is not in [0, inf)"},
      {{.lr = std::nan("")}, "SGD: lr = nan is not in [0, inf)"},
      {{.momentum = -0.5}, "SGD: momentum = -0.5 is not in [0, 1)"},
      {{.momentum = 1}, "SGD: momentum = 1 is not in [0, 1)"},
      {{.momentum = 0.9, .dampening = 1.5}, "SGD: dampening = 1.5 is not in [0, 1)"},
      {{.weight_decay = -1}, "SGD: weight_decay = -1 is not in [0, inf)"},
      {{.nesterov = true}, "SGD: nesterov needs a momentum and no dampening"},
      {{.momentum = 0.9, .dampening = 0.1, .nesterov = true},
       "SGD: nesterov needs a momentum and no dampening"},
  };
  const auto p = parameter({1}, {1}), other = parameter({1}, {1});
  tinydl::SGD<double> optimizer(Parameters{p}, {.lr = 0.25});
  for (const auto& [options, message] : wrong) {
    CHECK_THROWS_WITH_AS(tinydl::SGD<double>(Parameters{p}, options), message, tinydl::ValueError);
    CHECK_THROWS_AS(optimizer.add_group(Parameters{other}, options), tinydl::ValueError);
  }
  CHECK(optimizer.group_count() == 1);
  optimizer.step();
  CHECK(near(optim_check::values(p), {0.75}));
  CHECK(near(optim_check::values(other), {1}));
}

TEST_CASE("sgd: with the state of another it goes on as that one, whatever its options were") {
  optim_check::resumes<tinydl::SGD<double>>(
      tinydl::SGDOptions{.lr = 0.1, .momentum = 0.9, .dampening = 0.25, .weight_decay = 0.1});
  optim_check::resumes<tinydl::SGD<double>>(
      tinydl::SGDOptions{.lr = 0.1, .momentum = 0.9, .nesterov = true});
}
