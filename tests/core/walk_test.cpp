// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/walk.hpp>

#include <tinydl/core/eigen.hpp>
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

using WalkNumber = Variable<double, 0>;

WalkNumber walk_leaf(double value) { return WalkNumber(value, {.requires_grad = true}); }

// Passes its input on; notes its number in a log, or throws, when its backward runs.
struct WalkNoted : Function {
  static constexpr auto name = "noted";
  static constexpr Needs needs{};
  std::vector<int>* log;
  int number;
  bool throws = false;

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return x;
  }
  template <class G>
  G backward(const G& gy) const {
    if (throws) throw std::runtime_error("noted: asked to fail");
    log->push_back(number);
    return gy;
  }
};
template <Operand X>
X walk_noted(const X& x, std::vector<int>& log, int number) {
  return apply(WalkNoted{{}, &log, number}, x);
}

}  // namespace

TEST_CASE("backward: a value used twice on two levels gets both gradients: 64, not 32") {
  const auto x = walk_leaf(2);
  const auto a = x * x;
  const auto y = a * a + a * a;
  y.backward();
  CHECK(y.item() == 32);
  CHECK(x.grad().item() == 64);
}

TEST_CASE("backward: a sum of a value and a function of it keeps both branches in either order") {
  const double expected = std::exp(0.5) * (0.1 * std::exp(0.1 * std::exp(0.5)) + 1);
  for (bool swapped : {false, true}) {
    CAPTURE(swapped);
    const auto x = walk_leaf(0.5);
    const auto a = exp(x);
    const auto y = swapped ? a + exp(0.1 * a) : exp(0.1 * a) + a;
    y.backward();
    CHECK(x.grad().item() == doctest::Approx(expected).epsilon(1e-14));
  }
}

TEST_CASE("backward: a diamond with arms of different lengths is right in either order") {
  // y = a * a^4 with a = x^2, so that dy/dx = 10 x^9
  for (bool swapped : {false, true}) {
    CAPTURE(swapped);
    const auto x = walk_leaf(2);
    const auto a = x * x;
    const auto b = a * a, c = b * b;
    const auto y = swapped ? c * a : a * c;
    y.backward();
    CHECK(x.grad().item() == 10 * 512);
  }
}

TEST_CASE("backward: one variable twice in one operation gets both gradients") {
  const auto x = walk_leaf(3);
  (x * x).backward();
  CHECK(x.grad().item() == 6);
  x.clear_grad();
  (x + x).backward();
  CHECK(x.grad().item() == 2);
  x.clear_grad();
  (x / x).backward();
  CHECK(x.grad().item() == 0);
  x.clear_grad();
  (x - x).backward();
  CHECK(x.grad().item() == 0);
}

TEST_CASE("backward: a matrix times itself gets both gradients") {
  // d(sum(X X)) / dX_ij = sum of row j + sum of column i
  const Variable x(from_values({{1.0, 2.0}, {3.0, 4.0}}), {.requires_grad = true});
  matmul(x, x).backward(ones<double>({2, 2}));
  CHECK(x.grad().matrix() == (Eigen::Matrix2d() << 7, 11, 9, 13).finished());
}

TEST_CASE("backward: shared subexpressions cost no more than once each: forty doublings") {
  const auto x = walk_leaf(1);
  auto y = x;
  for (int i = 0; i < 40; ++i) y = y + y;
  y.backward();
  CHECK(x.grad().item() == std::ldexp(1, 40));
}

TEST_CASE("backward: every function runs backward once, after all that use its result") {
  std::vector<int> log;
  const auto x = walk_leaf(2);
  const auto a = walk_noted(x, log, 1);
  const auto b = walk_noted(a * a, log, 2);
  const auto c = walk_noted(a * b, log, 3);
  const auto y = walk_noted(a + b + c, log, 4);
  y.backward();
  CHECK(log == std::vector<int>{4, 3, 2, 1});
  CHECK(x.grad().item() == 1 + 4 + 12);
}

TEST_CASE("backward: functions of one generation run in an order that addresses do not decide") {
  std::vector<std::shared_ptr<WalkNumber>> between;
  std::vector<int> first;
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::vector<int> log;
    const auto x = walk_leaf(1);
    WalkNumber sum(0.0);
    for (int i = 0; i < 6; ++i) {
      // Variables that stay, and leave gaps, give the next ones addresses in another order.
      for (int k = 0; k < (repeat * 7 + i * 5) % 4; ++k)
        between.push_back(std::make_shared<WalkNumber>(walk_leaf(1) * walk_leaf(2)));
      if (between.size() > 5) between.erase(between.begin() + (repeat + i) % 5);
      sum = sum + 0 * walk_noted(x, log, i);
    }
    sum.backward();
    CHECK(log.size() == 6);
    if (repeat == 0) first = log;
    CHECK(log == first);
  }
}

TEST_CASE("backward: a second time throws on the released graph and names the function") {
  const auto x = walk_leaf(2);
  const auto y = exp(x);
  y.backward();
  const double once = x.grad().item();
  CHECK_THROWS_WITH_AS(y.backward(), doctest::Contains("exp"), GraphError);
  CHECK_THROWS_WITH_AS(y.backward(), doctest::Contains("retain_graph"), GraphError);
  CHECK(x.grad().item() == once);
  CHECK(y.creator()->released());
}

TEST_CASE("backward: a new graph on a released one throws too") {
  const auto x = walk_leaf(2);
  const auto a = x * x;
  (a + 1).backward();
  CHECK_THROWS_WITH_AS((a + 2).backward(), doctest::Contains("mul"), GraphError);
  CHECK(x.grad().item() == 4);
}

