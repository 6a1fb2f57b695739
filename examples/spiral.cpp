// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// Tells the three arms of a spiral apart, and draws which class it sees where.
#include <cmath>
#include <iostream>
#include <numbers>
#include <string>

#include <tinydl/tinydl.hpp>

using namespace tinydl;

constexpr Index arms = 3, points = 200;  // points on each arm

/// Noisy points on three arms that wind once around the origin; x: (N, 2), labels: (N)
TensorDataset<Tensor<float, 2>, Labels<1>> draw_spiral() {
  Tensor<float, 2> x(Shape<2>(arms * points, 2));
  Labels<1> labels(Shape<1>(arms * points));
  const auto noise = randn({arms * points}) * 0.15;
  float* xy = x.mutable_data();
  for (Index i = 0; i < arms * points; ++i) {
    const Index arm = i / points;
    const float radius = static_cast<float>(i % points) / points;
    const float angle =
        2 * std::numbers::pi_v<float> * (static_cast<float>(arm) / arms + radius) + noise(i);
    xy[2 * i] = radius * std::cos(angle);
    xy[2 * i + 1] = radius * std::sin(angle);
    labels.mutable_data()[i] = arm;
  }
  return TensorDataset(x, labels);
}

/// The square [-1, 1] x [-1, 1], a letter for the class that the model sees at each place.
void draw_decisions(const MLP<>& model) {
  constexpr Index rows = 24, columns = 60;
  Tensor<float, 2> places(Shape<2>(rows * columns, 2));
  for (Index i = 0; i < rows * columns; ++i) {
    const auto column = static_cast<float>(i % columns), row = static_cast<float>(i / columns);
    places.mutable_data()[2 * i] = 2 * (column + 0.5f) / columns - 1;
    places.mutable_data()[2 * i + 1] = 1 - 2 * (row + 0.5f) / rows;
  }
  const Labels<1> classes = model.predict(places);
  for (Index row = 0; row < rows; ++row) {
    std::string line;
    for (Index column = 0; column < columns; ++column)
      line += ".o#"[classes(row * columns + column)];
    std::cout << line << '\n';
  }
}

int main() {
  manual_seed(1);
  const auto spiral = draw_spiral();
  DataLoader loader(spiral, {.batch_size = 50, .shuffle = true, .seed = 1});
  const MLP model(2, {64, 64}, arms);
  AdamW optimizer(model.parameters(), {.lr = 0.01});

  for (int epoch = 1; epoch <= 100; ++epoch) {
    double correct = 0;
    for (auto [x, labels] : loader) {
      const auto logits = model(x);
      optimizer.clear_grads();
      softmax_cross_entropy(logits, labels).backward();
      optimizer.step();
      correct += static_cast<double>(count_correct(logits, labels));
    }
    if (epoch % 20 == 0)
      std::cout << "epoch " << epoch << ", accuracy "
                << correct / static_cast<double>(arms * points) << '\n';
  }
  draw_decisions(model);
}
