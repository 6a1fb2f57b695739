// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

#include <tinydl/core/graph.hpp>

namespace tinydl {

namespace detail {

/// A function F that sees gradients of type V, those of a variable whose node is a Slot.
template <class V, class Slot, class F>
class TypedHook final : public GradientHook {
  static_assert(std::is_invocable_v<F&, const V&>,
                "register_hook takes a function of the gradient, a Variable of the same element "
                "type and rank");
  using Result = std::invoke_result_t<F&, const V&>;
  static_assert(std::is_void_v<Result> || std::is_convertible_v<Result, V>,
                "a hook returns nothing, or the gradient that replaces the one it was given");

 public:
  explicit TypedHook(F function) : function_(std::move(function)) {}

  void run(VariableNode& variable, bool create_graph) override {
    Slot& slot = static_cast<Slot&>(variable);
    const V gradient = slot.flowing();
    if constexpr (std::is_void_v<Result>) {
      function_(gradient);
    } else {
      const V replacement = function_(gradient);
      if (!replacement.defined()) return;
      if (replacement.shape() != gradient.shape())
        throw ShapeError(text("register_hook: a hook returned shape ", replacement.shape(),
                              " for a gradient of shape ", gradient.shape()));
      if (create_graph)
        slot.flow_variable = replacement;
      else
        slot.flow = replacement.data().storage();
    }
  }

 private:
  F function_;
};

}  // namespace detail

/// Takes a hook back. It may outlive the variable, or be thrown away.
class HookHandle {
 public:
  HookHandle() = default;
  explicit HookHandle(detail::GradientHook* hook) : hook_(hook) {}

  /// The hook is not called again.
  void remove() {
    if (hook_) hook_->removed = true;
    hook_ = {};
  }

 private:
  detail::Ref<detail::GradientHook> hook_;
};

}  // namespace tinydl
