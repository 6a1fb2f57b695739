// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/tinydl.hpp>
#include <tinydl/train/callbacks.hpp>
#include <tinydl/train/trainer.hpp>

#include "classifiers.hpp"
#include "image_report.hpp"

#if defined(TINYDL_HAS_CLI11)
#include <CLI/CLI.hpp>
#endif
#if defined(TINYDL_HAS_ZLIB)
#include <tinydl/data/gz.hpp>
#endif
#if defined(TINYDL_HAS_JSON)
#include <tinydl/io/checkpoint.hpp>
#include <tinydl/io/safetensors.hpp>
#endif

// A program that trains a network on 28x28 images: what mnist and fashion_mnist have in common.

/// What can be chosen. What is not, is the model's own.
struct RunOptions {
  std::string model, optimizer, schedule;
  tinydl::Index epochs = 10, batch_size = 100;
  double lr = 0.1, momentum = 0.9, weight_decay = 0;
  std::vector<tinydl::Index> hidden = {256, 128};
  double dropout = 0;
  tinydl::Index step_size = 3;
  double gamma = 0.1;
  std::uint64_t seed = 1;
  int threads = tinydl::num_threads();
  std::optional<std::string> data, save, load, report, checkpoint;
  bool digits = false, resume = false;
};

inline std::vector<std::string> digit_names() {
  return {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
}

/// One of the networks of a program, and how it is best trained.
struct ImageModel {
  std::string name;
  Classifier (*make)(const RunOptions&);
  RunOptions options;
};

struct ImageProgram {
  std::string name, title, description;
  std::string folder;           ///< where its data lie, under data/
  const char* folder_variable;  ///< of the environment: where else to look first
  double mean, deviation;       ///< of the pixels
  std::vector<std::string> classes;
  std::vector<ImageModel> models;  ///< the first one is the default

  int run(int argc, char** argv) const;

 private:
  struct Data {
    tinydl::ImageDataset<2> train, test;
    std::string name;
    std::vector<std::string> classes;
  };

  std::optional<int> parse(int argc, char** argv, RunOptions& o) const;
  const ImageModel& model_named(const std::string& model_name) const;
  Data find_data(const RunOptions& o) const;
  Data read(const std::filesystem::path& path) const;
  int train(const RunOptions& o) const;
};

// --- the command line ---

inline const ImageModel& ImageProgram::model_named(const std::string& model_name) const {
  for (const ImageModel& model : models)
    if (model.name == model_name) return model;
  throw tinydl::ValueError("no model '" + model_name + "'");
}

/// Fills in the options; returns an exit code if that is all there is to do.
inline std::optional<int> ImageProgram::parse(int argc, char** argv, RunOptions& o) const {
  o = models[0].options;
  o.model = models[0].name;
#if defined(TINYDL_HAS_CLI11)
  // The model comes first: the other options' defaults are its own.
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::string value = argument.starts_with("--model=")        ? argument.substr(8)
                              : argument == "--model" && i + 1 < argc ? argv[i + 1]
                                                                      : "";
    for (const ImageModel& model : models)
      if (model.name == value) {
        o = model.options;
        o.model = value;
      }
  }
  std::vector<std::string> names;
  for (const ImageModel& model : models) names.push_back(model.name);

  CLI::App app(description + "\nDefaults are those of the model that is chosen.");
  app.option_defaults()->always_capture_default();
  app.add_option("--model", o.model, "The network")->check(CLI::IsMember(names));
  app.add_option("--data", o.data, "Folder with the four files, plain or .gz");
  app.add_flag("--digits", o.digits, "Train on generated digits")->excludes("--data");
  app.add_option("--epochs", o.epochs, "Passes over the training images");
  app.add_option("--batch-size", o.batch_size, "Images in a batch");
  app.add_option("--optimizer", o.optimizer)->check(CLI::IsMember({"sgd", "adam", "adamw"}));
  const auto* lr = app.add_option("--lr", o.lr, "Learning rate");
  app.add_option("--schedule", o.schedule, "How the learning rate goes on")
      ->check(CLI::IsMember({"constant", "step", "cosine", "one_cycle"}));
  app.add_option("--step-size", o.step_size, "step: epochs from one change to the next");
  app.add_option("--gamma", o.gamma, "step: factor at each change");
  app.add_option("--momentum", o.momentum, "sgd: momentum");
  const auto* decay = app.add_option("--weight-decay", o.weight_decay, "Weight decay");
  if (models[0].name == "mlp" && name == "mnist") {
    app.add_option("--hidden", o.hidden, "mlp: sizes of the hidden layers")->delimiter(',');
    app.add_option("--dropout", o.dropout, "mlp: dropout after each hidden layer");
  }
  app.add_option("--seed", o.seed, "Seed of everything random");
  app.add_option("--threads", o.threads, "Threads; the result does not depend on them")
      ->check(CLI::Range(1, 1024));
  app.add_option("--report", o.report, "Write pictures, history and report.html to this folder");
  app.add_option("--checkpoint", o.checkpoint,
                 "Keep the run in this file [run.checkpoint in the report's folder]");
  app.add_flag("--resume", o.resume, "Go on from the checkpoint");
  app.add_option("--save", o.save, "Write the model to this .safetensors file at the end");
  app.add_option("--load", o.load, "Begin with the model in this .safetensors file");
  const std::string usual = o.optimizer;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (o.optimizer != usual) {  // what the model does not know of
    if (lr->empty()) o.lr = o.optimizer == "sgd" ? 0.1 : 0.001;
    if (decay->empty()) o.weight_decay = o.optimizer == "adamw" ? 0.01 : 0;
  }
#else
  static_cast<void>(argv);
  if (argc > 1)
    std::cout << "Built without CLI11: the arguments are ignored, these are the defaults.\n";
#endif
#if defined(TINYDL_HAS_JSON)
  if (o.report && !o.checkpoint) o.checkpoint = *o.report + "/run.checkpoint";
#endif
  if (o.resume && !o.checkpoint)
    throw tinydl::ValueError("--resume takes --checkpoint or --report");
  return {};
}

