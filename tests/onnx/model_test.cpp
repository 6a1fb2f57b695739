// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/model.hpp>

#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>
#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/onnx/write.hpp>

#include "onnx/nodes.hpp"

namespace {

using namespace tinydl;
using namespace tinydl_test;

const Tensor<float, 2> model_weight = from_values({{1.0f, -2.0f, 0.5f}, {0.25f, 3.0f, -1.0f}});

/// relu(x weight^T) of a batch of any size.
onnx::Graph small_graph() {
  return {
      .name = "small",
      .nodes = {{.op_type = "Gemm",
                 .name = "l1",
                 .inputs = {"x", "w"},
                 .outputs = {"a"},
                 .attributes = {number("transB", 1)}},
                {.op_type = "Relu", .inputs = {"a"}, .outputs = {"y"}}},
      .initializers = {{"w", onnx::value_of(model_weight)}},
      .inputs = {{"x", {{.name = "batch"}, {.size = 3}}}},
      .outputs = {{"y", {{.name = "batch"}, {.size = 2}}}},
  };
}

const Tensor<float, 2> model_input = from_values({{1.0f, 2.0f, 3.0f}, {-1.0f, 0.5f, 2.0f}});

TEST_CASE("onnx model: runs as the functions that its nodes are") {
  const onnx::Model model(small_graph());
  const Tensor<float, 2> expected = relu(linear(model_input, model_weight));
  check_value(onnx::value_of(model.run<2>(model_input)), onnx::value_of(expected));
  CHECK(model.inputs()[0].name == "x");
  CHECK(model.outputs()[0].name == "y");
}

TEST_CASE("onnx model: a file's messages begin with its path") {
  const auto folder = std::filesystem::temp_directory_path() /
                      text("tinydl_onnx_", std::random_device{}(), std::random_device{}());
  std::filesystem::create_directories(folder);
  const auto path = folder / "net.onnx";
  onnx::write_graph(small_graph(), path);
  const onnx::Model model(path);
  check_value(onnx::value_of(model.run<2>(model_input)),
              onnx::value_of(relu(linear(model_input, model_weight))));
  CHECK_THROWS_WITH_AS(model.run<3>(model_input),
                       text(path.string(), ": output 'y' has shape (2, 2), not rank 3").c_str(),
                       ShapeError);
  std::filesystem::remove_all(folder);
  CHECK_THROWS_WITH_AS(onnx::Model{path}, text(path.string(), ": no such file").c_str(), FileError);
}

TEST_CASE("onnx model: an input of another rank, size or element type is refused") {
  const onnx::Model model(small_graph());
  CHECK_THROWS_WITH_AS(model.run<2>(zeros({3})),
                       "onnx: input 'x' has shape (3,); the model takes (batch, 3)", ShapeError);
  CHECK_THROWS_WITH_AS(model.run<2>(zeros({2, 4})),
                       "onnx: input 'x' has shape (2, 4); the model takes (batch, 3)", ShapeError);
  CHECK_THROWS_WITH_AS(model.run<2>(zeros<std::int64_t>({2, 3})),
                       "onnx: input 'x' is given as int64; the model takes float32", ValueError);
  CHECK_THROWS_WITH_AS(model.run<1>(model_input), "onnx: output 'y' has shape (2, 2), not rank 1",
                       ShapeError);
  CHECK(model.run<2>(zeros({0, 3})).shape() == Shape<2>(0, 2));
}

TEST_CASE("onnx model: operators and attributes that are not known are named when it is loaded") {
  onnx::Graph graph = small_graph();
  graph.nodes[1].op_type = "Rely";
  CHECK_THROWS_WITH_AS(onnx::Model{graph}, "onnx: node 'y' (Rely): the operator is not known",
                       ValueError);
  graph.nodes[1] = {.op_type = "LSTM",
                    .name = "lstm",
                    .inputs = {"a"},
                    .outputs = {"y"},
                    .attributes = {word("direction", "reverse")}};
  CHECK_THROWS_WITH_AS(onnx::Model(graph, "net.onnx"),
                       "net.onnx: node 'lstm' (LSTM): attribute 'direction' is reverse; only "
                       "forward is known",
                       ValueError);
}

TEST_CASE("onnx model: what happens in a node is told with its name") {
  onnx::Graph graph = small_graph();
  graph.initializers[0].value = counted({2, 4});
  CHECK_THROWS_WITH_AS(onnx::Model(graph).run<2>(model_input),
                       "onnx: node 'l1' (Gemm): matmul: inner dimensions differ: (2, 3) x (2, 4) "
                       "transposed",
                       ShapeError);
  graph = small_graph();
  graph.nodes[1].outputs = {"", "y"};
  CHECK_THROWS_WITH_AS(onnx::Model(graph).run<2>(model_input),
                       "onnx: node 'y' (Relu): 2 outputs are asked for; it gives 1", ValueError);
}

TEST_CASE("onnx model: values must be made once, and before they are read") {
  onnx::Graph graph = small_graph();
  std::swap(graph.nodes[0], graph.nodes[1]);
  CHECK_THROWS_WITH_AS(onnx::Model{graph},
                       "onnx: an input of node 'y' (Relu) is 'a', which nothing before it makes",
                       ValueError);
  graph = small_graph();
  graph.outputs[0].name = "z";
  CHECK_THROWS_WITH_AS(onnx::Model{graph}, "onnx: an output is 'z', which nothing before it makes",
                       ValueError);
  graph = small_graph();
  graph.nodes[1].outputs = {"x"};
  CHECK_THROWS_WITH_AS(onnx::Model{graph}, "onnx: there are two values 'x'", ValueError);
}

TEST_CASE("onnx model: several inputs and outputs are rows of values") {
  const onnx::Graph graph{
      .nodes = {{.op_type = "Add", .inputs = {"a", "b"}, .outputs = {"sum"}},
                {.op_type = "Neg", .inputs = {"sum"}, .outputs = {"less"}},
                {.op_type = "Gather", .inputs = {"less", "i"}, .outputs = {"one"}}},
      .inputs = {{"a", {{}}}, {"b", {{}}}, {"i", {}, onnx::ElementType::int64}},
      .outputs = {{"one"}, {"sum"}, {"a"}},
  };
  const onnx::Model model(graph);
  const Value a = floats({2}, {1, 2}), b = floats({2}, {10, 20});
  const auto results = model.run({a, b, integers({}, {1})});
  REQUIRE(results.size() == 3);
  check_value(results[0], floats({}, {-22}));
  check_value(results[1], floats({2}, {11, 22}));
  check_value(results[2], a);
  CHECK_THROWS_WITH_AS(model.run<1>(from_values({1.0f})),
                       "onnx: 3 inputs and 3 outputs: run() such a model with a row of values",
                       ValueError);
  CHECK_THROWS_WITH_AS(model.run({a, b}), "onnx: 2 inputs for a model of 3", ValueError);
}

TEST_CASE("onnx model: many threads run one model") {
  const onnx::Model model(small_graph());
  const Tensor<float, 2> expected = relu(linear(model_input, model_weight));
  std::vector<std::thread> threads;
  std::vector<int> right(4);
  for (int& count : right)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i)
        count += std::ranges::equal(model.run<2>(model_input).span(), expected.span());
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(right == std::vector<int>(4, 50));
}

}  // namespace
