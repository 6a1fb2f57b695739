// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/eval_scope.hpp>

#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/sequential.hpp>

#include <doctest/doctest.h>

#include <stdexcept>

using namespace tinydl;

TEST_CASE("EvalScope: every layer has its own mode again, after an exception, too") {
  const Sequential model(Dropout(0.5), Sequential(Dropout(0.5)), Dropout(0.5));
  model.get<1>().eval();
  try {
    const detail::EvalScope eval(*model.state());
    CHECK_FALSE(model.training());
    CHECK_FALSE(model.get<0>().training());
    throw std::runtime_error("");
  } catch (const std::runtime_error&) {
  }
  CHECK(model.training());
  CHECK(model.get<0>().training());
  CHECK_FALSE(model.get<1>().training());
  CHECK_FALSE(model.get<1>().get<0>().training());
}
