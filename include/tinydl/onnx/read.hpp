// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinydl/core/shape.hpp>
#include <tinydl/data/file.hpp>
#include <tinydl/onnx/graph.hpp>
#include <tinydl/onnx/protobuf.hpp>
#include <tinydl/onnx/read_tensor.hpp>

namespace tinydl::onnx {

/// The versions of the operators that read_graph() takes a file of.
inline constexpr std::int64_t oldest_opset = 13, newest_opset = 21;

namespace detail {

/// Numbers of fields and enumerators are those of
/// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
/// Functions take the field that a message stands in. There is no recursion: graphs in graphs are
/// not read.
class GraphReader {
 public:
  using Field = protobuf::Reader;

  [[gnu::cold]] static Graph model(Field fields) {
    std::optional<Graph> result;
    std::int64_t opset = 0;
    while (fields.next()) {
      switch (fields.number()) {
        case 7:
          if (result) throw fields.fail("a second graph");
          result = graph(fields);
          break;
        case 8:
          if (const std::int64_t version = default_opset(fields)) opset = version;
          break;
        case 25:
          throw fields.fail("functions of the file's own are not read");
      }
    }
    if (!result) throw fields.fail("there is no graph: this is no ONNX model");
    if (opset < oldest_opset || opset > newest_opset)
      throw fields.fail("its operators are of opset ", opset, "; what is read is ", oldest_opset,
                        " to ", newest_opset);
    return std::move(*result);
  }

 private:
  /// The version of ONNX's own operators; 0 if this is about others.
  [[gnu::cold]] static std::int64_t default_opset(const Field& field) {
    std::string_view domain;
    std::int64_t version = 0;
    for (Field fields = field.message(); fields.next();) {
      if (fields.number() == 1) domain = fields.bytes();
      if (fields.number() == 2) version = fields.integer();
    }
    return is_default(domain) ? version : 0;
  }

  static bool is_default(std::string_view domain) { return domain.empty() || domain == "ai.onnx"; }

  [[gnu::cold]] static Graph graph(const Field& field) {
    Graph result;
    for (Field fields = field.message(); fields.next();) {
      switch (fields.number()) {
        case 1:
          result.nodes.push_back(node(fields));
          break;
        case 2:
          result.name = fields.text();
          break;
        case 5:
          result.initializers.push_back(TensorReader::tensor(fields));
          if (result.initializers.back().name.empty())
            throw fields.fail("a tensor of the graph has no name");
          break;
        case 11:
          result.inputs.push_back(info(fields));
          break;
        case 12:
          result.outputs.push_back(info(fields));
          break;
        case 15:
          throw fields.fail("sparse tensors are not read");
      }
    }
    // Files of before 2019 list their constants among the inputs.
    std::vector<std::string_view> constants;
    for (const Initializer& initializer : result.initializers)
      constants.push_back(initializer.name);
    std::ranges::sort(constants);
    std::erase_if(result.inputs, [&](const ValueInfo& input) {
      return std::ranges::binary_search(constants, std::string_view(input.name));
    });
    return result;
  }

  [[gnu::cold]] static Node node(const Field& field) {
    Node result{.op_type = ""};
    std::string domain;
    for (Field fields = field.message(); fields.next();) {
      switch (fields.number()) {
        case 1:
          result.inputs.push_back(fields.text());
          break;
        case 2:
          result.outputs.push_back(fields.text());
          break;
        case 3:
          result.name = fields.text();
          break;
        case 4:
          result.op_type = fields.text();
          break;
        case 5:
          result.attributes.push_back(attribute(fields));
          break;
        case 7:
          domain = fields.text();
          break;
      }
    }
    if (result.op_type.empty()) throw field.fail("a node without an operator");
    if (!is_default(domain))
      throw field.fail("operator ", result.op_type, " of '", domain, "': only ONNX's own are read");
    return result;
  }

