// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/onnx/graph.hpp>
#include <tinydl/onnx/operation.hpp>
#include <tinydl/onnx/operators.hpp>
#include <tinydl/onnx/read.hpp>

namespace tinydl::onnx {

/// A model of an .onnx file, to be run, by many threads at once if need be: what it keeps for the
/// next run is under a lock.
///
///     const onnx::Model model("net.onnx");
///     Tensor<float, 2> logits = model.run<2>(images);
///
/// Every operator comes with it, which takes twice as long to compile as a network that is trained:
/// one file of a program includes this header.
class Model {
 public:
  /// @throws FileError if the file cannot be read: see read_graph(); ValueError for an operator, or
  /// an attribute of one, that is not known, which it names.
  explicit Model(const std::filesystem::path& path) : Model(read_graph(path), path.string()) {}

  /// The same of a graph. @param where what messages begin with.
  explicit Model(Graph graph, std::string where = "onnx") : where_(std::move(where)) {
    for (Initializer& initializer : graph.initializers) {
      new_value(initializer.name);
      constants_.push_back(std::move(initializer.value));
    }
    for (const ValueInfo& input : graph.inputs) new_value(input.name);
    for (const Node& node : graph.nodes) add_step(node);
    for (const ValueInfo& output : graph.outputs)
      results_.push_back(number_of(output.name, "an output"));
    inputs_ = std::move(graph.inputs);
    outputs_ = std::move(graph.outputs);
    numbers_.clear();
    note_last_uses();
  }

  /// What it is run with, and what it gives.
  const std::vector<ValueInfo>& inputs() const { return inputs_; }
  const std::vector<ValueInfo>& outputs() const { return outputs_; }

  /// The output, of `Rank` axes, for one input. @throws ShapeError if the input has another number
  /// of axes or other sizes than the model takes, or the output another rank; ValueError if there
  /// are several inputs or outputs, or their elements are of another type.
  template <int Rank, class T, int InputRank>
  Tensor<float, Rank> run(const Tensor<T, InputRank>& x) const {
    if (inputs_.size() != 1 || outputs_.size() != 1)
      throw ValueError(text(where_, ": ", inputs_.size(), " inputs and ", outputs_.size(),
                            " outputs: run() such a model with a row of values"));
    const Value y = std::move(run({value_of(x)})[0]);
    const Floats* floats = std::get_if<Floats>(&y.elements);
    if (!floats) throw ValueError(text(where_, ": output '", outputs_[0].name, "' is not floats"));
    if (y.shape.size() != Rank)
      throw ShapeError(text(where_, ": output '", outputs_[0].name, "' has shape ",
                            shape_text(y.shape), ", not rank ", Rank));
    return floats->with_shape(shape_of<Rank>(y.shape));
  }

