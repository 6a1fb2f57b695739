// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/state.hpp>

namespace tinydl {

/// Whether the metric is a loss, which should fall, or a score, which should rise.
enum class PlateauMode { min, max };

/// Whether a metric must be better than the best by a share of its size, or by a difference.
enum class ThresholdMode { relative, absolute };

struct ReduceOnPlateauOptions {
  PlateauMode mode = PlateauMode::min;
  double factor = 0.1;
  Index patience = 10;  ///< metrics in a row that may be no better; the next one reduces the rate
  double threshold = 1e-4;
  ThresholdMode threshold_mode = ThresholdMode::relative;
  Index cooldown = 0;  ///< metrics after a reduction that do not count as bad
  double min_lr = 0;
  double eps = 1e-8;  ///< a smaller change of the rate is not made
};

/// A learning rate that falls when a metric has stopped improving, as PyTorch's ReduceLROnPlateau.
/// Unlike a Schedule it has a state. A metric that is not a number counts as no better. A relative
/// threshold is a share of |best|: PyTorch's, of best, asks for less than equality below 0.
///
///     ReduceOnPlateau lr(0.1, {.patience = 3});
///     for (...) { train(); optimizer.set_lr(lr(validation_loss())); }
class ReduceOnPlateau {
 public:
  /// @throws ValueError for a rate or an option out of range.
  explicit ReduceOnPlateau(double lr, ReduceOnPlateauOptions options = {})
      : lr_(lr),
        options_(options),
        best_(options.mode == PlateauMode::min ? std::numeric_limits<double>::infinity()
                                               : -std::numeric_limits<double>::infinity()) {
    const auto require = [](bool fits, const char* option, double value, const char* rule) {
      if (!fits) throw ValueError(text("ReduceOnPlateau: ", option, " ", value, " is ", rule));
    };
    const auto require_finite = [&](const char* option, double value) {
      require(value >= 0 && std::isfinite(value), option, value, "not in [0, inf)");
    };
    require_finite("lr", lr);
    require(options.factor >= 0 && options.factor < 1, "factor", options.factor, "not in [0, 1)");
    require(options.patience >= 0, "patience", static_cast<double>(options.patience), "negative");
    require(options.cooldown >= 0, "cooldown", static_cast<double>(options.cooldown), "negative");
    require_finite("threshold", options.threshold);
    require_finite("min_lr", options.min_lr);
    require_finite("eps", options.eps);
  }

  /// Takes the next metric and returns the learning rate from now on.
  double operator()(double metric) {
    if (improves(metric)) {
      best_ = metric;
      bad_ = 0;
    } else {
      ++bad_;
    }
    if (cooling_ > 0) {
      --cooling_;
      bad_ = 0;
    }
    if (bad_ > options_.patience) {
      const double reduced = std::max(lr_ * options_.factor, options_.min_lr);
      if (lr_ - reduced > options_.eps) lr_ = reduced;
      cooling_ = options_.cooldown;
      bad_ = 0;
    }
    return lr_;
  }

  double lr() const { return lr_; }
  double best() const { return best_; }

  /// The learning rate and what it follows from; not the options.
  State state() const {
    State state;
    state.set("lr", lr_);
    state.set("best", best_);
    state.set("bad", bad_);
    state.set("cooling", cooling_);
    return state;
  }

  /// @throws ValueError if an entry is missing; nothing is changed then.
  void set_state(const State& state) {
    ReduceOnPlateau next = *this;
    next.lr_ = state.get<double>("lr");
    next.best_ = state.get<double>("best");
    next.bad_ = state.get<Index>("bad");
    next.cooling_ = state.get<Index>("cooling");
    *this = next;
  }

 private:
  bool improves(double metric) const {
    const double sign = options_.mode == PlateauMode::min ? -1 : 1;
    const double scale = options_.threshold_mode == ThresholdMode::relative ? std::abs(best_) : 1;
    if (std::isinf(best_)) return sign * metric > sign * best_;
    return sign * metric > sign * best_ + options_.threshold * scale;
  }

  double lr_;
  ReduceOnPlateauOptions options_;
  double best_;
  Index bad_ = 0, cooling_ = 0;
};

}  // namespace tinydl
