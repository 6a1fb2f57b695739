// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// Finds the coefficients of y = 3 a - 2 b + 0.5 from 1000 noisy measurements.
#include <iostream>

#include <tinydl/tinydl.hpp>

int main() {
  using namespace tinydl;
  manual_seed(1);

  const auto x = randn({1000, 2});
  const auto coefficients = from_values({{3.0f}, {-2.0f}});
  const auto y = matmul(x, coefficients) + 0.5f + 0.1f * randn({1000, 1});

  const TensorDataset data(x, y);
  DataLoader loader(data, {.batch_size = 50, .shuffle = true, .seed = 1});
  const Linear model(2, 1);
  SGD optimizer(model.parameters(), {.lr = 0.05});

  for (int epoch = 1; epoch <= 5; ++epoch) {
    float sum = 0;
    for (auto [inputs, targets] : loader) {
      optimizer.clear_grads();
      const auto loss = mean_squared_error(model(inputs), targets);
      loss.backward();
      optimizer.step();
      sum += loss.item();
    }
    std::cout << "epoch " << epoch << ", loss " << sum / static_cast<float>(loader.size()) << '\n';
  }
  std::cout << "y = " << model.weight.data()(0, 0) << " a + " << model.weight.data()(0, 1)
            << " b + " << model.bias.data()(0) << '\n';
}
