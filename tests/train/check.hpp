// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include <tinydl/data/data_loader.hpp>
#include <tinydl/functions/cross_entropy.hpp>
#include <tinydl/functions/dropout.hpp>
#include <tinydl/layers/batch_norm.hpp>
#include <tinydl/layers/linear.hpp>
#include <tinydl/optim/sgd.hpp>
#include <tinydl/train/trainer.hpp>

/// What the tests of train/ share.
namespace tinydl_test {

/// A folder of its own for one test, gone at its end.
struct RunFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      tinydl::text("tinydl_run_", std::random_device{}(), std::random_device{}());
  RunFolder() { std::filesystem::create_directories(path); }
  ~RunFolder() { std::filesystem::remove_all(path); }
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  std::string read(const std::string& name) const {
    std::ifstream in(path / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path / name, std::ios::binary) << bytes;
  }
};

/// What an exception says, "none" if there is none.
template <class Error, class F>
std::string run_says(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

/// A network with all that a run has to remember: buffers, dropout.
struct RunNet : tinydl::Layer<RunNet, double> {
  tinydl::Linear<double> l1 = register_layer("l1", tinydl::Linear<double>(4, 6));
  tinydl::BatchNorm1D<double> norm = register_layer("norm", tinydl::BatchNorm1D<double>(6));
  tinydl::Linear<double> l2 = register_layer("l2", tinydl::Linear<double>(6, 3));
  bool plain = false;  // the two Linear layers alone

  tinydl::Variable<double, 2> forward(const tinydl::Variable<double, 2>& x) const {
    if (plain) return l2(l1(x));
    const auto h = norm(l1(x));
    return l2(training() ? tinydl::dropout(h, 0.25) : h);
  }

  /// All parameters and buffers.
  std::vector<double> values() const {
    std::vector<double> all;
    for (const auto& list : {named_parameters(), named_buffers()})
      for (const auto& [name, variable] : list)
        all.insert(all.end(), variable.data_span().begin(), variable.data_span().end());
    return all;
  }
};

struct RunLoss {
  tinydl::Variable<double, 0> operator()(const tinydl::Variable<double, 2>& y,
                                         const tinydl::Labels<1>& labels) const {
    return tinydl::softmax_cross_entropy(y, labels);
  }
};

using RunData = tinydl::TensorDataset<tinydl::Tensor<double, 2>, tinydl::Labels<1>>;

/// Three overlapping clouds of points.
inline RunData run_data(tinydl::Index n, std::uint64_t seed) {
  tinydl::Generator random(seed);
  auto x = tinydl::randn<double>({n, 4}, random);
  tinydl::Labels<1> labels{tinydl::Shape<1>(n)};
  for (tinydl::Index i = 0; i < n; ++i) {
    labels.mutable_data()[i] = i % 3;
    x.mutable_data()[4 * i + i % 3] += 1.5;
  }
  return RunData(x, labels);
}

/// A run of one step an epoch, whose losses are given.
struct FakeRun : tinydl::Run {
  double rate = 0.5;

  explicit FakeRun(tinydl::TrainerOptions options = {}) : Run(quiet(std::move(options))) {}

  double lr() const override { return rate; }
  void set_lr(double lr) override { rate = lr; }

  /// The losses are those of training and of validation, for as many epochs as there are.
  tinydl::Outcome run(const std::vector<double>& losses) {
    begin_run();
    for (double loss : losses) {
      if (!goes_on()) break;
      begin_epoch(1, true);
      begin_step();
      end_step(1, {loss, 1, 0, 0}, {});
      begin_validation();
      end_epoch(tinydl::Score{loss, 1, 0, 0});
    }
    return end_run();
  }

  static tinydl::TrainerOptions quiet(tinydl::TrainerOptions options) {
    options.progress = false;
    return options;
  }
};

/// Everything of one run, as a new process makes it.
struct RunKit {
  using TheTrainer = tinydl::Trainer<RunNet, tinydl::SGD<double>, RunLoss>;

  RunData data = run_data(50, 1), unseen = run_data(30, 2);
  tinydl::DataLoader<RunData> loader{data, {.batch_size = 8, .shuffle = true, .seed = 5}};
  tinydl::DataLoader<RunData> validation{unseen, {.batch_size = 7}};
  RunNet model = seeded();
  tinydl::SGD<double> optimizer{model.parameters(), {.lr = 0.05, .momentum = 0.9}};
  TheTrainer trainer;

  explicit RunKit(tinydl::TrainerOptions options = {})
      : trainer(model, optimizer, {}, FakeRun::quiet(std::move(options))) {}

  tinydl::Outcome fit() { return trainer.fit(loader, validation); }

  /// What a checkpoint saves.
  struct Saved {
    tinydl::State trainer, optimizer;
    std::vector<double> model;
    tinydl::Generator generator;
  };
  Saved save() const {
    return {trainer.state(), optimizer.state(), model.values(), tinydl::default_generator()};
  }
  void load(const Saved& saved) {
    trainer.set_state(saved.trainer);
    optimizer.set_state(saved.optimizer);
    tinydl::default_generator() = saved.generator;
    auto from = saved.model.begin();
    for (const auto& list : {model.named_parameters(), model.named_buffers()})
      for (const auto& [name, variable] : list)
        for (double& x : variable.mutable_data_span()) x = *from++;
  }

 private:
  static RunNet seeded() {
    tinydl::manual_seed(7);
    return RunNet();
  }
};

}  // namespace tinydl_test
