// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinydl/core/create.hpp>
#include <tinydl/layers/eval_scope.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

/// One layer of a model. What belongs to a layer below it is counted there, not here.
struct LayerSummary {
  std::string name;  ///< as in named_parameters(): "0", "l1"; empty for the model
  std::string type;  ///< "Linear"
  Index calls = 0;   ///< in one forward pass
  std::vector<Index> output_shape = {};  ///< of the last call; empty if it was not called
  Index parameters = 0;                  ///< numbers, not tensors
  Index multiply_adds = 0;               ///< of matrix products and convolutions
  Index parameter_bytes = 0;
  Index activation_bytes = 0;  ///< all results of functions, of which backward may need some
};

/// What summary() returns; printing it makes a table.
struct ModelSummary {
  std::vector<LayerSummary> layers;  ///< the model itself first, then in order of registration
  LayerSummary total = {};
  Index trainable_parameters = 0;

  std::string text() const;
};

namespace detail {

/// As many as follow from the shapes, for the functions that are matrix work; else 0.
inline Index multiply_adds(const FunctionNode& function) {
  const auto count = [](std::span<const Index> shape, std::size_t from = 0) {
    Index n = 1;
    for (Index size : shape.subspan(from)) n *= size;
    return n;
  };
  const auto in = [&](std::size_t i) { return function.inputs()[i]->shape(); };
  const auto out = function.outputs()[0]->shape();
  const std::string_view name = function.name();
  if (name == "linear") return count(out) * in(1)[1];                     // weight: (out, in)
  if (name == "conv2d") return count(out) * count(in(1), 1);              // (O, C/groups, KH, KW)
  if (name == "conv_transpose2d") return count(in(0)) * count(in(1), 1);  // the same, from y to x
  if (name == "rnn" || name == "lstm" || name == "gru") return count(in(0)) * in(1)[1];
  if (name != "matmul" || count(out) == 0) return 0;
  const Index rows_out = count(out) / out.back();  // a is (rows, inner), perhaps transposed
  return count(out) * (count(in(0)) / rows_out);
}

/// Watches one forward pass of a model.
class ModelRecorder final : LayerWatcher, Watcher {
 public:
  explicit ModelRecorder(const LayerState& model) {
    std::vector<const VariableNode*> counted;
    add(model, "", counted);
  }

  ModelSummary summary() const {
    ModelSummary result{.layers = layers_, .trainable_parameters = trainable_};
    result.total.name = "total";
    for (const LayerSummary& layer : layers_) {
      result.total.parameters += layer.parameters;
      result.total.multiply_adds += layer.multiply_adds;
      result.total.parameter_bytes += layer.parameter_bytes;
      result.total.activation_bytes += layer.activation_bytes;
    }
    return result;
  }

 private:
  static Index bytes(const VariableNode& variable) {
    Index n = variable.element_type() == "float" ? 4 : variable.element_type() == "bool" ? 1 : 8;
    for (Index size : variable.shape()) n *= size;
    return n;
  }

  void add(const LayerState& state, const std::string& name,
           std::vector<const VariableNode*>& counted) {
    LayerSummary layer{.name = name, .type = std::string(state.type())};
    for (const auto& entry : state.parameters) {
      const VariableNode& parameter = *entry.variable.node();
      if (std::find(counted.begin(), counted.end(), &parameter) != counted.end()) continue;
      counted.push_back(&parameter);
      Index n = 1;
      for (Index size : parameter.shape()) n *= size;
      layer.parameters += n;
      layer.parameter_bytes += bytes(parameter);
      if (parameter.requires_grad) trainable_ += n;
    }
    states_.push_back(&state);
    layers_.push_back(std::move(layer));
    for (const auto& [child_name, child] : state.children)
      add(*child, name.empty() ? child_name : name + '.' + child_name, counted);
  }

