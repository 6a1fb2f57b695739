// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// Not part of <tinydl/tinydl.hpp>: needs nlohmann/json (tinydl::io in CMake).

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/random.hpp>
#include <tinydl/core/state.hpp>
#include <tinydl/io/checkpoint_file.hpp>
#include <tinydl/io/model_tensors.hpp>

namespace tinydl {

/// What remembers something and can be told it again: optimisers, EMA, ReduceOnPlateau, DataLoader,
/// and classes of one's own.
template <class X>
concept Stateful = requires(X& x, const X& constant, const State& state) {
  { constant.state() } -> std::same_as<State>;
  x.set_state(state);
};

/// Everything that belongs to a run, listed once for both ways. A run that was interrupted goes on
/// as if it had not been, to the bit:
///
///     Index epoch = 0;
///     Checkpoint run;
///     run.add("model", model);
///     run.add("optimizer", optimizer);
///     run.add("loader", loader);
///     run.add("generator", default_generator());
///     run.add("epoch", epoch);
///     if (resume) run.load("run.checkpoint");
///     while (epoch < 10) {
///       train();
///       ++epoch;
///       run.save("run.checkpoint");
///     }
///
/// Saved within a loop over the DataLoader, the run goes on in the middle of that epoch. A Schedule
/// has no state: the step that it is asked for is a part like the epoch here.
///
/// It refers to what is added, which must stay where it is; of a model it has handles.
class Checkpoint {
 public:
  /// A part of the run: a model (its parameters and buffers), a Generator, anything Stateful, a
  /// number, std::string, std::vector of numbers or Tensor. A Stateful class that cannot be copied
  /// has also check_state(state) const, which throws where set_state(state) would.
  /// @throws ValueError if the name is taken, empty, or has a slash.
  template <class X>
  void add(const std::string& name, X& part) {
    if constexpr (Saveable<X>)
      add_model(name, detail::named_tensors(part));
    else if constexpr (std::is_same_v<X, Generator>)
      add_generator(name, part);
    else if constexpr (Stateful<X>)
      add_stateful(name, part);
    else
      add_value(name, part);
  }

  /// Writes a file that replaces another one whole or not at all: see AtomicFile.
  /// @throws FileError if it cannot be written.
  void save(const std::filesystem::path& path) const {
    State state;
    for (const Part& part : parts_) part.save(state);
    write_checkpoint(state, path);
  }

  /// Brings every part to where it was. Nothing is changed before everything is found to fit.
  /// @param options strict = false: the file may have parts that are not listed here
  /// @throws FileError if the file is missing, no checkpoint, one of another version, or damaged,
  /// or if a part is missing or does not fit: another model, another optimiser.
  void load(const std::filesystem::path& path, LoadOptions options = {}) {
    const State state = read_checkpoint(path);
    const auto misfit = [&](const auto&... words) {
      return detail::file_error(path, "does not fit this run: ", words...);
    };
    std::vector<Change> changes;
    for (const Part& part : parts_) {
      if (part.required && !state.contains(part.name) && state.part(part.name).empty())
        throw misfit("it has no '", part.name, "'");
      try {
        changes.push_back(part.check(state));
      } catch (const std::invalid_argument& error) {  // ShapeError, ValueError
        throw misfit("'", part.name, "': ", error.what());
      }
    }
    if (options.strict)
      for (const auto& [name, entry] : state.entries())
        if (const auto part = name.substr(0, name.find('/')); !has(part))
          throw misfit("it has a '", part, "' besides, which .strict = false passes over");
    for (const Change& change : changes) change();
  }

 private:
  /// Makes a change that was found to fit.
  using Change = std::function<void()>;

  struct Part {
    std::string name;
    bool required;  // if not, there may be nothing to save
    std::function<void(State&)> save;
    std::function<Change(const State&)> check;
  };

  template <class T>
  void add_model(const std::string& name, std::vector<Named<T>> tensors) {
    const auto save = [=](State& all) {
      for (const auto& [tensor, variable] : tensors)
        all.refer(name + '/' + tensor, variable.sizes(), variable.data_span());
    };
    const auto check = [=](const State& all) -> Change {
      const State state = all.part(name);
      detail::TensorKinds kinds;
      for (const auto& [tensor, entry] : state.entries())
        kinds[tensor] = {entry.dtype, entry.shape};
      const auto misfits = detail::misfits(kinds, detail::kinds_of(tensors), false);
      if (!misfits.message.empty()) throw ValueError("it is of another model" + misfits.message);
      return [=] {
        for (const auto& [tensor, variable] : tensors) {
          const auto from = state.entries().at(tensor).bytes;
          const auto to = std::as_writable_bytes(variable.mutable_data_span());
          std::copy(from.begin(), from.end(), to.begin());
        }
      };
    };
    add_part({name, !tensors.empty(), save, check});
  }

  void add_generator(const std::string& name, Generator& generator) {
    const auto save = [=, &generator](State& all) {
      all.set(name + "/seed", generator.seed());
      all.set(name + "/stream", generator.stream());
      all.set(name + "/counter", generator.counter());
    };
    const auto check = [=, &generator](const State& all) -> Change {
      const auto number = [&](const char* entry) { return all.get<std::uint64_t>(name + entry); };
      Generator next(number("/seed"), number("/stream"));
      next.seek(number("/counter"));
      return [=, &generator] { generator = next; };
    };
    add_part({name, true, save, check});
  }

  template <class X>
  void add_stateful(const std::string& name, X& x) {
    const auto save = [=, &x](State& all) { all.set(name, x.state()); };
    const auto check = [=, &x](const State& all) -> Change {
      if constexpr (std::copyable<X>) {
        const auto next = std::make_shared<X>(x);
        next->set_state(all.part(name));
        return [=, &x] { x = std::move(*next); };
      } else {
        x.check_state(all.part(name));
        return [&x, state = all.part(name)] { x.set_state(state); };
      }
    };
    add_part({name, !x.state().empty(), save, check});
  }

  template <class X>
  void add_value(const std::string& name, X& x) {
    static_assert(StateValue<X>,
                  "a part of a Checkpoint is a model, a Generator, a class with state() and "
                  "set_state(), a number, std::string, std::vector of numbers or Tensor");
    const auto save = [=, &x](State& all) { all.set(name, x); };
    const auto check = [=, &x](const State& all) -> Change {
      const auto next = std::make_shared<X>(all.get<X>(name));
      return [=, &x] { x = std::move(*next); };
    };
    add_part({name, true, save, check});
  }

  void add_part(Part part) {
    if (part.name.empty() || part.name.find('/') != std::string::npos)
      throw ValueError("checkpoint: '" + part.name + "' is no name: it is empty or has a slash");
    if (has(part.name)) throw ValueError("checkpoint: there are two parts '" + part.name + "'");
    parts_.push_back(std::move(part));
  }

  bool has(const std::string& name) const {
    const auto same = [&](const Part& part) { return part.name == name; };
    return std::ranges::any_of(parts_, same);
  }

  std::vector<Part> parts_;
};

}  // namespace tinydl
