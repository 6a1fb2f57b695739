// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/optim/optimizer.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <doctest/doctest.h>

#include <restored_threads.hpp>

#include <tinydl/functions/loss.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/functions/slice.hpp>
#include <tinydl/optim/adam.hpp>
#include <tinydl/optim/sgd.hpp>

#include "check.hpp"

using optim_check::near;
using optim_check::parameter;
using optim_check::Parameters;
using optim_check::values;
using optim_check::Values;

TEST_CASE("optimizer: parameters without a gradient are passed over") {
  const auto moved = parameter({1, 2}, {1, 1}), still = parameter({3, 4});
  tinydl::SGD<double> sgd(Parameters{moved, still}, {.lr = 0.5, .momentum = 0.9});
  tinydl::AdamW<double> adamw(Parameters{moved, still});
  sgd.step();
  adamw.step();
  CHECK(near(values(still), {3, 4}));
  CHECK_FALSE(near(values(moved), {1, 2}));
}

TEST_CASE("optimizer: what is passed over between others is not updated with nothing") {
  struct Counting : tinydl::Optimizer<double, tinydl::SGDOptions> {
    explicit Counting(const Parameters& parameters) { add_group(parameters, {}); }
    mutable int updates = 0;

   private:
    void check(const tinydl::SGDOptions&) const override {}
    std::size_t companions(const tinydl::SGDOptions&) const override { return 0; }
    void update(const Stretch& stretch, const tinydl::SGDOptions&) const override {
      CHECK(stretch.size == 2);
      CHECK(stretch.steps == 1);
      ++updates;
    }
  };
  Counting optimizer(
      Parameters{parameter({1, 2}, {1, 1}), parameter({3, 4}), parameter({5, 6}, {1, 1})});
  optimizer.step();
  CHECK(optimizer.updates == 2);
}

TEST_CASE("optimizer: a frozen parameter stays, even if it has a gradient, until it is thawed") {
  const auto p = parameter({1}, {1});
  tinydl::SGD<double> optimizer(Parameters{p}, {.lr = 0.5});
  p.set_requires_grad(false);
  optimizer.step();
  CHECK(near(values(p), {1}));
  p.set_requires_grad(true);
  optimizer.step();
  CHECK(near(values(p), {0.5}));
}

TEST_CASE("optimizer: a parameter joins late as if it were new, whatever the others did") {
  const auto early = parameter({1}, {1}), late = parameter({1});
  tinydl::Adam<double> optimizer(Parameters{early, late}, {.lr = 0.1});
  for (int i = 0; i < 5; ++i) optimizer.step();
  late.set_grad(optim_check::vector({1}));
  early.clear_grad();
  optimizer.step();
  CHECK(values(late)[0] == doctest::Approx(1 - 0.1));
}

TEST_CASE("optimizer: the clock advances once a step: equal gradients move parameters equally") {
  Parameters all;
  std::vector<optim_check::Parameter> ps;
  for (int i = 0; i < 5; ++i) {
    ps.push_back(parameter({1, -2}));
    all.push_back(ps.back());
  }
  tinydl::Adam<double> optimizer(all, {.lr = 0.1});
  for (int step = 1; step <= 3; ++step) {
    for (const auto& p : ps) p.set_grad(optim_check::vector({0.3 * step, -1.0 / step}));
    optimizer.step();
    for (const auto& p : ps) CHECK(values(p) == values(ps[0]));
  }
}

TEST_CASE("optimizer: clear_grads clears those of every group") {
  const auto a = parameter({1}, {1}), b = parameter({1}, {1});
  tinydl::SGD<double> optimizer(Parameters{a});
  optimizer.add_group(Parameters{b}, {.lr = 1});
  optimizer.clear_grads();
  CHECK_FALSE(a.has_grad());
  CHECK_FALSE(b.has_grad());
}

TEST_CASE("optimizer: each group has its own options") {
  const auto a = parameter({1}, {1}), b = parameter({1}, {1});
  tinydl::SGD<double> optimizer(Parameters{a}, {.lr = 0.5});
  optimizer.add_group(Parameters{b}, {.lr = 0.25, .weight_decay = 1});
  CHECK(optimizer.group_count() == 2);
  optimizer.step();
  CHECK(near(values(a), {0.5}));
  CHECK(near(values(b), {0.5}));  // 1 - 0.25 (1 + 1)
  CHECK(optimizer.lr() == 0.5);
  CHECK(optimizer.lr(1) == 0.25);
}

