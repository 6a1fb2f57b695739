// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// The same workloads in libtorch: compare with tinydl.cpp, function by function.
#include <torch/torch.h>

#include "measure.hpp"

namespace {

using benchmarks::Task;
using torch::Tensor;
namespace nn = torch::nn;
namespace optim = torch::optim;

std::vector<Tensor> batches(at::IntArrayRef shape, bool requires_grad = false) {
  std::vector<Tensor> drawn;
  for (int i = 0; i < 8; ++i) drawn.push_back(torch::randn(shape).requires_grad_(requires_grad));
  return drawn;
}

/// loss(x): of what the model makes of a batch.
template <class Loss>
void train(const Task& task, optim::Optimizer&& optimizer, std::vector<Tensor> inputs, Loss loss) {
  std::size_t i = 0;
  benchmarks::measure(task, [&] {
    Tensor& x = inputs[i++ % inputs.size()];
    x.mutable_grad() = Tensor();
    optimizer.zero_grad();
    loss(x).backward();
    optimizer.step();
  });
}

void classify(const Task& task, nn::Sequential model, optim::Optimizer&& optimizer,
              std::vector<Tensor> inputs) {
  const Tensor labels = torch::arange(task.batch).remainder(10);
  train(task, std::move(optimizer), std::move(inputs),
        [&](const Tensor& x) { return nn::functional::cross_entropy(model->forward(x), labels); });
}

void mlp_a(const Task& task) {
  nn::Sequential model(nn::Linear(784, task.width), nn::ReLU(), nn::Linear(task.width, 10));
  classify(task, model, optim::SGD(model->parameters(), optim::SGDOptions(0.1).momentum(0.9)),
           batches({task.batch, 784}));
}

void mlp_b(const Task& task) {
  nn::Sequential model(nn::Linear(784, 256), nn::ReLU(), nn::Dropout(0.3), nn::Linear(256, 128),
                       nn::ReLU(), nn::Dropout(0.3), nn::Linear(128, 10));
  classify(task, model, optim::AdamW(model->parameters()), batches({task.batch, 784}));
}

void mlp_d(const Task& task) {
  nn::Sequential model;
  long from = 784;
  for (long to : {784, 512, 256, 64}) {
    model->push_back(nn::Linear(from, to));
    model->push_back(nn::LayerNorm(nn::LayerNormOptions({to})));
    model->push_back(nn::Dropout(0.1));
    model->push_back(nn::ReLU());
    from = to;
  }
  model->push_back(nn::Linear(64, 10));
  classify(task, model, optim::AdamW(model->parameters()), batches({task.batch, 784}));
}

void mlp_e(const Task& task) {
  const long width = task.width;
  nn::Sequential model(nn::Linear(1024, width), nn::ReLU(), nn::Linear(width, width), nn::ReLU(),
                       nn::Linear(width, 10));
  classify(task, model, optim::SGD(model->parameters(), 0.01), batches({task.batch, 1024}));
}

nn::Sequential cnn() {
  return nn::Sequential(nn::Conv2d(1, 32, 3), nn::ReLU(), nn::Conv2d(32, 64, 3), nn::ReLU(),
                        nn::MaxPool2d(2), nn::Dropout(0.25), nn::Flatten(), nn::Linear(9216, 128),
                        nn::ReLU(), nn::Dropout(0.5), nn::Linear(128, 10));
}

void cnn_training(const Task& task) {
  nn::Sequential model = cnn();
  classify(task, model, optim::AdamW(model->parameters()), batches({task.batch, 1, 28, 28}));
}

void cnn_inference(const Task& task) {
  nn::Sequential model = cnn();
  model->eval();
  const c10::InferenceMode inference;
  const Tensor x = torch::randn({task.batch, 1, 28, 28});
  benchmarks::measure(task, [&] { model->forward(x); });
}

void lstm(const Task& task) {
  nn::LSTM model(nn::LSTMOptions(64, 256).batch_first(true));
  const Tensor target = torch::randn({task.batch, 64, 256});
  train(task, optim::SGD(model->parameters(), 0.01), batches({task.batch, 64, 64}, true),
        [&](const Tensor& x) { return torch::mse_loss(std::get<0>(model->forward(x)), target); });
}

void transformer(const Task& task) {
  nn::TransformerEncoderLayer model(
      nn::TransformerEncoderLayerOptions(256, 8).dim_feedforward(1024));
  const Tensor target = torch::randn({128, task.batch, 256});
  train(task, optim::SGD(model->parameters(), 0.01), batches({128, task.batch, 256}, true),
        [&](const Tensor& x) { return torch::mse_loss(model->forward(x), target); });
}

void memory(const Task& task) {
  const torch::NoGradGuard no_grad;
  const Tensor x = torch::randn({task.batch, task.width});
  const Tensor row = torch::randn({task.width}), ones = torch::ones({task.width});
  const auto measure = [&](auto f) { benchmarks::measure(task, f); };
  if (task.workload == "I-exp") measure([&] { torch::exp(x); });
  if (task.workload == "I-add") measure([&] { return x + row; });
  if (task.workload == "I-softmax") measure([&] { torch::softmax(x, 1); });
  if (task.workload == "I-layer_norm")
    measure([&] { torch::layer_norm(x, {task.width}, ones, row); });
}

}  // namespace

int main(int argc, char** argv) {
  const Task task = benchmarks::task_from(argc, argv);
  torch::set_num_threads(task.threads);
  torch::manual_seed(1);
  const std::string& name = task.workload;
  if (name == "A") mlp_a(task);
  if (name == "B") mlp_b(task);
  if (name == "C") cnn_training(task);
  if (name == "D") mlp_d(task);
  if (name == "E") mlp_e(task);
  if (name == "F1" || name == "F1000") cnn_inference(task);
  if (name == "G") lstm(task);
  if (name == "H") transformer(task);
  if (name.rfind("I-", 0) == 0) memory(task);
}
