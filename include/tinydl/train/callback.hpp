// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/core/state.hpp>
#include <tinydl/train/metrics.hpp>

namespace tinydl {

/// Where a run is, always between two steps.
struct RunPosition {
  Index epoch = 0;  ///< epochs that are done
  Index batch = 0;  ///< batches of the next one that are done
  Index step = 0;   ///< steps of the optimiser that are done
  Score score;      ///< of those batches, as they went by in training

  bool operator==(const RunPosition&) const = default;
};

/// How a run ended: after all its epochs, by a callback's stop(), or by a signal (see Interrupt).
enum class Outcome { finished, stopped, interrupted };

class Run;

/// What is called as a run goes along. A run calls its callbacks in the order in which they were
/// added: one that writes checkpoints comes last.
class Callback {
 public:
  virtual ~Callback() = default;

  /// Before the first step of a fit().
  virtual void begin(Run&) {}
  /// The gradients of a step are there, not yet clipped. What is record()ed comes into its row.
  virtual void after_backward(Run&) {}
  /// The step is made and recorded.
  virtual void after_step(Run&) {}
  /// The epoch is made and validated. What is record()ed comes into its row.
  virtual void after_validation(Run&) {}
  /// The epoch is recorded.
  virtual void after_epoch(Run&) {}
  /// However the run ended, except by an exception.
  virtual void end(Run&) {}

  /// What it remembers: saved with the run's own state. check_state() throws what set_state()
  /// would, and changes nothing.
  virtual State state() const { return {}; }
  virtual void set_state(const State&) {}
  virtual void check_state(const State&) const {}
};

}  // namespace tinydl