TEST_CASE("optimizer: set_lr sets all groups or one, from the next step on") {
  const auto a = parameter({1}, {1}), b = parameter({1}, {1});
  tinydl::SGD<double> optimizer(Parameters{a}, {.lr = 0.5});
  optimizer.add_group(Parameters{b}, {.lr = 0.25});
  optimizer.set_lr(0.125, 1);
  CHECK(optimizer.lr(0) == 0.5);
  CHECK(optimizer.lr(1) == 0.125);
  optimizer.step();
  CHECK(near(values(b), {0.875}));
  optimizer.set_lr(0);
  CHECK(optimizer.lr(0) == 0);
  CHECK(optimizer.lr(1) == 0);
  optimizer.step();
  CHECK(near(values(a), {0.5}));
  CHECK(near(values(b), {0.875}));
}

TEST_CASE("optimizer: set_lr refuses what lr cannot be, and a group that is not there") {
  const auto p = parameter({1}, {1});
  tinydl::SGD<double> optimizer(Parameters{p}, {.lr = 0.5});
  CHECK_THROWS_WITH_AS(optimizer.set_lr(-1), "SGD: lr = -1 is not in [0, inf)", tinydl::ValueError);
  CHECK_THROWS_AS(optimizer.set_lr(std::nan("")), tinydl::ValueError);
  CHECK_THROWS_AS(optimizer.set_lr(INFINITY), tinydl::ValueError);
  CHECK_THROWS_WITH_AS(optimizer.set_lr(0.1, 1), "optimizer: no group 1 among 1",
                       tinydl::ValueError);
  CHECK_THROWS_AS(static_cast<void>(optimizer.lr(7)), tinydl::ValueError);
  CHECK(optimizer.lr() == 0.5);
  optimizer.step();
  CHECK(near(values(p), {0.5}));
}

TEST_CASE("optimizer: a parameter in two groups is refused by name and leaves things as they are") {
  const tinydl::Variable<double, 1> p(tinydl::from_values({1.0}),
                                      {.requires_grad = true, .name = "weight"});
  const auto other = parameter({1}, {1});
  tinydl::SGD<double> optimizer(Parameters{p}, {.lr = 0.5});
  CHECK_THROWS_WITH_AS(optimizer.add_group(Parameters{other, p}, {}),
                       "optimizer: parameter 'weight' is in two groups", tinydl::ValueError);
  CHECK(optimizer.group_count() == 1);
  optimizer.step();
  CHECK(near(values(other), {1}));
  optimizer.add_group(Parameters{other}, {.lr = 1});
  optimizer.step();
  CHECK(near(values(other), {0}));
}

TEST_CASE("optimizer: a parameter that is listed twice is updated once") {
  const auto p = parameter({1}, {1});
  tinydl::SGD<double>(Parameters{p, p}, {.lr = 0.25}).step();
  CHECK(near(values(p), {0.75}));
}

TEST_CASE("optimizer: no parameters, and an undefined one, are refused") {
  CHECK_THROWS_WITH_AS(tinydl::SGD<double>(Parameters{}), "optimizer: no parameters",
                       tinydl::ValueError);
  CHECK_THROWS_AS(tinydl::AdamW<double>(Parameters{}), tinydl::ValueError);
  CHECK_THROWS_WITH_AS(tinydl::SGD<double>(Parameters{{}}), "optimizer: a parameter is undefined",
                       tinydl::ValueError);
  tinydl::SGD<double> optimizer(Parameters{parameter({1})});
  CHECK_THROWS_AS(optimizer.add_group(Parameters{}, {}), tinydl::ValueError);
  CHECK(optimizer.group_count() == 1);
}

TEST_CASE("optimizer: gradients of two half batches add up to that of the whole") {
  tinydl::Generator generator(1);
  const auto x = tinydl::randn<double>({8, 3}, generator);
  const auto t = tinydl::randn<double>({8, 2}, generator);
  const auto w = tinydl::randn<double>({3, 2}, generator);
  const auto trained = [&](int parts) {
    const tinydl::Variable<double, 2> v(w, {.requires_grad = true});
    tinydl::AdamW<double> optimizer(Parameters{v}, {.lr = 0.1});
    for (int step = 0; step < 3; ++step) {
      optimizer.clear_grads();
      for (tinydl::Index at = 0; at < 8; at += 8 / parts) {
        const auto rows = [&](const auto& a) { return tinydl::slice(a, 0, at, at + 8 / parts); };
        (tinydl::mean_squared_error(tinydl::matmul(rows(x), v), rows(t)) / parts).backward();
      }
      optimizer.step();
    }
    return Values(v.data().span().begin(), v.data().span().end());
  };
  CHECK_FALSE(near(trained(1), Values(w.span().begin(), w.span().end())));
  CHECK(near(trained(2), trained(1), 1e-9));
  CHECK(near(trained(4), trained(1), 1e-9));
}

TEST_CASE("optimizer: it writes values in place, which a graph from before notices") {
  const auto p = parameter({1, 2});
  const auto y = tinydl::sum(tinydl::square(p));
  p.set_grad(optim_check::vector({1, 1}));
  tinydl::SGD<double>(Parameters{p}, {.lr = 0.5}).step();
  CHECK_THROWS_AS(y.backward(), tinydl::GraphError);
}

