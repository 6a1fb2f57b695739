// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/translate_recurrent.hpp>

#include <onnx/graphs.hpp>

#include <tinydl/layers/recurrent.hpp>
#include <tinydl/layers/sequential.hpp>

namespace {

using namespace tinydl;
using exported::operators;

TEST_CASE("translate_recurrent: the product before is part of the node") {
  const Sequential model(LSTM(5, 2));
  const auto graph = onnx::graph_of(model, randn({3, 4, 5}));
  CHECK(operators(graph) == "Transpose LSTM Squeeze Transpose");
  CHECK(graph.nodes[1].inputs.size() == 4);  // no initial states: they are zero
  CHECK(exported::constant(graph, "0.weight_ih_l0").shape == std::vector<Index>{1, 8, 5});
  CHECK(exported::constant(graph, "0.weight_hh_l0").shape == std::vector<Index>{1, 8, 2});
  CHECK(exported::constant(graph, "0.bias_ih_l0").shape == std::vector<Index>{1, 16});
}

TEST_CASE("translate_recurrent: gates are put in ONNX's order") {
  const Tensor<float, 2> gates = from_values({8, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(onnx::detail::reordered(gates, {0, 3, 1, 2})(2) == 7);
  const Sequential model(GRU(1, 2, {.bias = false}));
  for (auto& [name, variable] : model.named_parameters()) {
    float next = 1;
    for (float& value : variable.mutable_data_span()) value = next++;
  }
  const auto graph = onnx::graph_of(model, randn({3, 4, 1}));
  CHECK(exported::elements<float>(exported::constant(graph, "0.weight_ih_l0")) ==
        std::vector<float>{3, 4, 1, 2, 5, 6});
}

TEST_CASE("translate_recurrent: without a product before, the weight is the identity") {
  const Variable w(randn({8, 2}));
  const Variable<float, 2> zero;
  const auto f = [&](const auto& p) {
    const Variable<float, 2> state(zeros({p.shape()[0], 2}));
    return std::get<0>(lstm_sequence(p, w, state, state));
  };
  const auto graph = exported::graph_of_function(f, randn({3, 4, 8}));
  CHECK(operators(graph) == "Transpose LSTM Squeeze Transpose");
  CHECK(exported::constant(graph, "weight").shape == std::vector<Index>{1, 8, 8});
}

}  // namespace
