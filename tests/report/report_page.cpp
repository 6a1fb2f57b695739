// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// report_page FOLDER: writes FOLDER/report.html with every picture there is, for check.sh.
#include <cmath>
#include <cstdio>
#include <filesystem>

#include <tinydl/tinydl.hpp>
#include <tinydl/train/confusion_plot.hpp>
#include <tinydl/train/filter_plot.hpp>
#include <tinydl/train/gradient_plot.hpp>
#include <tinydl/train/image_plot.hpp>
#include <tinydl/train/report.hpp>
#include <tinydl/train/training_plot.hpp>

using namespace tinydl;

namespace {

const std::vector<std::string> classes = {"T-shirt/top", "Trouser",   "Pullover", "Dress",
                                          "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                          "Bag",         "Ankle boot"};

TrainingCurves curves(Generator& random) {
  TrainingCurves result{.steps_per_epoch = 100};
  for (int step = 0; step < 1000; ++step)
    result.step_loss.push_back((0.3 + 2 * std::exp(-step / 60.0)) *
                               std::exp(0.1 * random.normal<double>()));
  for (int epoch = 1; epoch <= 10; ++epoch) {
    result.validation_loss.push_back(0.4 + 0.3 * std::exp(-epoch / 3.0));
    result.validation_accuracy.push_back(0.9 - 0.1 * std::exp(-epoch / 3.0) - 0.001 * epoch);
  }
  return result;
}

ConfusionCounts confusion() {
  ConfusionCounts result{classes, {}};
  for (int i = 0; i < 10; ++i)
    for (int j = 0; j < 10; ++j)
      result.counts.push_back(i == j ? 900 : i == 6 && j % 2 == 0 ? 10 * (10 - j) : (i * j) % 4);
  return result;
}

/// Rings, every fifth of which is taken for something else.
ClassifiedImages images() {
  ClassifiedImages result{.height = 28, .width = 28, .classes = classes};
  for (Index i = 0; i < 24; ++i) {
    for (Index p = 0; p < 28 * 28; ++p) {
      const double x = static_cast<double>(p % 28) - 13.5, y = static_cast<double>(p / 28) - 13.5;
      const double from_ring = std::hypot(x, y) - 3 - static_cast<double>(i % 10);
      result.pixels.push_back(static_cast<float>(std::exp(-from_ring * from_ring / 3)));
    }
    result.actual.push_back(i % 10);
    result.predicted.push_back(i % 5 == 3 ? 9 - i % 10 : i % 10);
  }
  result.confusions = commonest_confusions(confusion(), 5);
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::puts("usage: report_page FOLDER"), 2;
  const std::filesystem::path folder = argv[1];
  manual_seed(1);
  Generator random(1);
  const Sequential model(Conv2D(1, 16, 3, {.padding = 1}), ReLU(), MaxPool2D(2), Flatten(),
                         Linear(16 * 14 * 14, 10));

  GradientCurves gradients{.steps = {1}};
  for (Index step = 10; step <= 1000; step += 10) gradients.steps.push_back(step);
  for (const auto& [name, parameter] : model.named_parameters()) {
    gradients.names.push_back(name);
    auto& means = gradients.means.emplace_back();
    for (const Index step : gradients.steps)
      means.push_back(std::exp(-static_cast<double>(step) / 300 + 0.2 * random.normal<double>() -
                               static_cast<double>(gradients.names.size())));
  }
  const auto weight = model.named_parameters().front().variable;

  plot_training(folder / "training", curves(random));
  plot_gradient_flow(folder / "gradients", gradients);
  plot_images(folder / "images", images());
  plot_confusion(folder / "confusion", confusion());
  plot_filters(folder / "filters", weight.data_span(), {16, 1, 3, 3});

  Report report{.title = "A run of <nothing> & nobody"};
  report.figures = {{"test accuracy", "89.31 %"},
                    {"best epoch", "9 of 10"},
                    {"test loss", "0.3121"},
                    {"training time", "1 min 42 s"}};
  report.summary = summary(model, Shape(64, 1, 28, 28));
  report.settings = {{"seed", "1"},
                     {"optimiser", "AdamW, lr 1e-3, weight decay 1e-2"},
                     {"command",
                      "examples/a_program --epochs 10 --batch-size 512 --schedule cosine "
                      "--data a/folder/of/data --report a/folder/for/reports"}};
  report.times = {{"training", "102 s"}, {"evaluation", "0.8 s"}};
  for (const auto& [name, caption] :
       {std::pair{"training", "Training and validation, epoch by epoch."},
        {"gradients", "Mean absolute gradient of every parameter."},
        {"images", "Images, and what they are taken for."},
        {"confusion", "Which classes are taken for which."},
        {"filters", "Filters of the first convolution."}})
    report.pictures.push_back({folder / text(name, ".svg"), caption});
  report.write(folder / "report.html");
}
