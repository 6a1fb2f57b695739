// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/io/atomic_file.hpp>
#include <tinydl/onnx/graph.hpp>
#include <tinydl/onnx/protobuf.hpp>

namespace tinydl::onnx {

/// What write_graph() says of a file: the version of the format, and that of the operators.
inline constexpr std::int64_t ir_version = 8, opset_version = 17;

namespace detail {

static_assert(std::endian::native == std::endian::little,
              "elements in files are little-endian; so must be the processor");

/// Numbers of fields and enumerators are those of
/// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
class GraphWriter {
 public:
  static protobuf::Writer model(const Graph& graph) {
    protobuf::Writer operators, result;
    operators.text(1, "");  // the default domain
    operators.integer(2, opset_version);
    result.integer(1, ir_version);
    result.text(2, "tinydl");
    result.message(7, write(graph));
    result.message(8, operators);
    return result;
  }

 private:
  static protobuf::Writer write(const Graph& graph) {
    protobuf::Writer result;
    for (const Node& node : graph.nodes) result.message(1, write(node));
    result.text(2, graph.name.empty() ? "graph" : graph.name);  // must have one
    for (const auto& [name, value] : graph.initializers) result.message(5, write(value, name));
    for (const ValueInfo& info : graph.inputs) result.message(11, write(info));
    for (const ValueInfo& info : graph.outputs) result.message(12, write(info));
    return result;
  }

  static protobuf::Writer write(const Node& node) {
    protobuf::Writer result;
    for (const std::string& name : node.inputs) result.text(1, name);
    for (const std::string& name : node.outputs) result.text(2, name);
    if (!node.name.empty()) result.text(3, node.name);
    result.text(4, node.op_type);
    for (const Attribute& attribute : node.attributes) result.message(5, write(attribute));
    return result;
  }

  static protobuf::Writer write(const Attribute& attribute) {
    protobuf::Writer result;
    result.text(1, attribute.name);
    if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
      result.integer(3, *integer);
      result.integer(20, 2);
    } else if (const auto* real = std::get_if<float>(&attribute.value)) {
      result.real(2, *real);
      result.integer(20, 1);
    } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
      result.text(4, *text);
      result.integer(20, 3);
    } else if (const auto* tensor = std::get_if<Value>(&attribute.value)) {
      result.message(5, write(*tensor, ""));
      result.integer(20, 4);
    } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
      for (const std::int64_t value : *integers) result.integer(8, value);
      result.integer(20, 7);
    } else if (const auto* reals = std::get_if<std::vector<float>>(&attribute.value)) {
      for (const float value : *reals) result.real(7, value);
      result.integer(20, 6);
    } else {
      for (const std::string& value : std::get<std::vector<std::string>>(attribute.value))
        result.text(9, value);
      result.integer(20, 8);
    }
    return result;
  }

  static protobuf::Writer write(const Value& value, const std::string& name) {
    protobuf::Writer result;
    Index count = 1;
    for (const Index size : value.shape) {
      result.integer(1, size);
      count *= size;
    }
    result.integer(2, element_type(static_cast<ElementType>(value.elements.index())));
    if (!name.empty()) result.text(8, name);
    std::visit(
        [&]<class T>(const Tensor<T, 1>& elements) {
          if (elements.size() != count)
            throw ShapeError(tinydl::text("write_graph: tensor '", name, "' of shape ",
                                          shape_text(value.shape), " has ", elements.size(),
                                          " elements"));
          result.text(9, {reinterpret_cast<const char*>(elements.data()),
                          static_cast<std::size_t>(count) * sizeof(T)});
        },
        value.elements);
    return result;
  }

  static protobuf::Writer write(const ValueInfo& info) {
    protobuf::Writer shape, tensor, type, result;
    for (const Dimension& dimension : info.shape) {
      protobuf::Writer size;
      if (dimension.size >= 0)
        size.integer(1, dimension.size);
      else if (!dimension.name.empty())
        size.text(2, dimension.name);
      shape.message(1, size);
    }
    tensor.integer(1, element_type(info.type));
    if (info.has_shape) tensor.message(2, shape);
    type.message(1, tensor);
    result.text(1, info.name);
    result.message(2, type);
    return result;
  }

  static std::int64_t element_type(ElementType type) {
    return type == ElementType::float32 ? 1 : type == ElementType::int64 ? 7 : 9;
  }
};

}  // namespace detail

/// The bytes of an .onnx file. @throws ShapeError if a value has not the elements that its shape
/// says, ValueError for more than the 2 GiB that the format has.
inline std::string graph_bytes(const Graph& graph) {
  const protobuf::Writer model = detail::GraphWriter::model(graph);
  if (model.bytes().size() > std::numeric_limits<std::int32_t>::max())
    throw ValueError(text("write_graph: ", model.bytes().size(), " bytes are more than 2 GiB"));
  return model.bytes();
}

/// Writes an .onnx file, which replaces another one whole or not at all: see AtomicFile.
/// @throws FileError if it cannot be written; the same as graph_bytes().
inline void write_graph(const Graph& graph, const std::filesystem::path& path) {
  const std::string bytes = graph_bytes(graph);
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace tinydl::onnx
