// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include <tinydl/layers/layer.hpp>

namespace tinydl::detail {

/// Eval mode for a scope, in a layer and all below it.
class EvalScope {
 public:
  explicit EvalScope(LayerState& model) {
    note(model);
    model.set_training(false);
  }
  EvalScope(const EvalScope&) = delete;
  EvalScope& operator=(const EvalScope&) = delete;
  ~EvalScope() {
    for (auto& [state, training] : modes_) state->training = training;
  }

 private:
  void note(LayerState& state) {
    modes_.emplace_back(&state, state.training);
    for (const auto& [name, child] : state.children) note(*child);
  }

  std::vector<std::pair<LayerState*, bool>> modes_;
};

}  // namespace tinydl::detail
