// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/trainer.hpp>

#include <csignal>
#include <optional>
#include <stdexcept>
#include <utility>

#include <tinydl/functions/loss.hpp>
#include <tinydl/train/callbacks.hpp>

#include "restored_threads.hpp"
#include "train/check.hpp"

namespace tinydl_test {

using tinydl::EarlyStopping;
using tinydl::FileError;
using tinydl::Index;
using tinydl::KeepBest;
using tinydl::Outcome;
using tinydl::PlateauMode;
using tinydl::Run;
using tinydl::Tensor;
using tinydl::TrainerOptions;
using tinydl::ValueError;

namespace {

constexpr Index steps_per_epoch = 7;  // of the kit: 50 examples in batches of 8

/// What a run leaves: its history's files, apart from the times, and the model.
struct RunResult {
  std::vector<std::string> files;
  std::vector<double> model;
  bool operator==(const RunResult&) const = default;
};
RunResult result_of(const RunKit& kit, const RunFolder& folder) {
  RunResult result{{}, kit.model.values()};
  for (const char* name : {"steps.csv", "steps.jsonl", "epochs.csv", "epochs.jsonl"})
    result.files.push_back(folder.read(name));
  return result;
}

/// Options that leave nothing out.
TrainerOptions all_options(const RunFolder& folder) {
  return {.epochs = 4,
          .schedule = tinydl::schedule::cosine(0.1, {.steps = 4 * steps_per_epoch}),
          .accumulate = 2,
          .clip_norm = 1,
          .history = folder.path};
}

/// A kit with callbacks that have a state.
struct FullKit : RunKit {
  EarlyStopping early{2};
  KeepBest<double> best{model};
  tinydl::GradientFlow<double> flow{model};

