// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/read.hpp>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>
#include <tinydl/onnx/write.hpp>

#include "onnx/files.hpp"

namespace {

using namespace tinydl;
using namespace std::string_literals;
using onnx::protobuf::Writer;
using tinydl_test::onnx_says;

std::string graph_says(const std::string& bytes) {
  return onnx_says([&] { onnx::parse_graph(bytes, "net.onnx"); });
}

/// A model of one graph of these fields, and of this version of the operators.
std::string model_of(const Writer& graph, std::int64_t opset = 17) {
  Writer operators, model;
  operators.integer(2, opset);
  model.message(7, graph);
  model.message(8, operators);
  return model.bytes();
}

/// The same with one node of these fields.
std::string model_of_node(const Writer& node) {
  Writer graph;
  graph.message(1, node);
  return model_of(graph);
}

TEST_CASE("read_graph: all that write_graph wrote is there again") {
  const onnx::Value weight{{2, 1}, from_values({1.0f, 2.0f})};
  const onnx::Graph written{
      .name = "net",
      .nodes = {{.op_type = "Op",
                 .name = "node",
                 .inputs = {"x", "", "w"},
                 .outputs = {"y"},
                 .attributes = {{"i", std::int64_t{-3}},
                                {"f", 0.5f},
                                {"s", std::string("text")},
                                {"t", weight},
                                {"is", std::vector<std::int64_t>{1, -2}},
                                {"fs", std::vector<float>{0.25f}},
                                {"ss", std::vector<std::string>{"a", ""}}}}},
      .initializers = {{"w", weight},
                       {"i", {{3}, from_values<std::int64_t>({3}, {1, 2, 3})}},
                       {"b", {{}, from_values<bool>({1}, {true})}}},
      .inputs = {{"x", {{.name = "N"}, {.size = 2}}, onnx::ElementType::int64}},
      .outputs = {{"y", {{}, {.size = 0}}}},
  };
  const onnx::Graph read = onnx::parse_graph(onnx::graph_bytes(written), "net.onnx");
  CHECK(read.name == "net");
  REQUIRE(read.nodes.size() == 1);
  const onnx::Node& node = read.nodes[0];
  CHECK(node.op_type == "Op");
  CHECK(node.name == "node");
  CHECK(node.inputs == std::vector<std::string>{"x", "", "w"});
  CHECK(node.outputs == std::vector<std::string>{"y"});
  REQUIRE(node.attributes.size() == 7);
  for (std::size_t i = 0; i < 7; ++i)
    CHECK(node.attributes[i].name == written.nodes[0].attributes[i].name);
  CHECK(std::get<std::int64_t>(node.attributes[0].value) == -3);
  CHECK(std::get<float>(node.attributes[1].value) == 0.5f);
  CHECK(std::get<std::string>(node.attributes[2].value) == "text");
  CHECK(std::get<onnx::Value>(node.attributes[3].value).shape == weight.shape);
  CHECK(std::get<std::vector<std::int64_t>>(node.attributes[4].value) ==
        std::vector<std::int64_t>{1, -2});
  CHECK(std::get<std::vector<float>>(node.attributes[5].value) == std::vector<float>{0.25f});
  CHECK(std::get<std::vector<std::string>>(node.attributes[6].value) ==
        std::vector<std::string>{"a", ""});

  REQUIRE(read.initializers.size() == 3);
  const onnx::Value& value = read.initializers[0].value;
  CHECK(value.shape == weight.shape);
  CHECK(std::get<Tensor<float, 1>>(value.elements)(1) == 2.0f);
  CHECK(std::get<Tensor<std::int64_t, 1>>(read.initializers[1].value.elements)(2) == 3);
  CHECK(std::get<Tensor<bool, 1>>(read.initializers[2].value.elements)(0));
  CHECK(read.initializers[2].value.shape.empty());

  REQUIRE(read.inputs.size() == 1);
  REQUIRE(read.inputs[0].shape.size() == 2);
  CHECK(read.inputs[0].name == "x");
  CHECK(read.inputs[0].type == onnx::ElementType::int64);
  CHECK(read.inputs[0].shape[0].name == "N");
  CHECK(read.inputs[0].shape[0].size == -1);
  CHECK(read.inputs[0].shape[1].size == 2);
  REQUIRE(read.outputs.size() == 1);
  CHECK(read.outputs[0].shape[0].size == -1);
  CHECK(read.outputs[0].shape[1].size == 0);
}

TEST_CASE("read_graph: a constant that is listed as an input is none") {
  const onnx::Graph written{.initializers = {{"w", {{2}, from_values({1.0f, 2.0f})}}},
                            .inputs = {{"w", {{.size = 2}}}, {"x", {{.size = 2}}}}};
  const onnx::Graph read = onnx::parse_graph(onnx::graph_bytes(written), "net.onnx");
  REQUIRE(read.inputs.size() == 1);
  CHECK(read.inputs[0].name == "x");
}

TEST_CASE("read_graph: a file cut off anywhere is refused") {
  const onnx::Graph graph{
      .nodes = {{.op_type = "Relu", .inputs = {"x"}, .outputs = {"y"}}},
      .initializers = {{"w", {{2}, from_values({1.0f, 2.0f})}}},
      .inputs = {{"x", {{.size = 2}}}},
      .outputs = {{"y", {{.size = 2}}}},
  };
  const std::string bytes = onnx::graph_bytes(graph);
  CHECK(graph_says(bytes) == "none");
  for (std::size_t n = 0; n < bytes.size(); ++n) CHECK(graph_says(bytes.substr(0, n)) != "none");
}

TEST_CASE("read_graph: what is no model, or of another version, is refused") {
  CHECK(graph_says("") == "byte 0: there is no graph: this is no ONNX model");
  CHECK(graph_says("\x89PNG\r\n") == "byte 0: truncated: it takes 8 bytes and 4 are left");
  CHECK(graph_says(model_of(Writer(), 12)) ==
        "byte 6: its operators are of opset 12; what is read is 13 to 21");
  CHECK(graph_says(model_of(Writer()) + model_of(Writer())) == "byte 6: a second graph");
}

TEST_CASE("read_graph: what is not read is refused by a sentence that says what it is") {
  Writer functions;
  functions.text(25, "");
  CHECK(graph_says(functions.bytes()) == "byte 0: functions of the file's own are not read");

  Writer sparse;
  sparse.text(15, "");
  CHECK(graph_says(model_of(sparse)) == "byte 2: sparse tensors are not read");

  Writer foreign;
  foreign.text(4, "Fused");
  foreign.text(7, "com.microsoft");
  CHECK(graph_says(model_of_node(foreign)) ==
        "byte 2: operator Fused of 'com.microsoft': only ONNX's own are read");

  Writer branch, conditional;
  branch.text(1, "then_branch");
  branch.integer(20, 5);
  conditional.text(4, "If");
  conditional.message(5, branch);
  CHECK(graph_says(model_of_node(conditional)) ==
        "byte 8: attribute 'then_branch' is a graph: branches and loops are not read");

  Writer info, type;
  type.text(4, "");
  info.text(1, "xs");
  info.message(2, type);
  Writer sequence;
  sequence.message(11, info);
  CHECK(graph_says(model_of(sequence)) == "byte 2: 'xs' is not a tensor");
}

TEST_CASE("read_graph: what has no name or operator is refused") {
  CHECK(graph_says(model_of_node(Writer())) == "byte 2: a node without an operator");
  Writer node;
  node.text(4, "Relu");
  node.message(5, Writer());
  CHECK(graph_says(model_of_node(node)) == "byte 10: an attribute without a name");
}

}  // namespace
