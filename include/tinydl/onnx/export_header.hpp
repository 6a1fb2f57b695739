// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tinydl/data/file.hpp>
#include <tinydl/io/atomic_file.hpp>
#include <tinydl/onnx/export.hpp>
#include <tinydl/onnx/header_images.hpp>
#include <tinydl/onnx/header_layers.hpp>
#include <tinydl/onnx/header_recurrent.hpp>
#include <tinydl/onnx/model.hpp>

// A trained network as one header of plain C++17, for programs that have neither this library nor a
// heap, exceptions or an operating system.

namespace tinydl::onnx {

namespace detail {

/// The name of the header's namespace. @throws FileError if the file's name is none.
inline std::string header_name(const std::filesystem::path& path) {
  constexpr std::string_view taken =
      " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t "
      "char32_t char8_t class co_await co_return co_yield compl concept const const_cast "
      "consteval constexpr constinit continue decltype default delete do double dynamic_cast "
      "else enum explicit export extern false float for friend goto if inline int linux long "
      "main mutable NULL namespace new noexcept not not_eq nullptr operator or or_eq private "
      "protected public register reinterpret_cast requires return short signed sizeof static "
      "static_assert static_cast std struct switch template this thread_local throw true try "
      "typedef typeid typename union unix unsigned using virtual void volatile wchar_t while "
      "xor xor_eq ";
  const std::string name = path.stem().string();
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool good = !name.empty() && is_letter(name[0]) && name.find("__") == std::string::npos &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
                    });
  if (!good || taken.find(' ' + name + ' ') != std::string_view::npos)
    throw tinydl::detail::file_error(
        path, "export_header: '", name,
        "' cannot be a namespace of C++: a file is named by letters, digits and _, as "
        "digits_net.hpp");
  return name;
}

inline void write_node(const Node& node, HeaderValues& values, HeaderProgram& program) {
  const std::string title =
      text("export_header: ", node.op_type, node.name.empty() ? "" : " '" + node.name + "'");
  for (const auto& operators : {std::span<const HeaderOperator>(header_elementwise),
                                std::span<const HeaderOperator>(header_movers),
                                std::span<const HeaderOperator>(header_layers),
                                std::span<const HeaderOperator>(header_recurrent),
                                std::span<const HeaderOperator>(header_images)})
    for (const HeaderOperator& known : operators) {
      if (node.op_type != known.name) continue;
      try {
        HeaderNode writer(node, values, program);
        for (const auto& name : node.outputs)
          if (!name.empty() && values.at(name).value.elements.index() != 0)
            writer.refuse("numbers that are no floats");
        return known.write(writer);
      } catch (const std::invalid_argument& error) {
        throw ValueError(text(title, ": ", error.what()));
      }
    }
  throw ValueError(title + ": this operator cannot be in a header");
}

inline std::string list_text(const Sizes& shape) {
  std::string list;
  for (const Index size : shape) list += (list.empty() ? "" : ", ") + std::to_string(size);
  return list.empty() ? "1" : list;
}

/// All values of a run of the graph. What does not depend on the input, but for its shape, is
/// marked as a constant.
inline HeaderValues values_of_run(const Graph& graph, const Value& input) {
  Graph telling = graph;  // all that it computes
  telling.outputs.clear();
  const auto tell = [&](const std::string& name) {
    if (!name.empty()) telling.outputs.push_back({name});
  };
  for (const ValueInfo& info : graph.inputs) tell(info.name);
  for (const Initializer& initializer : graph.initializers) tell(initializer.name);
  for (const Node& node : graph.nodes)
    for (const std::string& name : node.outputs) tell(name);
  const Model model(telling, "export_header");
  std::vector<Value> results = model.run({input});
  HeaderValues values;
  for (std::size_t i = 0; i < results.size(); ++i)
    values[telling.outputs[i].name] = {std::move(results[i]), true};

  values.at(graph.inputs[0].name).constant = false;
  const auto depends = [&](const std::string& x) { return !x.empty() && !values.at(x).constant; };
  for (const Node& node : graph.nodes)
    if (node.op_type != "Shape" && node.op_type != "Size" &&
        std::any_of(node.inputs.begin(), node.inputs.end(), depends))
      for (const std::string& name : node.outputs)
        if (!name.empty()) values.at(name).constant = false;
  return values;
}

