// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/checkpoint.hpp>

#include <tinydl/core/grad.hpp>
#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/dropout.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/functions/reduce.hpp>

#include <restored_threads.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace tinydl;

namespace {

using CheckpointMatrix = Variable<double, 2>;

struct CheckpointCase {
  CheckpointMatrix x, w;

  explicit CheckpointCase(Index n = 4) {
    Generator generator(5);
    x = CheckpointMatrix(randn<double>({n, n}, generator), {.requires_grad = true});
    w = CheckpointMatrix(randn<double>({n, n}, generator), {.requires_grad = true});
  }
  CheckpointMatrix operator()(const CheckpointMatrix& v) const {
    return v + tanh(matmul(sigmoid(matmul(v, w)), w));
  }
};

template <class T, int R>
bool checkpoint_same(const Tensor<T, R>& a, const Tensor<T, R>& b) {
  return a.shape() == b.shape() && std::ranges::equal(a.span(), b.span());
}

/// Gradients of x and w by f, which is given the case's function and x.
template <class F>
std::vector<Tensor<double, 2>> checkpoint_gradients(const F& f, Index n = 4) {
  const CheckpointCase c(n);
  sum(square(f(c, c.x))).backward();
  return {c.x.grad(), c.w.grad()};
}

}  // namespace

TEST_CASE("checkpoint: values and gradients are those of the function to the bit") {
  const auto plain = checkpoint_gradients([](const auto& c, const auto& x) { return c(c(x)); });
  const auto once =
      checkpoint_gradients([](const auto& c, const auto& x) { return c(checkpoint(c, x)); });
  const auto nested = checkpoint_gradients([](const auto& c, const auto& x) {
    return checkpoint([&](const auto& v) { return checkpoint(c, c(v)); }, x);
  });
  for (std::size_t i = 0; i < 2; ++i) {
    CAPTURE(i);
    CHECK(checkpoint_same(once[i], plain[i]));
    CHECK(checkpoint_same(nested[i], plain[i]));
  }
  const CheckpointCase c;
  CHECK(checkpoint_same(checkpoint(c, c.x).data(), c(c.x).data()));
  CHECK(checkpoint(c, c.x).creator()->name() == "checkpoint");
}

TEST_CASE("checkpoint: with 1, 2 and 4 threads the same bits") {
  const RestoredThreads restore;
  const auto run = [](const auto& c, const auto& x) { return checkpoint(c, checkpoint(c, x)); };
  set_num_threads(1);
  const auto expected = checkpoint_gradients(run, 150);
  for (int threads : {2, 4}) {
    CAPTURE(threads);
    set_num_threads(threads);
    const auto found = checkpoint_gradients(run, 150);
    CHECK(checkpoint_same(found[0], expected[0]));
    CHECK(checkpoint_same(found[1], expected[1]));
  }
}

TEST_CASE("checkpoint: variables inside get gradients when x wants none, and only those that do") {
  const CheckpointCase c;
  const auto constant = c.x.detach();
  const auto y = checkpoint(c, constant);
  CHECK(y.requires_grad());
  sum(y).backward();
  CHECK(c.w.has_grad());
  CHECK_FALSE(constant.has_grad());
  c.w.set_requires_grad(false);
  CHECK_FALSE(checkpoint(c, constant).requires_grad());
  const NoGrad no_grad;
  CHECK_FALSE(checkpoint(c, c.x).requires_grad());
}

TEST_CASE("checkpoint: a result from outside that the function uses passes its gradient on") {
  for (bool checkpointed : {false, true}) {
    CAPTURE(checkpointed);
    const Variable<double, 0> x(2.0, {.requires_grad = true}), z(3.0, {.requires_grad = true});
    const auto a = z * z;
    const auto f = [&](const auto& v) { return v * a * v; };
    const auto b = x * 5;
    const auto y = (checkpointed ? checkpoint(f, b) : f(b)) + a;  // 25 x^2 z^2 + z^2
    y.backward();
    CHECK(x.grad().item() == 50 * 2 * 9);
    CHECK(z.grad().item() == 2 * 3 * 101);
  }
}

