// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/graph.hpp>

#include <tinydl/core/grad.hpp>
#include <tinydl/functions/math.hpp>
#include <tinydl/functions/matmul.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace tinydl;

namespace {

using GraphNumber = Variable<double, 0>;

GraphNumber graph_leaf(double value) { return GraphNumber(value, {.requires_grad = true}); }

struct CountedFlag final : detail::Counted {
  explicit CountedFlag(bool& is_gone) : gone(is_gone) {}
  ~CountedFlag() override { gone = true; }
  bool& gone;
};

template <class>
struct RefHolder {
  detail::Ref<CountedFlag> held;
  void let_go() { held = {}; }
};

}  // namespace

TEST_CASE("Ref: ends what it held when a class template assigns nothing to it") {
  bool gone = false;
  RefHolder<int> holder{new CountedFlag(gone)};
  CHECK_FALSE(gone);
  holder.let_go();
  CHECK(gone);
}

TEST_CASE("Ref: survives being assigned to itself") {
  bool gone = false;
  detail::Ref<CountedFlag> a(new CountedFlag(gone));
  detail::Ref<CountedFlag>& same = a;
  a = same;
  a = std::move(same);
  CHECK(a);
  CHECK_FALSE(gone);
}

TEST_CASE("graph: a generation is one more than that of the latest operand") {
  const auto x = graph_leaf(2);
  const auto a = x * x, b = a * x, c = x + b;
  CHECK(x.generation() == 0);
  CHECK(a.generation() == 1);
  CHECK(b.generation() == 2);
  CHECK(c.generation() == 3);
  CHECK(b.creator()->generation() == 1);
  CHECK((x + 1).generation() == 1);
}

TEST_CASE("graph: a creator knows its name, inputs and living outputs") {
  const auto x = graph_leaf(2);
  auto y = exp(x);
  const FunctionNode* const creator = y.creator();
  CHECK(x.creator() == nullptr);
  CHECK(creator->name() == "exp");
  REQUIRE(creator->inputs().size() == 1);
  CHECK(creator->inputs()[0] == x.node());
  REQUIRE(creator->outputs().size() == 1);
  CHECK(creator->outputs()[0] == y.node());
}

TEST_CASE("graph: a chain of 1,000,000 additions goes forward, backward and out of scope") {
  const auto x = graph_leaf(1);
  {
    auto y = x;
    for (int i = 0; i < 1'000'000; ++i) y = y + x;
    CHECK(y.item() == 1'000'001);
    CHECK(y.generation() == 1'000'000);
    y.backward();
  }
  CHECK(x.grad().item() == 1'000'001);
  release_memory();
}

TEST_CASE("graph: an intermediate that nobody reads gives its memory back at once") {
  if (!detail::recycles) return;  // addresses are not used again then
  const Variable x(full({5000}, 1.0), {.requires_grad = true});
  const double* middle = nullptr;
  const auto y = [&] {
    const auto a = x + 1;
    middle = a.data().data();
    return a + 1;
  }();
  const auto next = full({5000}, 0.0);
  CHECK(next.data() == middle);
  y.backward(ones<double>({5000}));
  CHECK(x.grad()(4999) == 1);
}

TEST_CASE("graph: a variable that is gone leaves its graph usable") {
  auto x = graph_leaf(2);
  const auto w = graph_leaf(3);
  const auto y = x * w;
  x = {};
  y.backward();
  CHECK(w.grad().item() == 2);
}

TEST_CASE("graph: two threads build and walk graphs of their own at once") {
  double gradients[4] = {};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&gradient = gradients[t], t] {
      for (int repeat = 0; repeat < 200; ++repeat) {
        const auto x = graph_leaf(1 + t);
        auto y = x;
        for (int i = 0; i < 10; ++i) y = y + x * x;
        y.backward();
        gradient += x.grad().item();
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (int t = 0; t < 4; ++t) CHECK(gradients[t] == 200 * (1 + 20 * (1 + t)));
}
