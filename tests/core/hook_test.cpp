// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/hook.hpp>

#include <tinydl/core/grad.hpp>
#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/math.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <vector>

using namespace tinydl;

namespace {

using HookNumber = Variable<double, 0>;

HookNumber hook_leaf(double value) { return HookNumber(value, {.requires_grad = true}); }

}  // namespace

TEST_CASE("hook: a leaf's is called once, with the sum of all its gradients") {
  const auto x = hook_leaf(3);
  std::vector<double> seen;
  x.register_hook([&](const HookNumber& g) { seen.push_back(g.item()); });
  const auto y = x * x + 5 * x + exp(x) * 0;
  y.backward();
  CHECK(seen == std::vector<double>{11});
  CHECK(x.grad().item() == 11);
}

TEST_CASE("hook: that of a result comes before its creator runs, with the sum of all its uses") {
  const auto x = hook_leaf(2);
  const auto a = x * x;
  std::vector<std::string> order;
  a.register_hook([&](const HookNumber& g) {
    order.push_back("a");
    CHECK(g.item() == 3 + 2 * 4);  // of 3 a + a^2
  });
  x.register_hook([&](const HookNumber& g) {
    order.push_back("x");
    CHECK(g.item() == 11 * 4);
  });
  (3 * a + square(a)).backward();
  CHECK(order == std::vector<std::string>{"a", "x"});
}

TEST_CASE("hook: what it returns is passed on, kept and retained in place of the gradient") {
  const auto x = hook_leaf(2);
  const auto a = x * x;
  a.retain_grad();
  a.register_hook([](const HookNumber& g) { return g * 10; });
  x.register_hook([](const HookNumber& g) { return g + 1; });
  (3 * a).backward();
  CHECK(a.grad().item() == 30);
  CHECK(x.grad().item() == 121);
  (3 * x).backward();  // onto a gradient that is there: the hook sees the new part alone
  CHECK(x.grad().item() == 121 + 4);
}

TEST_CASE("hook: several run in the order of their registration, each given the one before") {
  const auto x = hook_leaf(1);
  x.register_hook([](const HookNumber& g) { return g + 1; });
  x.register_hook([](const HookNumber& g) { return g * 10; });
  (2 * x).backward();
  CHECK(x.grad().item() == 30);
}

TEST_CASE("hook: an undefined result leaves the gradient as it is") {
  const auto x = hook_leaf(1);
  x.register_hook([](const HookNumber&) { return HookNumber(); });
  (2 * x).backward();
  CHECK(x.grad().item() == 2);
}

TEST_CASE(
    "hook: a removed one is not called; removing may come first, twice, late or from inside") {
  const auto x = hook_leaf(1);
  int first = 0, second = 0, third = 0;
  auto a = x.register_hook([&](const HookNumber&) { ++first; });
  HookHandle b;
  b = x.register_hook([&](const HookNumber&) {
    ++second;
    b.remove();
  });
  x.register_hook([&](const HookNumber&) { ++third; });
  a.remove();
  a.remove();
  (2 * x).backward();
  (2 * x).backward();
  CHECK(first == 0);
  CHECK(second == 1);
  CHECK(third == 2);

  HookHandle late;
  late.remove();
  {
    const auto dead = hook_leaf(1);
    late = dead.register_hook([](const HookNumber&) {});
  }
  late.remove();
}

TEST_CASE("hook: it dies with its variable, or when another is registered after its removal") {
  const auto token = std::make_shared<int>(7);
  const auto hook = [token](const HookNumber&) {};
  const auto held = token.use_count();
  {
    const auto x = hook_leaf(1);
    x.register_hook(hook);
    CHECK(token.use_count() == held + 1);
  }
  CHECK(token.use_count() == held);
  const auto x = hook_leaf(1);
  x.register_hook(hook).remove();
  x.register_hook([](const HookNumber&) {});
  CHECK(token.use_count() == held);
}

TEST_CASE("hook: one that throws ends the pass, gradients stay, and the next pass works") {
  const auto x = hook_leaf(2), w = hook_leaf(5);
  (x * w).backward();
  bool fails = true;
  const auto failing = [&](const HookNumber&) {
    if (fails) throw std::runtime_error("asked to fail");
  };
  for (bool at_leaf : {true, false}) {
    CAPTURE(at_leaf);
    auto build = [&] {
      const auto a = x * w;
      if (!at_leaf) a.register_hook(failing);
      return square(a);
    };
    HookHandle handle;
    if (at_leaf) handle = x.register_hook(failing);
    fails = true;
    CHECK_THROWS_AS(build().backward(), std::runtime_error);
    CHECK(x.grad().item() == 5);
    CHECK(w.grad().item() == 2);
    fails = false;
    const auto [gx, gw] = grad(build(), std::tie(x, w));
    CHECK(gx.item() == 2 * 10 * 5);
    CHECK(gw.item() == 2 * 10 * 2);
    handle.remove();
  }
}

TEST_CASE("hook: a replacement of another shape is refused and both shapes are named") {
  const Variable x(ones<double>({2}), {.requires_grad = true});
  x.register_hook([](const Variable<double, 1>&) { return Variable(ones<double>({3})); });
  CHECK_THROWS_WITH_AS((x * 2).backward(ones<double>({2})),
                       "register_hook: a hook returned shape (3,) for a gradient of shape (2,)",
                       ShapeError);
  CHECK_FALSE(x.has_grad());
}

TEST_CASE("hook: in an ordinary pass nothing it does is recorded, under create_graph it is") {
  const auto x = hook_leaf(2);
  const auto scale = hook_leaf(3);
  bool recorded = false;
  x.register_hook([&](const HookNumber& g) {
    const auto replaced = g * scale;
    recorded = replaced.requires_grad();
    return replaced;
  });
  square(x).backward();
  CHECK_FALSE(recorded);
  CHECK(x.grad().item() == 12);

  // g = 2 x scale, so dg/dx = 2 scale times 3 (the hook again) and dg/dscale = 2 x
  const auto y = square(x);
  const auto g = grad(y, x, {.create_graph = true});
  CHECK(recorded);
  CHECK(g.item() == 12);
  const auto [gx, gs] = grad(g, std::tie(x, scale));
  CHECK(gx.item() == 18);
  CHECK(gs.item() == 4);
}

TEST_CASE("hook: grad() applies those of its targets, leaves or not, and of what is between") {
  const auto x = hook_leaf(2);
  const auto a = x * x, b = 3 * a;
  a.register_hook([](const HookNumber& g) { return g + 1; });
  b.register_hook([](const HookNumber& g) { return g * 2; });
  for (bool create_graph : {false, true}) {
    CAPTURE(create_graph);
    const auto [gx, ga] =
        grad(square(b), std::tie(x, a), {.create_graph = create_graph, .retain_graph = true});
    CHECK(ga.item() == 2 * 12 * 2 * 3 + 1);
    CHECK(gx.item() == ga.item() * 4);
    const auto ga_alone = grad(square(b), a, {.create_graph = create_graph, .retain_graph = true});
    CHECK(ga_alone.item() == ga.item());
  }
  CHECK_FALSE(x.has_grad());
}

TEST_CASE("hook: the root's is given the gradient that the pass begins with") {
  const auto x = hook_leaf(2);
  const auto y = x * x;
  y.register_hook([](const HookNumber& g) { return g * 5; });
  y.backward();
  CHECK(x.grad().item() == 20);
  const auto leaf = hook_leaf(1);
  leaf.register_hook([](const HookNumber& g) { return g * 5; });
  leaf.backward();
  CHECK(leaf.grad().item() == 5);
}
