// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cctype>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tinydl/onnx/header_program.hpp>
#include <tinydl/onnx/operation.hpp>

// A node on its way into a generated header (see export_header.hpp).

namespace tinydl::onnx::detail {

/// A value of the graph, as it was in a run: if it does not depend on the input, a constant, else
/// of interest for its shape.
struct HeaderValue {
  Value value;
  bool constant = false;
  std::optional<std::size_t> array = std::nullopt;  // in the program, once it is in use
};
using HeaderValues = std::unordered_map<std::string, HeaderValue>;

/// As C++ writes a number, an array of them, and a name.
template <class... N>
std::string braces(N... numbers) {
  std::string list;
  ((list += (list.empty() ? "" : ", ") + std::to_string(numbers)), ...);
  return '{' + list + '}';
}
inline std::string number_text(float x) {
  std::string digits;
  append_number(digits, x);
  return digits;
}
/// "0.weight" is w_0_weight: no keyword, and none of the header's functions.
inline std::string identifier(const std::string& name) {
  std::string result = "w";
  for (const char c : name) {
    const bool good = std::isalnum(static_cast<unsigned char>(c));
    if (good && result.size() == 1) result += '_';
    if (good || result.back() != '_') result += good ? c : '_';
  }
  return result;
}

class HeaderNode {
 public:
  const Settings settings;
  const Arguments x;  // the inputs, as they were in the run

  HeaderNode(const Node& node, HeaderValues& values, HeaderProgram& program)
      : settings(node), x(inputs_of(node, values)), values_(values), program_(program) {
    note_ = node.op_type + (node.name.empty() ? "" : " '" + node.name + "'") + ':';
    for (const auto& name : node.inputs)
      if (!name.empty() && !values.at(name).constant) note_ += ' ' + shape_text(shape_of(name));
    note_ += " ->";
    for (const auto& name : node.outputs)
      if (!name.empty()) note_ += ' ' + shape_text(shape_of(name));
    for (char& c : note_)
      if (std::iscntrl(static_cast<unsigned char>(c)) || c == '\\') c = ' ';
  }

  const Node& node() const { return settings.node(); }
  bool constant(std::size_t i) const { return values_.at(node().inputs[i]).constant; }
  const Sizes& out_shape(std::size_t i = 0) const { return shape_of(node().outputs[i]); }
  Index out_size(std::size_t i = 0) const { return count_of(out_shape(i)); }
  Index size(std::size_t i) const { return count_of(x.shape(i)); }

  /// @throws ValueError: the operator with these settings cannot be in a header.
  [[noreturn]] void refuse(const std::string& why) const { throw ValueError(why); }

  /// The values of an input that must not depend on the network's input; true is 1.
  std::vector<float> constants(std::size_t i) const {
    if (!constant(i)) refuse(text("input ", i, " must be a constant"));
    return std::visit(
        [](const auto& elements) {
          const auto floats = elements.template cast<float>();
          return std::vector<float>(floats.span().begin(), floats.span().end());
        },
        x[i].elements);
  }
  Sizes sizes(std::size_t i) const {
    if (!constant(i)) refuse(text("input ", i, " must be a constant"));
    return x.sizes(i);
  }

  HeaderPlace in(std::size_t i) {
    HeaderValue& value = values_.at(node().inputs[i]);
    if (!value.array) value.array = add_constant(node().inputs[i], constants(i)).array;
    return {*value.array};
  }
  /// "nullptr" for one that is left out.
  HeaderProgram::Argument in_if_there(std::size_t i) {
    if (x.has(i)) return in(i);
    return "nullptr";
  }
  HeaderPlace out(std::size_t i = 0) {
    HeaderValue& value = values_.at(node().outputs[i]);
    if (!value.array) value.array = program_.add(HeaderArray::memory, count_of(value.value.shape));
    return {*value.array};
  }
  /// Output 0 has the numbers of input 0, in their order.
  void pass_on() { values_.at(node().outputs[0]).array = in(0).array; }
  HeaderPlace scratch(Index size) { return {program_.add(HeaderArray::memory, size)}; }

  /// Constants of this node that are made from an input, or from several.
  HeaderPlace add_constant(const std::string& name, std::vector<float> numbers) {
    const std::string base = identifier(name);
    std::string unique = base;
    for (int i = 2; program_.has_constant(unique); ++i) unique = text(base, '_', i);
    return {program_.add_constant(std::move(unique), std::move(numbers))};
  }

  void define(const std::string& function, std::string definition) {
    program_.define(function, std::move(definition));
  }
  void needs(const char* function) { program_.use(function); }
  void call(std::string_view function, std::vector<HeaderProgram::Argument> arguments) {
    program_.call(function, std::move(arguments), std::exchange(note_, {}));
  }
  /// The last call reads each number of `from` where it writes it to `to`, or before that.
  void may_overwrite(HeaderPlace from, HeaderPlace to) {
    program_.may_overwrite(from.array, to.array);
  }

 private:
  static std::vector<const Value*> inputs_of(const Node& node, const HeaderValues& values) {
    std::vector<const Value*> inputs;
    for (const auto& name : node.inputs)
      inputs.push_back(name.empty() ? nullptr : &values.at(name).value);
    return inputs;
  }
  const Sizes& shape_of(const std::string& name) const { return values_.at(name).value.shape; }

  HeaderValues& values_;
  HeaderProgram& program_;
  std::string note_;
};

}  // namespace tinydl::onnx::detail
