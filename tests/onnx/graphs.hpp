// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include <tinydl/layers/layer.hpp>
#include <tinydl/onnx/export.hpp>

// What the tests of the exporter share.

namespace tinydl::exported {

using namespace tinydl::onnx;

/// A function as a layer without parameters.
template <class F>
struct FunctionLayer : Layer<FunctionLayer<F>, void> {
  explicit FunctionLayer(F function) : f(std::move(function)) {}
  template <class T, int Rank>
  auto forward(const Variable<T, Rank>& x) const {
    return f(x);
  }
  F f;
};

/// The graph of a function of one Variable.
template <class F, class X>
Graph graph_of_function(F f, const X& sample) {
  return graph_of(FunctionLayer<F>(std::move(f)), sample);
}

/// The operators in their order: "Gemm Relu Gemm".
inline std::string operators(const Graph& graph) {
  std::string names;
  for (const Node& node : graph.nodes) names += (names.empty() ? "" : " ") + node.op_type;
  return names;
}

inline const Value& constant(const Graph& graph, const std::string& name) {
  for (const Initializer& c : graph.initializers)
    if (c.name == name) return c.value;
  throw ValueError("no constant " + name);
}

template <class T>
std::vector<T> elements(const Value& value) {
  const auto& tensor = std::get<Tensor<T, 1>>(value.elements);
  return {tensor.span().begin(), tensor.span().end()};
}

/// A setting of a node.
template <class T>
T set_to(const Node& node, const std::string& name) {
  for (const Attribute& attribute : node.attributes)
    if (attribute.name == name) return std::get<T>(attribute.value);
  throw ValueError("no attribute " + name);
}
using Integers = std::vector<std::int64_t>;

}  // namespace tinydl::exported
