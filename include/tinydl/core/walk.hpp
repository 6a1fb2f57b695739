// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <span>
#include <utility>

#include <tinydl/core/mode.hpp>

namespace tinydl {

/// A backward pass from one variable: first planned and checked as a whole, then run, then kept.
/// Whatever throws, the gradients that users see are as they were.
class Walk {
 public:
  /// Functions come highest generation first, so that each runs once, after everything that uses
  /// its outputs; equal ones in the order in which they are met.
  explicit Walk(VariableNode& root, bool to_targets_only = false)
      : root_(root), plan_(functions_behind(root)) {
    find_wanted(to_targets_only);
  }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  /// All functions that a variable is computed by, in that order.
  static detail::PoolVector<FunctionNode*> functions_behind(const VariableNode& root) {
    detail::PoolVector<FunctionNode*> plan, queue;
    const auto later = [](const FunctionNode* a, const FunctionNode* b) {
      return a->generation_ != b->generation_ ? a->generation_ < b->generation_ : a->met_ > b->met_;
    };
    Index met = 0;
    const auto meet = [&](FunctionNode* function) {
      if (!function || function->met_ != 0) return;
      function->met_ = ++met;
      queue.push_back(function);
      std::push_heap(queue.begin(), queue.end(), later);
    };
    meet(root.creator_.get());
    while (!queue.empty()) {
      std::pop_heap(queue.begin(), queue.end(), later);
      FunctionNode* const function = queue.back();
      queue.pop_back();
      plan.push_back(function);
      for (const auto& input : function->inputs_)
        if (input->requires_grad) meet(input->creator_.get());
    }
    for (FunctionNode* function : plan) function->met_ = 0;
    return plan;
  }

  ~Walk() {
    root_.drop_flow();
    for (FunctionNode* function : plan_)
      for (const auto& input : function->inputs_) input->drop_flow();
  }

  /// From the root, whose gradient has been set, to everything wanted.
  /// @throws GraphError if a saved value is gone, or was overwritten since the forward pass.
  void run(bool create_graph, bool retain_graph) {
    for (const FunctionNode* function : plan_) {
      if (!function->needed_) continue;
      if (function->released_)
        throw GraphError(text("backward: the graph of ", function->name(),
                              " was released by an earlier backward pass; that one needs "
                              "{.retain_graph = true}"));
      function->check_versions();
    }
    for (FunctionNode* function : plan_) {
      if (function->needed_) run(*function, create_graph, create_graph || retain_graph);
    }
    if (hooked_) run_hooks_at_ends(create_graph);
  }

  /// Inside of a function's run(): runs functions that it has recorded there, the last one first.
  /// Gradients of what they were applied to become those of the walk at hand.
  static void run_recorded(std::span<const detail::Ref<FunctionNode>> functions,
                           bool create_graph) {
    for (const auto& function : functions) {
      function->needed_ = false;
      for (const auto& input : function->inputs_)
        if (input->wanted_) function->needed_ = true;
      for (VariableNode* output : function->outputs_)
        if (output) output->wanted_ = function->needed_;
    }
    for (std::size_t i = functions.size(); i-- > 0;)
      if (functions[i]->needed_) run(*functions[i], create_graph, create_graph);
  }

  /// Adds what was found to the gradients that users see: of leaves, and where asked to retain.
  void keep() {
    const auto keep = [](VariableNode& variable) {
      if (variable.has_flow() && (variable.is_leaf() || variable.retains_grad))
        variable.keep_flow();
    };
    keep(root_);
    for (FunctionNode* function : plan_)
      for (const auto& input : function->inputs_) keep(*input);
  }

  /// Marks a variable whose gradient is asked for, as long as it lives.
  class Target {
   public:
    explicit Target(VariableNode& node) : node_(node) { node_.target_ = true; }
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    ~Target() {
      node_.target_ = false;
      node_.drop_flow();
    }

   private:
    VariableNode& node_;
  };

 private:
  static void run(FunctionNode& function, bool create_graph, bool retain_graph) {
    bool arrived = false;
    for (VariableNode* output : function.outputs_) {
      if (!output || !output->has_flow()) continue;
      arrived = true;
      if (output->hooks_) run_hooks(*output, create_graph);
    }
    if (arrived) {
      const GradMode recording(create_graph);
      function.run(create_graph);
    }
    for (detail::Watcher* w = detail::thread_mode().watcher; w; w = w->outer())
      w->ran_backward(function);
    if (retain_graph) return;
    function.release_saved();
    function.released_ = true;
  }

  [[gnu::noinline, gnu::cold]] static void run_hooks(VariableNode& variable, bool create_graph) {
    const GradMode recording(create_graph);
    for (auto hook = variable.hooks_; hook; hook = hook->next)
      if (!hook->removed) hook->run(variable, create_graph);
  }

  // Of variables that no function of this walk made: their gradients are complete only now.
  [[gnu::noinline, gnu::cold]] void run_hooks_at_ends(bool create_graph) {
    for (bool listing : {true, false}) {
      const auto visit = [&](VariableNode& variable) {
        if (!variable.hooks_) return;
        if (listing)
          variable.hooks_->listed =
              variable.has_flow() && !(variable.creator_ && variable.creator_->needed_);
        else if (std::exchange(variable.hooks_->listed, false))
          run_hooks(variable, create_graph);
      };
      visit(root_);
      for (FunctionNode* function : plan_)
        for (const auto& input : function->inputs_) visit(*input);
    }
  }

  // Inputs first: a function is needed if it leads to a variable whose gradient is wanted.
  void find_wanted(bool to_targets_only) {
    hooked_ = static_cast<bool>(root_.hooks_);
    for (std::size_t i = plan_.size(); i-- > 0;) {
      FunctionNode& function = *plan_[i];
      function.needed_ = false;
      for (const auto& input : function.inputs_) {
        const bool ends_here = input->target_ || (!to_targets_only && input->is_leaf());
        const bool leads_on = input->creator_ && input->creator_->needed_;
        input->wanted_ = input->requires_grad && (ends_here || leads_on);
        if (input->wanted_) function.needed_ = true;
        if (input->hooks_) hooked_ = true;
      }
    }
  }

  VariableNode& root_;
  detail::PoolVector<FunctionNode*> plan_;
  bool hooked_ = false;  // some variable has hooks
};

}  // namespace tinydl
