// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/mode.hpp>

#include <tinydl/core/grad.hpp>
#include <tinydl/functions/math.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <thread>

using namespace tinydl;

namespace {

using ModeNumber = Variable<double, 0>;

ModeNumber mode_leaf(double value) { return ModeNumber(value, {.requires_grad = true}); }

}  // namespace

TEST_CASE("NoGrad: records nothing, and nested guards restore what was before") {
  const auto x = mode_leaf(2);
  CHECK(grad_enabled());
  {
    const NoGrad outer;
    {
      const NoGrad inner;
      CHECK_FALSE((x * x).requires_grad());
    }
    CHECK_FALSE(grad_enabled());
    const auto y = x * x;
    CHECK(y.creator() == nullptr);
    CHECK_FALSE(y.requires_grad());
    {
      const GradMode on(true);
      CHECK((x * x).requires_grad());
    }
    CHECK_FALSE(grad_enabled());
  }
  CHECK(grad_enabled());
  CHECK((x * x).requires_grad());
}

TEST_CASE("NoGrad: restores when an exception leaves the scope") {
  const auto fails = [] {
    const NoGrad no_grad;
    throw std::runtime_error("out");
  };
  CHECK_THROWS_AS(fails(), std::runtime_error);
  CHECK(grad_enabled());
  const NoGrad outer;
  CHECK_THROWS_AS(fails(), std::runtime_error);
  CHECK_FALSE(grad_enabled());
}

TEST_CASE("NoGrad: is of its own thread") {
  const NoGrad no_grad;
  bool elsewhere = false, after = true;
  std::thread([&] {
    elsewhere = grad_enabled();
    const NoGrad theirs;
    after = grad_enabled();
  }).join();
  CHECK(elsewhere);
  CHECK_FALSE(after);
  CHECK_FALSE(grad_enabled());
}