TEST_CASE("checkpoint: the function may return what it was given, or a variable from outside") {
  const Variable<double, 0> x(2.0, {.requires_grad = true}), z(3.0, {.requires_grad = true});
  (checkpoint([](const auto& v) { return v; }, x) * 3).backward();
  CHECK(x.grad().item() == 3);
  x.clear_grad();
  CHECK_FALSE(
      checkpoint([](const auto&) { return Variable<double, 0>(1.0); }, z.detach()).requires_grad());
}

TEST_CASE("checkpoint: it stores its operand and nothing of what is between") {
  if (!detail::recycles) return;  // the pool does not count
  const auto held = [](bool checkpointed) {
    const Variable x(ones<double>({64, 64}), {.requires_grad = true});
    const auto f = [](const auto& v) {
      auto y = v;
      for (int i = 0; i < 20; ++i) y = tanh(y);
      return y;
    };
    auto y = checkpointed ? checkpoint(f, x) : f(x);
    release_memory();
    y = {};
    return detail::MemoryPool::instance().cached_bytes();
  };
  const std::size_t block = 64 * 64 * sizeof(double);
  CHECK(held(false) >= 20 * block);
  CHECK(held(true) < 2 * block);
}

TEST_CASE("checkpoint: the function runs once forward and once backward, then lets go") {
  const Variable<double, 0> x(2.0, {.requires_grad = true});
  const auto calls = std::make_shared<int>(0);
  const auto y = checkpoint(
      [calls](const auto& v) {
        ++*calls;
        return v * v;
      },
      x);
  CHECK(*calls == 1);
  CHECK(calls.use_count() == 2);
  y.backward({.retain_graph = true});
  CHECK(*calls == 2);
  y.backward();
  CHECK(*calls == 3);
  CHECK(calls.use_count() == 1);
  CHECK(x.grad().item() == 8);
  CHECK_THROWS_WITH_AS(y.backward(), doctest::Contains("the graph of checkpoint was released"),
                       GraphError);
}

TEST_CASE("checkpoint: dropout draws the same mask again, and the generator goes on as without") {
  for (bool own : {false, true}) {
    CAPTURE(own);
    Generator generator(9);
    Generator& used = own ? generator : default_generator();
    const auto f = [&](const auto& v) { return dropout(v, 0.5, used); };
    const Variable x(ones<double>({10, 10}), {.requires_grad = true});
    const auto y = checkpoint(f, x, {.generator = &used});
    const auto after = used.counter();
    used.uniform();
    sum(y).backward();
    CHECK(used.counter() == after + 1);
    CHECK(checkpoint_same(x.grad(), y.data()));
    CHECK(std::ranges::count(y.data().span(), 0.0) > 20);
  }
}

TEST_CASE("checkpoint: numbers from a generator it does not know of are refused when they differ") {
  const Variable<double, 0> x(2.0, {.requires_grad = true});
  int calls = 0;
  const auto y = checkpoint(
      [&](const auto& v) {
        for (int i = 0; i <= calls; ++i) default_generator().uniform();
        ++calls;
        return v * 2;
      },
      x);
  const auto counter = default_generator().counter();
  CHECK_THROWS_WITH_AS(y.backward(), doctest::Contains("as many random numbers"), GraphError);
  CHECK(default_generator().counter() == counter);
  CHECK_FALSE(x.has_grad());
}

TEST_CASE("checkpoint: first and second derivatives agree under create_graph") {
  const auto derivatives = [](bool checkpointed) {
    const CheckpointCase c(3);
    const auto y = checkpointed ? checkpoint(c, checkpoint(c, c.x)) : c(c(c.x));
    const auto [gx, gw] = grad(sum(square(y)), std::tie(c.x, c.w), {.create_graph = true});
    const auto [hx, hw] = grad(sum(square(gx)) + sum(gw), std::tie(c.x, c.w));
    return std::vector{gx.data(), gw.data(), hx.data(), hw.data()};
  };
  const auto plain = derivatives(false), found = derivatives(true);
  for (std::size_t i = 0; i < 4; ++i)
    for (Index j = 0; j < 9; ++j)
      CHECK(found[i].data()[j] == doctest::Approx(plain[i].data()[j]).epsilon(1e-12));
}

