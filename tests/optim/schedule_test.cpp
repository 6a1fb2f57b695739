// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/optim/schedule.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

namespace schedule = tinydl::schedule;

bool schedule_is(const tinydl::Schedule& schedule, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double lr = schedule(static_cast<tinydl::Index>(i));
    if (!(std::abs(lr - expected[i]) <= 1e-15)) {
      MESSAGE("at step ", i, ": ", lr, " instead of ", expected[i]);
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("schedule: constant stays") {
  CHECK(schedule_is(schedule::constant(0.5), {0.5, 0.5, 0.5}));
}

TEST_CASE("schedule: step multiplies by gamma every step_size steps") {
  CHECK(schedule_is(schedule::step(8, {.step_size = 2, .gamma = 0.5}), {8, 8, 4, 4, 2, 2, 1}));
  CHECK(schedule_is(schedule::step(1, {.step_size = 3}), {1, 1, 1, 0.1, 0.1, 0.1}));
}

TEST_CASE("schedule: multi_step multiplies by gamma at each milestone, in any order") {
  CHECK(schedule_is(schedule::multi_step(8, {.milestones = {4, 1}, .gamma = 0.5}),
                    {8, 4, 4, 4, 2, 2}));
  CHECK(schedule_is(schedule::multi_step(8, {.milestones = {2, 2}, .gamma = 0.5}), {8, 8, 2}));
  CHECK(schedule_is(schedule::multi_step(8, {.milestones = {}}), {8, 8}));
}

TEST_CASE("schedule: exponential multiplies by gamma each step") {
  CHECK(schedule_is(schedule::exponential(8, 0.5), {8, 4, 2, 1, 0.5}));
}

TEST_CASE("schedule: cosine falls from lr to min_lr by half a cosine") {
  const double c = std::sqrt(0.5);
  CHECK(schedule_is(schedule::cosine(1, {.steps = 4}), {1, (1 + c) / 2, 0.5, (1 - c) / 2, 0}));
  CHECK(schedule_is(schedule::cosine(0.75, {.steps = 2, .min_lr = 0.25}), {0.75, 0.5, 0.25}));
}

TEST_CASE("schedule: cosine rises again after its steps") {
  const auto lr = schedule::cosine(1, {.steps = 4, .min_lr = 0.5});
  CHECK(lr(6) == doctest::Approx(0.75));
  CHECK(lr(8) == doctest::Approx(1));
}

TEST_CASE("schedule: cosine_with_warm_up rises to lr, falls to min_lr and stays there") {
  const double c = std::sqrt(0.5);
  CHECK(schedule_is(schedule::cosine_with_warm_up(1, {.steps = 7, .warm_up = 3}),
                    {0.25, 0.5, 0.75, 1, (1 + c) / 2, 0.5, (1 - c) / 2, 0, 0, 0}));
  CHECK(schedule_is(schedule::cosine_with_warm_up(1, {.steps = 3, .warm_up = 1, .min_lr = 0.5}),
                    {0.5, 1, 0.75, 0.5, 0.5}));
}

TEST_CASE("schedule: cosine_with_warm_up without a warm-up is cosine as far as that falls") {
  const auto lr = schedule::cosine_with_warm_up(0.3, {.steps = 5, .min_lr = 0.1});
  const auto expected = schedule::cosine(0.3, {.steps = 5, .min_lr = 0.1});
  for (int i = 0; i <= 5; ++i) CHECK(lr(i) == expected(i));
}

TEST_CASE("schedule: cosine_with_restarts begins anew after each period") {
  CHECK(schedule_is(schedule::cosine_with_restarts(1, {.t_0 = 2}), {1, 0.5, 1, 0.5, 1}));
  const double c = std::sqrt(0.5);
  CHECK(schedule_is(schedule::cosine_with_restarts(1, {.t_0 = 2, .t_mult = 2}),
                    {1, 0.5, 1, (1 + c) / 2, 0.5, (1 - c) / 2, 1}));
  const auto lr = schedule::cosine_with_restarts(0.75, {.t_0 = 1, .t_mult = 3, .min_lr = 0.25});
  CHECK(lr(0) == 0.75);
  CHECK(lr(1) == 0.75);
  CHECK(lr(2) == doctest::Approx(0.25 + 0.5 * 0.75));
  CHECK(lr(4) == 0.75);   // 1 + 3
  CHECK(lr(13) == 0.75);  // 1 + 3 + 9
  CHECK(schedule::cosine_with_restarts(1, {.t_0 = 7})(7'000'000'000'000) == 1);
}

TEST_CASE("schedule: linear goes from one factor to the other and stays there") {
  CHECK(schedule_is(schedule::linear(2, {.start_factor = 0.25, .end_factor = 1, .steps = 3}),
                    {0.5, 1, 1.5, 2, 2, 2}));
  CHECK(schedule_is(schedule::linear(3, {}), {1, 1.4, 1.8, 2.2, 2.6, 3, 3}));
}

TEST_CASE("schedule: one_cycle rises to max_lr, then falls below where it began") {
  // 10 steps: the top is at step 0.3 * 10 - 1 = 2, the end at step 9.
  const auto lr = schedule::one_cycle(0.5, {.steps = 10});
  CHECK(lr(0) == doctest::Approx(0.5 / 25));
  CHECK(lr(1) == doctest::Approx((0.5 / 25 + 0.5) / 2));
  CHECK(lr(2) == doctest::Approx(0.5));
  for (int i = 3; i <= 9; ++i) CHECK(lr(i) < lr(i - 1));
  CHECK(lr(9) == doctest::Approx(0.5 / 250000));
  CHECK(lr(50) == lr(9));
}

TEST_CASE("schedule: one_cycle is a number at every step, however short the rise or the fall") {
  for (double warm_up : {0.0, 0.1, 0.5, 0.95, 1.0})
    for (tinydl::Index steps : {1, 2, 10}) {
      CAPTURE(warm_up);
      CAPTURE(steps);
      const auto lr = schedule::one_cycle(0.5, {.steps = steps, .warm_up = warm_up});
      for (tinydl::Index at = 0; at < steps; ++at) {
        CAPTURE(at);
        CHECK(lr(at) > 0);
        CHECK(lr(at) <= 0.5);
      }
    }
}

TEST_CASE("schedule: numbers of steps that are not positive are refused") {
  CHECK_THROWS_WITH_AS(schedule::step(1, {.step_size = 0}),
                       "schedule::step: step_size 0 is not positive", tinydl::ValueError);
  CHECK_THROWS_AS(schedule::cosine(1, {.steps = 0}), tinydl::ValueError);
  CHECK_THROWS_WITH_AS(schedule::cosine_with_warm_up(1, {.steps = 4, .warm_up = 4}),
                       "schedule::cosine_with_warm_up: warm_up 4 is not in [0, 4), of the steps",
                       tinydl::ValueError);
  CHECK_THROWS_AS(schedule::cosine_with_warm_up(1, {.steps = 4, .warm_up = -1}),
                  tinydl::ValueError);
  CHECK_THROWS_WITH_AS(schedule::cosine_with_restarts(1, {.t_0 = 0}),
                       "schedule::cosine_with_restarts: t_0 0 and t_mult 1 must be positive",
                       tinydl::ValueError);
  CHECK_THROWS_AS(schedule::cosine_with_restarts(1, {.t_0 = 2, .t_mult = 0}), tinydl::ValueError);
  CHECK_THROWS_AS(schedule::linear(1, {.steps = -1}), tinydl::ValueError);
  CHECK_THROWS_AS(schedule::one_cycle(1, {.steps = 0}), tinydl::ValueError);
}

TEST_CASE("schedule: rates and factors that are negative or not finite are refused by name") {
  CHECK_THROWS_WITH_AS(schedule::constant(-0.5), "schedule::constant: lr -0.5 is not in [0, inf)",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(schedule::step(1, {.gamma = INFINITY}),
                       "schedule::step: gamma inf is not in [0, inf)", tinydl::ValueError);
  for (double bad : {-1.0, static_cast<double>(INFINITY), std::nan("")}) {
    CAPTURE(bad);
    const auto refused = [&](const char* option, auto make) {
      const std::string words = tinydl::text("schedule::", option, " ", bad, " is not in [0, inf)");
      CHECK_THROWS_WITH_AS(make(), words.c_str(), tinydl::ValueError);
    };
    refused("constant: lr", [=] { schedule::constant(bad); });
    refused("step: lr", [=] { schedule::step(bad, {}); });
    refused("step: gamma", [=] { schedule::step(1, {.gamma = bad}); });
    refused("multi_step: lr", [=] { schedule::multi_step(bad, {.milestones = {1}}); });
    refused("multi_step: gamma",
            [=] { schedule::multi_step(1, {.milestones = {1}, .gamma = bad}); });
    refused("exponential: lr", [=] { schedule::exponential(bad, 0.5); });
    refused("exponential: gamma", [=] { schedule::exponential(1, bad); });
    refused("cosine: lr", [=] { schedule::cosine(bad, {}); });
    refused("cosine: min_lr", [=] { schedule::cosine(1, {.min_lr = bad}); });
    refused("cosine_with_warm_up: lr", [=] { schedule::cosine_with_warm_up(bad, {}); });
    refused("cosine_with_warm_up: min_lr",
            [=] { schedule::cosine_with_warm_up(1, {.min_lr = bad}); });
    refused("cosine_with_restarts: lr", [=] { schedule::cosine_with_restarts(bad, {}); });
    refused("cosine_with_restarts: min_lr",
            [=] { schedule::cosine_with_restarts(1, {.min_lr = bad}); });
    refused("linear: lr", [=] { schedule::linear(bad, {}); });
    refused("linear: start_factor", [=] { schedule::linear(1, {.start_factor = bad}); });
    refused("linear: end_factor", [=] { schedule::linear(1, {.end_factor = bad}); });
    refused("one_cycle: max_lr", [=] { schedule::one_cycle(bad, {}); });
  }
}

TEST_CASE("schedule: one_cycle refuses a share outside of [0, 1] and divisors of 0") {
  for (double bad : {-0.1, 1.1, std::nan("")}) {
    const std::string words =
        tinydl::text("schedule::one_cycle: warm_up ", bad, " is not in [0, 1]");
    CHECK_THROWS_WITH_AS(schedule::one_cycle(1, {.warm_up = bad}), words.c_str(),
                         tinydl::ValueError);
  }
  for (double bad : {-1.0, 0.0, std::nan("")}) {
    const auto words = [=](const char* option) {
      return tinydl::text("schedule::one_cycle: ", option, " ", bad, " is not positive");
    };
    CHECK_THROWS_WITH_AS(schedule::one_cycle(1, {.start_divisor = bad}),
                         words("start_divisor").c_str(), tinydl::ValueError);
    CHECK_THROWS_WITH_AS(schedule::one_cycle(1, {.end_divisor = bad}), words("end_divisor").c_str(),
                         tinydl::ValueError);
  }
}

TEST_CASE("schedule: rates and factors of 0 are taken") {
  CHECK(schedule_is(schedule::constant(0), {0, 0}));
  CHECK(schedule_is(schedule::step(8, {.gamma = 0}), {8, 0, 0}));
  CHECK(schedule_is(schedule::linear(8, {.start_factor = 0, .steps = 2}), {0, 4, 8}));
}
