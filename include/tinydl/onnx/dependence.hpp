// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

#include <tinydl/functions/index.hpp>
#include <tinydl/onnx/step.hpp>

namespace tinydl::onnx {

/// Where the numbers of a variable are, if they are floats or indices; else null.
inline const void* memory_of(const VariableNode& node) {
  if (const auto* floats = dynamic_cast<const tinydl::detail::VariableData<float>*>(&node))
    return floats->values().data();
  if (const auto* labels = dynamic_cast<const tinydl::detail::VariableData<std::int64_t>*>(&node))
    return labels->values().data();
  return nullptr;
}

/// Which variables depend on a model's input, in the pass of the larger batch.
class Dependence {
 public:
  Dependence(const Trace& trace, const std::vector<Step>& steps) : trace_(trace), steps_(steps) {
    add(*trace.input.node());
    for (const Step& step : steps)
      if (!sources(step).empty())
        for (const VariableHandle& output : step.large().outputs) add(*output.node());
  }

  /// The variable itself, or another one of the same values, if they depend on the input; else
  /// null. detach() makes a new variable of the same memory.
  const VariableNode* of(const VariableNode& node) const {
    return listed_.count(&node) ? &node : of(memory_of(node), node.shape());
  }
  /// The same of numbers somewhere, of this shape: functions keep indices as members.
  const VariableNode* of(const void* memory, std::span<const Index> shape) const {
    for (const VariableNode* node : order_)
      if (memory && memory_of(*node) == memory &&
          std::equal(shape.begin(), shape.end(), node->shape().begin(), node->shape().end()))
        return node;
    return nullptr;
  }

  /// What a step reads of what depends on the input.
  std::vector<const VariableNode*> sources(const Step& step) const {
    std::vector<const VariableNode*> found;
    for (const VariableHandle& input : step.large().inputs)
      if (const VariableNode* source = of(*input.node())) found.push_back(source);
    const auto read = [&](const auto& op, const auto&) {
      if (const VariableNode* source = of(op.index.data(), op.index.shape()))
        found.push_back(source);
    };
    with_operation<TakeRows>(step, read);
    return found;
  }

  /// The steps that lead to the output.
  std::vector<bool> needed() const {
    std::unordered_set<const VariableNode*> wanted{of(*trace_.output.node())};
    std::vector<bool> needed(steps_.size());
    for (std::size_t i = steps_.size(); i-- > 0;) {
      const auto from = sources(steps_[i]);
      if (from.empty()) continue;
      for (const VariableHandle& output : steps_[i].large().outputs)
        needed[i] = needed[i] || wanted.count(output.node());
      if (needed[i]) wanted.insert(from.begin(), from.end());
    }
    return needed;
  }

 private:
  void add(const VariableNode& node) {
    order_.push_back(&node);
    listed_.insert(&node);
  }

  const Trace& trace_;
  const std::vector<Step>& steps_;
  std::vector<const VariableNode*> order_;
  std::unordered_set<const VariableNode*> listed_;
};

}  // namespace tinydl::onnx
