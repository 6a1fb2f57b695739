// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tinydl/core/state.hpp>
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
  [[gnu::cold]] void add_group(const std::vector<AnyVariable<T>>& parameters, Options options) {
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

  /// Updates every parameter by its gradient: all of them in one parallel pass.
  void step() {
    struct Task {
      Index first;  // of the elements of all tasks
      Stretch stretch;
      const Options* options;
    };
    detail::PoolVector<Task> tasks;
    Index total = 0, numbers = 0;
    for (Group& group : groups_) {
      const std::size_t arrays = companions(group.options);
      for (Slot& slot : group.slots) {
        if (!slot.parameter.has_grad() || !slot.parameter.requires_grad()) continue;
        ++slot.steps;
        tasks.push_back({total, stretch_of(slot, arrays), &group.options});
        total += slot.size();
        numbers += slot.size() * static_cast<Index>(2 + arrays);
      }
    }
    // Where one thread made all gradients, and its cache holds them, no other is as near to them.
    const bool near = numbers <= 1 << 18 && detail::jobs_shared() == jobs_shared_;
    parallel_ranges(total, near || total <= 1 << 14 ? total : 1 << 12, [&](Index begin, Index end) {
      const auto begins_later = [](Index element, const Task& task) {
        return element < task.first;
      };
      auto task = std::upper_bound(tasks.begin(), tasks.end(), begin, begins_later) - 1;
      for (; task != tasks.end() && task->first < end; ++task)
        update(task->stretch.part(begin - task->first, end - task->first), *task->options);
    });
    jobs_shared_ = detail::jobs_shared();
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

  /// All that the next steps depend on, apart from the parameters: the options of every group, and
  /// what is kept for every parameter. Parameters are known by their place, not by their name.
  State state() const {
    State state;
    state.set("optimizer", std::string(Options::optimizer));
    for (std::size_t group = 0; group < groups_.size(); ++group)
      state.set(std::to_string(group), group_state(groups_[group]));
    return state;
  }

  /// @throws ValueError if the state is that of another optimiser, of other parameters, or has an
  /// option out of range; nothing is changed then.
  void set_state(const State& state) { groups_ = groups_of(state); }
  void check_state(const State& state) const { groups_of(state); }

 protected:
  /// A stretch of a parameter, of its gradient, and of what the optimiser keeps for it.
  struct Stretch {
    Index size;
    Index steps;  ///< how often it was updated, this time included
    T* values;
    const T* gradient;
    std::array<T*, 3> companions;  ///< arrays as long, zero at first

    /// What is in [begin, end), where either may be outside.
    Stretch part(Index begin, Index end) const {
      begin = std::max<Index>(begin, 0);
      Stretch part = *this;
      part.size = std::min(end, size) - begin;
      part.values += begin;
      part.gradient += begin;
      for (T*& companion : part.companions)
        if (companion) companion += begin;
      return part;
    }
  };

  Optimizer() = default;

  virtual void check(const Options& options) const = 0;
  /// How many arrays are kept for a parameter, at most 3.
  virtual std::size_t companions(const Options& options) const = 0;
  /// On any thread.
  virtual void update(const Stretch& stretch, const Options& options) const = 0;

 private:
  /// A parameter, what the optimiser keeps for it, and how often it was updated.
  struct Slot {
    AnyVariable<T> parameter;
    std::vector<Tensor<T, 1>> state;
    Index steps;

    Index size() const { return parameter.size(); }
  };

  struct Group {
    Options options;
    std::vector<Slot> slots;
  };

  static bool contains(const Group& group, const AnyVariable<T>& parameter) {
    for (const Slot& slot : group.slots)
      if (slot.parameter.is(parameter)) return true;
    return false;
  }

  static Stretch stretch_of(Slot& slot, std::size_t companions) {
    while (slot.state.size() < companions) slot.state.push_back(zeros<T>(Shape<1>(slot.size())));
    Stretch stretch{slot.size(),
                    slot.steps,
                    slot.parameter.mutable_data_span().data(),
                    slot.parameter.grad_span().data(),
                    {}};
    for (std::size_t i = 0; i < companions; ++i)
      stretch.companions[i] = slot.state[i].mutable_data();
    return stretch;
  }

  static State group_state(const Group& group) {
    State state;
    Options options = group.options;
    options.each([&](const char* name, const auto& option) { state.set(name, option); });
    std::vector<Index> sizes, steps;
    for (const Slot& slot : group.slots) {
      for (std::size_t i = 0; i < slot.state.size(); ++i)
        state.set(text(sizes.size(), '.', i), slot.state[i]);
      sizes.push_back(slot.size());
      steps.push_back(slot.steps);
    }
    state.set("sizes", sizes);
    state.set("steps", steps);
    return state;
  }

  std::vector<Group> groups_of(const State& state) const {
    const auto optimizer = state.get<std::string>("optimizer");
    if (optimizer != Options::optimizer)
      throw ValueError(text("optimizer: it is ", Options::optimizer, ", not ", optimizer));
    std::vector<Group> groups = groups_;
    for (std::size_t group = 0; group < groups.size(); ++group)
      set_group_state(groups[group], state.part(std::to_string(group)), group);
    if (!state.part(std::to_string(groups.size())).empty())
      throw ValueError(text("optimizer: it has ", groups.size(), " groups, the state has more"));
    return groups;
  }

  void set_group_state(Group& group, const State& state, std::size_t number) const {
    if (state.empty()) throw ValueError(text("optimizer: the state has no group ", number));
    group.options.each([&](const char* name, auto& option) {
      option = state.get<std::remove_reference_t<decltype(option)>>(name);
    });
    check(group.options);
    const auto sizes = state.get<std::vector<Index>>("sizes");
    const auto steps = state.get<std::vector<Index>>("steps");
    if (sizes.size() != group.slots.size() || steps.size() != group.slots.size())
      throw ValueError(text("optimizer: group ", number, " has ", group.slots.size(),
                            " parameters, not ", sizes.size()));
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      require_size(group.slots[i], i, sizes[i]);
      group.slots[i].steps = steps[i];
      set_companions(group.slots[i], i, state);
    }
  }

  static void set_companions(Slot& slot, std::size_t place, const State& state) {
    const auto name = [&] { return text(place, '.', slot.state.size()); };
    slot.state.clear();
    while (state.contains(name())) {
      slot.state.push_back(state.get<Tensor<T, 1>>(name()));
      require_size(slot, place, slot.state.back().size());
    }
  }

  static void require_size(const Slot& slot, std::size_t place, Index size) {
    if (size != slot.size())
      throw ValueError(text("optimizer: parameter ", place, " ('", slot.parameter.name(), "') has ",
                            slot.size(), " elements, not ", size));
  }

  const Group& at(std::size_t group) const {
    if (group >= groups_.size())
      throw ValueError(text("optimizer: no group ", group, " among ", groups_.size()));
    return groups_[group];
  }

  std::vector<Group> groups_;
  Index jobs_shared_ = 0;  // by the end of the last step
};

}  // namespace tinydl
