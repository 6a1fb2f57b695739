// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/optim/adam.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "check.hpp"

namespace {

using optim_check::near;
using optim_check::parameter;
using optim_check::Parameters;
using optim_check::Values;

template <template <class> class Optimizer, class Options>
Values adam_path(const Options& options, const Values& gradients) {
  return optim_check::path_of<Optimizer<double>>(2, options, gradients);
}

/// The same from the formulas of the papers.
Values adam_by_formula(const tinydl::AdamOptions& o, double decoupled, const Values& gradients) {
  double p = 2, m = 0, v = 0, top = 0;
  Values path;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const double t = static_cast<double>(i + 1), g = gradients[i] + o.weight_decay * p;
    p -= o.lr * decoupled * p;
    m = o.betas.first * m + (1 - o.betas.first) * g;
    v = o.betas.second * v + (1 - o.betas.second) * g * g;
    top = std::max(top, v);
    const double first = m / (1 - std::pow(o.betas.first, t));
    const double second = (o.amsgrad ? top : v) / (1 - std::pow(o.betas.second, t));
    p -= o.lr * first / (std::sqrt(second) + o.eps);
    path.push_back(p);
  }
  return path;
}

const Values adam_gradients{0.5, -2, 3, 0.01, 0.01, -0.2};

template <class Optimizer, class Options>
void adam_refuses(const Options& options, const char* message) {
  const auto p = parameter({1}, {1}), other = parameter({1}, {1});
  CHECK_THROWS_WITH_AS(Optimizer(Parameters{p}, options), message, tinydl::ValueError);
  Optimizer optimizer(Parameters{p}, {.lr = 0.5});
  CHECK_THROWS_AS(optimizer.add_group(Parameters{other}, options), tinydl::ValueError);
  CHECK_THROWS_AS(optimizer.set_lr(-1), tinydl::ValueError);
  CHECK(optimizer.lr() == 0.5);
  CHECK(optimizer.group_count() == 1);
  optimizer.step();
  CHECK(optim_check::values(p)[0] < 0.6);
  CHECK(near(optim_check::values(other), {1}));
}

}  // namespace

TEST_CASE("adam: the first step is lr against the sign of the gradient, whatever its size") {
  for (double g : {1e-3, 1.0, 250.0}) {
    CHECK(near(adam_path<tinydl::Adam>(tinydl::AdamOptions{.lr = 0.1, .eps = 0}, {g}), {1.9}));
    CHECK(near(adam_path<tinydl::Adam>(tinydl::AdamOptions{.lr = 0.1, .eps = 0}, {-g}), {2.1}));
  }
  CHECK(near(adam_path<tinydl::Adam>(tinydl::AdamOptions{}, {1}), {2 - 1e-3 / (1 + 1e-8)}));
}

TEST_CASE("adam: it follows the formula, with other betas and eps, and with amsgrad") {
  for (const tinydl::AdamOptions& options :
       {tinydl::AdamOptions{.lr = 0.1}, tinydl::AdamOptions{.lr = 0.1, .betas = {0.5, 0.75}},
        tinydl::AdamOptions{.lr = 0.1, .eps = 0.5}, tinydl::AdamOptions{.lr = 0.1, .betas = {0, 0}},
        tinydl::AdamOptions{.lr = 0.1, .betas = {0.5, 0.5}, .amsgrad = true},
        tinydl::AdamOptions{.lr = 0.1, .weight_decay = 0.3}})
    CHECK(near(adam_path<tinydl::Adam>(options, adam_gradients),
               adam_by_formula(options, 0, adam_gradients), 1e-13));
}

TEST_CASE("adam: amsgrad makes a difference once gradients become small") {
  const tinydl::AdamOptions plain{.lr = 0.1, .betas = {0.5, 0.5}};
  tinydl::AdamOptions with = plain;
  with.amsgrad = true;
  CHECK_FALSE(near(adam_path<tinydl::Adam>(plain, adam_gradients),
                   adam_path<tinydl::Adam>(with, adam_gradients), 1e-3));
}

