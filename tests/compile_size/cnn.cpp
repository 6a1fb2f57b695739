// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <iostream>

#include <tinydl/tinydl.hpp>

int main() {
  using namespace tinydl;
  const Tensor<float, 4> x = rand({64, 1, 28, 28});
  const Labels<1> labels = zeros<std::int64_t>({64});
  Sequential model(Conv2D(1, 32, 3), ReLU(), Conv2D(32, 64, 3), ReLU(), MaxPool2D(2), Dropout(0.25),
                   Flatten(), Linear(9216, 128), ReLU(), Dropout(0.5), Linear(128, 10));
  AdamW optimizer(model.parameters(), {.lr = 1e-3});
  for (int step = 0; step < 10; ++step) {
    const auto loss = softmax_cross_entropy(model(x), labels);
    optimizer.clear_grads();
    loss.backward();
    optimizer.step();
    std::cout << loss.item() << '\n';
  }
}
