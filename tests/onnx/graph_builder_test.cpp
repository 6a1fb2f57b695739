// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/graph_builder.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace tinydl;

TEST_CASE("GraphBuilder: nodes are named by layer and operator, and each once") {
  onnx::GraphBuilder builder;
  CHECK(builder.apply("Relu", {"input"}) == "/Relu_output_0");
  builder.layer = "encoder.0";
  CHECK(builder.apply("Relu", {"input"}) == "/encoder/0/Relu_output_0");
  CHECK(builder.apply("Relu", {"input"}) == "/encoder/0/Relu_1_output_0");
  CHECK(builder.node("Relu", {"input", "", ""}).inputs.size() == 1);  // none are left out at an end
}

TEST_CASE("GraphBuilder: what does not lead to the output goes, names of constants with it") {
  onnx::GraphBuilder builder;
  builder.apply("Add", {"input", builder.initializer("weight", {{}, from_values({1.0f})})});
  const std::string weight = builder.initializer("weight", {{}, from_values({2.0f})});
  const onnx::Node split = builder.node("Split", {"input"}, {}, 3);
  const std::string sum = builder.apply("Add", {split.outputs[1], weight});
  const onnx::Graph graph = builder.finished({"input"}, {"output"}, sum);
  REQUIRE(graph.nodes.size() == 2);
  CHECK(graph.nodes[0].outputs == std::vector<std::string>{"", "/Split_output_1"});
  CHECK(graph.nodes[1].inputs == std::vector<std::string>{"/Split_output_1", "weight"});
  CHECK(graph.nodes[1].outputs == std::vector<std::string>{"output"});
  REQUIRE(graph.initializers.size() == 1);
  CHECK(std::get<Tensor<float, 1>>(graph.initializers[0].value.elements).item() == 2);
}

TEST_CASE(
    "GraphBuilder: constants of one name are told apart, and no value is called as the ends") {
  onnx::GraphBuilder builder;
  const onnx::Value three{{}, from_values({3.0f})};
  std::vector<std::string> inputs;
  for (const char* name : {"w", "w", "input"}) inputs.push_back(builder.initializer(name, three));
  const onnx::Graph graph = builder.finished({"input"}, {"output"}, builder.apply("Sum", inputs));
  CHECK(graph.nodes[0].inputs == std::vector<std::string>{"w", "w_1", "input_1"});
}

TEST_CASE("GraphBuilder: settings have the type of their values") {
  CHECK(std::get<std::int64_t>(onnx::setting("axis", 1).value) == 1);
  CHECK(std::get<float>(onnx::setting("alpha", 0.5).value) == 0.5f);
  CHECK(std::get<std::string>(onnx::setting("mode", "linear").value) == "linear");
  CHECK(std::get<std::vector<std::int64_t>>(onnx::setting("perm", {1, 0}).value).size() == 2);
}

}  // namespace
