// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <csignal>

namespace tinydl {

/// While one lives, a request to end the program (Ctrl-C, SIGTERM, a terminal that closes) only
/// sets a flag, which a loop looks at where it can stop cleanly; a Trainer does between its steps.
/// The second request ends the program at once. Writing to a closed pipe fails, where else it
/// would end the program.
///
///     const Interrupt interrupt;
///     for (...) {
///       step();
///       if (Interrupt::requested()) break;
///     }
///     save_checkpoint();
///
/// Signals are the whole program's, hence so is the flag: make one of these, in main(). At its end
/// the handlers are as they were, and the flag is cleared.
class Interrupt {
 public:
  Interrupt() {
    for (std::size_t i = 0; i < signals.size(); ++i) previous_[i] = std::signal(signals[i], note);
#if defined(SIGPIPE)
    previous_pipe_ = std::signal(SIGPIPE, SIG_IGN);
#endif
  }
  ~Interrupt() {
    for (std::size_t i = 0; i < signals.size(); ++i) restore(signals[i], previous_[i]);
#if defined(SIGPIPE)
    restore(SIGPIPE, previous_pipe_);
#endif
    received_ = 0;
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  static bool requested() { return received_ != 0; }
  /// The signal that came, 0 if none did. A shell expects 128 + signal() as the exit code.
  static int signal() { return received_; }

 private:
  using Handler = void (*)(int);

#if defined(SIGHUP)
  static constexpr std::array<int, 3> signals = {SIGINT, SIGTERM, SIGHUP};
#else
  static constexpr std::array<int, 2> signals = {SIGINT, SIGTERM};
#endif

  static void note(int signal) {
    received_ = signal;
    std::signal(signal, SIG_DFL);
  }
  static void restore(int signal, Handler handler) {
    if (handler != SIG_ERR) std::signal(signal, handler);
  }

  static_assert(std::atomic<int>::is_always_lock_free, "a signal handler writes the flag");
  inline static std::atomic<int> received_{0};

  std::array<Handler, signals.size()> previous_;
  Handler previous_pipe_ = SIG_ERR;
};

}  // namespace tinydl