  /// All outputs for all inputs, in their order: model.run({value_of(x), value_of(state)}).
  /// @throws ShapeError, ValueError if these are not what the model takes.
  std::vector<Value> run(const std::vector<Value>& inputs) const {
    check(inputs);
    std::vector<Value> made(count_);
    std::vector<const Value*> values(count_, nullptr);
    std::size_t next = 0;
    for (const Value& constant : constants_) values[next++] = &constant;
    for (const Value& input : inputs) values[next++] = &input;
    for (const Step& step : steps_) {
      std::vector<const Value*> arguments;
      for (const std::size_t input : step.inputs)
        arguments.push_back(input == none ? nullptr : values[input]);
      std::vector<Value> outputs = apply(step, Arguments(std::move(arguments)));
      for (std::size_t i = 0; i < step.outputs.size(); ++i) {
        if (step.outputs[i] == none) continue;
        made[step.outputs[i]] = std::move(outputs[i]);
        values[step.outputs[i]] = &made[step.outputs[i]];
      }
      for (const std::size_t done : step.done) made[done] = Value();
    }
    std::vector<Value> results;
    for (const std::size_t result : results_) results.push_back(*values[result]);
    return results;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// A node, its values by numbers.
  struct Step {
    std::string name;
    Operation operation;
    std::vector<std::size_t> inputs, outputs;
    std::vector<std::size_t> done = {};  // values that nobody reads any more
  };

  std::size_t new_value(const std::string& name) {
    if (name.empty()) return none;
    if (!numbers_.emplace(name, count_).second)
      throw ValueError(text(where_, ": there are two values '", name, "'"));
    return count_++;
  }

  std::size_t number_of(const std::string& name, const std::string& reader) const {
    if (name.empty()) return none;
    const auto found = numbers_.find(name);
    if (found == numbers_.end())
      throw ValueError(
          text(where_, ": ", reader, " is '", name, "', which nothing before it makes"));
    return found->second;
  }

  void add_step(const Node& node) {
    std::string label = node.name;  // or that of its first output
    for (const std::string& output : node.outputs)
      if (label.empty()) label = output;
    Step step{text("node '", label, "' (", node.op_type, ")"), {}, {}, {}};
    try {
      step.operation = operation_of(node);
    } catch (const ValueError& error) {
      throw ValueError(text(where_, ": ", step.name, ": ", error.what()));
    }
    for (const std::string& input : node.inputs)
      step.inputs.push_back(number_of(input, "an input of " + step.name));
    for (const std::string& output : node.outputs) step.outputs.push_back(new_value(output));
    steps_.push_back(std::move(step));
  }

  /// Memory is given back as soon as its last reader has run.
  void note_last_uses() {
    std::vector<bool> used(count_);
    for (std::size_t i = 0; i < constants_.size() + inputs_.size(); ++i) used[i] = true;
    for (const std::size_t result : results_) used[result] = true;
    for (std::size_t i = steps_.size(); i-- > 0;)
      for (const auto* values : {&steps_[i].inputs, &steps_[i].outputs})
        for (const std::size_t value : *values)
          if (value != none && !used[value]) {
            used[value] = true;
            steps_[i].done.push_back(value);
          }
  }

  void check(const std::vector<Value>& given) const {
    if (given.size() != inputs_.size())
      throw ValueError(text(where_, ": ", given.size(), " inputs for a model of ", inputs_.size()));
    for (std::size_t i = 0; i < given.size(); ++i) {
      const ValueInfo& info = inputs_[i];
      const Value& value = given[i];
      if (value.elements.index() != static_cast<std::size_t>(info.type))
        throw ValueError(text(where_, ": input '", info.name, "' is given as ",
                              word_for(value.elements.index()), "; the model takes ",
                              word_for(static_cast<std::size_t>(info.type))));
      bool fits = !info.has_shape || value.shape.size() == info.shape.size();
      for (std::size_t axis = 0; fits && info.has_shape && axis < info.shape.size(); ++axis)
        fits = info.shape[axis].size < 0 || info.shape[axis].size == value.shape[axis];
      if (!fits)
        throw ShapeError(text(where_, ": input '", info.name, "' has shape ",
                              shape_text(value.shape), "; the model takes ", sizes_of(info)));
    }
  }

  static const char* word_for(std::size_t element_type) {
    constexpr const char* words[] = {"float32", "int64", "bool"};  // as ElementType has them
    return words[element_type];
  }

  static std::string sizes_of(const ValueInfo& info) {
    std::string result = "(";
    for (const Dimension& dimension : info.shape) {
      if (result.size() > 1) result += ", ";
      result += dimension.size < 0 ? dimension.name.empty() ? "any" : dimension.name
                                   : std::to_string(dimension.size);
    }
    return result + ")";
  }

  std::vector<Value> apply(const Step& step, const Arguments& arguments) const {
    const auto named = [&](const char* what) { return text(where_, ": ", step.name, ": ", what); };
    try {
      std::vector<Value> outputs = step.operation(arguments);
      if (outputs.size() < step.outputs.size())
        throw ValueError(
            text(step.outputs.size(), " outputs are asked for; it gives ", outputs.size()));
      return outputs;
    } catch (const ShapeError& error) {
      throw ShapeError(named(error.what()));
    } catch (const ValueError& error) {
      throw ValueError(named(error.what()));
    }
  }

  std::string where_;
  std::vector<Value> constants_;
  std::vector<ValueInfo> inputs_, outputs_;
  std::vector<Step> steps_;
  std::vector<std::size_t> results_;
  std::map<std::string, std::size_t> numbers_;  // of values by name, while it is made
  std::size_t count_ = 0;                       // of values: constants, inputs, and what steps make
};

}  // namespace tinydl::onnx
