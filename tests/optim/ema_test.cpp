// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/optim/ema.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "check.hpp"

namespace {

using optim_check::near;
using optim_check::parameter;
using optim_check::Parameters;
using optim_check::Values;

/// The average after each update of a parameter that begins at 1.
Values ema_path(const tinydl::EMAOptions& options, const Values& values) {
  const auto p = parameter({1}), seen = parameter({0});
  tinydl::EMA<double> average(Parameters{p}, options);
  Values path;
  for (double value : values) {
    p.mutable_data() = optim_check::vector({value});
    average.update();
    average.copy_to(Parameters{seen});
    path.push_back(seen.data()(0));
  }
  return path;
}

}  // namespace

TEST_CASE("ema: each update keeps `decay` of the average, which begins at the first parameters") {
  CHECK(near(ema_path({.decay = 0.75}, {5, 5, 2}), {2, 2.75, 0.75 * 2.75 + 0.5}));
  CHECK(near(ema_path({}, {5}), {1.004}));
  CHECK(near(ema_path({.decay = 0}, {5, 7}), {5, 7}));
}

TEST_CASE("ema: with bias correction it is the weighted mean of the updates alone") {
  // Weights 1, then 3/4 : 1, then 9/16 : 3/4 : 1, divided by their sums.
  CHECK(near(ema_path({.decay = 0.75, .bias_correction = true}, {5, 12, 1}),
             {5, (0.75 * 5 + 12) / 1.75, (0.5625 * 5 + 0.75 * 12 + 1) / 2.3125}));
  CHECK(near(ema_path({.decay = 0, .bias_correction = true}, {5, 7}), {5, 7}));
}

TEST_CASE("ema: swap puts the averages into the parameters, and the parameters back") {
  const auto a = parameter({1, 2}), b = parameter({3});
  tinydl::EMA average(Parameters{a, b}, {.decay = 0.5});
  a.mutable_data() = optim_check::vector({3, 6});
  average.update();
  CHECK(near(optim_check::values(a), {3, 6}));
  average.swap();
  CHECK(average.swapped());
  CHECK(near(optim_check::values(a), {2, 4}));
  CHECK(near(optim_check::values(b), {3}));
  CHECK_THROWS_WITH_AS(average.update(), "EMA: update() while the averages are swapped in",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(average.copy_to(Parameters{a, b}),
                       "EMA: copy_to() while the averages are swapped in", tinydl::ValueError);
  average.swap();
  CHECK_FALSE(average.swapped());
  CHECK(near(optim_check::values(a), {3, 6}));
  average.update();
  average.swap();
  CHECK(near(optim_check::values(a), {2.5, 5}));
}

TEST_CASE("ema: parameters that share memory with others leave those alone") {
  const auto p = parameter({1});
  const auto before = p.data();
  tinydl::EMA average(Parameters{p}, {.decay = 0.5});
  p.mutable_data() = optim_check::vector({3});
  const auto now = p.data();
  average.update();
  average.swap();
  CHECK(before(0) == 1);
  CHECK(now(0) == 3);
}

TEST_CASE("ema: a parameter that is listed twice is averaged and swapped once") {
  const auto p = parameter({1});
  tinydl::EMA average(Parameters{p, p}, {.decay = 0.5});
  p.mutable_data() = optim_check::vector({3});
  average.update();
  average.swap();
  CHECK(near(optim_check::values(p), {2}));
}

TEST_CASE("ema: copy_to refuses parameters that do not fit, and writes nothing") {
  const auto a = parameter({1, 2}), b = parameter({3}), c = parameter({7, 8}), d = parameter({9});
  a.set_name("weight");
  b.set_name("bias");
  const tinydl::EMA<double> average(Parameters{a, b});
  average.copy_to(Parameters{c, d});
  CHECK(near(optim_check::values(c), {1, 2}));
  CHECK(near(optim_check::values(d), {3}));
  const auto other = parameter({5, 6});
  CHECK_THROWS_WITH_AS(average.copy_to(Parameters{other}), "EMA: 2 averages for 1 parameters",
                       tinydl::ShapeError);
  CHECK_THROWS_WITH_AS(average.copy_to(Parameters{other, c}),
                       "EMA: the average of 'bias' has shape (1,), not (2,)", tinydl::ShapeError);
  CHECK(near(optim_check::values(other), {5, 6}));
}

TEST_CASE("ema: a decay out of range, or no parameters, are refused") {
  const Parameters one{parameter({1})};
  CHECK_THROWS_WITH_AS(tinydl::EMA<double>(one, {.decay = 1}), "EMA: decay = 1 is not in [0, 1)",
                       tinydl::ValueError);
  CHECK_THROWS_AS(tinydl::EMA<double>(one, {.decay = -0.5}), tinydl::ValueError);
  CHECK_THROWS_WITH_AS(tinydl::EMA<double>(Parameters{}), "EMA: no parameters", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(tinydl::EMA<double>(Parameters(1)), "EMA: a parameter is undefined",
                       tinydl::ValueError);
}

TEST_CASE("EMA: with the state of another it goes on as that one, whatever its options were") {
  const auto p = parameter({1, 2}), q = parameter({0, 0}), seen = parameter({0, 0});
  tinydl::EMA<double> first(Parameters{p}, {.decay = 0.9, .bias_correction = true});
  tinydl::EMA<double> second(Parameters{q});
  const auto average = [&](const tinydl::EMA<double>& ema) {
    ema.copy_to(Parameters{seen});
    return optim_check::values(seen);
  };
  first.update();
  p.mutable_data() = optim_check::vector({5, -1});
  first.update();
  const auto state = first.state();
  q.mutable_data() = p.data();
  second.set_state(state);
  CHECK(average(first) == average(second));
  first.update();
  second.update();
  CHECK(average(first) == average(second));
  const auto ahead = average(first);
  second.set_state(state);  // a state stays as it was
  CHECK(average(second) != ahead);

  first.swap();
  second.set_state(first.state());
  CHECK(second.swapped());
}

TEST_CASE("EMA: the state of other parameters is refused, and nothing is changed") {
  const auto p = parameter({1, 2}), q = parameter({3}), r = parameter({3, 4});
  tinydl::EMA<double> ema(Parameters{p}, {.decay = 0.5});
  const auto refuses = [&](const tinydl::State& state, const char* message) {
    CHECK_THROWS_WITH_AS(ema.set_state(state), message, tinydl::ValueError);
    CHECK(ema.state().get<double>("decay") == 0.5);
    CHECK(ema.state().get<tinydl::Tensor<double, 1>>("0")(1) == 2);
  };
  refuses(tinydl::EMA<double>(Parameters{q}).state(),
          "EMA: parameter 0 ('') has 2 elements, not 1");
  refuses(tinydl::EMA<double>(Parameters{r, q}).state(),
          "EMA: there are 1 parameters, the state has more");
  refuses({}, "state: there is no 'decay'");
  tinydl::EMA<double> two(Parameters{r, q});
  CHECK_THROWS_WITH_AS(two.set_state(ema.state()), "state: there is no '1'", tinydl::ValueError);
  auto other = ema.state();
  tinydl::State bad;
  for (const auto& [name, entry] : other.entries())
    if (name != "decay") bad.add(name, entry);
  bad.set("decay", 1.0);
  refuses(bad, "EMA: decay = 1 is not in [0, 1)");
}
