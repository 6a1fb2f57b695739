// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// Trains a network on MNIST, or on digits that the library draws itself.
// mnist --help lists what can be chosen.
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include <tinydl/tinydl.hpp>
#include <tinydl/train/progress.hpp>

#include "classifiers.hpp"

#if defined(TINYDL_HAS_CLI11)
#include <CLI/CLI.hpp>
#endif
#if defined(TINYDL_HAS_ZLIB)
#include <tinydl/data/gz.hpp>
#endif
#if defined(TINYDL_HAS_JSON)
#include <tinydl/io/safetensors.hpp>
#endif

using namespace tinydl;
namespace fs = std::filesystem;

struct Options {
  std::optional<std::string> data;
  bool digits = false;
  std::string model = "mlp";
  std::vector<Index> hidden = {256, 128};
  double dropout = 0;
  Index epochs = 10;
  Index batch_size = 100;
  std::string optimizer = "sgd";
  std::optional<double> lr;  // if none: 0.1 for SGD, 0.001 for Adam and AdamW
  std::string schedule = "one_cycle";
  Index step_size = 3;
  double gamma = 0.1;
  double momentum = 0.9;
  std::optional<double> weight_decay;  // if none: the optimiser's own default
  std::uint64_t seed = 1;
  int threads = num_threads();
  std::string save, load;
};

/// Fills in the options from the command line; returns an exit code if that is all there is to do.
std::optional<int> parse(int argc, char** argv, Options& o) {
#if defined(TINYDL_HAS_CLI11)
  CLI::App app("Trains a network to read digits.");
  app.option_defaults()->always_capture_default();
  app.add_option("--data", o.data, "Folder with the four MNIST files, plain or .gz");
  app.add_flag("--digits", o.digits, "Train on generated digits")->excludes("--data");
  app.add_option("--model", o.model, "A multilayer perceptron, LeNet-5, or a larger CNN")
      ->check(CLI::IsMember({"mlp", "lenet", "cnn"}));
  app.add_option("--hidden", o.hidden, "mlp: sizes of the hidden layers")->delimiter(',');
  app.add_option("--dropout", o.dropout, "mlp: dropout after each hidden layer");
  app.add_option("--epochs", o.epochs, "Passes over the training images");
  app.add_option("--batch-size", o.batch_size, "Images in a batch");
  app.add_option("--optimizer", o.optimizer)->check(CLI::IsMember({"sgd", "adam", "adamw"}));
  app.add_option("--lr", o.lr, "Learning rate [0.1 with sgd, 0.001 with adam and adamw]");
  app.add_option("--schedule", o.schedule, "How the learning rate goes on")
      ->check(CLI::IsMember({"constant", "step", "cosine", "one_cycle"}));
  app.add_option("--step-size", o.step_size, "step: epochs from one change to the next");
  app.add_option("--gamma", o.gamma, "step: factor at each change");
  app.add_option("--momentum", o.momentum, "sgd: momentum");
  app.add_option("--weight-decay", o.weight_decay, "Weight decay [0, with adamw 0.01]");
  app.add_option("--seed", o.seed, "Seed of everything random");
  app.add_option("--threads", o.threads, "Threads; the result does not depend on them")
      ->check(CLI::Range(1, 1024));
  app.add_option("--save", o.save, "Write the model to this .safetensors file after each epoch");
  app.add_option("--load", o.load, "Begin with the model in this .safetensors file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
#else
  static_cast<void>(argv);
  static_cast<void>(o);
  if (argc > 1)
    std::cout << "Built without CLI11: the arguments are ignored, these are the defaults.\n";
#endif
  return {};
}

// --- data ---

struct Data {
  ImageDataset<2> train, test;
  std::string name;
};

#if defined(TINYDL_HAS_ZLIB)
constexpr bool reads_gz = true;
constexpr auto read_data = read_file_or_gz;
#else
constexpr bool reads_gz = false;
constexpr auto read_data = read_file;
#endif

Data read_mnist(const fs::path& folder) {
  return {load_mnist(folder, {.read = read_data}),
          load_mnist(folder, {.train = false, .read = read_data}), "images in " + folder.string()};
}

/// The folders to look in if none is named.
std::vector<fs::path> usual_folders() {
  std::vector<fs::path> folders;
  if (const char* folder = std::getenv("TINYDL_DATA"); folder && *folder) folders.push_back(folder);
#if defined(TINYDL_DEFAULT_DATA)
  folders.push_back(TINYDL_DEFAULT_DATA);
#endif
  return folders;
}

Data find_data(const Options& o) {
  if (o.data) {
    if (!mnist_present(*o.data))
      throw FileError("no MNIST in '" + *o.data + "': it takes four files, from " +
                      "train-images-idx3-ubyte to t10k-labels-idx1-ubyte, plain or .gz");
    return read_mnist(*o.data);
  }
  if (!o.digits) {
    for (const fs::path& folder : usual_folders()) {
      const bool plain = fs::exists(folder / "train-images-idx3-ubyte");
      if (!mnist_present(folder))
        std::cout << "No MNIST in " << folder.string() << ".\n";
      else if (!plain && !reads_gz)
        std::cout << "MNIST in " << folder.string() << " is .gz; this was built without zlib.\n";
      else
        return read_mnist(folder);
    }
    std::cout << "Training on generated digits instead; --data DIR names a folder with MNIST.\n";
  }
  return {draw_digits(60000, 1), draw_digits(10000, 2), "generated digits"};
}

// --- training ---

using AnyOptimizer = std::variant<SGD<float>, Adam<float>, AdamW<float>>;

Classifier make_model(const Options& o) {
  if (o.model == "lenet") return lenet();
  if (o.model == "cnn") return cnn();
  return Classifier(MLP(784, o.hidden, 10, {.dropout = o.dropout}));
}

AnyOptimizer make_optimizer(const Options& o, const Classifier& model) {
  const auto parameters = model.layer().parameters();
  const double lr = o.lr.value_or(o.optimizer == "sgd" ? 0.1 : 0.001);
  const double decay = o.weight_decay.value_or(0);
  if (o.optimizer == "sgd")
    return SGD(parameters, {.lr = lr, .momentum = o.momentum, .weight_decay = decay});
  if (o.optimizer == "adam") return Adam(parameters, {.lr = lr, .weight_decay = decay});
  return AdamW(parameters, {.lr = lr, .weight_decay = o.weight_decay.value_or(0.01)});
}

/// The learning rate for each batch.
Schedule make_schedule(const Options& o, double lr, Index batches) {
  const Index steps = std::max<Index>(1, o.epochs * batches);
  if (o.schedule == "step")
    return schedule::step(lr, {.step_size = o.step_size * batches, .gamma = o.gamma});
  if (o.schedule == "cosine") return schedule::cosine(lr, {.steps = steps});
  if (o.schedule == "one_cycle") return schedule::one_cycle(lr, {.steps = steps});
  return schedule::constant(lr);
}

/// How a model does on the images seen so far.
struct Score {
  double loss = 0;  // summed over the images
  Index correct = 0, seen = 0;

  void add(double mean_loss, Index right, Index n) {
    loss += mean_loss * static_cast<double>(n);
    correct += right;
    seen += n;
  }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(seen); }
  std::string summary() const {
    std::ostringstream out;
    out << std::fixed << std::setprecision(4) << "loss " << loss / static_cast<double>(seen)
        << "  accuracy " << accuracy();
    return out.str();
  }
};

