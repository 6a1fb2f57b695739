// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <iostream>

#include <tinydl/tinydl.hpp>

int main() {
  using namespace tinydl;
  const auto train = draw_digits(1000, 1);
  MLP model(784, {100}, 10);
  SGD optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9});
  for (auto [x, labels] : DataLoader(train, {.batch_size = 100, .shuffle = true})) {
    optimizer.clear_grads();
    softmax_cross_entropy(model(x), labels).backward();
    optimizer.step();
    std::cout << model.accuracy(x, labels) << '\n';
  }
}
