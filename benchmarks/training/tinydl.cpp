// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// The workloads in tinydl.
#include <tinydl/tinydl.hpp>

#include "measure.hpp"

namespace {

using namespace tinydl;
using benchmarks::Task;

/// Random numbers for a few batches, so that no network learns one by heart.
template <int Rank>
std::vector<Variable<float, Rank>> batches(const Shape<Rank>& shape, bool requires_grad = false) {
  std::vector<Variable<float, Rank>> drawn;
  for (int i = 0; i < 8; ++i)
    drawn.emplace_back(randn(shape), VariableOptions{.requires_grad = requires_grad});
  return drawn;
}

/// loss(y): of what the model makes of a batch.
template <class Model, class Optimizer, int Rank, class Loss>
void train(const Task& task, const Model& model, Optimizer optimizer,
           const std::vector<Variable<float, Rank>>& inputs, Loss loss) {
  std::size_t i = 0;
  benchmarks::measure(task, [&] {
    auto x = inputs[i++ % inputs.size()];
    x.clear_grad();
    optimizer.clear_grads();
    loss(model(x)).backward();
    optimizer.step();
  });
}

/// Tells ten classes of rows or images apart.
template <class Model, class Optimizer, int Rank>
void classify(const Task& task, const Model& model, Optimizer optimizer,
              const std::vector<Variable<float, Rank>>& inputs) {
  Labels<1> labels(Shape<1>(task.batch));
  for (Index i = 0; i < task.batch; ++i) labels.mutable_data()[i] = i % 10;
  train(task, model, std::move(optimizer), inputs,
        [&](const auto& y) { return softmax_cross_entropy(y, labels); });
}

/// Makes numbers that are drawn.
template <class Model, class Optimizer>
void regress(const Task& task, const Model& model, Optimizer optimizer,
             const std::vector<Variable<float, 3>>& inputs, const Tensor<float, 3>& target) {
  train(task, model, std::move(optimizer), inputs,
        [&](const auto& y) { return mean_squared_error(y, target); });
}

void mlp_a(const Task& task) {
  const MLP model(784, {task.width}, 10);
  classify(task, model, SGD(model.parameters(), {.lr = 0.1, .momentum = 0.9}),
           batches(Shape<2>(task.batch, 784)));
}

void mlp_b(const Task& task) {
  const MLP model(784, {256, 128}, 10, {.dropout = 0.3});
  classify(task, model, AdamW(model.parameters()), batches(Shape<2>(task.batch, 784)));
}

void mlp_d(const Task& task) {
  const double p = 0.1;
  const Sequential model(Linear(784, 784), LayerNorm(784), Dropout(p), ReLU(),  //
                         Linear(784, 512), LayerNorm(512), Dropout(p), ReLU(),  //
                         Linear(512, 256), LayerNorm(256), Dropout(p), ReLU(),  //
                         Linear(256, 64), LayerNorm(64), Dropout(p), ReLU(),    //
                         Linear(64, 10));
  classify(task, model, AdamW(model.parameters()), batches(Shape<2>(task.batch, 784)));
}

void mlp_e(const Task& task) {
  const MLP model(1024, {task.width, task.width}, 10);
  classify(task, model, SGD(model.parameters(), {.lr = 0.01}), batches(Shape<2>(task.batch, 1024)));
}

auto cnn() {
  return Sequential(Conv2D(1, 32, 3), ReLU(), Conv2D(32, 64, 3), ReLU(), MaxPool2D(2),
                    Dropout(0.25), Flatten(), Linear(9216, 128), ReLU(), Dropout(0.5),
                    Linear(128, 10));
}

void cnn_training(const Task& task) {
  const auto model = cnn();
  classify(task, model, AdamW(model.parameters()), batches(Shape<4>(task.batch, 1, 28, 28)));
}

void cnn_inference(const Task& task) {
  const auto model = cnn();
  model.eval();
  const NoGrad no_grad;
  const Variable x(randn(Shape<4>(task.batch, 1, 28, 28)));
  benchmarks::measure(task, [&] { model(x); });
}

void lstm(const Task& task) {
  const LSTM model(64, 256);
  regress(task, model, SGD(model.parameters(), {.lr = 0.01}),
          batches(Shape<3>(task.batch, 64, 64), true), randn({task.batch, 64, 256}));
}

void transformer(const Task& task) {
  const TransformerEncoderLayer model(256, 8, {.feedforward = 1024});
  const Shape<3> shape(task.batch, 128, 256);
  regress(task, model, SGD(model.parameters(), {.lr = 0.01}), batches(shape, true), randn(shape));
}

void memory(const Task& task) {
  const auto x = randn(Shape<2>(task.batch, task.width));
  const auto row = randn(Shape<1>(task.width)), ones = full(Shape<1>(task.width), 1.0f);
  const auto measure = [&](auto f) { benchmarks::measure(task, f); };
  if (task.workload == "I-exp") measure([&] { exp(x); });
  if (task.workload == "I-add") measure([&] { x + row; });
  if (task.workload == "I-softmax") measure([&] { softmax(x, 1); });
  if (task.workload == "I-layer_norm") measure([&] { layer_norm(x, ones, row); });
}

}  // namespace

int main(int argc, char** argv) {
  const Task task = benchmarks::task_from(argc, argv);
  set_num_threads(task.threads);
  manual_seed(1);
  const std::string& name = task.workload;
  if (name == "A") mlp_a(task);
  if (name == "B") mlp_b(task);
  if (name == "C") cnn_training(task);
  if (name == "D") mlp_d(task);
  if (name == "E") mlp_e(task);
  if (name == "F1" || name == "F1000") cnn_inference(task);
  if (name == "G") lstm(task);
  if (name == "H") transformer(task);
  if (name.starts_with("I-")) memory(task);
}
