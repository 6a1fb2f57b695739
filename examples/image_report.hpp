// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/layers/summary.hpp>
#include <tinydl/tinydl.hpp>
#include <tinydl/train/confusion_plot.hpp>
#include <tinydl/train/filter_plot.hpp>
#include <tinydl/train/gradient_plot.hpp>
#include <tinydl/train/history.hpp>
#include <tinydl/train/image_plot.hpp>
#include <tinydl/train/metrics.hpp>
#include <tinydl/train/report.hpp>
#include <tinydl/train/training_plot.hpp>

#include "classifiers.hpp"

/// The pictures and the page that a run on 28x28 images leaves in a folder.
class ImageReport {
 public:
  ImageReport(std::filesystem::path folder, std::string title, std::vector<std::string> classes)
      : folder_(std::move(folder)), classes_(std::move(classes)) {
    report_.title = std::move(title);
  }

  void add_figure(std::string name, std::string value) {
    report_.figures.push_back({std::move(name), std::move(value)});
  }
  void add_setting(std::string name, std::string value) {
    report_.settings.push_back({std::move(name), std::move(value)});
  }
  void add_time(std::string name, std::string value) {
    report_.times.push_back({std::move(name), std::move(value)});
  }

  /// Loss, accuracy and gradients, as the history has them.
  void draw_history(const tinydl::History& history, tinydl::Index steps_per_epoch) {
    using namespace tinydl;
    if (history.steps.size() == 0) return;
    plot_training(folder_ / "training", {.step_loss = history.steps.column("loss"),
                                         .steps_per_epoch = steps_per_epoch,
                                         .validation_loss = validation(history, "loss"),
                                         .validation_accuracy = validation(history, "accuracy")});
    add_picture("training",
                "Loss of every training step, its moving average, and what the test "
                "images say after each epoch.");

    GradientCurves gradients;
    for (double step : history.steps.column("step"))
      gradients.steps.push_back(static_cast<Index>(step));
    for (const std::string& column : history.steps.columns())
      if (const std::string begin = "gradient/"; column.starts_with(begin)) {
        gradients.names.push_back(column.substr(begin.size()));
        gradients.means.push_back(history.steps.column(column));
      }
    if (gradients.names.empty()) return;
    plot_gradient_flow(folder_ / "gradients", gradients);
    add_picture("gradients", "Mean absolute gradient of every parameter.");
  }

  /// The model, and what it makes of the images.
  void draw_model(const Classifier& model, const tinydl::ImageDataset<2>& images) {
    using namespace tinydl;
    report_.summary = summary(model, Shape(Index{1}, Index{784}));
    const auto names = static_cast<Index>(classes_.size());
    ConfusionMatrix confusion(names);
    std::vector<Index> predicted;
    const NoGrad no_grad;
    for (auto [x, labels] : DataLoader(images, {.batch_size = 100})) {
      const auto classes = argmax(model(x), 1);
      confusion.add(classes, labels);
      predicted.insert(predicted.end(), classes.data(), classes.data() + classes.size());
    }
    const auto counts = confusion.counts().span();
    const ConfusionCounts table{classes_, {counts.begin(), counts.end()}};
    draw_images(images, predicted, table);
    plot_confusion(folder_ / "confusion", table);
    add_picture("confusion", "How many test images of each class are taken for which.");

    for (const auto& [name, parameter] : model.named_parameters()) {
      if (parameter.sizes().size() != 4) continue;
      Shape<4> shape;
      std::copy_n(parameter.sizes().begin(), 4, shape.begin());
      plot_filters(folder_ / "filters", parameter.data_span(), shape);
      add_picture("filters", "The filters of the first convolution.");
      break;
    }
  }

  void write() const { report_.write(folder_ / "report.html"); }

 private:
  /// The first images, and as many wrong ones as fit into the last row.
  void draw_images(const tinydl::ImageDataset<2>& images,
                   const std::vector<tinydl::Index>& predicted,
                   const tinydl::ConfusionCounts& table) {
    using namespace tinydl;
    std::vector<Index> chosen;
    for (Index i = 0; i < images.size() && chosen.size() < 32; ++i) chosen.push_back(i);
    for (Index i = 32; i < images.size() && chosen.size() < 40; ++i)
      if (predicted[static_cast<std::size_t>(i)] != images.labels()(i)) chosen.push_back(i);

    ClassifiedImages grid{.height = 28, .width = 28, .classes = classes_};
    for (Index i : chosen) {
      const std::uint8_t* const image = images.images().data() + i * 784;
      grid.pixels.insert(grid.pixels.end(), image, image + 784);
      grid.actual.push_back(images.labels()(i));
      grid.predicted.push_back(predicted[static_cast<std::size_t>(i)]);
    }
    grid.confusions = commonest_confusions(table, 5);
    plot_images(folder_ / "images", grid);
    add_picture("images",
                "The first test images, and in the last row some that are taken for "
                "something else.");
  }

  static std::vector<double> validation(const tinydl::History& history, const char* what) {
    const auto columns = history.epochs.columns();
    const std::string name = std::string("validation_") + what;
    const bool there = std::find(columns.begin(), columns.end(), name) != columns.end();
    return there ? history.epochs.column(name) : std::vector<double>();
  }

  void add_picture(const char* name, const char* caption) {
    report_.pictures.push_back({folder_ / (std::string(name) + ".svg"), caption});
  }

  std::filesystem::path folder_;
  std::vector<std::string> classes_;
  tinydl::Report report_;
};