Score train(const Classifier& model, DataLoader<ImageDataset<2>>& loader, AnyOptimizer& optimizer,
            const Schedule& lr, Progress& progress) {
  model.layer().train();
  Score score;
  Index batch = loader.epoch() * loader.size();
  for (auto [x, labels] : loader) {
    const auto logits = model(x);
    const auto loss = softmax_cross_entropy(logits, labels);
    model.layer().clear_grads();
    loss.backward();
    std::visit(
        [&](auto& chosen) {
          chosen.set_lr(lr(batch++));
          chosen.step();
        },
        optimizer);
    score.add(loss.item(), count_correct(logits, labels), labels.size());
    progress.update(score.seen, score.summary());
  }
  return score;
}

Score test(const Classifier& model, const ImageDataset<2>& images) {
  const NoGrad no_grad;
  model.layer().eval();
  Score score;
  for (auto [x, labels] : DataLoader(images, {.batch_size = 100})) {
    const auto logits = model(x);
    score.add(softmax_cross_entropy(logits, labels).item(), count_correct(logits, labels),
              labels.size());
  }
  return score;
}

// --- files ---

#if !defined(TINYDL_HAS_JSON)
[[noreturn]] void save(const LayerBase<float>&, const std::string& path) {
  throw FileError(path + ": this was built without nlohmann/json, which model files need");
}
[[noreturn]] void load(LayerBase<float>& model, const std::string& path) { save(model, path); }
#endif

// --- all of it ---

void run(const Options& o) {
  if (o.epochs < 0) throw ValueError(text("epochs: ", o.epochs, " is negative"));
  set_num_threads(o.threads);
  manual_seed(o.seed);
  const Data data = find_data(o);
  DataLoader loader(data.train, {.batch_size = o.batch_size, .shuffle = true, .seed = o.seed});

  Classifier model = make_model(o);
  if (!o.load.empty()) load(model.layer(), o.load);
  AnyOptimizer optimizer = make_optimizer(o, model);
  const double lr = std::visit([](auto& chosen) { return chosen.lr(); }, optimizer);
  const Schedule schedule = make_schedule(o, lr, loader.size());

  std::cout << data.train.size() << " + " << data.test.size() << ' ' << data.name << "; "
            << model.layer().parameter_count() << " parameters; seed " << o.seed << "; threads "
            << o.threads << std::endl;
  for (Index epoch = 1; epoch <= o.epochs; ++epoch) {
    std::ostringstream title;
    title << "epoch " << std::setw(2) << epoch << '/' << o.epochs;
    Progress progress(title.str(), data.train.size());
    const Score trained = train(model, loader, optimizer, schedule, progress);
    std::ostringstream status;
    status << trained.summary() << "  test " << std::fixed << std::setprecision(4)
           << test(model, data.test).accuracy();
    progress.finish(status.str());
    if (!o.save.empty()) save(model.layer(), o.save);
  }
  const Score score = test(model, data.test);
  std::cout << "test accuracy " << std::fixed << std::setprecision(4) << score.accuracy() << " ("
            << score.correct << '/' << score.seen << ")" << std::endl;
}

int main(int argc, char** argv) try {
  Options options;
  if (const auto exit_code = parse(argc, argv, options)) return *exit_code;
  run(options);
} catch (const std::exception& error) {
  std::cerr << "mnist: " << error.what() << '\n';
  return 1;
}
