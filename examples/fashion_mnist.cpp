// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// Tells ten kinds of clothes apart: Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017).
// fashion_mnist --help lists what can be chosen; --report DIR leaves pictures.
#include "image_program.hpp"

namespace {

using namespace tinydl;

/// Linear layers, each hidden one followed by layer normalisation, dropout and ReLU.
Classifier normalised_mlp(const RunOptions&) {
  const auto linear = [](Index in, Index out) {
    return Linear(in, out, {.weight_init = init::xavier_uniform()});
  };
  const double p = 0.1;
  return Classifier(Sequential(linear(784, 784), LayerNorm(784), Dropout(p), ReLU(),  //
                               linear(784, 512), LayerNorm(512), Dropout(p), ReLU(),  //
                               linear(512, 256), LayerNorm(256), Dropout(p), ReLU(),  //
                               linear(256, 64), LayerNorm(64), Dropout(p), ReLU(),    //
                               linear(64, 10)));
}

/// Three convolutions with batch normalisation.
Classifier normalised_cnn(const RunOptions&) {
  const auto conv = [](Index in, Index out) {
    return Conv2D(in, out, 3, {.padding = 1, .bias = false});
  };
  return Classifier(Sequential(
      Reshape({1, 28, 28}), conv(1, 32), BatchNorm2D(32), ReLU(), conv(32, 64), BatchNorm2D(64),
      ReLU(), MaxPool2D(2), Dropout(0.25), conv(64, 64), BatchNorm2D(64), ReLU(), MaxPool2D(2),
      Dropout(0.25), Flatten(), Linear(3136, 128), ReLU(), Dropout(0.5), Linear(128, 10)));
}

}  // namespace

int main(int argc, char** argv) {
  RunOptions mlp;
  mlp.optimizer = "adamw";
  mlp.lr = 1e-3;
  mlp.weight_decay = 1e-2;
  mlp.schedule = "cosine";
  mlp.batch_size = 512;
  RunOptions cnn = mlp;
  cnn.schedule = "one_cycle";
  cnn.lr = 4e-3;
  cnn.batch_size = 128;
  cnn.epochs = 15;
  const ImageProgram program{
      .name = "fashion_mnist",
      .title = "Fashion-MNIST",
      .description = "Trains a network to tell kinds of clothes apart.",
      .folder = "fashion-mnist",
      .folder_variable = "TINYDL_FASHION_DATA",
      .mean = 0.2860,
      .deviation = 0.3530,
      .classes = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
                  "Sneaker", "Bag", "Ankle boot"},
      .models = {{"mlp", normalised_mlp, mlp}, {"cnn", normalised_cnn, cnn}},
  };
  return program.run(argc, argv);
}