TEST_CASE("checkpoint: grad() of some variables leaves all others without") {
  const CheckpointCase c;
  const auto expected = grad(sum(c(c.x)), c.w);
  CHECK(checkpoint_same(grad(sum(checkpoint(c, c.x)), c.w).data(), expected.data()));
  CHECK_FALSE(c.x.has_grad());
  CHECK_FALSE(c.w.has_grad());
  const auto gx = grad(sum(checkpoint(c, c.x)), c.x);
  CHECK(checkpoint_same(gx.data(), grad(sum(c(c.x)), c.x).data()));
  sum(c.x + c.w).backward();  // nothing was left over
  CHECK(checkpoint_same(c.w.grad(), ones<double>({4, 4})));
}

TEST_CASE("checkpoint: hooks inside the function see complete gradients") {
  const Variable<double, 0> x(2.0, {.requires_grad = true});
  std::vector<double> seen;
  const auto y = checkpoint(
      [&](const auto& v) {
        const auto a = v * v;
        a.register_hook([&](const auto& g) { seen.push_back(g.item()); });
        return 3 * a + a * a;
      },
      x);
  y.backward();
  CHECK(seen == std::vector<double>{3 + 8});
  CHECK(x.grad().item() == 44);
}

TEST_CASE("checkpoint: a variable written after the forward pass is refused") {
  const CheckpointCase c;
  const auto y = sum(checkpoint(c, c.x));
  c.w.mutable_data().mutable_data()[0] = 7;
  CHECK_THROWS_WITH_AS(y.backward(), doctest::Contains("an input of checkpoint, of shape (4, 4)"),
                       GraphError);
}

TEST_CASE("checkpoint: another shape the second time is refused and both are named") {
  const Variable x(ones<double>({4}), {.requires_grad = true});
  Index n = 4;
  const auto y = checkpoint([&](const auto& v) { return reshape(v, Shape<2>(n, 4 / n)) * 2; }, x);
  n = 2;
  CHECK_THROWS_WITH_AS(
      sum(y).backward(),
      "checkpoint: the function returned shape (4, 1) in the forward pass, and now (2, 2)",
      GraphError);
  CHECK_FALSE(x.has_grad());
}

TEST_CASE("checkpoint: an exception from the function in either pass leaves everything usable") {
  const Variable<double, 0> x(2.0, {.requires_grad = true});
  int throws_at = 0, call = 0;
  const auto f = [&](const auto& v) {
    if (call++ == throws_at) throw std::runtime_error("asked to fail");
    return v * v;
  };
  CHECK_THROWS_AS(checkpoint(f, x), std::runtime_error);
  CHECK(grad_enabled());
  throws_at = 2;
  const auto y = checkpoint(f, x) + x;
  CHECK_THROWS_AS(y.backward(), std::runtime_error);
  CHECK_FALSE(x.has_grad());
  CHECK(detail::thread_mode().watcher == nullptr);
  (checkpoint(f, x) + x).backward();
  CHECK(x.grad().item() == 5);
}

TEST_CASE("checkpoint: several threads at once, each with variables of its own") {
  const auto expected =
      checkpoint_gradients([](const auto& c, const auto& x) { return checkpoint(c, x); });
  std::vector<std::vector<Tensor<double, 2>>> found(3);
  std::vector<std::thread> threads;
  for (auto& mine : found)
    threads.emplace_back([&mine] {
      for (int i = 0; i < 20; ++i)
        mine = checkpoint_gradients([](const auto& c, const auto& x) { return checkpoint(c, x); });
    });
  for (auto& thread : threads) thread.join();
  for (const auto& gradients : found) CHECK(checkpoint_same(gradients[1], expected[1]));
}
