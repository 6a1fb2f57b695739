// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <utility>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>

namespace tinydl {

/// A learning rate for each step, counted from 0; a step is what the caller counts, a batch or an
/// epoch. It has no state, so a run can be resumed anywhere:
///
///     const Schedule lr = schedule::cosine(0.1, {.steps = epochs});
///     for (Index epoch = 0; epoch < epochs; ++epoch) { optimizer.set_lr(lr(epoch)); ... }
using Schedule = std::function<double(Index step)>;

namespace schedule {

inline Schedule constant(double lr) {
  return [=](Index) { return lr; };
}

struct StepOptions {
  Index step_size = 1;
  double gamma = 0.1;
};
/// lr gamma^(step / step_size). @throws ValueError if step_size is not positive.
inline Schedule step(double lr, StepOptions options) {
  if (options.step_size < 1)
    throw ValueError(text("schedule::step: step_size ", options.step_size, " is not positive"));
  return [=](Index at) {
    return lr * std::pow(options.gamma, static_cast<double>(at / options.step_size));
  };
}

struct MultiStepOptions {
  std::vector<Index> milestones;
  double gamma = 0.1;
};
/// lr times gamma for every milestone reached.
inline Schedule multi_step(double lr, MultiStepOptions options) {
  return [lr, options = std::move(options)](Index at) {
    const auto reached = std::count_if(options.milestones.begin(), options.milestones.end(),
                                       [=](Index milestone) { return milestone <= at; });
    return lr * std::pow(options.gamma, static_cast<double>(reached));
  };
}

/// lr gamma^step
inline Schedule exponential(double lr, double gamma) {
  return [=](Index at) { return lr * std::pow(gamma, static_cast<double>(at)); };
}

struct CosineOptions {
  Index steps = 1;
  double min_lr = 0;
};
/// Half a cosine from lr down to min_lr at `steps` (Loshchilov and Hutter, 2017).
/// @throws ValueError if `steps` is not positive.
inline Schedule cosine(double lr, CosineOptions options) {
  if (options.steps < 1)
    throw ValueError(text("schedule::cosine: steps ", options.steps, " is not positive"));
  return [=](Index at) {
    const double turn =
        std::numbers::pi * static_cast<double>(at) / static_cast<double>(options.steps);
    return options.min_lr + (lr - options.min_lr) * (1 + std::cos(turn)) / 2;
  };
}

struct LinearOptions {
  double start_factor = 1.0 / 3;
  double end_factor = 1;
  Index steps = 5;
};
/// lr times a factor that goes from start_factor to end_factor in `steps` steps.
inline Schedule linear(double lr, LinearOptions options) {
  if (options.steps < 1)
    throw ValueError(text("schedule::linear: steps ", options.steps, " is not positive"));
  return [=](Index at) {
    const double way = std::min(1.0, static_cast<double>(at) / static_cast<double>(options.steps));
    return lr * (options.start_factor + (options.end_factor - options.start_factor) * way);
  };
}

struct OneCycleOptions {
  Index steps = 1;
  double warm_up = 0.3;           ///< the share of the steps in which the rate rises
  double start_divisor = 25;      ///< it starts at max_lr / start_divisor
  double end_divisor = 25 * 1e4;  ///< and ends at max_lr / end_divisor
};
/// Up to max_lr and down again, each by half a cosine (Smith and Topin, 2018).
inline Schedule one_cycle(double max_lr, OneCycleOptions options) {
  if (options.steps < 1)
    throw ValueError(text("schedule::one_cycle: steps ", options.steps, " is not positive"));
  return [=](Index at) {
    const double top = options.warm_up * static_cast<double>(options.steps) - 1;
    const double last = static_cast<double>(options.steps) - 1;
    const double now = std::min(static_cast<double>(at), last);
    const auto between = [](double from, double to, double way) {
      return to + (from - to) * (1 + std::cos(std::numbers::pi * way)) / 2;
    };
    if (now < top) return between(max_lr / options.start_divisor, max_lr, now / top);
    if (now == top) return max_lr;
    return between(max_lr, max_lr / options.end_divisor, (now - top) / (last - top));
  };
}

}  // namespace schedule

}  // namespace tinydl
