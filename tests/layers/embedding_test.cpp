// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/embedding.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/eigen.hpp>
#include <tinydl/layers/linear.hpp>
#include <tinydl/layers/sequential.hpp>

#include "check.hpp"

namespace {

using EmbeddingD = tinydl::Embedding<double>;

tinydl::Labels<2> embedding_tokens() {
  return tinydl::from_values<std::int64_t>({2, 3}, {3, 0, 1, 1, 3, 3});
}

}  // namespace

TEST_CASE("embedding layer: returns the vectors that the indices name") {
  const EmbeddingD layer(4, 2);
  const auto y = layer(embedding_tokens()).data();
  CHECK(y.shape() == tinydl::Shape(2, 3, 2));
  CHECK(y(0, 0, 1) == layer.weight.data()(3, 1));
  CHECK(y(1, 0, 0) == layer.weight.data()(1, 0));
  CHECK(layer_check::same(layer(embedding_tokens().cast<std::int32_t>()).data(), y));
  CHECK(layer_check::names_of(layer.named_parameters()) == std::vector<std::string>{"weight"});
}

TEST_CASE("embedding layer: begins normal with mean 0 and variance 1, from the default generator") {
  tinydl::manual_seed(3);
  const EmbeddingD layer(200, 100);
  const auto w = layer.weight.data().array();
  CHECK(std::abs(w.mean()) < 0.03);
  CHECK(w.square().mean() == doctest::Approx(1).epsilon(0.05));
  tinydl::manual_seed(3);
  CHECK(layer_check::same(EmbeddingD(200, 100).weight.data(), layer.weight.data()));
}

TEST_CASE("embedding layer: the gradient counts how often a row was used") {
  const EmbeddingD layer(4, 2);
  tinydl::sum(layer(embedding_tokens())).backward();
  CHECK(layer_check::same(layer.weight.grad(),
                          tinydl::from_values<double>({4, 2}, {1, 1, 2, 2, 0, 0, 3, 3})));
}

TEST_CASE("embedding layer: gradients, for indices of several shapes") {
  layer_check::check_gradients(EmbeddingD(4, 2), embedding_tokens());
  layer_check::check_gradients(EmbeddingD(1, 3),
                               tinydl::Labels<1>(tinydl::zeros<std::int64_t>({1})));
}

TEST_CASE("embedding layer: gradients of the weight, down to sizes of 1") {
  layer_check::check_gradients(EmbeddingD(4, 2), embedding_tokens());
  layer_check::check_gradients(EmbeddingD(1, 1), tinydl::from_values<std::int64_t>({1, 1}, {0}));
}

TEST_CASE("embedding layer: the padding row is zero and is not trained") {
  for (tinydl::Index padding : {3, -1}) {
    const EmbeddingD layer(4, 2, {.padding_idx = padding});
    CHECK(layer.weight.data()(3, 0) == 0);
    CHECK(layer.weight.data()(3, 1) == 0);
    CHECK(layer.weight.data()(2, 1) != 0);
    const EmbeddingD copy = layer.clone();
    for (const EmbeddingD* each : {&layer, &copy}) {
      tinydl::sum((*each)(embedding_tokens())).backward();
      CHECK(layer_check::same(each->weight.grad(),
                              tinydl::from_values<double>({4, 2}, {1, 1, 2, 2, 0, 0, 0, 0})));
    }
  }
}

TEST_CASE("embedding layer: works at the head of a Sequential, and so do their gradients") {
  const tinydl::Sequential model(EmbeddingD(4, 2), tinydl::Linear<double>(2, 5));
  const auto y = model(embedding_tokens());
  CHECK(y.shape() == tinydl::Shape(2, 3, 5));
  tinydl::sum(y).backward();
  const auto& weight = model.get<0>().weight;
  const double each = tinydl::sum(model.get<1>().weight.data(), 0)(1);
  CHECK(weight.grad()(3, 1) == doctest::Approx(3 * each));
  CHECK(layer_check::same(model.clone()(embedding_tokens()).data(), y.data()));
}

TEST_CASE("embedding layer: sizes and indices out of range are refused") {
  CHECK_THROWS_WITH_AS(EmbeddingD(0, 2), "Embedding: 0 vectors of 2 features", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(EmbeddingD(2, -1), "Embedding: 2 vectors of -1 features",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(EmbeddingD(4, 2, {.padding_idx = 4}), "Embedding: padding_idx 4 for 4 rows",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(EmbeddingD(3, 2)(embedding_tokens()),
                       "Embedding: embedding: index 3 at position (0, 0) is not in [0, 3)",
                       tinydl::ValueError);
}
