// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <tinydl/core/variable.hpp>
#include <tinydl/kernels/map.hpp>

namespace tinydl {

namespace detail {

/// @throws ValueError unless low <= value < high.
inline void check_option(const char* optimizer, const char* option, double value, double low,
                         double high) {
  if (!(value >= low && value < high))
    throw ValueError(
        text(optimizer, ": ", option, " = ", value, " is not in [", low, ", ", high, ")"));
}

/// The parameters, each once. @throws ValueError if one is undefined.
template <class T>
std::vector<AnyVariable<T>> distinct(const char* owner,
                                     const std::vector<AnyVariable<T>>& parameters) {
  std::vector<AnyVariable<T>> once;
  for (const auto& parameter : parameters) {
    if (!parameter.defined()) throw ValueError(text(owner, ": a parameter is undefined"));
    const auto same = [&](const auto& other) { return other.is(parameter); };
    if (std::none_of(once.begin(), once.end(), same)) once.push_back(parameter);
  }
  return once;
}

}  // namespace detail

/// The base of all optimisers: groups of parameters, each with its options, among them the learning
/// rate `lr`. A parameter without a gradient, or frozen, is passed over.
///
///     SGD optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9});
///     for (auto [x, t] : loader) {
///       optimizer.clear_grads();
///       softmax_cross_entropy(model(x), t).backward();
///       optimizer.step();
///     }
template <class T, class Options>
class Optimizer {
 public:
  Optimizer(Optimizer&&) = default;
  Optimizer& operator=(Optimizer&&) = default;
  virtual ~Optimizer() = default;

  /// More parameters, with options of their own.
  /// @throws ValueError if there are none, one is there already, or an option is out of range.
  void add_group(const std::vector<AnyVariable<T>>& parameters, Options options) {
    check(options);
    Group group{options, {}};
    for (const auto& parameter : detail::distinct("optimizer", parameters)) {
      for (const Group& other : groups_)
        if (contains(other, parameter))
          throw ValueError(text("optimizer: parameter '", parameter.name(), "' is in two groups"));
      group.slots.push_back({parameter, {}, 0});
    }
    if (group.slots.empty()) throw ValueError("optimizer: no parameters");
    groups_.push_back(std::move(group));
  }

  /// Updates every parameter by its gradient.
  void step() {
    for (Group& group : groups_) {
      for (Slot& slot : group.slots) {
        if (!slot.parameter.has_grad() || !slot.parameter.requires_grad()) continue;
        ++slot.steps;
        update(slot, group.options);
      }
    }
  }

  void clear_grads() {
    for (Group& group : groups_)
      for (Slot& slot : group.slots) slot.parameter.clear_grad();
  }

  /// The learning rate of a group, and of all groups or of one. @throws ValueError if negative or
  /// not a number, or if there is no such group.
  double lr(std::size_t group = 0) const { return at(group).options.lr; }
  void set_lr(double lr) {
    for (std::size_t group = 0; group < groups_.size(); ++group) set_lr(lr, group);
  }
  void set_lr(double lr, std::size_t group) {
    Options options = at(group).options;
    options.lr = lr;
    check(options);
    groups_[group].options = options;
  }
  std::size_t group_count() const { return groups_.size(); }

 protected:
  /// A parameter, what the optimiser keeps for it, and how often it was updated.
  struct Slot {
    AnyVariable<T> parameter;
    std::vector<Tensor<T, 1>> state;
    Index steps;

    Index size() const { return parameter.size(); }
    T* values() const { return parameter.mutable_data_span().data(); }
    const T* gradient() const { return parameter.grad_span().data(); }
    /// The parameter's i-th companion, zero at first.
    T* companion(std::size_t i) {
      while (state.size() <= i) state.push_back(zeros<T>(Shape<1>(size())));
      return state[i].mutable_data();
    }
  };

  Optimizer() = default;

  virtual void check(const Options& options) const = 0;
  virtual void update(Slot& slot, const Options& options) = 0;

 private:
  struct Group {
    Options options;
    std::vector<Slot> slots;
  };

  static bool contains(const Group& group, const AnyVariable<T>& parameter) {
    for (const Slot& slot : group.slots)
      if (slot.parameter.is(parameter)) return true;
    return false;
  }

  const Group& at(std::size_t group) const {
    if (group >= groups_.size())
      throw ValueError(text("optimizer: no group ", group, " among ", groups_.size()));
    return groups_[group];
  }

  std::vector<Group> groups_;
};

}  // namespace tinydl