TEST_CASE("adamw: decay shrinks the parameter by itself and does not enter the moments") {
  // With no gradient to speak of, only the decay is left: 2 (1 - lr decay).
  const tinydl::AdamWOptions decay{.lr = 0.1, .eps = 1e-8, .weight_decay = 0.5};
  CHECK(near(adam_path<tinydl::AdamW>(decay, {0}), {2 * 0.95}));
  // The first step stays lr long beside it, however large the parameter.
  const tinydl::AdamWOptions exact{.lr = 0.1, .eps = 0, .weight_decay = 0.5};
  CHECK(near(adam_path<tinydl::AdamW>(exact, {7}), {2 * 0.95 - 0.1}));

  const tinydl::AdamOptions formula{.lr = 0.1, .betas = {0.8, 0.9}, .eps = 1e-3};
  const tinydl::AdamWOptions options{
      .lr = 0.1, .betas = {0.8, 0.9}, .eps = 1e-3, .weight_decay = 0.3};
  CHECK(near(adam_path<tinydl::AdamW>(options, adam_gradients),
             adam_by_formula(formula, 0.3, adam_gradients), 1e-13));
}

TEST_CASE("adamw: the decay is 0.01 unless told") {
  CHECK(near(adam_path<tinydl::AdamW>(tinydl::AdamWOptions{.lr = 0.1}, {0}), {2 * (1 - 0.001)}));
  CHECK(near(adam_path<tinydl::Adam>(tinydl::AdamOptions{.lr = 0.1}, {0}), {2}));
}

TEST_CASE("adam: every element moves by its own gradient, in any number") {
  for (int n : {1, 3, 8, 100, 10000}) {
    Values start, gradient, expected;
    for (int i = 0; i < n; ++i) {
      start.push_back(i % 7);
      gradient.push_back(i % 2 ? 3 : -1);
      expected.push_back(start.back() - (i % 2 ? 0.5 : -0.5));
    }
    const auto p = parameter(start, gradient);
    tinydl::Adam<double>(Parameters{p}, {.lr = 0.5, .eps = 0}).step();
    CHECK(near(optim_check::values(p), expected));
  }
}

TEST_CASE("adam: an option out of range is refused with its name and value") {
  using Adam = tinydl::Adam<double>;
  using Options = tinydl::AdamOptions;
  adam_refuses<Adam>(Options{.lr = -1}, "Adam: lr = -1 is not in [0, inf)");
  adam_refuses<Adam>(Options{.lr = std::nan("")}, "Adam: lr = nan is not in [0, inf)");
  adam_refuses<Adam>(Options{.betas = {1, 0.5}}, "Adam: betas.first = 1 is not in [0, 1)");
  adam_refuses<Adam>(Options{.betas = {-0.1, 0.5}}, "Adam: betas.first = -0.1 is not in [0, 1)");
  adam_refuses<Adam>(Options{.betas = {0.5, 2}}, "Adam: betas.second = 2 is not in [0, 1)");
  adam_refuses<Adam>(Options{.eps = -1e-8}, "Adam: eps = -1e-08 is not in [0, inf)");
  adam_refuses<Adam>(Options{.weight_decay = -2}, "Adam: weight_decay = -2 is not in [0, inf)");
  adam_refuses<tinydl::AdamW<double>>(tinydl::AdamWOptions{.lr = -1},
                                      "AdamW: lr = -1 is not in [0, inf)");
  adam_refuses<tinydl::AdamW<double>>(tinydl::AdamWOptions{.weight_decay = -2},
                                      "AdamW: weight_decay = -2 is not in [0, inf)");
}

TEST_CASE("adam: with the state of another it goes on as that one, whatever its options were") {
  optim_check::resumes<tinydl::Adam<double>>(tinydl::AdamOptions{
      .lr = 0.1, .betas = {0.8, 0.9}, .eps = 0.01, .weight_decay = 0.1, .amsgrad = true});
  optim_check::resumes<tinydl::AdamW<double>>(tinydl::AdamWOptions{
      .lr = 0.1, .betas = {0.8, 0.9}, .eps = 0.01, .weight_decay = 0.1, .amsgrad = true});
}