TEST_CASE("optimizer: parameters of all sizes get the same bits together as each alone") {
  const RestoredThreads restored;
  const auto made = [](tinydl::Index size) {
    tinydl::Generator generator(static_cast<std::uint64_t>(size));
    Values x(static_cast<std::size_t>(size)), g = x;
    generator.fill_normal(std::span(x));
    generator.fill_normal(std::span(g));
    return parameter(x, g);
  };
  const std::vector<tinydl::Index> sizes = {1, 40001, 3, 16383, 100000, 17};
  tinydl::set_num_threads(1);
  std::vector<Values> alone;
  for (tinydl::Index size : sizes) {
    const auto p = made(size);
    tinydl::AdamW<double>(Parameters{p}).step();
    alone.push_back(values(p));
  }
  for (int threads : {1, 2, 4}) {
    tinydl::set_num_threads(threads);
    Parameters together;
    for (tinydl::Index size : sizes) together.push_back(made(size));
    tinydl::AdamW<double>(together).step();
    for (std::size_t i = 0; i < sizes.size(); ++i)
      CHECK(std::ranges::equal(together[i].data_span(), alone[i]));
  }
}

TEST_CASE("optimizer: an update is on several threads if its gradients were, with the same bits") {
  const RestoredThreads restored;
  tinydl::set_num_threads(2);
  const auto shared_jobs = [](bool gradients_on_threads, tinydl::Index size, Values& updated) {
    Values x(static_cast<std::size_t>(size)), g = x;
    tinydl::Generator generator(1);
    generator.fill_normal(std::span(x));
    generator.fill_normal(std::span(g));
    const auto p = parameter(x, g);
    tinydl::SGD<double> sgd(Parameters{p}, {.lr = 0.1, .momentum = 0.9});
    sgd.step();
    if (gradients_on_threads) tinydl::parallel_for(2, [](tinydl::Index) {});
    const tinydl::Index before = tinydl::detail::jobs_shared();
    sgd.step();
    updated = values(p);
    return tinydl::detail::jobs_shared() - before;
  };
  Values alone, together;
  CHECK(shared_jobs(false, 40001, alone) == 0);
  CHECK(shared_jobs(true, 40001, together) == 1);
  CHECK(alone == together);
  CHECK(shared_jobs(false, 100001, together) == 1);  // more than a cache holds
}

TEST_CASE("optimizer: small parameters are the caller's, however many there are") {
  const RestoredThreads restored;
  tinydl::set_num_threads(2);
  const Values ones(2000, 1.0);
  Parameters parameters;
  for (int i = 0; i < 40; ++i) parameters.push_back(parameter(ones, ones));
  tinydl::SGD<double> sgd(parameters, {.lr = 0.5});
  const tinydl::Index before = tinydl::detail::jobs_shared();
  sgd.step();
  CHECK(tinydl::detail::jobs_shared() == before);
  for (const auto& p : parameters) CHECK(p.data_span()[1999] == 0.5);
}

TEST_CASE("optimizer: values that were shared before a step stay as they were") {
  const auto p = parameter({1, 2}, {1, 1});
  const auto before = p.data();
  tinydl::AdamW<double>(Parameters{p}, {.lr = 0.5}).step();
  CHECK(before(0) == 1);
  CHECK(before(1) == 2);
  CHECK_FALSE(p.data().shares_with(before));
}

TEST_CASE("optimizer: an optimiser that was moved goes on where it was") {
  const auto stepped = [](bool move) {
    const auto p = parameter({1}, {1});
    tinydl::SGD<double> optimizer(Parameters{p}, {.lr = 0.5, .momentum = 0.5});
    optimizer.step();
    if (move) {
      tinydl::SGD<double> other = std::move(optimizer);
      other.step();
    } else {
      optimizer.step();
    }
    return values(p);
  };
  CHECK(stepped(true) == stepped(false));
  CHECK(near(stepped(true), {1 - 0.5 - 0.75}));
}

namespace {

/// Two groups of parameters and an optimiser that has taken steps, one parameter fewer of them.
template <class O>
struct OptimizerRun {
  optim_check::Parameter a = parameter({1, -2}), b = parameter({0.5}), c = parameter({3, 4, 5});
  O optimizer{Parameters{a, b}, {.lr = 0.1, .weight_decay = 0.01}};

  OptimizerRun() { optimizer.add_group(Parameters{c}, {.lr = 0.02}); }

  void step(int i) {
    a.set_grad(optim_check::vector({0.3 * i, -1.0 / i}));
    if (i != 2) b.set_grad(optim_check::vector({0.7}));
    c.set_grad(optim_check::vector({1, -1, 0.5 * i}));
    optimizer.set_lr(0.1 / i, 0);
    optimizer.step();
    optimizer.clear_grads();
  }
  std::vector<Values> all() const { return {values(a), values(b), values(c)}; }
};

}  // namespace

