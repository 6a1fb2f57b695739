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

namespace detail {

/// Half a cosine from one rate to the other, as `way` goes from 0 to 1.
inline double half_cosine(double from, double to, double way) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * way)) / 2;
}

/// @throws ValueError unless the value, a rate or a factor of one, is finite and not negative.
inline void check_rate(const char* schedule, const char* option, double value) {
  if (!(value >= 0 && std::isfinite(value)))
    throw ValueError(text("schedule::", schedule, ": ", option, " ", value, " is not in [0, inf)"));
}

}  // namespace detail

// All throw ValueError for a rate or a factor that is negative or not finite.

namespace schedule {

inline Schedule constant(double lr) {
  detail::check_rate("constant", "lr", lr);
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
  detail::check_rate("step", "lr", lr);
  detail::check_rate("step", "gamma", options.gamma);
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
  detail::check_rate("multi_step", "lr", lr);
  detail::check_rate("multi_step", "gamma", options.gamma);
  return [lr, options = std::move(options)](Index at) {
    const auto reached = std::count_if(options.milestones.begin(), options.milestones.end(),
                                       [=](Index milestone) { return milestone <= at; });
    return lr * std::pow(options.gamma, static_cast<double>(reached));
  };
}

/// lr gamma^step
inline Schedule exponential(double lr, double gamma) {
  detail::check_rate("exponential", "lr", lr);
  detail::check_rate("exponential", "gamma", gamma);
  return [=](Index at) { return lr * std::pow(gamma, static_cast<double>(at)); };
}

struct CosineOptions {
  Index steps = 1;
  double min_lr = 0;
};
/// Half a cosine from lr down to min_lr at `steps` (Loshchilov and Hutter, 2017). After that it
/// rises again, as PyTorch's does, and is back at lr after 2 steps.
/// @throws ValueError if `steps` is not positive.
inline Schedule cosine(double lr, CosineOptions options) {
  if (options.steps < 1)
    throw ValueError(text("schedule::cosine: steps ", options.steps, " is not positive"));
  detail::check_rate("cosine", "lr", lr);
  detail::check_rate("cosine", "min_lr", options.min_lr);
  return [=](Index at) {
    return detail::half_cosine(lr, options.min_lr,
                               static_cast<double>(at) / static_cast<double>(options.steps));
  };
}

struct CosineWithWarmUpOptions {
  Index steps = 1;    ///< in all
  Index warm_up = 0;  ///< the steps among them in which the rate rises
  double min_lr = 0;
};
/// A line up to lr at step warm_up, beginning at lr / (warm_up + 1), then half a cosine down to
/// min_lr at `steps`, where it stays.
/// @throws ValueError unless 0 <= warm_up < steps.
inline Schedule cosine_with_warm_up(double lr, CosineWithWarmUpOptions options) {
  if (options.warm_up < 0 || options.warm_up >= options.steps)
    throw ValueError(text("schedule::cosine_with_warm_up: warm_up ", options.warm_up,
                          " is not in [0, ", options.steps, "), of the steps"));
  detail::check_rate("cosine_with_warm_up", "lr", lr);
  detail::check_rate("cosine_with_warm_up", "min_lr", options.min_lr);
  return [=](Index at) {
    const double up = static_cast<double>(options.warm_up);
    const double down = static_cast<double>(options.steps) - up;
    const double now = static_cast<double>(at);
    if (now < up) return lr * (now + 1) / (up + 1);
    return detail::half_cosine(lr, options.min_lr, std::min(1.0, (now - up) / down));
  };
}

struct CosineWithRestartsOptions {
  Index t_0 = 1;     ///< steps until the first restart
  Index t_mult = 1;  ///< each period is this many times as long as the one before
  double min_lr = 0;
};
/// Half a cosine from lr down to min_lr, again and again: SGDR (Loshchilov and Hutter, 2017).
/// @throws ValueError if t_0 or t_mult is not positive.
inline Schedule cosine_with_restarts(double lr, CosineWithRestartsOptions options) {
  if (options.t_0 < 1 || options.t_mult < 1)
    throw ValueError(text("schedule::cosine_with_restarts: t_0 ", options.t_0, " and t_mult ",
                          options.t_mult, " must be positive"));
  detail::check_rate("cosine_with_restarts", "lr", lr);
  detail::check_rate("cosine_with_restarts", "min_lr", options.min_lr);
  return [=](Index at) {
    double length = static_cast<double>(options.t_0), now = static_cast<double>(at);
    if (options.t_mult == 1) now = std::fmod(now, length);
    while (now >= length) {
      now -= length;
      length *= static_cast<double>(options.t_mult);
    }
    return detail::half_cosine(lr, options.min_lr, now / length);
  };
}

struct LinearOptions {
  double start_factor = 1.0 / 3;
  double end_factor = 1;
  Index steps = 5;
};
/// lr times a factor that goes from start_factor to end_factor in `steps` steps.
/// @throws ValueError if `steps` is not positive.
inline Schedule linear(double lr, LinearOptions options) {
  if (options.steps < 1)
    throw ValueError(text("schedule::linear: steps ", options.steps, " is not positive"));
  detail::check_rate("linear", "lr", lr);
  detail::check_rate("linear", "start_factor", options.start_factor);
  detail::check_rate("linear", "end_factor", options.end_factor);
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
/// @throws ValueError if `steps` or a divisor is not positive, or warm_up is outside of [0, 1].
inline Schedule one_cycle(double max_lr, OneCycleOptions options) {
  if (options.steps < 1)
    throw ValueError(text("schedule::one_cycle: steps ", options.steps, " is not positive"));
  detail::check_rate("one_cycle", "max_lr", max_lr);
  if (!(options.warm_up >= 0 && options.warm_up <= 1))
    throw ValueError(text("schedule::one_cycle: warm_up ", options.warm_up, " is not in [0, 1]"));
  const auto check_divisor = [](const char* option, double value) {
    if (!(value > 0))
      throw ValueError(text("schedule::one_cycle: ", option, " ", value, " is not positive"));
  };
  check_divisor("start_divisor", options.start_divisor);
  check_divisor("end_divisor", options.end_divisor);
  return [=](Index at) {
    const double top = options.warm_up * static_cast<double>(options.steps) - 1;
    const double last = static_cast<double>(options.steps) - 1;
    const double now = std::min(static_cast<double>(at), last);
    if (now < top) return detail::half_cosine(max_lr / options.start_divisor, max_lr, now / top);
    if (now == top) return max_lr;
    return detail::half_cosine(max_lr, max_lr / options.end_divisor, (now - top) / (last - top));
  };
}

}  // namespace schedule

}  // namespace tinydl
