// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/sequential.hpp>

#include <doctest/doctest.h>

#include <tinydl/functions/cross_entropy.hpp>
#include <tinydl/layers/activation.hpp>
#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/linear.hpp>
#include <tinydl/layers/norm.hpp>
#include <tinydl/layers/shape.hpp>
#include <tinydl/optim/adam.hpp>
#include <tinydl/optim/sgd.hpp>

#include <restored_threads.hpp>

#include "check.hpp"

namespace {

using namespace tinydl;
using SequentialNames = std::vector<std::string>;

auto sequential_small() {
  return Sequential(Linear<double>(3, 4), Tanh(), Dropout(0.5),
                    Sequential(Linear<double>(4, 2), LayerNorm<double>(2)));
}

/// 20 losses of a network with dropout, large enough to be spread over threads.
template <class MakeOptimizer>
std::vector<float> sequential_losses(int threads, MakeOptimizer make_optimizer) {
  set_num_threads(threads);
  manual_seed(17);
  const Sequential model(Linear(120, 200), LayerNorm(200), ReLU(), Dropout(0.3), Linear(200, 10));
  auto optimizer = make_optimizer(model.parameters());
  Generator generator(3);
  std::vector<float> losses;
  for (int i = 0; i < 20; ++i) {
    const auto x = randn({96, 120}, generator);
    Labels<1> labels{Shape<1>(96)};
    for (std::int64_t& label : labels.mutable_span()) label = generator.integer(10);
    optimizer.clear_grads();
    const auto loss = softmax_cross_entropy(model(x), labels);
    loss.backward();
    optimizer.step();
    losses.push_back(loss.item());
  }
  return losses;
}

}  // namespace

TEST_CASE("sequential: it is its layers one after another") {
  const auto model = sequential_small();
  model.eval();
  const auto x = layer_check::normal(Shape(5, 3));
  const auto& inner = model.get<3>();
  const auto expected = inner.get<1>()(inner.get<0>()(tanh(model.get<0>()(x)))).data();
  CHECK(layer_check::same(model(x).data(), expected));
}

TEST_CASE("sequential: parameters are named by position, nested ones with dots") {
  CHECK(layer_check::names_of(sequential_small().named_parameters()) ==
        SequentialNames{"0.weight", "0.bias", "3.0.weight", "3.0.bias", "3.1.weight", "3.1.bias"});
}

TEST_CASE("sequential: gradients of input and parameters, batch 1 and sizes of 1") {
  const auto model = sequential_small();
  model.eval();
  layer_check::check_gradients(model, layer_check::normal(Shape(5, 3)));
  layer_check::check_gradients(model, layer_check::normal(Shape(1, 3)));
  layer_check::check_gradients(Sequential(Linear<double>(1, 1), Tanh()),
                               layer_check::normal(Shape(1, 1)));
}

TEST_CASE("sequential: layers may change the rank") {
  const Sequential model(Reshape<3>({1, 2, 3}), ReLU(), Flatten(), Linear<double>(6, 2));
  CHECK(model(layer_check::normal(Shape(4, 6))).shape() == Shape(4, 2));
  CHECK(layer_check::names_of(model.named_parameters()) == SequentialNames{"3.weight", "3.bias"});
}

TEST_CASE("sequential: without layers that have parameters it takes any element type") {
  const Sequential model{ReLU(), Flatten()};
  CHECK(model(layer_check::normal(Shape(2, 2, 2))).shape() == Shape(2, 4));
  CHECK(model(ones<float>({2, 2, 2})).shape() == Shape(2, 4));
}

TEST_CASE("sequential: some of its layers alone") {
  const auto model = sequential_small();
  model.eval();
  static_assert(decltype(sequential_small())::size == 4);
  const Variable x(layer_check::normal(Shape(5, 3)));
  const auto y = model.run<2, 4>(model.run<0, 2>(x));
  CHECK(layer_check::same(y.data(), model(x).data()));
  CHECK(model.run<1, 1>(x).is(x));
}

TEST_CASE("sequential: modes reach all layers, also after a move") {
  auto model = sequential_small();
  auto moved = std::move(model);
  moved.eval();
  CHECK_FALSE(moved.get<2>().training());
  CHECK_FALSE(moved.get<3>().get<1>().training());
  const auto x = layer_check::normal(Shape(5, 3));
  CHECK(layer_check::same(moved(x).data(), moved(x).data()));
  moved.train();
  CHECK(moved.get<2>().training());
  CHECK_FALSE(layer_check::same(moved(x).data(), moved(x).data()));
}

TEST_CASE("sequential: a clone is deep, keeps modes and frozen layers, and draws nothing") {
  const auto model = sequential_small();
  model.get<2>().eval();
  model.get<3>().set_requires_grad(false);
  const auto counter = default_generator().counter();
  const auto clone = model.clone();
  CHECK(default_generator().counter() == counter);
  CHECK(clone.training());
  CHECK_FALSE(clone.get<2>().training());
  CHECK_FALSE(clone.get<3>().get<0>().weight.requires_grad());

  const auto x = layer_check::normal(Shape(5, 3));
  const auto expected = model(x).data();
  CHECK(layer_check::same(clone(x).data(), expected));
  SGD<double> optimizer(clone.parameters(), {.lr = 0.1});
  sum(square(clone(x) - 1)).backward();
  optimizer.step();
  CHECK_FALSE(layer_check::same(clone(x).data(), expected));
  CHECK(layer_check::same(model(x).data(), expected));
}

TEST_CASE(
    "sequential: the same seed gives the same losses to the last bit for 1, 2 and 4 threads") {
  const RestoredThreads restore;
  const auto by_sgd = [](const auto& p) { return SGD<float>(p, {.lr = 0.05, .momentum = 0.9}); };
  const auto by_adamw = [](const auto& p) { return AdamW<float>(p, {.lr = 0.01}); };
  const auto sgd = sequential_losses(1, by_sgd), adamw = sequential_losses(1, by_adamw);
  CHECK(sgd != adamw);
  CHECK(sgd.front() != sgd.back());
  for (int threads : {1, 2, 4}) {
    CAPTURE(threads);
    CHECK(sequential_losses(threads, by_sgd) == sgd);
    CHECK(sequential_losses(threads, by_adamw) == adamw);
  }
}

TEST_CASE("sequential: an operand that does not fit is refused with the name of the layer") {
  const tinydl::Sequential model(tinydl::Linear<double>(3, 4), tinydl::ReLU(),
                                 tinydl::Linear<double>(5, 2));
  CHECK_THROWS_WITH_AS(model(tinydl::zeros<double>({2, 3})),
                       "Sequential: Linear '2': linear: an input of shape (2, 4) for a weight of "
                       "shape (2, 5), which takes 5 features",
                       tinydl::ShapeError);
}
