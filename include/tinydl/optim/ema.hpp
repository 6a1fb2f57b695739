// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/core/state.hpp>
#include <tinydl/optim/optimizer.hpp>

namespace tinydl {

struct EMAOptions {
  double decay = 0.999;
  /// Divide by the weight seen so far, as Adam does: the average is then of the updates alone, and
  /// after the first of them the parameters themselves. Else it begins at the first parameters.
  bool bias_correction = false;
};

/// An exponential moving average of parameters, average = decay average + (1 - decay) p at each
/// update, which often generalises better than the last parameters (Polyak and Juditsky, 1992).
///
///     EMA average(model.parameters(), {.decay = 0.99});
///     for (...) { ...; optimizer.step(); average.update(); }
///     average.swap();  // the model has the averages
///     evaluate(model);
///     average.swap();  // and its own parameters again
template <class T>
class EMA {
 public:
  /// @throws ValueError if the decay is not in [0, 1), or there are no parameters.
  explicit EMA(const std::vector<AnyVariable<T>>& parameters, EMAOptions options = {})
      : options_(options), parameters_(detail::distinct("EMA", parameters)) {
    detail::check_option("EMA", "decay", options.decay, 0, 1);
    if (parameters_.empty()) throw ValueError("EMA: no parameters");
    for (const auto& parameter : parameters_) {
      averages_.emplace_back(Shape<1>(parameter.size()));
      std::ranges::copy(parameter.data_span(), averages_.back().mutable_data());
    }
  }

  /// Takes the parameters as they are now into the average.
  /// @throws ValueError while the averages are swapped in.
  void update() {
    if (swapped_) throw ValueError("EMA: update() while the averages are swapped in");
    ++updates_;
    double keep = options_.decay;
    if (options_.bias_correction)
      keep = 1 - (1 - keep) / (1 - std::pow(keep, static_cast<double>(updates_)));
    const T old = static_cast<T>(keep), take = static_cast<T>(1 - keep);
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      T* average = averages_[i].mutable_data();
      kernels::map(
          averages_[i].size(), average,
          [=](auto& y, const auto& a, const auto& p) { y = old * a + take * p; },
          kernels::Each<T>{average}, kernels::Each<T>{parameters_[i].data_span().data()});
    }
  }

  /// Exchanges the parameters and the averages, and back when called again.
  void swap() {
    for (std::size_t i = 0; i < parameters_.size(); ++i)
      std::ranges::swap_ranges(parameters_[i].mutable_data_span(), averages_[i].mutable_span());
    swapped_ = !swapped_;
  }
  bool swapped() const { return swapped_; }

  /// Writes the averages into other parameters, those of a clone of the model for one.
  /// @throws ValueError while the averages are swapped in, ShapeError if their number or one of
  /// their shapes is another; nothing is written then.
  void copy_to(const std::vector<AnyVariable<T>>& parameters) const {
    const auto targets = detail::distinct("EMA", parameters);
    if (swapped_) throw ValueError("EMA: copy_to() while the averages are swapped in");
    if (targets.size() != parameters_.size())
      throw ShapeError(
          text("EMA: ", parameters_.size(), " averages for ", targets.size(), " parameters"));
    for (std::size_t i = 0; i < targets.size(); ++i)
      if (!std::ranges::equal(targets[i].sizes(), parameters_[i].sizes()))
        throw ShapeError(text("EMA: the average of '", parameters_[i].name(), "' has shape ",
                              shape_text(parameters_[i].sizes()), ", not ",
                              shape_text(targets[i].sizes())));
    for (std::size_t i = 0; i < targets.size(); ++i)
      std::ranges::copy(averages_[i].span(), targets[i].mutable_data_span().begin());
  }

  /// The averages and what belongs to them, options too.
  State state() const {
    State state;
    state.set("decay", options_.decay);
    state.set("bias_correction", options_.bias_correction);
    state.set("updates", updates_);
    state.set("swapped", swapped_);
    for (std::size_t i = 0; i < averages_.size(); ++i) state.set(std::to_string(i), averages_[i]);
    return state;
  }

  /// @throws ValueError if the state is that of other parameters; nothing is changed then.
  void set_state(const State& state) {
    EMA next = *this;
    next.options_ = {state.get<double>("decay"), state.get<bool>("bias_correction")};
    detail::check_option("EMA", "decay", next.options_.decay, 0, 1);
    next.updates_ = state.get<Index>("updates");
    next.swapped_ = state.get<bool>("swapped");
    for (std::size_t i = 0; i < averages_.size(); ++i) {
      next.averages_[i] = state.get<Tensor<T, 1>>(std::to_string(i));
      if (next.averages_[i].size() != averages_[i].size())
        throw ValueError(text("EMA: parameter ", i, " ('", parameters_[i].name(), "') has ",
                              averages_[i].size(), " elements, not ", next.averages_[i].size()));
    }
    if (state.contains(std::to_string(averages_.size())))
      throw ValueError(
          text("EMA: there are ", averages_.size(), " parameters, the state has more"));
    *this = std::move(next);
  }

 private:
  EMAOptions options_;
  std::vector<AnyVariable<T>> parameters_;
  std::vector<Tensor<T, 1>> averages_;
  Index updates_ = 0;
  bool swapped_ = false;
};

}  // namespace tinydl
