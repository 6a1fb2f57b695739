// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/callback.hpp>

#include "train/check.hpp"

namespace tinydl_test {

using tinydl::Callback;
using tinydl::Outcome;
using tinydl::Run;

namespace {

/// Writes down when it was called.
struct CallLog : Callback {
  std::string name;
  std::string* log;
  CallLog(std::string its_name, std::string& list) : name(std::move(its_name)), log(&list) {}
  void note(const char* when) const { *log += name + when + ' '; }
  void begin(Run&) override { note("begin"); }
  void after_backward(Run&) override { note("backward"); }
  void after_step(Run&) override { note("step"); }
  void after_validation(Run&) override { note("validation"); }
  void after_epoch(Run&) override { note("epoch"); }
  void end(Run&) override { note("end"); }
};

}  // namespace

TEST_CASE("callback: a run calls them in the order in which they were added") {
  std::string log;
  CallLog a("a:", log), b("b:", log);
  FakeRun run({.epochs = 1});
  run.add(a);
  run.add(b);
  CHECK(run.run({1}) == Outcome::finished);
  CHECK(log ==
        "a:begin b:begin a:backward b:backward a:step b:step a:validation b:validation "
        "a:epoch b:epoch a:end b:end ");
}

TEST_CASE("callback: one that does nothing, and remembers nothing, can be left as it is") {
  Callback nothing;
  FakeRun run({.epochs = 1});
  run.add(nothing);
  CHECK(run.run({1}) == Outcome::finished);
  CHECK(nothing.state().empty());
  nothing.check_state({});
  run.set_state(run.state());
  CHECK(run.position().epoch == 1);
}

}  // namespace tinydl_test
