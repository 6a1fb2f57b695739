// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <iterator>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <tinydl/core/create.hpp>
#include <tinydl/onnx/graph.hpp>

namespace tinydl::onnx {

/// A setting of a node.
template <std::integral I>
Attribute setting(const char* name, I value) {
  return {name, static_cast<std::int64_t>(value)};
}
template <std::floating_point F>
Attribute setting(const char* name, F value) {
  return {name, static_cast<float>(value)};
}
inline Attribute setting(const char* name, const char* value) { return {name, std::string(value)}; }
inline Attribute setting(const char* name, std::vector<std::int64_t> values) {
  return {name, std::move(values)};
}

/// Makes a graph of one node after another. Values and constants are known by the names that are
/// returned; those of constants last until it is finished.
class GraphBuilder {
 public:
  std::string layer;  ///< whose nodes come next: the first part of their names

  /// A new node.
  Node& node(std::string op_type, std::vector<std::string> inputs,
             std::vector<Attribute> attributes = {}, std::size_t outputs = 1) {
    while (!inputs.empty() && inputs.back().empty()) inputs.pop_back();
    std::string path = "/" + layer;
    std::replace(path.begin(), path.end(), '.', '/');
    Node node{op_type, unique((path.size() == 1 ? path : path + "/") + op_type), std::move(inputs)};
    for (std::size_t i = 0; i < outputs; ++i)
      node.outputs.push_back(text(node.name, "_output_", i));
    node.attributes = std::move(attributes);
    graph_.nodes.push_back(std::move(node));
    return graph_.nodes.back();
  }
  /// The name of the result of a new node.
  std::string apply(std::string op_type, std::vector<std::string> inputs,
                    std::vector<Attribute> attributes = {}) {
    return node(std::move(op_type), std::move(inputs), std::move(attributes)).outputs[0];
  }
  std::string number(double value) {
    return initializer("number", {{}, from_values({static_cast<float>(value)})});
  }
  std::string integers(const char* name, const std::vector<std::int64_t>& values) {
    const auto count = static_cast<Index>(values.size());
    return initializer(name, {{count}, from_values(Shape<1>(count), std::span(values))});
  }
  /// A constant. The name is made unique at the end, when it is known which are in use.
  std::string initializer(const std::string& name, Value value) {
    wanted_names_.push_back(name);
    graph_.initializers.push_back({text("constant ", wanted_names_.size()), std::move(value)});
    return graph_.initializers.back().name;
  }

  /// The graph from `input` to the value `last`, which is then called "output". Only what that
  /// needs is left.
  Graph finished(ValueInfo input, ValueInfo output, const std::string& last) {
    for (Node& node : graph_.nodes)
      for (auto* names : {&node.inputs, &node.outputs})
        std::replace(names->begin(), names->end(), last, output.name);
    drop_unused(output.name);
    name_constants();
    graph_.inputs = {std::move(input)};
    graph_.outputs = {std::move(output)};
    graph_.name = "tinydl";
    return std::move(graph_);
  }

 private:
  std::string unique(const std::string& name) {
    const int times = used_[name]++;
    return times == 0 ? name : unique(text(name, "_", times));
  }
  /// Drops nodes, outputs and constants that others stand for: a recurrent layer takes in the
  /// product before it.
  void drop_unused(const std::string& output) {
    std::unordered_set<std::string> used{output};
    std::vector<Node> kept;
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      Node& node = graph_.nodes[i];
      for (std::string& made : node.outputs)
        if (!used.count(made)) made.clear();
      while (!node.outputs.empty() && node.outputs.back().empty()) node.outputs.pop_back();
      if (node.outputs.empty()) continue;
      used.insert(node.inputs.begin(), node.inputs.end());
      kept.push_back(std::move(node));
    }
    graph_.nodes.assign(std::make_move_iterator(kept.rbegin()),
                        std::make_move_iterator(kept.rend()));
    for (Initializer& constant : graph_.initializers)
      if (!used.count(constant.name)) constant.name.clear();
  }

  void name_constants() {
    std::unordered_map<std::string, std::string> renamed;
    for (std::size_t i = 0; i < wanted_names_.size(); ++i) {
      std::string& name = graph_.initializers[i].name;
      if (!name.empty()) name = renamed[name] = unique(wanted_names_[i]);
    }
    std::erase_if(graph_.initializers, [](const Initializer& c) { return c.name.empty(); });
    for (Node& node : graph_.nodes)
      for (std::string& input : node.inputs)
        if (const auto found = renamed.find(input); found != renamed.end()) input = found->second;
  }

  Graph graph_;
  std::vector<std::string> wanted_names_;  // of the graph's constants
  std::unordered_map<std::string, int> used_{{"input", 1}, {"output", 1}};
};

}  // namespace tinydl::onnx
