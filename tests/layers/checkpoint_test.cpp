// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/checkpoint.hpp>

#include <doctest/doctest.h>

#include <tinydl/functions/reduce.hpp>
#include <tinydl/layers/activation.hpp>
#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/linear.hpp>

#include <restored_threads.hpp>

#include "check.hpp"

namespace {

using namespace tinydl;

/// Counts the batches that it has seen, as a BatchNorm does.
struct CheckpointCounter : Layer<CheckpointCounter, double> {
  Variable<double, 1> seen = register_buffer("seen", zeros<double>({1}));
  Variable<double, 2> forward(const Variable<double, 2>& x) const {
    if (training()) seen.mutable_data().mutable_data()[0] += 1;
    return x * 2;
  }
};

auto checkpoint_model(Index n) {
  return Sequential(Linear<double>(n, n), Tanh(), Dropout(0.3), Linear<double>(n, n), Sigmoid(),
                    Sequential(Linear<double>(n, n), Dropout(0.5)), Linear<double>(n, 2));
}

/// The loss and all gradients, that of x last, of a model that is run by `run`.
template <class Run>
std::vector<std::vector<double>> checkpoint_results(Index n, Run run) {
  manual_seed(3);
  const auto model = checkpoint_model(n);
  const Variable x(layer_check::normal(Shape(n, n)), {.requires_grad = true});
  const auto loss = sum(square(run(model, x)));
  default_generator().uniform();
  loss.backward();
  std::vector<std::vector<double>> results{{loss.item(), default_generator().uniform()}};
  auto parameters = model.parameters();
  parameters.push_back(x);
  for (const auto& parameter : parameters)
    results.emplace_back(parameter.grad_span().begin(), parameter.grad_span().end());
  return results;
}

}  // namespace

TEST_CASE("checkpoint of a Sequential: loss and gradients are the same to the bit, dropout too") {
  const RestoredThreads restore;
  for (int threads : {1, 2, 4}) {
    CAPTURE(threads);
    set_num_threads(threads);
    for (Index n : {1, 3, 130}) {
      CAPTURE(n);
      const auto plain = checkpoint_results(n, [](const auto& m, const auto& x) { return m(x); });
      CHECK(plain.size() == 10);
      CHECK(plain ==
            checkpoint_results(n, [](const auto& m, const auto& x) { return checkpoint(m, x); }));
      CHECK(plain == checkpoint_results(n, [](const auto& m, const auto& x) {
              return checkpoint_sequential<3>(m, x);
            }));
      CHECK(plain == checkpoint_results(n, [](const auto& m, const auto& x) {
              return checkpoint_sequential<7>(m, x);
            }));
    }
  }
}

TEST_CASE("checkpoint_sequential: all segments but the last are checkpoints; one is the model") {
  const auto model = checkpoint_model(3);
  model.eval();
  const auto x = layer_check::normal(Shape(5, 3));
  const auto count = [](const auto& y) {
    int checkpoints = 0;
    for (const FunctionNode* function : Walk::functions_behind(*y.node()))
      checkpoints += function->name() == "checkpoint";
    return checkpoints;
  };
  CHECK(count(checkpoint_sequential<1>(model, Variable(x))) == 0);
  CHECK(count(checkpoint_sequential<3>(model, Variable(x))) == 2);
  CHECK(layer_check::same(checkpoint_sequential<3>(model, Variable(x)).data(), model(x).data()));
}

TEST_CASE("checkpoint of a Sequential: less is stored, least as one checkpoint") {
  if (!detail::recycles) return;  // the pool does not count
  const auto model = Sequential(Linear<double>(64, 64), Tanh(), Linear<double>(64, 64), Tanh(),
                                Linear<double>(64, 64), Tanh());
  const auto held = [&](auto run) {
    const Variable x(ones<double>({64, 64}));
    Variable<double, 2> y = run(x);
    release_memory();
    y = {};
    return detail::MemoryPool::instance().cached_bytes();
  };
  const std::size_t block = 64 * 64 * sizeof(double);
  const auto plain = held([&](const auto& x) { return model(x); });
  const auto halves = held([&](const auto& x) { return checkpoint_sequential<2>(model, x); });
  const auto whole = held([&](const auto& x) { return checkpoint(model, x); });
  CHECK(plain >= 3 * block);
  CHECK(halves < plain);
  CHECK(whole < halves);
  CHECK(whole < 2 * block);
}

TEST_CASE("checkpoint of a layer: its buffers are updated once") {
  const Sequential model{CheckpointCounter(), Tanh()};
  const Variable x(ones<double>({2, 2}), {.requires_grad = true});
  sum(checkpoint(model, x)).backward();
  CHECK(model.get<0>().seen.data()(0) == 1);
  sum(checkpoint_sequential<2>(model, x)).backward();
  CHECK(model.get<0>().seen.data()(0) == 2);
  sum(checkpoint([&](const auto& v) { return model(v); }, x)).backward();
  CHECK(model.get<0>().seen.data()(0) == 4);  // of a function, twice
}

TEST_CASE("checkpoint of a layer without parameters") {
  const Variable x(from_values({{-1.0, 2.0}}), {.requires_grad = true});
  const ReLU layer;
  sum(checkpoint(layer, x)).backward();
  CHECK(layer_check::same(x.grad(), from_values({{0.0, 1.0}})));
}

TEST_CASE("checkpoint of a layer: gradients agree with differences") {
  const auto model = checkpoint_model(3);
  model.eval();
  CHECK(gradient_check([&](const auto& x) { return checkpoint(model, x); },
                       layer_check::normal(Shape(1, 3))));
}
