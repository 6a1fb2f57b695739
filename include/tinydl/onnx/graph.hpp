// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <tinydl/core/tensor.hpp>

// What an ONNX file says, without its encoding: https://onnx.ai/onnx/repo-docs/IR.html

namespace tinydl::onnx {

/// A tensor whose element type and number of axes are known only at run time: its elements in
/// row-major order, as many as the shape says.
struct Value {
  std::vector<Index> shape;
  std::variant<Tensor<float, 1>, Tensor<std::int64_t, 1>, Tensor<bool, 1>> elements;
};

/// A Tensor as a Value, which shares its memory.
template <class T, int Rank>
Value value_of(const Tensor<T, Rank>& tensor) {
  return {std::vector<Index>(tensor.shape().begin(), tensor.shape().end()),
          tensor.with_shape(Shape<1>(tensor.shape().count()))};
}

/// A setting of a node.
struct Attribute {
  std::string name;
  std::variant<std::int64_t, float, std::string, Value, std::vector<std::int64_t>,
               std::vector<float>, std::vector<std::string>>
      value;
};

/// One application of an operator of ONNX's default domain; names join it to the others.
struct Node {
  std::string op_type, name = {};
  std::vector<std::string> inputs = {}, outputs = {};  // "" is one that is left out
  std::vector<Attribute> attributes = {};
};

/// A size of an input or output: fixed, or (-1) known by a name alone, as "batch".
struct Dimension {
  Index size = -1;
  std::string name = {};
};

/// In the order of Value's elements.
enum class ElementType { float32, int64, boolean };

/// An input or output of the graph.
struct ValueInfo {
  std::string name;
  std::vector<Dimension> shape = {};
  ElementType type = ElementType::float32;
  bool has_shape = true;  // a file may leave it open
};

/// A constant, a weight for example.
struct Initializer {
  std::string name;
  Value value;
};

/// Nodes in an order in which each finds its inputs made.
struct Graph {
  std::string name = {};
  std::vector<Node> nodes = {};
  std::vector<Initializer> initializers = {};
  std::vector<ValueInfo> inputs = {}, outputs = {};
};

}  // namespace tinydl::onnx
