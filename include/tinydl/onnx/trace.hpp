// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <tinydl/layers/eval_scope.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl::onnx {

/// One application of a function to Variables. Its handles keep all values alive, and so all
/// addresses different.
struct Application {
  tinydl::detail::Ref<FunctionNode> function;
  std::vector<VariableHandle> inputs, outputs;
  std::string layer;  ///< that was running: "0", "encoder.norm1"; empty for the model itself
};

/// What a model did with an input, in order.
struct Trace {
  VariableHandle input, output;
  std::vector<Application> applications = {};
};

namespace detail {

/// Notes the functions that its thread applies, and the layers in which it does.
class Tracer final : tinydl::detail::LayerWatcher, tinydl::detail::Watcher {
 public:
  explicit Tracer(const tinydl::detail::LayerState& model) { add(model, ""); }

  std::vector<Application> applications;

 private:
  using LayerState = tinydl::detail::LayerState;

  void add(const LayerState& state, const std::string& name) {
    names_.emplace_back(&state, name);
    for (const auto& [child_name, child] : state.children)
      add(*child, name.empty() ? child_name : name + '.' + child_name);
  }

  // A layer that is not registered counts as part of the one that calls it.
  void begins(const LayerState& state) override {
    std::string name = running_.empty() ? "" : running_.back().second;
    for (const auto& [known, known_name] : names_)
      if (known == &state) name = known_name;
    running_.emplace_back(&state, std::move(name));
  }
  void ends(const LayerState& state, const VariableNode*) override {
    while (running_.back().first != &state) running_.pop_back();  // those ended by an exception
    running_.pop_back();
  }

  void applied(const FunctionNode& function) override {
    Application application{const_cast<FunctionNode*>(&function), {}, {}, ""};
    for (const auto& input : function.inputs()) application.inputs.emplace_back(input);
    for (VariableNode* output : function.outputs()) application.outputs.emplace_back(output);
    if (!running_.empty()) application.layer = running_.back().second;
    applications.push_back(std::move(application));
  }

  std::vector<std::pair<const LayerState*, std::string>> names_, running_;
};

}  // namespace detail

/// Runs a model in eval mode, without recording a graph, and tells what it did.
template <class Model, class T, int Rank>
Trace trace(const Model& model, const Tensor<T, Rank>& input) {
  tinydl::detail::LayerState* const state = model.state();
  if (!state) throw ValueError("export_onnx: the model was moved from");
  const tinydl::detail::EvalScope eval(*state);
  const NoGrad no_grad;
  detail::Tracer tracer(*state);
  const Variable<T, Rank> x(input);
  const auto y = model(x);
  static_assert(tinydl::detail::IsVariable<std::remove_cvref_t<decltype(y)>>,
                "trace: the model must return one Variable");
  return {x, y, std::move(tracer.applications)};
}

}  // namespace tinydl::onnx
