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
[[gnu::noinline]] inline void check_option(const char* optimizer, const char* option, double value,
                                           double low, double high) {
  if (!(value >= low && value < high))
    throw ValueError(
        text(optimizer, ": ", option, " = ", value, " is not in [", low, ", ", high, ")"));
}

/// The parameters, each once. @throws ValueError if one is undefined.
template <class T>
[[gnu::noinline]] std::vector<AnyVariable<T>> distinct(
    const char* owner, const std::vector<AnyVariable<T>>& parameters) {
  std::vector<AnyVariable<T>> once;
  for (const auto& parameter : parameters) {
    if (!parameter.defined()) throw ValueError(text(owner, ": a parameter is undefined"));
    bool listed = false;
    for (const auto& other : once) listed = listed || other.is(parameter);
    if (!listed) once.push_back(AnyVariable<T>(parameter));
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
  [[gnu::noinline]] void add_group(const std::vector<AnyVariable<T>>& parameters, Options options) {
    check(options);
    const std::size_t before = groups_.slots.size();
    try {
      for (const auto& parameter : parameters) add_slot(parameter, group_count());
      if (groups_.slots.size() == before) throw ValueError("optimizer: no parameters");
      groups_.options.push_back(options);
    } catch (...) {
      while (groups_.slots.size() > before) groups_.slots.pop_back();
      throw;
    }
  }

  /// Updates every parameter by its gradient: the large ones in one parallel pass.
  void step() {
    constexpr Index small = 1 << 11;
    Index total = 0, numbers = 0;
    for (Slot& slot : groups_.slots) {
      slot.first = total;
      slot.stretch = {};
      if (!slot.parameter.has_grad() || !slot.parameter.requires_grad()) continue;
      const std::size_t arrays = companions(groups_.options[slot.group]);
      slot.prepare(arrays);
      if (slot.stretch.size <= small) continue;
      total += slot.stretch.size;
      numbers += slot.stretch.size * static_cast<Index>(2 + arrays);
    }
    // This thread has made the small ones' gradients, and reads them next.
    for (Slot& slot : groups_.slots) {
      if (slot.stretch.size == 0 || slot.stretch.size > small) continue;
      update(slot.stretch, groups_.options[slot.group]);
      slot.stretch = {};
    }
    // Where one thread made all gradients, and its cache holds them, no other is as near to them.
    const bool alone = numbers <= 1 << 18 && detail::jobs_shared() == jobs_shared_;
    parallel_ranges(
        total, alone || total <= 1 << 14 ? total : 1 << 12, [&](Index begin, Index end) {
          const auto begins_later = [](Index element, const Slot& slot) {
            return element < slot.first;
          };
          const auto slots_end = groups_.slots.end();
          auto slot = std::upper_bound(groups_.slots.begin(), slots_end, begin, begins_later) - 1;
          for (; slot != slots_end && slot->first < end; ++slot) {
            if (slot->stretch.size == 0) continue;
            update(slot->stretch.part(begin - slot->first, end - slot->first),
                   groups_.options[slot->group]);
          }
        });
    jobs_shared_ = detail::jobs_shared();
  }

  void clear_grads() {
    for (const Slot& slot : groups_.slots) slot.parameter.clear_grad();
  }

  /// The learning rate of a group, and of all groups or of one. @throws ValueError if negative or
  /// not a number, or if there is no such group.
  double lr(std::size_t group = 0) const { return options_of(group).lr; }
  void set_lr(double lr) {
    for (std::size_t group = 0; group < group_count(); ++group) set_lr(lr, group);
  }
  void set_lr(double lr, std::size_t group) {
    Options options = options_of(group);
    options.lr = lr;
    check(options);
    groups_.options[group] = options;
  }
  std::size_t group_count() const { return groups_.options.size(); }

  /// All that the next steps depend on, apart from the parameters: the options of every group, and
  /// what is kept for every parameter. Parameters are known by their place, not by their name.
  State state() const {
    State state;
    state.set("optimizer", std::string(Options::optimizer));
    for (std::size_t group = 0; group < group_count(); ++group)
      state.set(std::to_string(group), group_state(group));
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
  /// A parameter, and what the optimiser keeps for it.
  struct Slot {
    AnyVariable<T> parameter;
    std::size_t group;
    Index steps = 0;                         // how often it was updated
    std::array<Tensor<T, 1>, 3> state = {};  // its companions
    Stretch stretch = {};                    // all of it, in the step at hand; empty if passed over
    Index first = 0;                         // of its elements among those of all parameters

    void prepare(std::size_t companions) {
      ++steps;
      stretch = {parameter.size(),
                 steps,
                 parameter.mutable_data_span().data(),
                 parameter.grad_span().data(),
                 {}};
      for (std::size_t i = 0; i < companions; ++i) {
        if (!state[i].defined()) state[i] = zeros<T>(Shape<1>(parameter.size()));
        stretch.companions[i] = state[i].mutable_data();
      }
    }
  };

  struct Groups {
    detail::PoolVector<Options> options;
    detail::PoolVector<Slot> slots;  // those of the first group, of the second ...
  };

  // Each parameter once.
  void add_slot(const AnyVariable<T>& parameter, std::size_t group) {
    if (!parameter.defined()) throw ValueError("optimizer: a parameter is undefined");
    for (const Slot& slot : groups_.slots) {
      if (!slot.parameter.is(parameter)) continue;
      if (slot.group == group) return;
      throw ValueError(text("optimizer: parameter '", parameter.name(), "' is in two groups"));
    }
    groups_.slots.emplace_back(parameter, group);
  }

  State group_state(std::size_t group) const {
    State state;
    Options options = groups_.options[group];
    options.each([&](const char* name, const auto& option) { state.set(name, option); });
    std::vector<Index> sizes, steps;
    for (const Slot& slot : groups_.slots) {
      if (slot.group != group) continue;
      for (std::size_t i = 0; i < slot.state.size() && slot.state[i].defined(); ++i)
        state.set(text(sizes.size(), '.', i), slot.state[i]);
      sizes.push_back(slot.parameter.size());
      steps.push_back(slot.steps);
    }
    state.set("sizes", sizes);
    state.set("steps", steps);
    return state;
  }

  Groups groups_of(const State& state) const {
    const auto optimizer = state.get<std::string>("optimizer");
    if (optimizer != Options::optimizer)
      throw ValueError(text("optimizer: it is ", Options::optimizer, ", not ", optimizer));
    Groups groups = groups_;
    for (std::size_t group = 0; group < group_count(); ++group)
      set_group_state(groups, state.part(std::to_string(group)), group);
    if (!state.part(std::to_string(group_count())).empty())
      throw ValueError(text("optimizer: it has ", group_count(), " groups, the state has more"));
    return groups;
  }

  void set_group_state(Groups& groups, const State& state, std::size_t group) const {
    if (state.empty()) throw ValueError(text("optimizer: the state has no group ", group));
    Options& options = groups.options[group];
    options.each([&](const char* name, auto& option) {
      option = state.get<std::remove_reference_t<decltype(option)>>(name);
    });
    check(options);
    const auto sizes = state.get<std::vector<Index>>("sizes");
    const auto steps = state.get<std::vector<Index>>("steps");
    std::size_t place = 0;
    const auto slots = std::ranges::count(groups.slots, group, &Slot::group);
    if (std::ssize(sizes) != slots || std::ssize(steps) != slots)
      throw ValueError(
          text("optimizer: group ", group, " has ", slots, " parameters, not ", sizes.size()));
    for (Slot& slot : groups.slots) {
      if (slot.group != group) continue;
      require_size(slot, place, sizes[place]);
      slot.steps = steps[place];
      set_companions(slot, place, state);
      ++place;
    }
  }

  static void set_companions(Slot& slot, std::size_t place, const State& state) {
    bool there = true;
    for (std::size_t i = 0; i < slot.state.size(); ++i) {
      const std::string name = text(place, '.', i);
      slot.state[i] = {};
      there = there && state.contains(name);
      if (!there) continue;
      slot.state[i] = state.get<Tensor<T, 1>>(name);
      require_size(slot, place, slot.state[i].size());
    }
  }

  static void require_size(const Slot& slot, std::size_t place, Index size) {
    if (size != slot.parameter.size())
      throw ValueError(text("optimizer: parameter ", place, " ('", slot.parameter.name(), "') has ",
                            slot.parameter.size(), " elements, not ", size));
  }

  const Options& options_of(std::size_t group) const {
    if (group >= group_count())
      throw ValueError(text("optimizer: no group ", group, " among ", group_count()));
    return groups_.options[group];
  }

  Groups groups_;
  Index jobs_shared_ = 0;  // by the end of the last step
};

}  // namespace tinydl