// --- data ---

#if defined(TINYDL_HAS_ZLIB)
inline constexpr bool reads_gz = true;
inline constexpr auto read_data = tinydl::read_file_or_gz;
#else
inline constexpr bool reads_gz = false;
inline constexpr auto read_data = tinydl::read_file;
#endif

inline ImageProgram::Data ImageProgram::read(const std::filesystem::path& path) const {
  tinydl::MnistOptions options{.mean = mean, .deviation = deviation, .read = read_data};
  auto training = tinydl::load_mnist(path, options);
  options.train = false;
  return {std::move(training), tinydl::load_mnist(path, options), "images in " + path.string(),
          classes};
}

inline ImageProgram::Data ImageProgram::find_data(const RunOptions& o) const {
  if (o.data) {
    if (!tinydl::mnist_present(*o.data))
      throw tinydl::FileError("no data in '" + *o.data + "': it takes four files, from " +
                              "train-images-idx3-ubyte to t10k-labels-idx1-ubyte, plain or .gz");
    return read(*o.data);
  }
  if (!o.digits) {
    std::vector<std::filesystem::path> folders;
    if (const char* path = std::getenv(folder_variable); path && *path) folders.push_back(path);
#if defined(TINYDL_DATA_ROOT)
    folders.push_back(std::filesystem::path(TINYDL_DATA_ROOT) / folder);
#endif
    for (const auto& path : folders) {
      const bool plain = std::filesystem::exists(path / "train-images-idx3-ubyte");
      if (!tinydl::mnist_present(path))
        std::cout << "No data in " << path.string() << ".\n";
      else if (!plain && !reads_gz)
        std::cout << "What is in " << path.string() << " is .gz; this was built without zlib.\n";
      else
        return read(path);
    }
    std::cout << "Training on generated digits instead; --data DIR names a folder with data.\n";
  }
  return {tinydl::draw_digits(60000, 1), tinydl::draw_digits(10000, 2), "generated digits",
          digit_names()};
}

// --- training ---

inline AnyOptimizer make_optimizer(const RunOptions& o, const Classifier& model) {
  using namespace tinydl;
  const auto parameters = model.parameters();
  if (o.optimizer == "sgd")
    return SGD(parameters, {.lr = o.lr, .momentum = o.momentum, .weight_decay = o.weight_decay});
  if (o.optimizer == "adam") return Adam(parameters, {.lr = o.lr, .weight_decay = o.weight_decay});
  return AdamW(parameters, {.lr = o.lr, .weight_decay = o.weight_decay});
}

/// The learning rate for each batch.
inline tinydl::Schedule make_schedule(const RunOptions& o, tinydl::Index batches) {
  using namespace tinydl;
  const Index steps = std::max<Index>(1, o.epochs * batches);
  if (o.schedule == "step")
    return schedule::step(o.lr, {.step_size = o.step_size * batches, .gamma = o.gamma});
  if (o.schedule == "cosine") return schedule::cosine(o.lr, {.steps = steps});
  if (o.schedule == "one_cycle") return schedule::one_cycle(o.lr, {.steps = steps});
  return schedule::constant(o.lr);
}

