// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/core/variable.hpp>
#include <tinydl/optim/reduce_on_plateau.hpp>
#include <tinydl/train/run.hpp>

// What a run can be told to do beyond its steps.

namespace tinydl {

struct WatchOptions {
  std::string metric = "validation_loss";  ///< a column of History::epochs
  PlateauMode mode = PlateauMode::min;     ///< max for an accuracy
  double min_delta =
      0;  ///< by how much a metric must be better than the best; not more is no better
};

namespace detail {

/// The best value of a metric so far. One that is not a number is no better.
class BestMetric {
 public:
  /// @throws ValueError if min_delta is negative.
  BestMetric(const char* callback, WatchOptions options) : options_(std::move(options)) {
    if (!(options_.min_delta >= 0))
      throw ValueError(text(callback, ": min_delta ", options_.min_delta, " is negative"));
  }

  /// Takes the value of the epoch that is done; whether it is the best.
  bool better(const Run& run) {
    const double metric = run.value(options_.metric);
    const double gain = options_.mode == PlateauMode::min ? value_ - metric : metric - value_;
    const bool first = std::isnan(value_) && !std::isnan(metric);
    ++since_;
    if (!first && !(gain > options_.min_delta)) return false;
    value_ = metric;
    epoch_ = run.position().epoch;
    since_ = 0;
    return true;
  }

  double value() const { return value_; }
  Index epoch() const { return epoch_; }
  Index since() const { return since_; }  ///< epochs after the best

  State state() const {
    State state;
    state.set("best", value_);
    state.set("best_epoch", epoch_);
    state.set("since", since_);
    return state;
  }
  void set_state(const State& state) {
    value_ = state.get<double>("best");
    epoch_ = state.get<Index>("best_epoch");
    since_ = state.get<Index>("since");
  }

 private:
  WatchOptions options_;
  double value_ = std::numeric_limits<double>::quiet_NaN();
  Index epoch_ = 0, since_ = 0;
};

}  // namespace detail

/// Ends a run whose metric has not become better for `patience` epochs.
///
///     EarlyStopping early(5, {.metric = "validation_accuracy", .mode = PlateauMode::max});
class EarlyStopping final : public Callback {
 public:
  /// @throws ValueError if patience is not positive, or min_delta negative.
  explicit EarlyStopping(Index patience, WatchOptions watch = {})
      : patience_(patience), best_("EarlyStopping", std::move(watch)) {
    if (patience < 1)
      throw ValueError(text("EarlyStopping: patience ", patience, " is not positive"));
  }

  /// The best value so far, and its epoch, counted from 1: NaN and 0 before there is one.
  double best() const { return best_.value(); }
  Index best_epoch() const { return best_.epoch(); }

  void begin(Run& run) override { stop_in_time(run); }
  void after_epoch(Run& run) override {
    best_.better(run);
    stop_in_time(run);
  }

  State state() const override { return best_.state(); }
  void set_state(const State& state) override { best_.set_state(state); }
  void check_state(const State& state) const override { EarlyStopping(*this).set_state(state); }

 private:
  void stop_in_time(Run& run) const {
    if (best_.since() >= patience_) run.stop();
  }

  Index patience_;
  detail::BestMetric best_;
};

/// Keeps a copy of the parameters and buffers of the best epoch, and puts it back into the model at
/// the end. An interrupted run keeps its own, to be saved and resumed.
template <class T>
class KeepBest final : public Callback {
 public:
  /// @throws ValueError if min_delta is negative.
  template <class Model>
  explicit KeepBest(const Model& model, WatchOptions watch = {})
      : variables_(model.named_parameters()), best_("KeepBest", std::move(watch)) {
    for (auto& buffer : model.named_buffers()) variables_.push_back(std::move(buffer));
  }

  /// The best value so far, and its epoch, counted from 1: NaN and 0 before there is one.
  double best() const { return best_.value(); }
  Index best_epoch() const { return best_.epoch(); }

  void after_epoch(Run& run) override {
    if (!best_.better(run)) return;
    values_.clear();
    for (const auto& [name, variable] : variables_)
      values_.push_back(from_values<T, 1>(Shape<1>(variable.size()), variable.data_span()));
  }
  void end(Run& run) override {
    if (run.outcome() == Outcome::interrupted) return;
    for (std::size_t i = 0; i < values_.size(); ++i)
      std::ranges::copy(values_[i].span(), variables_[i].variable.mutable_data_span().begin());
  }

  State state() const override {
    State state = best_.state(), values;
    for (std::size_t i = 0; i < values_.size(); ++i) values.set(variables_[i].name, values_[i]);
    state.set("values", values);
    return state;
  }
  void set_state(const State& state) override {
    std::vector<Tensor<T, 1>> values;
    if (state.get<Index>("best_epoch") > 0)
      for (const auto& [name, variable] : variables_) {
        values.push_back(state.get<Tensor<T, 1>>("values/" + name));
        if (values.back().size() != variable.size())
          throw ValueError(text("KeepBest: '", name, "' has ", variable.size(), " elements, not ",
                                values.back().size()));
      }
    best_.set_state(state);
    values_ = std::move(values);
  }
  void check_state(const State& state) const override { KeepBest(*this).set_state(state); }

 private:
  std::vector<Named<T>> variables_;
  std::vector<Tensor<T, 1>> values_;
  detail::BestMetric best_;
};
template <class Model>
KeepBest(const Model&) -> KeepBest<typename Model::Scalar>;
template <class Model>
KeepBest(const Model&, WatchOptions) -> KeepBest<typename Model::Scalar>;

/// Sets the learning rate, and reduces it when a metric has stopped improving.
///
///     LrOnPlateau lr(ReduceOnPlateau(0.1, {.patience = 3}));
class LrOnPlateau final : public Callback {
 public:
  explicit LrOnPlateau(ReduceOnPlateau plateau, std::string metric = "validation_loss")
      : plateau_(plateau), metric_(std::move(metric)) {}

  /// @throws ValueError if the run has a schedule as well.
  void begin(Run& run) override {
    if (run.options().schedule)
      throw ValueError("LrOnPlateau: the Trainer has a schedule, which sets the rate at each step");
    run.set_lr(plateau_.lr());
  }
  void after_epoch(Run& run) override { run.set_lr(plateau_(run.value(metric_))); }

  State state() const override { return plateau_.state(); }
  void set_state(const State& state) override { plateau_.set_state(state); }
  void check_state(const State& state) const override { LrOnPlateau(*this).set_state(state); }

 private:
  ReduceOnPlateau plateau_;
  std::string metric_;
};

/// Records the mean absolute gradient of every parameter at each step, before clipping, as
/// "gradient/l1.weight"; 0 for a parameter without one.
template <class T>
class GradientFlow final : public Callback {
 public:
  template <class Model>
  explicit GradientFlow(const Model& model) : parameters_(model.named_parameters()) {}

  void after_backward(Run& run) override {
    for (const auto& [name, parameter] : parameters_) {
      double sum = 0;
      for (T g : parameter.grad_span()) sum += std::abs(static_cast<double>(g));
      run.record("gradient/" + name,
                 sum / static_cast<double>(std::max<Index>(parameter.size(), 1)));
    }
  }

 private:
  std::vector<Named<T>> parameters_;
};
template <class Model>
GradientFlow(const Model&) -> GradientFlow<typename Model::Scalar>;

}  // namespace tinydl
