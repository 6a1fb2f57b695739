// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/interrupt.hpp>

#include <csignal>

#include <doctest/doctest.h>

namespace tinydl_test {

using tinydl::Interrupt;

namespace {

volatile std::sig_atomic_t interrupts_seen = 0;
void see_interrupt(int) { interrupts_seen = interrupts_seen + 1; }

}  // namespace

TEST_CASE("interrupt: a signal sets the flag, and the next one of its kind would end the program") {
  for (int signal : {SIGINT, SIGTERM}) {
    const Interrupt interrupt;
    CHECK_FALSE(Interrupt::requested());
    CHECK(Interrupt::signal() == 0);
    std::raise(signal);
    CHECK(Interrupt::requested());
    CHECK(Interrupt::signal() == signal);
    CHECK((std::signal(signal, SIG_IGN) == SIG_DFL));
  }
}

TEST_CASE("interrupt: at its end the handlers are as they were, and the flag is cleared") {
  const auto before = std::signal(SIGINT, see_interrupt);
  interrupts_seen = 0;
  {
    const Interrupt interrupt;
    std::raise(SIGINT);
    CHECK(interrupts_seen == 0);
    CHECK(Interrupt::requested());
  }
  CHECK_FALSE(Interrupt::requested());
  std::raise(SIGINT);
  CHECK(interrupts_seen == 1);
  std::signal(SIGINT, before);
}

#if defined(SIGHUP) && defined(SIGPIPE)
TEST_CASE("interrupt: a terminal that closes is a request, a pipe that closes an error") {
  const Interrupt interrupt;
  std::raise(SIGPIPE);
  CHECK_FALSE(Interrupt::requested());
  std::raise(SIGHUP);
  CHECK(Interrupt::signal() == SIGHUP);
}
#endif

}  // namespace tinydl_test
