// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <tinydl/core/graph.hpp>

namespace tinydl {

namespace detail {

/// Sees the functions that its thread applies to Variables and runs backward, from its construction
/// to its end; watchers nest. What it throws ends the operation or the pass.
class Watcher {
 public:
  Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// After a forward; the function is recorded if it is the creator of its outputs.
  virtual void applied(const FunctionNode&) {}
  /// After a backward: the gradients of the inputs have been added to.
  virtual void ran_backward(const FunctionNode&) {}

  Watcher* outer() const { return outer_; }

 protected:
  ~Watcher();

 private:
  Watcher* outer_;
};

/// What this thread does with operations on Variables.
struct ThreadMode {
  bool recording = true;
  Watcher* watcher = nullptr;
};
inline ThreadMode& thread_mode() {
  thread_local ThreadMode mode;
  return mode;
}

inline Watcher::Watcher() : outer_(std::exchange(thread_mode().watcher, this)) {}
inline Watcher::~Watcher() { thread_mode().watcher = outer_; }

/// Takes in the record of an application: makes it part of the graph, unless it is only watched.
[[gnu::noinline]] inline void take_in(FunctionNode* function) {
  const Ref<FunctionNode> keep(function);
  bool requires_grad = false;
  for (const auto& input : function->inputs()) requires_grad |= input->requires_grad;
  if (requires_grad && thread_mode().recording) function->record();
  for (Watcher* w = thread_mode().watcher; w; w = w->outer()) w->applied(*function);
}

}  // namespace detail

/// Whether operations on Variables are recorded in this thread.
inline bool& grad_enabled() { return detail::thread_mode().recording; }

/// Switches recording for a scope and then back to what it was, so that guards nest.
class GradMode {
 public:
  explicit GradMode(bool enabled) : previous_(std::exchange(grad_enabled(), enabled)) {}
  ~GradMode() { grad_enabled() = previous_; }
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};

/// While it lives, operations in this thread record no graph.
class [[nodiscard]] NoGrad : public GradMode {
 public:
  NoGrad() : GradMode(false) {}
};

}  // namespace tinydl
