// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/tinydl.hpp>

/// A network that tells 28x28 images apart, whatever its type. images: (N, 784), result: (N, 10)
class Classifier {
 public:
  template <class Model>
  explicit Classifier(Model model) {
    const auto owned = std::make_shared<Model>(std::move(model));
    layer_ = owned;
    forward_ = [owned](const tinydl::Variable<float, 2>& x) { return (*owned)(x); };
  }

  tinydl::Variable<float, 2> operator()(const tinydl::Variable<float, 2>& images) const {
    return forward_(images);
  }
  const tinydl::LayerBase<float>& layer() const { return *layer_; }
  tinydl::LayerBase<float>& layer() { return *layer_; }

 private:
  std::shared_ptr<tinydl::LayerBase<float>> layer_;
  std::function<tinydl::Variable<float, 2>(const tinydl::Variable<float, 2>&)> forward_;
};

/// LeNet-5 (LeCun et al., 1998), with average pooling.
inline Classifier lenet() {
  using namespace tinydl;
  return Classifier(Sequential(Reshape({1, 28, 28}), Conv2D(1, 6, 5, {.padding = 2}), Tanh(),
                               AvgPool2D(2), Conv2D(6, 16, 5), Tanh(), AvgPool2D(2), Flatten(),
                               Linear(400, 120), Tanh(), Linear(120, 84), Tanh(), Linear(84, 10)));
}

/// Two convolutions with dropout after them.
inline Classifier cnn() {
  using namespace tinydl;
  return Classifier(Sequential(Reshape({1, 28, 28}), Conv2D(1, 32, 3), ReLU(), Conv2D(32, 64, 3),
                               ReLU(), MaxPool2D(2), Dropout(0.25), Flatten(), Linear(9216, 128),
                               ReLU(), Dropout(0.5), Linear(128, 10)));
}
