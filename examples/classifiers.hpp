// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <tinydl/tinydl.hpp>

// Networks that tell 28x28 images apart, and optimisers, chosen when the program runs.

/// A network of any type.  images: (N, 784), result: (N, 10)
class Classifier {
 public:
  using Scalar = float;

  template <class Model>
  explicit Classifier(Model model) {
    const auto owned = std::make_shared<Model>(std::move(model));
    layer_ = owned;
    forward_ = [owned](const tinydl::Variable<float, 2>& x) { return (*owned)(x); };
  }

  tinydl::Variable<float, 2> operator()(const tinydl::Variable<float, 2>& images) const {
    return forward_(images);
  }

  auto parameters() const { return layer_->parameters(); }
  auto named_parameters() const { return layer_->named_parameters(); }
  auto named_buffers() const { return layer_->named_buffers(); }
  tinydl::Index parameter_count() const { return layer_->parameter_count(); }
  bool training() const { return layer_->training(); }
  void train(bool mode = true) const { layer_->train(mode); }
  void eval() const { layer_->eval(); }
  auto* state() const { return layer_->state(); }

 private:
  std::shared_ptr<tinydl::LayerBase<float>> layer_;
  std::function<tinydl::Variable<float, 2>(const tinydl::Variable<float, 2>&)> forward_;
};

/// SGD, Adam or AdamW.
class AnyOptimizer {
 public:
  template <class Chosen>
  AnyOptimizer(Chosen chosen) : chosen_(std::move(chosen)) {}

  void step() {
    std::visit([](auto& o) { o.step(); }, chosen_);
  }
  void clear_grads() {
    std::visit([](auto& o) { o.clear_grads(); }, chosen_);
  }
  double lr() const {
    return std::visit([](const auto& o) { return o.lr(); }, chosen_);
  }
  void set_lr(double lr) {
    std::visit([=](auto& o) { o.set_lr(lr); }, chosen_);
  }
  tinydl::State state() const {
    return std::visit([](const auto& o) { return o.state(); }, chosen_);
  }
  void set_state(const tinydl::State& state) {
    std::visit([&](auto& o) { o.set_state(state); }, chosen_);
  }
  void check_state(const tinydl::State& state) const {
    std::visit([&](const auto& o) { o.check_state(state); }, chosen_);
  }

 private:
  std::variant<tinydl::SGD<float>, tinydl::Adam<float>, tinydl::AdamW<float>> chosen_;
};