  // A layer that is not registered counts as part of the one that calls it.
  void begins(const LayerState& state) override {
    std::size_t row = running_.empty() ? 0 : running_.back().second;
    for (std::size_t i = 0; i < states_.size(); ++i)
      if (states_[i] == &state) row = i;
    running_.emplace_back(&state, row);
  }
  void ends(const LayerState& state, const VariableNode* result) override {
    while (running_.back().first != &state) running_.pop_back();  // those ended by an exception
    const std::size_t row = running_.back().second;
    running_.pop_back();
    if (states_[row] != &state) return;
    ++layers_[row].calls;
    if (result) layers_[row].output_shape.assign(result->shape().begin(), result->shape().end());
  }

  void applied(const FunctionNode& function) override {
    if (running_.empty()) return;
    LayerSummary& layer = layers_[running_.back().second];
    layer.multiply_adds += multiply_adds(function);
    if (function.name() == "reshape") return;  // shares its operand's memory
    for (const VariableNode* output : function.outputs()) layer.activation_bytes += bytes(*output);
  }

  std::vector<LayerSummary> layers_;
  std::vector<const LayerState*> states_;  // of layers_
  std::vector<std::pair<const LayerState*, std::size_t>> running_;
  Index trainable_ = 0;
};

/// 1234567 as 1,234,567.
inline std::string with_commas(Index n) {
  std::string digits = std::to_string(n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

inline std::string readable_bytes(Index bytes) {
  const char* const units[] = {" B", " KiB", " MiB", " GiB", " TiB"};
  std::size_t unit = 0;
  Index tenths = 10 * bytes;
  for (; tenths >= 10240 && unit < 4; ++unit) tenths = (tenths + 512) / 1024;
  return std::to_string(tenths / 10) +
         (unit > 0 ? "." + std::to_string(tenths % 10) : std::string()) + units[unit];
}

}  // namespace detail

/// layer, type, output shape, parameters, multiply-adds, memory of parameters and of activations.
inline std::string ModelSummary::text() const {
  constexpr std::size_t columns = 7, numbers = 3;  // the first ones are words
  std::vector<std::vector<std::string>> table = {
      {"layer", "type", "output", "parameters", "multiply-adds", "memory", "activations"}};
  const auto add = [&](const LayerSummary& layer, std::string name, std::string output) {
    table.push_back(
        {std::move(name), layer.type, std::move(output), detail::with_commas(layer.parameters),
         detail::with_commas(layer.multiply_adds), detail::readable_bytes(layer.parameter_bytes),
         detail::readable_bytes(layer.activation_bytes)});
  };
  for (const LayerSummary& layer : layers)
    add(layer, layer.name.empty() ? "(model)" : layer.name,
        layer.calls == 0 ? "-" : shape_text(layer.output_shape));
  add(total, "total", "");

  std::size_t widths[columns] = {};
  for (const auto& row : table)
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string out;
  for (const auto& row : table) {
    std::string line;
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string space(widths[i] - row[i].size(), ' ');
      line += (i > 0 ? "  " : "") + (i < numbers ? row[i] + space : space + row[i]);
    }
    out += line + '\n';
  }
  if (trainable_parameters != total.parameters)
    out += detail::with_commas(total.parameters - trainable_parameters) +
           " parameters are not trained\n";
  return out;
}

inline std::ostream& operator<<(std::ostream& out, const ModelSummary& summary) {
  return out << summary.text();
}

/// What a model is made of and what one forward pass of it, of these inputs, costs. The pass is
/// made, in eval mode and without a graph; no value of the model changes. Layers are seen when they
/// are called as model(x), not through forward(x), whose cost is that of the layer around.
template <class Model, class First, class... Rest>
ModelSummary summary(const Model& model, const First& x, const Rest&... rest) {
  detail::LayerState* const state = model.state();
  if (!state) throw ValueError("summary: the model was moved from");
  const detail::EvalScope eval(*state);
  const NoGrad no_grad;
  detail::ModelRecorder recorder(*state);
  model(x, rest...);
  return recorder.summary();
}

/// The same for one input of this shape.
///
///     std::cout << summary(model, Shape(64, 784));
template <class Model, int Rank>
ModelSummary summary(const Model& model, const Shape<Rank>& shape) {
  using T =
      std::conditional_t<std::is_void_v<typename Model::Scalar>, float, typename Model::Scalar>;
  return summary(model, zeros<T>(shape));
}

}  // namespace tinydl
