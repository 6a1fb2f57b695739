// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/linear.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/eigen.hpp>
#include <tinydl/optim/adam.hpp>
#include <tinydl/optim/sgd.hpp>

#include "check.hpp"

namespace {

using LinearD = tinydl::Linear<double>;

}  // namespace

TEST_CASE("linear: it is x times the transposed weight plus the bias") {
  LinearD layer(3, 2);
  layer.weight.mutable_data() = tinydl::from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  layer.bias.mutable_data() = tinydl::from_values({0.5, -1.0});
  const auto y = layer(tinydl::from_values({{1.0, 0.0, -1.0}})).data();
  CHECK(layer_check::same(y, tinydl::from_values({{-1.5, -3.0}})));
}

TEST_CASE("linear: gradients of input, weight and bias, down to sizes of 1") {
  using tinydl::Shape;
  const struct {
    tinydl::Index n, in, out;
  } sizes[] = {{5, 3, 4}, {1, 3, 4}, {5, 1, 4}, {5, 3, 1}, {1, 1, 1}};
  for (const auto& size : sizes)
    for (bool bias : {true, false})
      layer_check::check_gradients(LinearD(size.in, size.out, {.bias = bias}),
                                   layer_check::normal(Shape(size.n, size.in)));
  layer_check::check_gradients(LinearD(3, 2), layer_check::normal(Shape<1>(3)));
  layer_check::check_gradients(LinearD(3, 2), layer_check::normal(Shape(2, 4, 3)));
}

TEST_CASE("linear: without a bias there is none, in the list and in a clone") {
  const LinearD layer(3, 2, {.bias = false});
  CHECK_FALSE(layer.bias.defined());
  CHECK(layer_check::names_of(layer.named_parameters()) == std::vector<std::string>{"weight"});
  const LinearD clone = layer.clone();
  CHECK_FALSE(clone.bias.defined());
  CHECK(layer_check::same(clone.weight.data(), layer.weight.data()));
  CHECK(layer_check::names_of(LinearD(3, 2).named_parameters()) ==
        std::vector<std::string>{"weight", "bias"});
}

TEST_CASE("linear: weight is (out, in) and bias (out), uniform within 1 / sqrt(in)") {
  tinydl::manual_seed(1);
  const LinearD layer(400, 300);
  CHECK(layer.weight.shape() == tinydl::Shape(300, 400));
  CHECK(layer.bias.shape() == tinydl::Shape<1>(300));
  const double limit = 1 / std::sqrt(400.0);
  for (double largest :
       {layer.weight.data().array().abs().maxCoeff(), layer.bias.data().array().abs().maxCoeff()}) {
    CHECK(largest <= limit * (1 + 1e-12));
    CHECK(largest > 0.95 * limit);
  }
}

TEST_CASE("linear: initialisers can be chosen for weight and bias") {
  const LinearD layer(
      4, 3, {.weight_init = tinydl::init::constant(2), .bias_init = tinydl::init::zeros()});
  CHECK(layer.weight.data().array().isConstant(2));
  CHECK(layer.bias.data().array().isZero());
}

TEST_CASE("linear: the seed fixes the first weights") {
  const auto drawn = [](std::uint64_t seed) {
    tinydl::manual_seed(seed);
    LinearD first(5, 4), second(5, 4);
    CHECK_FALSE(layer_check::same(first.weight.data(), second.weight.data()));
    return first.weight.data();
  };
  CHECK(layer_check::same(drawn(3), drawn(3)));
  CHECK_FALSE(layer_check::same(drawn(3), drawn(4)));
}

TEST_CASE("linear: after a step weight and bias have the shapes they had") {
  const auto stepped = [](auto make) {
    LinearD layer(3, 4);
    auto optimizer = make(layer.parameters());
    for (int i = 0; i < 2; ++i) {
      optimizer.clear_grads();
      const auto before = layer.bias.data();
      tinydl::sum(tinydl::square(layer(layer_check::normal(tinydl::Shape(5, 3))))).backward();
      optimizer.step();
      CHECK_FALSE(layer_check::same(layer.bias.data(), before));
      CHECK(layer.bias.data().shape() == tinydl::Shape<1>(4));
      CHECK(layer.bias.grad().shape() == tinydl::Shape<1>(4));
      CHECK(layer.bias.sizes().size() == 1);
      CHECK(layer.weight.data().shape() == tinydl::Shape(4, 3));
    }
  };
  stepped([](const auto& p) { return tinydl::SGD<double>(p, {.lr = 0.1}); });
  stepped([](const auto& p) { return tinydl::SGD<double>(p, {.lr = 0.1, .momentum = 0.9}); });
  stepped([](const auto& p) { return tinydl::AdamW<double>(p, {.lr = 0.1}); });
}

TEST_CASE("linear: sizes that are not positive, and inputs that do not fit, are refused") {
  CHECK_THROWS_WITH_AS(LinearD(0, 3), "Linear: 0 features to 3", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(LinearD(3, -1), "Linear: 3 features to -1", tinydl::ValueError);
  const LinearD layer(3, 2);
  CHECK_THROWS_WITH_AS(
      layer(layer_check::normal(tinydl::Shape(2, 4))),
      "Linear: linear: an input of shape (2, 4) for a weight of shape (2, 3), which takes "
      "3 features",
      tinydl::ShapeError);
  CHECK(layer(layer_check::normal(tinydl::Shape(2, 3))).shape() == tinydl::Shape(2, 2));
}

TEST_CASE("linear: the element type is float unless told") {
  static_assert(std::is_same_v<decltype(tinydl::Linear(2, 3).weight), tinydl::Parameter<float, 2>>);
  const tinydl::Linear layer(2, 3);
  CHECK(layer(tinydl::from_values({{1.0f, 2.0f}})).shape() == tinydl::Shape(1, 3));
}

TEST_CASE("linear: its weight can be tied: another layer registers it under a name of its own") {
  struct TiedLinears : tinydl::Layer<TiedLinears> {
    tinydl::Linear<> first = register_layer("first", tinydl::Linear<>(3, 3));
    tinydl::Parameter<float, 2> again = register_parameter("again", first.weight);
    tinydl::Variable<float, 2> forward(const tinydl::Variable<float, 2>& x) const {
      return tinydl::linear(first(x), again);
    }
  };
  const TiedLinears model;
  CHECK(model.parameter_count() == 12);
  CHECK(model.again.is(model.first.weight));
}
