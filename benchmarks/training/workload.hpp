// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <limits>
#include <string_view>

// What is measured, whatever the library: sizes, the work in a step, and what is asked of tinydl.

namespace benchmarks {

inline constexpr double none = std::numeric_limits<double>::quiet_NaN();

struct Workload {
  std::string_view name;
  std::string_view what;
  long batch;
  long width = 0;  ///< of the hidden layers, where a sweep changes it
  /// Multiplications and additions of the products and convolutions of a step, forward and
  /// backward; 0 where moving memory is the work.
  double (*flops)(double batch, double width) = [](double, double) { return 0.0; };
  double bytes = 0;                ///< that a step has to read and write at least
  double must = none, aim = none;  ///< libtorch's time over tinydl's, as issue 5 asks for it
};

/// Multiply-adds of a linear layer or convolution, for each of its weights' uses.
inline constexpr double forward_only = 2;
inline constexpr double without_input_gradient = 4;  // the first layer of a network
inline constexpr double with_input_gradient = 6;

namespace flops {

inline double mlp_a(double batch, double width) {
  return batch * (without_input_gradient * 784 * width + with_input_gradient * width * 10);
}
inline double mlp_b(double batch, double) {
  return batch * (without_input_gradient * 784 * 256 + with_input_gradient * (256 * 128 + 1280));
}
inline double cnn_training(double batch, double) {
  return batch * (without_input_gradient * 26 * 26 * 32 * 9 +
                  with_input_gradient * (24 * 24 * 64 * 32 * 9 + 9216 * 128 + 1280));
}
inline double cnn_inference(double batch, double) {
  return batch * forward_only * (26 * 26 * 32 * 9 + 24 * 24 * 64 * 32 * 9 + 9216 * 128 + 1280);
}
inline double mlp_d(double batch, double) {
  return batch * (without_input_gradient * 784 * 784 +
                  with_input_gradient * (784 * 512 + 512 * 256 + 256 * 64 + 640));
}
inline double mlp_e(double batch, double width) {
  return batch * (without_input_gradient * 1024 * width +
                  with_input_gradient * (width * width + width * 10));
}
// The last two are parts of a network: their input has a gradient.
inline double lstm(double batch, double) {
  return batch * 64 * with_input_gradient * 4 * 256 * (64 + 256);
}
inline double transformer(double batch, double) {
  const double linear = 4 * 256 * 256 + 2 * 256 * 1024, attention = 2 * 128 * 256;
  return batch * 128 * with_input_gradient * (linear + attention);
}

}  // namespace flops

inline constexpr double megabytes_128 = 2.0 * (1 << 26);  // 64 read, 64 written

constexpr Workload of_memory(std::string_view name, std::string_view what) {
  return {
      .name = name, .what = what, .batch = 4096, .width = 4096, .bytes = megabytes_128, .must = 1};
}

inline constexpr std::array<Workload, 13> workloads{{
    {"A", "MLP 784-100-10, SGD", 100, 100, flops::mlp_a, 0, 3, 4},
    {"B", "MLP 784-256-128-10, dropout, AdamW", 64, 0, flops::mlp_b, 0, 3, 4},
    {"C", "CNN, 3x3 convolutions of 32 and 64, AdamW", 64, 0, flops::cnn_training, 0, 2, 3.2},
    {"D", "MLP 784-784-512-256-64-10, layer norm, AdamW", 512, 0, flops::mlp_d, 0, 1.8, 2.2},
    {"E", "MLP 1024-4096-4096-10, SGD", 256, 4096, flops::mlp_e, 0, 1.35, 1.5},
    {"F1", "inference of C, one image", 1, 0, flops::cnn_inference, 0, 2, 3},
    {"F1000", "inference of C, 1000 images", 1000, 0, flops::cnn_inference, 0, 2, 3},
    {"G", "LSTM 64-256, 64 steps, SGD", 32, 0, flops::lstm, 0, 1.8, 2.5},
    {"H", "Transformer block 256, 128 tokens, SGD", 16, 0, flops::transformer, 0, 1.3, 1.6},
    of_memory("I-exp", "exp of 64 MB"),
    of_memory("I-add", "64 MB plus a row"),
    of_memory("I-softmax", "softmax of 64 MB"),
    of_memory("I-layer_norm", "layer norm of 64 MB"),
}};

}  // namespace benchmarks
