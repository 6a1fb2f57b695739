// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include <tinydl/core/variable.hpp>

namespace tinydl {

struct DotOptions {
  bool shapes = true;         ///< show those of the variables
  bool element_types = true;  ///< show those of the variables
};

namespace detail {

/// A string as it stands between double quotes.
inline std::string dot_escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (c != '\0')
      out += c;
  }
  return out;
}

inline std::string dot_label(const VariableNode& variable, DotOptions options) {
  std::string facts;
  if (options.shapes) facts = shape_text(variable.shape());
  if (options.element_types) {
    if (!facts.empty()) facts += ' ';
    facts += variable.element_type();
  }
  const std::string name = dot_escaped(variable.name);
  return name.empty() || facts.empty() ? name + facts : name + "\\n" + facts;
}

}  // namespace detail

/// The graph that y was computed by, as Graphviz text: `dot -Tpng graph.dot -o graph.png` draws it.
/// Functions are lightblue boxes. Variables are orange, those whose gradients a backward pass sums
/// up framed, constants grey; y has a double frame. Numbers follow the forward pass, so that equal
/// graphs have equal texts. A released graph is drawn as well; of a result that nothing uses
/// any more, or of a constant computation, nothing is known.
/// @throws ValueError if y is undefined.
inline std::string to_dot(const VariableHandle& y, DotOptions options = {}) {
  if (!y.node()) throw ValueError("to_dot: the variable is undefined");
  std::string dot =
      "digraph {\n"
      "  node [style=filled, fontname=\"Helvetica\"];\n";
  std::unordered_map<const VariableNode*, std::size_t> numbers;
  const auto id = [&](const VariableNode& variable) {
    const auto [entry, is_new] = numbers.try_emplace(&variable, numbers.size());
    const std::string name = "v" + std::to_string(entry->second);
    if (is_new) {
      dot += "  " + name + " [label=\"" + detail::dot_label(variable, options) + '"';
      const bool constant = !variable.requires_grad;
      dot += constant ? ", fillcolor=lightgrey" : ", fillcolor=orange";
      if (!constant && variable.is_leaf()) dot += ", penwidth=3";
      if (&variable == y.node()) dot += ", peripheries=2";
      dot += "];\n";
    }
    return name;
  };
  const auto functions = Walk::functions_behind(*y.node());
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const FunctionNode& function = *functions[functions.size() - 1 - i];
    const std::string name = "f" + std::to_string(i);
    dot += "  " + name + " [label=\"" + detail::dot_escaped(function.name()) +
           "\", shape=box, fillcolor=lightblue];\n";
    for (const auto& input : function.inputs()) {
      const std::string from = id(*input);
      dot += "  " + from + " -> " + name + ";\n";
    }
    for (const VariableNode* output : function.outputs()) {
      if (!output) continue;
      const std::string to = id(*output);
      dot += "  " + name + " -> " + to + ";\n";
    }
  }
  id(*y.node());
  return dot + "}\n";
}

}  // namespace tinydl