/// The text of a header. Values are those of a run of the graph with an input of the shape that the
/// header's will have.
inline std::string header_text(const Graph& graph, HeaderValues values, const std::string& name) {
  HeaderValue &input = values.at(graph.inputs[0].name), &output = values.at(graph.outputs[0].name);
  const Sizes in_shape = input.value.shape, out_shape = output.value.shape;
  const Index in_size = count_of(in_shape), out_size = count_of(out_shape);
  const std::string type = graph.inputs[0].type == ElementType::int64 ? "std::int64_t" : "float";
  HeaderProgram program;
  input.array = program.add(HeaderArray::input, in_size);
  for (const Node& node : graph.nodes) {
    const auto depends = [&](const std::string& x) { return !x.empty() && !values.at(x).constant; };
    if (std::any_of(node.outputs.begin(), node.outputs.end(), depends))
      write_node(node, values, program);
  }
  if (!output.array) throw ValueError("export_header: the output does not depend on the input");
  if (program.array(*output.array).place == HeaderArray::input) {
    const std::size_t copy = program.add(HeaderArray::memory, out_size);
    program.call("copy",
                 {braces(1, 1, 1, out_size), HeaderPlace{*output.array}, braces(0, 0, 0, 1),
                  HeaderPlace{copy}, braces(0, 0, 0, 1)},
                 "as it is");
    output.array = copy;
  }
  program.make_output(*output.array);
  program.plan();

  const Index memory = std::max<Index>(program.memory(), 1);
  const std::string bytes = std::to_string(memory * 4);
  std::string result =
      text("// ", name, ".hpp: a trained network as plain C++17, written by tinydl.\n//\n",
           "//   float output[", name, "::output_size];\n", "//   static ", name,
           "::Workspace workspace;  // one for each thread that runs at the same time\n", "//   ",
           name, "::run(input, output, workspace);\n//\n",
           "// It allocates nothing, throws nothing, and keeps ",
           "nothing from one call to the next.\n//   input             ", shape_text(in_shape),
           ", row-major\n//   output            ", shape_text(out_shape),
           "\n//   numbers in it     ", program.constants(), ", that is ", program.constants() * 4,
           " bytes\n//   working memory    ", bytes, " bytes\n");
  result +=
      "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n#include <limits>\n\nnamespace ";
  result += name + " {\n\nusing Index = std::ptrdiff_t;\n\n";
  result += "inline constexpr Index input_shape[] = {" + list_text(in_shape) + "};\n";
  result += "inline constexpr Index output_shape[] = {" + list_text(out_shape) + "};\n";
  result += "inline constexpr Index input_size = " + std::to_string(in_size) + ";\n";
  result += "inline constexpr Index output_size = " + std::to_string(out_size) + ";\n\n";
  result += "/// What run() works on; it need not be set to anything.\n";
  result +=
      "struct Workspace {\n  alignas(64) float memory[" + std::to_string(memory) + "];\n};\n\n";
  result += "/// input and output may not overlap.\n";
  result += "inline void run(const " + type +
            "* input, float* output, Workspace& workspace) noexcept;\n\n";
  result += "/// The same with " + bytes + " bytes on the stack.\n";
  result += "inline void run(const " + type + "* input, float* output) noexcept {\n";
  result += "  Workspace workspace;\n  run(input, output, workspace);\n}\n\nnamespace detail {\n";
  result += program.functions_text() + "\n// --- the network ---\n" + program.constants_text();
  result +=
      "\ninline void run(const " + type + "* input, float* output, float* memory) noexcept {\n";
  if (program.memory() == 0) result += "  static_cast<void>(memory);\n";
  result += program.calls_text() + "}\n\n}  // namespace detail\n\n";
  result += "inline void run(const " + type +
            "* input, float* output, Workspace& workspace) noexcept {\n";
  result += "  detail::run(input, output, workspace.memory);\n}\n\n}  // namespace " + name + '\n';
  return result;
}

}  // namespace detail

}  // namespace tinydl::onnx

namespace tinydl {

/// Writes a graph, as that of an .onnx file, as a header: for one input of this shape. See below.
///
///     export_header(onnx::read_graph("net.onnx"), "net.hpp", {1, 3, 32, 32});
inline void export_header(const onnx::Graph& graph, const std::filesystem::path& path,
                          const onnx::Sizes& input_shape) {
  const std::string name = onnx::detail::header_name(path);
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1)
    throw ValueError(text("export_header: a network of ", graph.inputs.size(), " inputs and ",
                          graph.outputs.size(), " outputs; it must have one of each"));
  if (std::any_of(input_shape.begin(), input_shape.end(), [](Index size) { return size < 1; }))
    throw ShapeError(text("export_header: an input of shape ", shape_text(input_shape),
                          "; all sizes must be positive"));
  onnx::Value zeros{input_shape, Tensor<float, 1>()};
  const Shape<1> size(onnx::count_of(input_shape));
  if (graph.inputs[0].type == onnx::ElementType::int64)
    zeros.elements = full(size, std::int64_t{0});
  else
    zeros.elements = full(size, 0.f);
  const std::string header =
      onnx::detail::header_text(graph, onnx::detail::values_of_run(graph, zeros), name);
  AtomicFile file(path);
  file.write(header);
  file.commit();
}

/// Writes what a model does in eval mode as one header of plain C++17, with the weights as
/// constants, for inputs of the sample's shape.
///
///     export_header(model, "digits_net.hpp", zeros({1, 1, 28, 28}));
///
///     #include "digits_net.hpp"  // in another program
///     digits_net::run(input, output, workspace);
///
/// The header includes <cstddef>, <cstdint> and <limits> and nothing else; it compiles with
/// -std=c++17 -ffreestanding -fno-exceptions -fno-rtti. Its function allocates nothing, throws
/// nothing and has no state: many threads may call it at once, each with a Workspace of its own,
/// whose bytes stand at the head of the file. Results are the library's but for rounding: 1e-6 of
/// the largest one.
///
/// Known are the operators of MLPs, convolutional networks, recurrent layers and Transformers, as
/// export_onnx() writes them.
/// @throws FileError if the file's name is no identifier, or it cannot be written: then it is as it
/// was; ShapeError if the input's shape is not one that the network takes; ValueError naming an
/// operator that is not known.
template <class Model, class T, int Rank>
void export_header(const Model& model, const std::filesystem::path& path,
                   const Tensor<T, Rank>& sample) {
  onnx::detail::header_name(path);  // before any work
  export_header(onnx::graph_of(model, sample), path,
                onnx::Sizes(sample.shape().begin(), sample.shape().end()));
}

}  // namespace tinydl
