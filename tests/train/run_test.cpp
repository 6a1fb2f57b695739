// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/run.hpp>

#include "train/check.hpp"

namespace tinydl_test {

using tinydl::Callback;
using tinydl::Outcome;
using tinydl::Run;
using tinydl::State;
using tinydl::ValueError;
using Numbers = std::vector<double>;

namespace {

/// Counts epochs, in a state.
struct EpochCounter : Callback {
  tinydl::Index count = 0;
  void after_epoch(Run&) override { ++count; }
  State state() const override {
    State state;
    state.set("count", count);
    return state;
  }
  void set_state(const State& state) override { count = state.get<tinydl::Index>("count"); }
  void check_state(const State& state) const override { state.get<tinydl::Index>("count"); }
};

}  // namespace

TEST_CASE("run: steps and epochs are recorded, counted from 1, before the callbacks see them") {
  FakeRun run({.epochs = 2, .schedule = [](tinydl::Index step) { return 1.0 / (1 << step); }});
  Numbers seen;
  run.after_step([&](Run& r) { seen.push_back(r.value("loss")); });
  run.after_epoch([&](Run& r) { seen.push_back(r.value("validation_loss")); });
  run.run({4, 3});
  CHECK(seen == Numbers{4, 4, 3, 3});
  const tinydl::Record &steps = run.history().steps, &epochs = run.history().epochs;
  CHECK(steps.columns() == std::vector<std::string>{"step", "epoch", "loss", "learning_rate"});
  CHECK(steps.column("step") == Numbers{1, 2});
  CHECK(steps.column("epoch") == Numbers{1, 2});
  CHECK(steps.column("learning_rate") == Numbers{1, 0.5});
  CHECK(epochs.columns() == std::vector<std::string>{"epoch", "step", "learning_rate", "train_loss",
                                                     "validation_loss"});
  CHECK(epochs.column("train_loss") == Numbers{4, 3});
  CHECK(run.history().times.column("epoch") == Numbers{1, 2});
}

TEST_CASE("run: callbacks add values to the row being made") {
  struct Adds : Callback {
    void after_backward(Run& run) override { run.record("a", 1); }
    void after_validation(Run& run) override { run.record("b", 2 * run.value("validation_loss")); }
  } adds;
  FakeRun run({.epochs = 2});
  run.add(adds);
  run.after_step([](Run& r) { CHECK(r.value("a") == 1); });
  run.run({4, 3});
  CHECK(run.history().steps.column("a") == Numbers{1, 1});
  CHECK(run.history().epochs.column("b") == Numbers{8, 6});
}

TEST_CASE("run: a value that is not in the row is refused, with those that are") {
  FakeRun run;
  run.after_step([](Run& r) { r.value("accuracy"); });
  CHECK(run_says<ValueError>([&] { run.run({1}); }) ==
        "run: no value 'accuracy' among step epoch loss learning_rate");
}

TEST_CASE("run: stop() ends it before the next step, and all that is done stays done") {
  FakeRun run({.epochs = 5});
  run.after_epoch([](Run& r) {
    if (r.position().epoch == 2) r.stop();
  });
  CHECK(run.run({5, 4, 3}) == Outcome::stopped);
  CHECK(run.position() == tinydl::RunPosition{2, 0, 2, {}});
  CHECK(run.run({3}) == Outcome::interrupted);  // as if there were no more to come
  CHECK(run.history().epochs.column("train_loss") == Numbers{5, 4, 3});
}

TEST_CASE("run: a state brings back the position and the callbacks, and cuts the history") {
  const RunFolder folder;
  FakeRun run({.epochs = 9, .history = folder.path});
  EpochCounter counter;
  run.add(counter);
  run.run({5, 4, 3});
  const State state = run.state();
  const std::string epochs = folder.read("epochs.csv");
  run.run({2, 1});
  CHECK(folder.read("epochs.csv") != epochs);

  FakeRun next({.epochs = 9, .history = folder.path});
  EpochCounter next_counter;
  next.add(next_counter);
  next.set_state(state);
  CHECK(next.position() == tinydl::RunPosition{3, 0, 3, {}});
  CHECK(next_counter.count == 3);
  CHECK(folder.read("epochs.csv") != epochs);  // not before it goes on
  next.run({});
  CHECK(folder.read("epochs.csv") == epochs);
  next.run({2});
  CHECK(next.history().epochs.column("train_loss") == Numbers{5, 4, 3, 2});
  CHECK(next_counter.count == 4);
}

TEST_CASE("run: going back in one process goes back in memory, too") {
  FakeRun run({.epochs = 9});
  const State begin = run.state();
  run.run({5, 4});
  run.set_state(begin);
  run.run({3});
  CHECK(run.history().epochs.column("train_loss") == Numbers{3});
}

TEST_CASE("run: the state of another run is refused, and nothing is changed") {
  FakeRun run({.epochs = 3});
  EpochCounter counter, second;
  run.add(counter);
  run.run({1});
  const auto refuses = [&](const State& state) {
    const std::string checked = run_says<ValueError>([&] { run.check_state(state); });
    CHECK(run_says<ValueError>([&] { run.set_state(state); }) == checked);
    CHECK(run.position().epoch == 1);
    CHECK(counter.count == 1);
    return checked;
  };
  CHECK(refuses({}) == "state: there is no 'epoch'");
  CHECK(refuses(FakeRun().state()) == "state: there is no 'count'");
  FakeRun two;
  two.add(counter);
  two.add(second);
  CHECK(refuses(two.state()) == "Trainer: it has 1 callbacks, the state more");
}

TEST_CASE("run: options out of range are refused") {
  const auto says = [](tinydl::TrainerOptions options) {
    return run_says<ValueError>([&] { FakeRun run(options); });
  };
  CHECK(says({.epochs = -1}) == "Trainer: epochs -1 is negative");
  CHECK(says({.accumulate = 0}) == "Trainer: accumulate 0 is not positive");
  CHECK(says({.clip_norm = 0}) == "Trainer: clip_norm 0 is not positive");
  CHECK(says({.clip_value = -1}) == "Trainer: clip_value -1 is not positive");
  CHECK(says({.epochs = 0}) == "none");
}

}  // namespace tinydl_test