TEST_CASE("optimizer: with the state of another one it goes on as that one, group by group") {
  using Run = OptimizerRun<tinydl::AdamW<double>>;
  Run straight, first, second;
  for (int i = 1; i <= 3; ++i) {
    straight.step(i);
    first.step(i);
  }
  second.optimizer.set_lr(77);
  second.optimizer.set_state(first.optimizer.state());
  CHECK(second.optimizer.lr(0) == 0.1 / 3);
  CHECK(second.optimizer.lr(1) == 0.02);
  second.a.mutable_data() = first.a.data();
  second.b.mutable_data() = first.b.data();
  second.c.mutable_data() = first.c.data();
  for (int i = 4; i <= 6; ++i) {
    straight.step(i);
    second.step(i);
  }
  CHECK(straight.all() == second.all());
  CHECK(straight.all() != first.all());
}

TEST_CASE("optimizer: its state has the options and what is kept, by group and place") {
  OptimizerRun<tinydl::SGD<double>> plain;
  plain.step(1);
  const auto state = plain.optimizer.state();
  CHECK(state.get<std::string>("optimizer") == "SGD");
  CHECK(state.get<double>("0/lr") == 0.1);
  CHECK(state.get<double>("1/lr") == 0.02);
  CHECK_FALSE(state.get<bool>("0/nesterov"));
  CHECK(state.get<std::vector<tinydl::Index>>("0/sizes") == std::vector<tinydl::Index>{2, 1});
  CHECK(state.get<std::vector<tinydl::Index>>("0/steps") == std::vector<tinydl::Index>{1, 1});
  CHECK_FALSE(state.contains("0/0.0"));  // no momentum, nothing kept

  OptimizerRun<tinydl::AdamW<double>> adam;
  CHECK(adam.optimizer.state().get<double>("0/betas.second") == 0.999);
  CHECK_FALSE(adam.optimizer.state().contains("0/0.0"));
  adam.step(1);
  CHECK(adam.optimizer.state().part("1").contains("0.1"));
}

TEST_CASE("optimizer: a state does not change when the optimiser goes on") {
  OptimizerRun<tinydl::AdamW<double>> run;
  run.step(1);
  const auto state = run.optimizer.state();
  const auto before = state.get<tinydl::Tensor<double, 1>>("0/0.0")(0);
  run.step(2);
  CHECK(state.get<tinydl::Tensor<double, 1>>("0/0.0")(0) == before);
  CHECK(run.optimizer.state().get<tinydl::Tensor<double, 1>>("0/0.0")(0) != before);
}

TEST_CASE("optimizer: a state that does not fit is refused, and nothing is changed") {
  OptimizerRun<tinydl::AdamW<double>> run;
  run.step(1);
  const auto refuses = [&](const tinydl::State& state, const char* message) {
    const auto before = run.optimizer.state();
    CHECK_THROWS_WITH_AS(run.optimizer.check_state(state), message, tinydl::ValueError);
    CHECK_THROWS_WITH_AS(run.optimizer.set_state(state), message, tinydl::ValueError);
    const auto after = run.optimizer.state();
    REQUIRE(after.entries().size() == before.entries().size());
    for (const auto& [name, entry] : before.entries())
      CHECK(std::ranges::equal(entry.bytes, after.entries().at(name).bytes));
  };
  refuses(OptimizerRun<tinydl::SGD<double>>().optimizer.state(), "optimizer: it is AdamW, not SGD");
  refuses({}, "state: there is no 'optimizer'");

  tinydl::AdamW<double> other(Parameters{parameter({1, 2}), parameter({1})});
  refuses(other.state(), "optimizer: the state has no group 1");
  other.add_group(Parameters{parameter({1, 2}, {1, 1})}, {});
  other.step();
  refuses(other.state(), "optimizer: parameter 0 ('') has 3 elements, not 2");
  other.add_group(Parameters{parameter({1})}, {});

  tinydl::AdamW<double> three(Parameters{run.a, run.b});
  three.add_group(Parameters{run.c}, {});
  three.add_group(Parameters{parameter({1})}, {});
  refuses(three.state(), "optimizer: it has 2 groups, the state has more");

  tinydl::AdamW<double> fewer(Parameters{run.a});
  refuses(fewer.state(), "optimizer: group 0 has 2 parameters, not 1");

  tinydl::State bad;
  for (const auto& [name, entry] : run.optimizer.state().entries())
    if (name != "1/lr") bad.add(name, entry);
  refuses(bad, "state: there is no 'lr'");
  bad.set("1/lr", -1.0);
  refuses(bad, "AdamW: lr = -1 is not in [0, inf)");
}
