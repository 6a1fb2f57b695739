// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/translate_norm.hpp>

#include <onnx/graphs.hpp>

#include <tinydl/layers/batch_norm.hpp>
#include <tinydl/layers/norm.hpp>
#include <tinydl/layers/sequential.hpp>

namespace {

using namespace tinydl;
using exported::operators;

TEST_CASE("translate_norm: a batch norm has the layer's parameters and buffers") {
  const Sequential model(BatchNorm1D(4, {.eps = 0.125}));
  const auto graph = onnx::graph_of(model, randn({3, 4}));
  CHECK(operators(graph) == "BatchNormalization");
  CHECK(graph.nodes[0].inputs ==
        std::vector<std::string>{"input", "0.weight", "0.bias", "0.running_mean", "0.running_var"});
  CHECK(exported::set_to<float>(graph.nodes[0], "epsilon") == 0.125f);
}

TEST_CASE("translate_norm: statistics that belong to no layer become constants") {
  const auto mean = from_values({1.0f, 2.0f}), variance = from_values({4.0f, 9.0f});
  const auto f = [&](const auto& x) {
    return batch_norm(x, ones({2}), zeros({2}), mean, variance, 0.25);
  };
  const auto graph = exported::graph_of_function(f, randn({3, 2}));
  CHECK(exported::elements<float>(exported::constant(graph, "mean")) == std::vector{1.0f, 2.0f});
  const auto variances = exported::elements<float>(exported::constant(graph, "variance"));
  CHECK(variances[0] == doctest::Approx(4));
  CHECK(variances[1] == doctest::Approx(9));
}

TEST_CASE("translate_norm: statistics of the batch are refused") {
  const auto f = [](const auto& x) { return batch_norm(x, ones({2}), zeros({2})); };
  CHECK_THROWS_AS(exported::graph_of_function(f, randn({3, 2})), ValueError);
}

TEST_CASE("translate_norm: a layer norm counts its axes from the back") {
  const auto graph = onnx::graph_of(Sequential(LayerNorm({2, 5})), randn({3, 4, 2, 5}));
  CHECK(operators(graph) == "LayerNormalization");
  CHECK(exported::set_to<std::int64_t>(graph.nodes[0], "axis") == -2);
}

}  // namespace