TEST_CASE("backward: with retain_graph, another pass accumulates") {
  const auto x = walk_leaf(3);
  const auto y = x * x * x;
  y.backward({.retain_graph = true});
  CHECK(x.grad().item() == 27);
  y.backward({.retain_graph = true});
  CHECK(x.grad().item() == 54);
  y.backward();
  CHECK(x.grad().item() == 81);
  CHECK_THROWS_AS(y.backward(), GraphError);
}

TEST_CASE("backward: over data written since the forward pass throws and names the function") {
  const Variable x(from_values({1.0, 2.0}), {.requires_grad = true});
  const auto y = x * x;
  x.mutable_data().mutable_data()[0] = 5;
  CHECK_THROWS_WITH_AS(y.backward(ones<double>({2})), doctest::Contains("mul"), GraphError);
  CHECK_THROWS_WITH_AS(y.backward(ones<double>({2})), doctest::Contains("(2,)"), GraphError);
  CHECK_FALSE(x.grad().defined());
}

TEST_CASE("backward: over parameters that an optimiser has stepped since throws") {
  const Variable w(from_values({{1.0, 2.0}}), {.requires_grad = true});
  const auto y = matmul(as_variable(ones<double>({1, 1})), w);
  const auto z = matmul(w, as_variable(ones<double>({2, 1})));
  const AnyVariable<double> parameter = w;
  for (double& value : parameter.mutable_data_span()) value -= 0.1;
  // d(y)/d(w) reads the other operand alone, but all inputs of a function are declared together.
  CHECK_THROWS_WITH_AS(z.backward(ones<double>({1, 1})), doctest::Contains("matmul"), GraphError);
  CHECK_THROWS_AS(y.backward(ones<double>({1, 2})), GraphError);
}

TEST_CASE("backward: writing what it does not read is fine") {
  const Variable x(from_values({1.0, 2.0}), {.requires_grad = true});
  const Variable b(from_values({3.0, 4.0}), {.requires_grad = true});
  const auto y = 2 * x + b;
  x.mutable_data().mutable_data()[0] = 5;
  b.mutable_data() = zeros<double>({2});
  y.backward(ones<double>({2}));
  CHECK(x.grad()(0) == 2);
  CHECK(b.grad()(1) == 1);
}

TEST_CASE(
    "backward: a result written since gives the old derivative or an error, never a wrong one") {
  for (bool create_graph : {false, true}) {
    CAPTURE(create_graph);
    const auto x = walk_leaf(1);
    const auto y = exp(x);
    y.mutable_data() = Tensor<double, 0>(100.0);
    double derivative = std::exp(1.0);
    try {
      derivative = grad(y, x, {.create_graph = create_graph}).item();
    } catch (const GraphError&) {
    }
    CHECK(derivative == doctest::Approx(std::exp(1.0)));
  }
}

TEST_CASE("backward: on what needs no gradient throws") {
  CHECK_THROWS_WITH_AS(WalkNumber(1.0).backward(), doctest::Contains("backward"), GraphError);
  const WalkNumber constant(2.0);
  CHECK_THROWS_AS((constant * constant).backward(), GraphError);
  CHECK_THROWS_AS((walk_leaf(1) * 2).detach().backward(), GraphError);
}

TEST_CASE("backward: one that fails leaves every gradient as it was") {
  std::vector<int> log;
  const auto x = walk_leaf(2), w = walk_leaf(3);
  (x * 5).backward();
  const auto middle = x * x;
  middle.retain_grad();
  const auto failing = apply(WalkNoted{{}, &log, 0, true}, middle);
  // w's gradient is known before the failing function runs.
  const auto y = w * failing;
  CHECK_THROWS_WITH_AS(y.backward(), "noted: asked to fail", std::runtime_error);
  CHECK(x.grad().item() == 5);
  CHECK_FALSE(w.grad().defined());
  CHECK_FALSE(middle.grad().defined());
  // and no part of it turns up in the next pass
  (w * x).backward();
  CHECK(w.grad().item() == 2);
  CHECK(x.grad().item() == 8);
}

TEST_CASE("backward: one refused for a released part of its graph runs nothing at all") {
  std::vector<int> log;
  const auto x = walk_leaf(2);
  const auto a = exp(x);
  (a * 1).backward();
  const double before = x.grad().item();
  const auto y = walk_noted(a, log, 1);
  CHECK_THROWS_AS(y.backward(), GraphError);
  CHECK(log.empty());
  CHECK(x.grad().item() == before);
}

TEST_CASE("backward: frees what only it still needed") {
  const auto x = walk_leaf(2);
  const auto values = full({1000}, 2.0);
  const Variable v(values, {.requires_grad = true});
  auto a = v * 3;
  const auto y = a * a;
  // Nobody but the function that saved it can reach a's value now.
  auto* const node = static_cast<detail::VariableData<double>*>(y.creator()->inputs()[0].variable);
  CHECK(node->values().size() == 1000);
  a = {};
  CHECK(node->values().empty());
  y.backward(ones<double>({1000}));
  CHECK(v.grad()(999) == 36);
}

TEST_CASE("backward: is right without a handle to anything but the end") {
  const auto x = walk_leaf(2);
  const auto y = [&] {
    const auto a = x * x;
    const auto b = exp(a), c = a / b;
    return c * c;
  }();
  // y = x^4 exp(-2 x^2)
  y.backward();
  CHECK(x.grad().item() == doctest::Approx((4 * 8 - 4 * 2 * 16) * std::exp(-8.0)).epsilon(1e-13));
}
