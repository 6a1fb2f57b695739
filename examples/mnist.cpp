// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// Trains a network on MNIST, or on digits that the library draws itself.
// mnist --help lists what can be chosen.
#include "image_program.hpp"

namespace {

using namespace tinydl;

Classifier mlp(const RunOptions& o) {
  return Classifier(MLP(784, o.hidden, 10, {.dropout = o.dropout}));
}

/// LeNet-5 (LeCun et al., 1998), with average pooling.
Classifier lenet(const RunOptions&) {
  return Classifier(Sequential(Reshape({1, 28, 28}), Conv2D(1, 6, 5, {.padding = 2}), Tanh(),
                               AvgPool2D(2), Conv2D(6, 16, 5), Tanh(), AvgPool2D(2), Flatten(),
                               Linear(400, 120), Tanh(), Linear(120, 84), Tanh(), Linear(84, 10)));
}

/// Two convolutions with dropout after them.
Classifier cnn(const RunOptions&) {
  return Classifier(Sequential(Reshape({1, 28, 28}), Conv2D(1, 32, 3), ReLU(), Conv2D(32, 64, 3),
                               ReLU(), MaxPool2D(2), Dropout(0.25), Flatten(), Linear(9216, 128),
                               ReLU(), Dropout(0.5), Linear(128, 10)));
}

}  // namespace

int main(int argc, char** argv) {
  RunOptions sgd;
  sgd.optimizer = "sgd";
  sgd.schedule = "one_cycle";
  RunOptions adamw = sgd;
  adamw.optimizer = "adamw";
  adamw.lr = 0.002;
  adamw.weight_decay = 0.01;
  adamw.batch_size = 64;
  const ImageProgram program{
      .name = "mnist",
      .title = "MNIST",
      .description = "Trains a network to read digits.",
      .folder = "mnist",
      .folder_variable = "TINYDL_DATA",
      .mean = 0.1307,
      .deviation = 0.3081,
      .classes = digit_names(),
      .models = {{"mlp", mlp, sgd}, {"lenet", lenet, sgd}, {"cnn", cnn, adamw}},
  };
  return program.run(argc, argv);
}
