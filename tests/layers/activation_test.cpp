// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/activation.hpp>

#include <doctest/doctest.h>

#include "check.hpp"

namespace {

/// That a layer is its function, in values and gradients, and so is its clone.
template <class L, class F>
void activation_is(const L& layer, F function) {
  using tinydl::Shape;
  for (const auto& shape : {Shape(3, 4), Shape(1, 5), Shape(4, 1), Shape(1, 1)}) {
    const auto x = layer_check::normal(shape);
    CHECK(layer_check::same(layer(x).data(), function(x)));
    CHECK(layer_check::same(layer.clone()(x).data(), function(x)));
    layer_check::check_gradients(layer, x);
  }
  static_assert(std::is_void_v<typename L::Scalar>);
  static_assert(!std::is_copy_constructible_v<L>);
}

}  // namespace

TEST_CASE("activation: each layer is its function") {
  activation_is(tinydl::ReLU(), [](const auto& x) { return tinydl::relu(x); });
  activation_is(tinydl::Sigmoid(), [](const auto& x) { return tinydl::sigmoid(x); });
  activation_is(tinydl::Tanh(), [](const auto& x) { return tinydl::tanh(x); });
  activation_is(tinydl::SiLU(), [](const auto& x) { return tinydl::silu(x); });
  activation_is(tinydl::Softplus(), [](const auto& x) { return tinydl::softplus(x); });
}

TEST_CASE("activation: layers with options hand them on, and so do their clones") {
  activation_is(tinydl::LeakyReLU(), [](const auto& x) { return tinydl::leaky_relu(x, 0.01); });
  activation_is(tinydl::LeakyReLU(0.3), [](const auto& x) { return tinydl::leaky_relu(x, 0.3); });
  activation_is(tinydl::ELU(), [](const auto& x) { return tinydl::elu(x, 1); });
  activation_is(tinydl::ELU(0.5), [](const auto& x) { return tinydl::elu(x, 0.5); });
  activation_is(tinydl::GELU(), [](const auto& x) { return tinydl::gelu(x); });
  activation_is(tinydl::GELU({.approximate = true}),
                [](const auto& x) { return tinydl::gelu(x, {.approximate = true}); });
  activation_is(tinydl::Softmax(), [](const auto& x) { return tinydl::softmax(x, -1); });
  activation_is(tinydl::Softmax(0), [](const auto& x) { return tinydl::softmax(x, 0); });
  activation_is(tinydl::LogSoftmax(), [](const auto& x) { return tinydl::log_softmax(x, -1); });
  activation_is(tinydl::LogSoftmax(0), [](const auto& x) { return tinydl::log_softmax(x, 0); });
}

TEST_CASE("activation: layers take operands of any rank") {
  const tinydl::ReLU layer;
  CHECK(layer(tinydl::Tensor<double, 0>(-1.0)).item() == 0);
  CHECK(layer(layer_check::normal(tinydl::Shape(2, 3, 2, 2))).shape() == tinydl::Shape(2, 3, 2, 2));
}

TEST_CASE("activation: a clone keeps its mode") {
  const tinydl::ELU layer(0.5);
  layer.eval();
  CHECK_FALSE(layer.clone().training());
  CHECK(tinydl::ReLU().clone().training());
}
