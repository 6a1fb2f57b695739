// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <onnx/nodes.hpp>

#include <tinydl/onnx/export_header.hpp>

// What the tests of generated headers share.

namespace tinydl_test {

/// A graph that is made node by node, of one input x.
struct HeaderGraph {
  tinydl::onnx::Graph graph{.inputs = {{.name = "x", .has_shape = false}}};

  std::string constant(Value value) {
    graph.initializers.push_back({"c." + std::to_string(graph.initializers.size()), value});
    return graph.initializers.back().name;
  }
  std::string node(const char* op_type, std::vector<std::string> inputs,
                   std::vector<Attribute> attributes = {}) {
    return nodes(op_type, std::move(inputs), std::move(attributes), 1)[0];
  }
  std::vector<std::string> nodes(const char* op_type, std::vector<std::string> inputs,
                                 std::vector<Attribute> attributes, std::size_t outputs) {
    std::vector<std::string> results;
    for (std::size_t i = 0; i < outputs; ++i)
      results.push_back("n" + std::to_string(graph.nodes.size()) + "_" + std::to_string(i));
    graph.nodes.push_back({op_type, results[0], std::move(inputs), results, std::move(attributes)});
    return results;
  }
  void result(const std::string& name) { graph.outputs = {{name}}; }
};

/// The text of a header for an input of this shape.
inline std::string header_of(const tinydl::onnx::Graph& graph, const Sizes& shape) {
  using namespace tinydl::onnx;
  Value x{shape, tinydl::zeros(tinydl::Shape<1>(count_of(shape)))};
  if (graph.inputs[0].type == ElementType::int64)
    x.elements = tinydl::full(tinydl::Shape<1>(count_of(shape)), std::int64_t{0});
  return tinydl::onnx::detail::header_text(graph, tinydl::onnx::detail::values_of_run(graph, x),
                                           "net");
}

/// The calls that a header makes for one node, of x and constants; without what it notes.
inline std::string header_calls(const char* op_type, const Sizes& shape,
                                const std::vector<Value>& constants = {},
                                std::vector<Attribute> attributes = {}) {
  HeaderGraph g;
  std::vector<std::string> inputs{"x"};
  for (const Value& value : constants) inputs.push_back(g.constant(value));
  g.result(g.node(op_type, std::move(inputs), std::move(attributes)));
  const std::string header = header_of(g.graph, shape);
  const std::string begin = "* input, float* output, float* memory) noexcept {\n";
  std::size_t at = header.find(begin) + begin.size();
  const std::size_t end = header.find("\n}", at);
  std::string calls;
  for (std::size_t line = at; line < end; line = header.find('\n', line) + 1)
    if (const auto text = header.substr(line + 2, header.find('\n', line) - line - 2);
        !text.starts_with("//") && !text.starts_with("static_cast"))
      calls += (calls.empty() ? "" : " ") + text;
  return calls;
}

/// Why a header cannot have this node: what is said after its name.
inline std::string header_refuses(const char* op_type, const Sizes& shape,
                                  const std::vector<Value>& constants = {},
                                  std::vector<Attribute> attributes = {}) {
  try {
    header_calls(op_type, shape, constants, std::move(attributes));
  } catch (const tinydl::ValueError& error) {
    const std::string prefix = std::string("export_header: ") + op_type + " 'n0_0': ";
    const std::string message = error.what();
    return message.starts_with(prefix) ? message.substr(prefix.size()) : "without name: " + message;
  }
  return "none";
}

}  // namespace tinydl_test