  explicit FullKit(const RunFolder& folder) : RunKit(all_options(folder)) {
    trainer.add(early);
    trainer.add(best);
    trainer.add(flow);
  }
};

struct Crash : std::runtime_error {
  Crash() : std::runtime_error("crash") {}
};

}  // namespace

TEST_CASE("trainer: does what a plain loop does, to the bit") {
  RunKit plain, kit({.epochs = 3});
  std::vector<double> losses;
  const tinydl::Generator generator = tinydl::default_generator();
  for (int epoch = 0; epoch < 3; ++epoch)
    for (auto [x, t] : plain.loader) {
      const auto loss = RunLoss()(plain.model(x), t);
      plain.optimizer.clear_grads();
      loss.backward();
      plain.optimizer.step();
      losses.push_back(loss.item());
    }
  tinydl::default_generator() = generator;
  CHECK(kit.fit() == Outcome::finished);
  CHECK(kit.model.values() == plain.model.values());
  const auto recorded = kit.trainer.history().steps.column("loss");
  REQUIRE(recorded.size() == losses.size());
  for (std::size_t i = 0; i < losses.size(); ++i)
    CHECK(recorded[i] == doctest::Approx(losses[i]).epsilon(1e-15));
}

TEST_CASE("trainer: two runs with one seed leave the same bytes, with 1 and 2 threads") {
  const RestoredThreads restored;
  std::optional<RunResult> first;
  for (int threads : {1, 1, 2}) {
    tinydl::set_num_threads(threads);
    const RunFolder folder;
    FullKit kit(folder);
    kit.fit();
    const RunResult result = result_of(kit, folder);
    if (!first) first = result;
    CHECK(result == *first);
    CHECK(folder.read("times.csv").starts_with("epoch,training_seconds,validation_seconds\n1,"));
  }
  CHECK(first->files[0].starts_with("step,epoch,loss,learning_rate,accuracy,grad_norm,gradient/"));
  CHECK(first->files[2].starts_with(
      "epoch,step,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy\n"));
}

TEST_CASE("trainer: N + M steps are N steps, and M in another process, wherever it was saved") {
  const RunFolder whole_folder;
  FullKit whole(whole_folder);
  whole.fit();
  const RunResult expected = result_of(whole, whole_folder);
  const Index all = whole.trainer.position().step;
  REQUIRE(all == 4 * 4);  // two batches a step, and the odd one at the end of an epoch
  // What is saved after a step, or after the epoch that ends with it; then the run goes on until it
  // crashes, a step or two later or in the end.
  for (Index at = 1; at <= all; ++at)
    for (bool after_epoch : {false, true}) {
      if (after_epoch && at % 4 != 0) continue;
      CAPTURE(at);
      CAPTURE(after_epoch);
      const RunFolder folder;
      std::optional<RunKit::Saved> saved;
      {
        FullKit kit(folder);
        const auto save = [&](Run& run) {
          if (run.position().step == at) saved = kit.save();
        };
        if (after_epoch)
          kit.trainer.after_epoch(save);
        else
          kit.trainer.after_step(save);
        kit.trainer.after_step([&](Run& run) {
          if (run.position().step == at + 1 + at % 2) throw Crash();
        });
        try {
          kit.fit();
        } catch (const Crash&) {
        }
      }
      REQUIRE(saved);
      FullKit kit(folder);
      kit.load(*saved);
      kit.fit();
      CHECK(kit.trainer.position() == whole.trainer.position());
      CHECK(result_of(kit, folder) == expected);
    }
}

TEST_CASE("trainer: gradients of several batches make the step of one large batch") {
  // The last batches of an epoch are smaller, and so is the last group of them.
  using Ways = std::vector<std::pair<Index, Index>>;
  for (const auto& ways : {Ways{{8, 1}, {4, 2}, {2, 4}, {1, 8}}, Ways{{36, 1}, {12, 3}, {18, 2}}}) {
    std::optional<std::vector<double>> model, losses;
    for (const auto& [batch_size, accumulate] : ways) {
      RunKit kit({.epochs = 2, .accumulate = accumulate});
      kit.model.plain = true;
      tinydl::DataLoader loader(kit.data, {.batch_size = batch_size, .shuffle = true, .seed = 3});
      kit.trainer.fit(loader);
      const auto agrees = [](const auto& expected, const auto& values) {
        REQUIRE(values.size() == expected.size());
        for (std::size_t i = 0; i < values.size(); ++i)
          CHECK(values[i] == doctest::Approx(expected[i]).epsilon(1e-12));
      };
      if (!model) {
        model = kit.model.values();
        losses = kit.trainer.history().steps.column("loss");
      }
      agrees(*model, kit.model.values());
      agrees(*losses, kit.trainer.history().steps.column("loss"));
    }
  }
}

TEST_CASE("trainer: clips gradients by their norm, which it records, or by value") {
  RunKit free({.epochs = 1}), tight({.epochs = 1, .clip_norm = 1e-3}),
      wide({.epochs = 1, .clip_norm = 1e6}), limited({.epochs = 1, .clip_value = 1e-4});
  for (RunKit* kit : {&free, &tight, &wide, &limited}) {
    tinydl::manual_seed(3);
    kit->trainer.after_step([](Run& run) {
      if (run.position().step == 1) run.stop();
    });
    kit->fit();
  }
  const auto norm = [](const RunKit& kit) {
    double sum = 0;
    for (const auto& p : kit.model.parameters())
      for (double g : p.grad_span()) sum += g * g;
    return std::sqrt(sum);
  };
  CHECK(wide.model.values() == free.model.values());
  CHECK(wide.trainer.history().steps.at(0, "grad_norm") == doctest::Approx(norm(free)));
  CHECK(tight.trainer.history().steps.at(0, "grad_norm") == doctest::Approx(norm(free)));
  CHECK(norm(tight) == doctest::Approx(1e-3).epsilon(1e-3));
  for (const auto& p : limited.model.parameters())
    for (double g : p.grad_span()) CHECK(std::abs(g) <= 1e-4);
  CHECK(limited.model.values() != free.model.values());
  CHECK_FALSE(limited.trainer.history().steps.has("grad_norm"));
}

TEST_CASE("trainer: a schedule gives each step its rate; without one the optimiser's stays") {
  RunKit kit({.epochs = 2, .schedule = tinydl::schedule::exponential(0.1, 0.5)}), constant;
  kit.fit();
  constant.fit();
  const auto rates = kit.trainer.history().steps.column("learning_rate");
  REQUIRE(rates.size() == 2 * steps_per_epoch);
  for (std::size_t i = 0; i < rates.size(); ++i)
    CHECK(rates[i] == 0.1 * std::pow(0.5, static_cast<double>(i)));
  CHECK(constant.trainer.history().steps.column("learning_rate") ==
        std::vector<double>(steps_per_epoch, 0.05));
}

TEST_CASE("trainer: Ctrl-C ends a run between two steps, and it can be resumed") {
  const RunFolder whole_folder, folder;
  RunKit whole({.epochs = 3, .history = whole_folder.path});
  whole.fit();
  std::optional<RunKit::Saved> saved;
  {
    const tinydl::Interrupt interrupt;
    RunKit kit({.epochs = 3, .history = folder.path});
    kit.trainer.after_step([](Run& run) {
      if (run.position().step == 10) std::raise(SIGINT);
    });
    CHECK(kit.fit() == Outcome::interrupted);
    CHECK(kit.trainer.outcome() == Outcome::interrupted);
    CHECK(kit.trainer.position().step == 10);
    CHECK(kit.trainer.position().epoch == 1);
    CHECK(kit.trainer.position().batch == 3);
    CHECK(kit.fit() == Outcome::interrupted);  // the request still stands
    CHECK(kit.trainer.position().step == 10);
    saved = kit.save();
  }
  RunKit kit({.epochs = 3, .history = folder.path});
  kit.load(*saved);
  CHECK(kit.fit() == Outcome::finished);
  CHECK(result_of(kit, folder) == result_of(whole, whole_folder));
}

TEST_CASE("trainer: after Ctrl-C at the last batch of an epoch the validation is made up for") {
  const RunFolder whole_folder, folder;
  RunKit whole({.epochs = 2, .history = whole_folder.path});
  whole.fit();
  RunKit kit({.epochs = 2, .history = folder.path});
  {
    const tinydl::Interrupt interrupt;
    kit.trainer.after_step([](Run& run) {
      if (run.position().step == steps_per_epoch) std::raise(SIGINT);
    });
    tinydl::manual_seed(7);
    RunNet();  // the draws of the kit's own
    CHECK(kit.fit() == Outcome::interrupted);
  }
  CHECK(kit.trainer.position().epoch == 0);
  CHECK(kit.trainer.position().batch == steps_per_epoch);
  CHECK(kit.trainer.history().epochs.size() == 0);
  CHECK(kit.fit() == Outcome::finished);
  CHECK(kit.trainer.history().epochs.size() == 2);
}

TEST_CASE("trainer: stops early when it should, with the best weights back in the model") {
  // The rate explodes after the second epoch.
  const auto explodes = [](Index step) { return step < 2 * steps_per_epoch ? 0.05 : 50.0; };
  RunKit kit({.epochs = 9, .schedule = explodes});
  EarlyStopping early(3, {.metric = "validation_accuracy", .mode = PlateauMode::max});
  KeepBest best(kit.model, {.metric = "validation_accuracy", .mode = PlateauMode::max});
  kit.trainer.add(early);
  kit.trainer.add(best);
  std::vector<std::vector<double>> models;
  kit.trainer.after_epoch([&](Run&) { models.push_back(kit.model.values()); });
  CHECK(kit.fit() == Outcome::stopped);
  CHECK(best.best_epoch() <= 2);
  CHECK(kit.trainer.position().epoch == best.best_epoch() + 3);
  CHECK(kit.model.values() == models[static_cast<std::size_t>(best.best_epoch() - 1)]);
  CHECK(kit.model.values() != models.back());
  CHECK(kit.trainer.evaluate(kit.validation).accuracy() == best.best());
}

TEST_CASE("trainer: evaluates in eval mode, and leaves model, mode and generator alone") {
  RunKit kit;
  for (bool training : {true, false}) {
    kit.model.train(training);
    const auto before = kit.model.values();
    const auto drawn = tinydl::default_generator().counter();
    const tinydl::Score score = kit.trainer.evaluate(kit.validation);
    CHECK(kit.trainer.evaluate(kit.validation) == score);
    CHECK(kit.model.training() == training);
    CHECK(kit.model.values() == before);
    CHECK(tinydl::default_generator().counter() == drawn);
    kit.model.eval();
    const auto& [x, t] = kit.unseen.tensors();
    CHECK(score.loss() == doctest::Approx(RunLoss()(kit.model(x), t).item()));
    CHECK(score.accuracy() == tinydl::accuracy(kit.model(x), t));
    CHECK(score.examples == 30);
  }
  kit.fit();
  CHECK_FALSE(kit.model.training());
}

TEST_CASE("trainer: the mode is training while it trains, and the loader's past does not matter") {
  RunKit kit({.epochs = 2}), used({.epochs = 2});
  used.loader.set_epoch(17);
  std::size_t called = 0;
  for (RunKit* each : {&kit, &used}) {
    tinydl::manual_seed(1);
    each->trainer.after_step([&, each](Run&) { called += each->model.training(); });
    each->fit();
  }
  CHECK(called == 4 * steps_per_epoch);
  CHECK(kit.model.values() == used.model.values());
}

TEST_CASE("trainer: any range of batches will do, and targets that are no classes") {
  using Batch = std::pair<Tensor<double, 2>, Tensor<double, 2>>;
  const std::vector<Batch> batches = {
      {tinydl::from_values({{1.0}, {2.0}}), tinydl::from_values({{2.0}, {4.0}})},
      {tinydl::from_values({{3.0}}), tinydl::from_values({{6.0}})},
      {tinydl::from_values({{-1.0}}), tinydl::from_values({{-2.0}})}};
  tinydl::manual_seed(1);
  tinydl::Linear<double> line(1, 1);
  tinydl::SGD<double> optimizer(line.parameters(), {.lr = 0.1});
  const auto squared = [](const auto& y, const auto& t) {
    return tinydl::mean_squared_error(y, t);
  };
  tinydl::Trainer trainer(line, optimizer, squared, {.epochs = 100, .progress = false});
  trainer.after_step([](Run& run) {
    if (run.position().step == 4) run.stop();
  });
  CHECK(trainer.fit(batches) == Outcome::stopped);
  const double weight = line.weight.data().item();
  CHECK(trainer.fit(batches) == Outcome::finished);
  CHECK(trainer.position().step == 300);
  CHECK(weight != doctest::Approx(2));
  CHECK(line.weight.data().item() == doctest::Approx(2));
  CHECK_FALSE(trainer.history().steps.has("accuracy"));
  CHECK(trainer.history().epochs.columns() ==
        std::vector<std::string>{"epoch", "step", "learning_rate", "train_loss"});
  // The loss of an epoch is the mean over its examples.
  const auto loss = trainer.history().steps.column("loss");
  CHECK(trainer.history().epochs.at(0, "train_loss") ==
        doctest::Approx((2 * loss[0] + loss[1] + loss[2]) / 4));

  tinydl::Trainer fresh(line, optimizer, squared, {.epochs = 100, .progress = false});
  trainer.set_state(fresh.state());
  trainer.fit(batches);
  CHECK(trainer.position().epoch == 1);  // the batches that are done are passed over
  fresh.set_state(trainer.state());
  const std::vector<Batch> fewer;
  CHECK(run_says<ValueError>([&] { fresh.fit(fewer); }) ==
        "Trainer: 1 batches are done of an epoch that has 0");
}

TEST_CASE("trainer: with all epochs done there is nothing to do, and none is a run, too") {
  RunKit kit({.epochs = 1}), none({.epochs = 0});
  kit.fit();
  const auto values = kit.model.values();
  CHECK(kit.fit() == Outcome::finished);
  CHECK(kit.model.values() == values);
  CHECK(none.fit() == Outcome::finished);
  CHECK(none.trainer.history().steps.size() == 0);
}

#if defined(__linux__)
TEST_CASE("trainer: a full disk ends the run with the file's name, an unwritable folder at once") {
  const RunFolder folder;
  std::filesystem::create_symlink("/dev/full", folder.path / "steps.csv");
  RunKit kit({.history = folder.path});
  CHECK(run_says<FileError>([&] { kit.fit(); }) ==
        (folder.path / "steps.csv").string() + ": cannot be written: is the disk full?");
  CHECK(kit.trainer.position().step == 1);
  std::filesystem::remove(folder.path / "steps.csv");

  RunKit nowhere({.history = "/dev/null/run"});
  const auto before = nowhere.model.values();
  CHECK(run_says<FileError>([&] { nowhere.fit(); }) ==
        "/dev/null/run: is no folder, and cannot be made one");
  CHECK(nowhere.model.values() == before);
}
#endif

}  // namespace tinydl_test
