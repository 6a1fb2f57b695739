// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/callbacks.hpp>

#include <cmath>

#include "train/check.hpp"

namespace tinydl_test {

using tinydl::EarlyStopping;
using tinydl::KeepBest;
using tinydl::LrOnPlateau;
using tinydl::Outcome;
using tinydl::PlateauMode;
using tinydl::ReduceOnPlateau;
using tinydl::Run;
using tinydl::State;
using tinydl::ValueError;

namespace {

/// After how many epochs of these losses a run is stopped; 0 if it is not.
tinydl::Index stopped_after(EarlyStopping early, const std::vector<double>& losses) {
  FakeRun run({.epochs = std::ssize(losses) + 1});
  run.add(early);
  return run.run(losses) == Outcome::stopped ? run.position().epoch : 0;
}

const double not_a_number = std::nan("");

}  // namespace

TEST_CASE("early stopping: after `patience` epochs in a row that are no better") {
  CHECK(stopped_after(EarlyStopping(1), {5, 4, 4, 3}) == 3);
  CHECK(stopped_after(EarlyStopping(2), {5, 6, 4, 6, 4, 3}) == 5);
  CHECK(stopped_after(EarlyStopping(3), {5, 6, 6, 4, 6, 6, 3}) == 0);
  CHECK(stopped_after(EarlyStopping(2), {5, 9, 8, 7}) == 3);  // than the best, not than the last
}

TEST_CASE("early stopping: min_delta is by how much better is better, max that more is better") {
  CHECK(stopped_after(EarlyStopping(2, {.min_delta = 0.5}), {5, 4.5, 4.5, 4}) == 3);
  CHECK(stopped_after(EarlyStopping(2, {.min_delta = 0.5}), {5, 4.75, 4.25, 4.25, 3.5}) == 0);
  CHECK(stopped_after(EarlyStopping(2, {.mode = PlateauMode::max}), {5, 6, 6, 5}) == 4);
  CHECK(stopped_after(EarlyStopping(1, {.metric = "train_loss"}), {5, 5}) == 2);
}

TEST_CASE("early stopping: a metric that is not a number is no better, whatever came before") {
  CHECK(stopped_after(EarlyStopping(2), {not_a_number, not_a_number}) == 2);
  CHECK(stopped_after(EarlyStopping(2), {not_a_number, 5, not_a_number, 4}) == 0);
  CHECK(stopped_after(EarlyStopping(1), {INFINITY, 5, 4}) == 0);
}

TEST_CASE("early stopping: knows the best value and its epoch") {
  EarlyStopping early(9);
  CHECK(std::isnan(early.best()));
  CHECK(early.best_epoch() == 0);
  FakeRun run({.epochs = 4});
  run.add(early);
  run.run({5, 3, 4, 3});
  CHECK(early.best() == 3);
  CHECK(early.best_epoch() == 2);
}

TEST_CASE("early stopping: a resumed run counts on, and one that was stopped stays so") {
  EarlyStopping before(2), after(2);
  FakeRun run({.epochs = 9}), next({.epochs = 9});
  run.add(before);
  next.add(after);
  run.run({5, 4, 6});
  next.set_state(run.state());
  CHECK(after.best() == 4);
  CHECK(next.run({6, 1}) == Outcome::stopped);
  CHECK(next.position().epoch == 4);
  EarlyStopping last(2);
  FakeRun again({.epochs = 9});
  again.add(last);
  again.set_state(next.state());
  CHECK(again.run({1}) == Outcome::stopped);
  CHECK(again.position().epoch == 4);
}

TEST_CASE("early stopping: options out of range, and a metric that is not there, are refused") {
  CHECK_THROWS_WITH_AS(EarlyStopping(0), "EarlyStopping: patience 0 is not positive", ValueError);
  CHECK_THROWS_WITH_AS(EarlyStopping(1, {.min_delta = -1}),
                       "EarlyStopping: min_delta -1 is negative", ValueError);
  CHECK(run_says<ValueError>([] { stopped_after(EarlyStopping(1, {.metric = "bleu"}), {1}); }) ==
        "run: no value 'bleu' among epoch step learning_rate train_loss validation_loss");
}

TEST_CASE("keep best: the parameters and buffers of the best epoch are in the model at the end") {
  RunNet model;
  const auto set_all = [&](double value) {
    for (const auto& list : {model.named_parameters(), model.named_buffers()})
      for (const auto& [name, variable] : list)
        for (double& x : variable.mutable_data_span()) x = value;
  };
  const std::vector<double> losses = {5, 3, 4};
  for (bool resumed : {false, true}) {
    for (tinydl::Index epochs : {3, 9}) {  // 9: it is interrupted after 3
      KeepBest best(model), next_best(model);
      FakeRun run({.epochs = epochs}), next({.epochs = epochs});
      const auto train = [&](Run& r) { set_all(static_cast<double>(r.position().step)); };
      run.after_step(train);
      next.after_step(train);
      run.add(best);
      next.add(next_best);
      if (resumed) {
        run.run({5, 3});
        next.set_state(run.state());
        CHECK(next_best.best() == 3);
        next.run({4});
      } else {
        run.run(losses);
        CHECK(best.best_epoch() == 2);
      }
      const std::vector<double> expected(model.values().size(), epochs == 3 ? 2 : 3);
      CHECK(model.values() == expected);
    }
  }
}

TEST_CASE("keep best: without a best epoch the model stays as it is") {
  RunNet model;
  const auto before = model.values();
  KeepBest best(model);
  FakeRun run({.epochs = 1});
  run.add(best);
  run.run({not_a_number});
  CHECK(model.values() == before);
  CHECK(best.best_epoch() == 0);
}

TEST_CASE("keep best: the state of another model is refused, and nothing is changed") {
  RunNet model;
  tinydl::Linear<double> small(4, 6), other(4, 3);
  KeepBest best(other), of_small(small), of_model(model);
  CHECK_THROWS_WITH_AS(KeepBest(model, {.min_delta = not_a_number}),
                       "KeepBest: min_delta nan is negative", ValueError);
  for (tinydl::Callback* callback :
       {static_cast<tinydl::Callback*>(&best), static_cast<tinydl::Callback*>(&of_model)}) {
    FakeRun run({.epochs = 1});
    run.add(*callback);
    run.run({1});
  }
  const auto refuses = [&](const State& state) {
    const std::string says = run_says<ValueError>([&] { of_small.check_state(state); });
    CHECK(run_says<ValueError>([&] { of_small.set_state(state); }) == says);
    CHECK(of_small.best_epoch() == 0);
    return says;
  };
  CHECK(refuses(best.state()) == "KeepBest: 'weight' has 24 elements, not 12");
  CHECK(refuses(of_model.state()) == "state: there is no 'values/weight'");
}

TEST_CASE("lr on plateau: sets the rate, and reduces it after an epoch that is no better") {
  LrOnPlateau lr(ReduceOnPlateau(1, {.factor = 0.5, .patience = 0}));
  FakeRun run({.epochs = 5});
  run.add(lr);
  run.run({5, 6, 4, 5});
  CHECK(run.history().epochs.column("learning_rate") == std::vector<double>{1, 1, 0.5, 0.5});
  CHECK(run.lr() == 0.25);

  LrOnPlateau resumed(ReduceOnPlateau(1, {.factor = 0.5, .patience = 0}));
  FakeRun next({.epochs = 5});
  next.add(resumed);
  next.set_state(run.state());
  next.run({4});
  CHECK(next.history().epochs.column("learning_rate") == std::vector<double>{0.25});
  CHECK(next.lr() == 0.125);
}

TEST_CASE("lr on plateau: a schedule beside it is refused") {
  LrOnPlateau lr(ReduceOnPlateau(1));
  FakeRun run({.schedule = tinydl::schedule::constant(1)});
  run.add(lr);
  CHECK(run_says<ValueError>([&] { run.run({1}); }) ==
        "LrOnPlateau: the Trainer has a schedule, which sets the rate at each step");
}

TEST_CASE("gradient flow: the mean absolute gradient of each parameter, 0 without one") {
  tinydl::Linear<double> layer(2, 2);
  layer.weight.set_grad(tinydl::from_values({{1.0, -2.0}, {-3.0, 0.0}}));
  tinydl::GradientFlow flow(layer);
  FakeRun run;
  run.add(flow);
  run.run({1});
  CHECK(run.history().steps.at(0, "gradient/weight") == 1.5);
  CHECK(run.history().steps.at(0, "gradient/bias") == 0);
}

}  // namespace tinydl_test
