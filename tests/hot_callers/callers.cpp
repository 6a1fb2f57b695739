// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// Functions of a user, each with a loop of its own behind something that the library does once.
// check.sh looks where the compiler put the loops.
#include <iostream>

#include <tinydl/tinydl.hpp>

using namespace tinydl;

void hot_after_linear();
void hot_after_conv();
void hot_after_mlp();
void hot_after_sequential();
void hot_after_a_layer_of_ones_own();
void hot_after_an_optimizer();
void hot_beside_set_lr();
void hot_in_a_data_loader();
void hot_after_convolution();
void hot_after_backward();
void hot_after_a_hook();
void hot_after_a_shape();

template <class F>
[[gnu::always_inline]] inline void repeat(int n, F f) {
  for (int i = 0; i < n; ++i) f();
}

void make_linear(int n) {
  const Linear linear(10, 5);
  repeat(n, hot_after_linear);
}
void make_conv(int n) {
  const Conv2D conv(3, 4, 3);
  repeat(n, hot_after_conv);
}
void make_mlp(int n) {
  const MLP model(10, {5}, 4);
  repeat(n, hot_after_mlp);
}
void make_sequential(int n) {
  const Sequential model(Flatten(), Linear(12, 2));
  repeat(n, hot_after_sequential);
}

struct Residual : Layer<Residual> {
  Linear<float> linear = register_layer("linear", Linear<float>(3, 3));
  Parameter<float, 1> scale = register_parameter("scale", ones<float>({3}));
  Variable<float, 2> forward(const Variable<float, 2>& x) const { return x + linear(x) * scale; }
};
void make_residual(int n) {
  const Residual residual;
  repeat(n, hot_after_a_layer_of_ones_own);
}

void make_optimizer(int n, const MLP<float>& model) {
  SGD optimizer(model.parameters(), {.lr = 0.1});
  repeat(n, hot_after_an_optimizer);
}
void schedule(int n, SGD<float>& optimizer) {
  for (int epoch = 0; epoch < 10; ++epoch) {
    optimizer.set_lr(0.1 / (1 + epoch));
    repeat(n, hot_beside_set_lr);
  }
}
void load(int n, const ImageDataset<2>& digits) {
  for (auto [x, labels] : DataLoader(digits, {.batch_size = 100, .shuffle = true}))
    repeat(n, hot_in_a_data_loader);
}
void convolve(int n, const Variable<float, 4>& x, const Variable<float, 4>& weight) {
  const auto y = max_pool2d(conv2d(x, weight), 2);
  repeat(n, hot_after_convolution);
}
void differentiate(int n, const Variable<float, 2>& x, const Labels<1>& labels) {
  softmax_cross_entropy(x, labels).backward();
  repeat(n, hot_after_backward);
}
void watch(int n, const Variable<float, 2>& x) {
  x.register_hook([](const Variable<float, 2>&) {});
  repeat(n, hot_after_a_hook);
}
void write(int n, const Variable<float, 2>& x) {
  std::cout << x.shape() << '\n';
  repeat(n, hot_after_a_shape);
}
