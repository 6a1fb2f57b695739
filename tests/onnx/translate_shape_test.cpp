// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/translate_shape.hpp>

#include <onnx/graphs.hpp>

namespace {

using namespace tinydl;
using exported::graph_of_function, exported::operators, exported::Integers;

/// The integers that node i is given as its input number `input`.
Integers shape_operand(const onnx::Graph& graph, std::size_t node, std::size_t input) {
  return exported::elements<std::int64_t>(
      exported::constant(graph, graph.nodes[node].inputs[input]));
}

TEST_CASE("translate_shape: a size of a new shape that follows the batch is left open") {
  const auto rows =
      graph_of_function([](const auto& x) { return flatten<1>(x); }, randn({3, 2, 5}));
  CHECK(shape_operand(rows, 0, 1) == Integers{-1, 10});
  const auto steps = graph_of_function(
      [](const auto& x) {
        return reshape(x, {-1, 5});
      },
      randn({3, 2, 5}));
  CHECK(shape_operand(steps, 0, 1) == Integers{-1, 5});
  CHECK(steps.outputs[0].shape[0].size == -1);
  CHECK(steps.outputs[0].shape[0].name == "");
}

TEST_CASE(
    "translate_shape: of shapes in a row the last one counts, and none that changes nothing") {
  const auto there_and_back = [](const auto& x) { return relu(reshape(flatten(x), x.shape())); };
  CHECK(operators(graph_of_function(there_and_back, randn({3, 4}))) == "Relu");
}

TEST_CASE("translate_shape: a shape with two sizes that follow the batch is refused") {
  const auto square = [](const auto& x) {
    const Index n = x.shape()[0];
    return reshape(matmul(x, transpose(x)), Shape<3>(1, n, n));
  };
  CHECK_THROWS_AS(graph_of_function(square, randn({3, 4})), ValueError);
}

TEST_CASE("translate_shape: a slice from the back of the batch stays there") {
  const auto last =
      graph_of_function([](const auto& x) { return slice(x, 0, -2, -1); }, randn({3, 4}));
  CHECK(shape_operand(last, 0, 1) == Integers{-2});
  CHECK(shape_operand(last, 0, 2) == Integers{-1});
}

TEST_CASE("translate_shape: a mean over the batch divides by any batch's size") {
  const auto graph = graph_of_function([](const auto& x) { return mean(x, 0); }, randn({1, 4}));
  CHECK(operators(graph) == "ReduceMean");
  CHECK(exported::set_to<Integers>(graph.nodes[0], "axes") == Integers{0});
}

TEST_CASE("translate_shape: indices are the input, or constants") {
  const auto table = Variable(randn({5, 2}));
  const auto f = [&](const auto& x) { return embedding(x, table); };
  const auto graph = graph_of_function(f, from_values<std::int64_t>({2, 3}, {0, 1, 2, 3, 4, 0}));
  CHECK(operators(graph) == "Gather");
  CHECK(graph.nodes[0].inputs[1] == "input");
  CHECK(graph.inputs[0].type == onnx::ElementType::int64);

  const auto of_floats = [&](const auto& x) {
    return embedding(x.data().template cast<std::int64_t>(), table);
  };
  CHECK_THROWS_AS(graph_of_function(of_floats, from_values({2, 2}, {0, 1, 2, 3})), ValueError);
}

}  // namespace