#if defined(TINYDL_HAS_JSON)
using RunCheckpoint = tinydl::Checkpoint;
#else
/// Stands for what takes nlohmann/json.
struct RunCheckpoint {
  template <class X>
  void add(const char*, X&) {}
  void save(const std::string&) const {}
  [[noreturn]] void load(const std::string& path) const { refuse(path); }
  [[noreturn]] static void refuse(const std::string& path) {
    throw tinydl::FileError(path + ": this was built without nlohmann/json, which it needs");
  }
};
[[noreturn]] inline void save(const Classifier&, const std::string& path) {
  RunCheckpoint::refuse(path);
}
[[noreturn]] inline void load(Classifier&, const std::string& path) { RunCheckpoint::refuse(path); }
#endif

inline int ImageProgram::train(const RunOptions& o) const {
  using namespace tinydl;
  const Interrupt interrupt;
  set_num_threads(o.threads);
  manual_seed(o.seed);
  const Data data = find_data(o);
  DataLoader loader(data.train, {.batch_size = o.batch_size, .shuffle = true, .seed = o.seed});
  DataLoader test_loader(data.test, {.batch_size = 100});

  Classifier model = model_named(o.model).make(o);
  if (o.load) load(model, *o.load);
  AnyOptimizer optimizer = make_optimizer(o, model);
  Trainer trainer(
      model, optimizer,
      [](const auto& y, const auto& labels) { return softmax_cross_entropy(y, labels); },
      {.epochs = o.epochs,
       .schedule = make_schedule(o, loader.size()),
       .history = o.report.value_or("")});
  tinydl::GradientFlow<float> gradients(model);
  if (o.report) trainer.add(gradients);

  RunCheckpoint checkpoint;
  checkpoint.add("model", model);
  checkpoint.add("optimizer", optimizer);
  checkpoint.add("generator", default_generator());
  checkpoint.add("trainer", trainer);
  if (o.resume) checkpoint.load(*o.checkpoint);
  if (o.checkpoint) trainer.after_epoch([&](Run&) { checkpoint.save(*o.checkpoint); });

  std::cout << data.train.size() << " + " << data.test.size() << ' ' << data.name << "; "
            << model.parameter_count() << " parameters; seed " << o.seed << "; threads "
            << o.threads << std::endl;
  if (trainer.fit(loader, test_loader) == Outcome::interrupted) {
    std::cout << "interrupted in epoch " << trainer.position().epoch + 1 << " after step "
              << trainer.position().step;
    if (o.checkpoint) {
      checkpoint.save(*o.checkpoint);
      std::cout << "; --resume goes on from " << *o.checkpoint;
    }
    std::cout << std::endl;
    return 128 + Interrupt::signal();
  }

  if (o.save) save(model, *o.save);
  const Score score = trainer.evaluate(test_loader);
  const std::string accuracy =
      text(fixed_text(score.accuracy(), 4), " (", score.correct, '/', score.examples, ")");
  if (o.report) {
    ImageReport report(*o.report, title + ", " + o.model, data.classes);
    report.add_figure("test accuracy", fixed_text(100 * score.accuracy(), 2) + " %");
    report.add_figure("test loss", fixed_text(score.loss(), 4));
    report.add_figure("parameters", text(model.parameter_count()));
    report.add_figure("epochs", text(trainer.position().epoch));
    for (const auto& [setting, value] : std::initializer_list<std::pair<const char*, std::string>>{
             {"model", o.model},
             {"data", data.name},
             {"epochs", text(o.epochs)},
             {"batch size", text(o.batch_size)},
             {"optimizer", o.optimizer},
             {"learning rate", text(o.lr)},
             {"schedule", o.schedule},
             {"weight decay", text(o.weight_decay)},
             {"seed", text(o.seed)},
             {"threads", text(o.threads)}})
      report.add_setting(setting, value);
    double seconds = 0;
    for (double s : trainer.history().times.column("training_seconds")) seconds += s;
    report.add_time("training", duration_text(seconds));
    report.draw_history(trainer.history(), loader.size());
    report.draw_model(model, data.test);
    report.write();
    std::cout << "report in " << *o.report << "/report.html\n";
  }
  std::cout << "test accuracy " << accuracy << std::endl;
  return 0;
}

inline int ImageProgram::run(int argc, char** argv) const try {
  RunOptions options;
  if (const auto exit_code = parse(argc, argv, options)) return *exit_code;
  return train(options);
} catch (const std::exception& error) {
  std::cerr << name << ": " << error.what() << '\n';
  return 1;
}