  [[gnu::cold]] static Attribute attribute(const Field& field) {
    Attribute result;
    std::int64_t type = 0, integer = 0;
    float real = 0;
    std::string text;
    std::optional<Value> value;
    std::vector<std::int64_t> integers;
    std::vector<float> reals;
    std::vector<std::string> texts;
    for (Field fields = field.message(); fields.next();) {
      switch (fields.number()) {
        case 1:
          result.name = fields.text();
          break;
        case 2:
          real = fields.real();
          break;
        case 3:
          integer = fields.integer();
          break;
        case 4:
          text = fields.text();
          break;
        case 5:
          value = TensorReader::tensor(fields).value;
          break;
        case 7:
          fields.append_to(reals);
          break;
        case 8:
          fields.append_to(integers);
          break;
        case 9:
          texts.push_back(fields.text());
          break;
        case 20:
          type = fields.integer();
          break;
        case 21:
          throw fields.fail("an attribute that refers to one of a function, which is not read");
      }
    }
    const auto fail = [&](const char* what) {
      return field.fail("attribute '", result.name, "' ", what);
    };
    if (result.name.empty()) throw field.fail("an attribute without a name");
    switch (type) {
      case 1:
        result.value = real;
        break;
      case 2:
        result.value = integer;
        break;
      case 3:
        result.value = std::move(text);
        break;
      case 4:
        if (!value) throw fail("is a tensor, which is missing");
        result.value = std::move(*value);
        break;
      case 5:
      case 10:
        throw fail("is a graph: branches and loops are not read");
      case 6:
        result.value = std::move(reals);
        break;
      case 7:
        result.value = std::move(integers);
        break;
      case 8:
        result.value = std::move(texts);
        break;
      default:
        throw fail("is not a number, text, tensor, or row of numbers or texts");
    }
    return result;
  }

  [[gnu::cold]] static ValueInfo info(const Field& field) {
    ValueInfo result;
    bool is_tensor = false;
    result.has_shape = false;
    for (Field fields = field.message(); fields.next();) {
      if (fields.number() == 1) result.name = fields.text();
      if (fields.number() != 2) continue;
      for (Field types = fields.message(); types.next();)
        if (types.number() == 1) {
          is_tensor = true;
          read_tensor_type(types, result);
        }
    }
    if (result.name.empty()) throw field.fail("an input or output without a name");
    if (!is_tensor) throw field.fail("'", result.name, "' is not a tensor");
    return result;
  }

  [[gnu::cold]] static void read_tensor_type(const Field& field, ValueInfo& result) {
    for (Field fields = field.message(); fields.next();) {
      if (fields.number() == 1) result.type = file_type(fields, fields.integer()).type;
      if (fields.number() != 2) continue;
      result.has_shape = true;
      for (Field sizes = fields.message(); sizes.next();)
        if (sizes.number() == 1) result.shape.push_back(dimension(sizes));
    }
  }

  [[gnu::cold]] static Dimension dimension(const Field& field) {
    Dimension result;
    for (Field fields = field.message(); fields.next();) {
      if (fields.number() == 2) result.name = fields.text();
      if (fields.number() != 1) continue;
      if (fields.integer() < 0) throw fields.fail("a size of ", fields.integer());
      result.size = static_cast<Index>(fields.integer());
    }
    return result;
  }
};

}  // namespace detail

/// The graph of an .onnx file in memory. Floats of other widths become float, integers
/// std::int64_t. @param where what messages begin with.
/// @throws FileError that names the byte and what is wrong there: a file that is damaged, or uses
/// what is not read (branches and loops, operators of other makers, weights in other files).
inline Graph parse_graph(std::string_view bytes, const std::string& where) {
  return detail::GraphReader::model(protobuf::Reader(bytes, where));
}

/// The same of a file. @throws FileError also if it cannot be read.
inline Graph read_graph(const std::filesystem::path& path) {
  return parse_graph(read_file(path).bytes, path.string());
}

}  // namespace tinydl::onnx
