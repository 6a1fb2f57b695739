// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/function.hpp>

#include <tinydl/core/eigen.hpp>
#include <tinydl/core/grad.hpp>
#include <tinydl/core/gradient_check.hpp>
#include <tinydl/functions/math.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <tuple>

using namespace tinydl;

namespace {

struct FunctionCube : Function {
  static constexpr auto name = "cube";
  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return x * x * x;
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return gy * (3 * x * x);
  }
};

// For tensors alone, and without a name.
struct FunctionTensorCube : Function {
  Tensor<double, 0> forward(const Tensor<double, 0>& x) const { return x * x * x; }
  Tensor<double, 0> backward(const Tensor<double, 0>& gy, const Tensor<double, 0>& x) const {
    return gy * (3 * x * x);
  }
};

// (x, x^2), with nothing that depends on anything unused.
struct FunctionPowers : Function {
  template <class T, int R>
  std::tuple<Tensor<T, R>, Tensor<T, R>> forward(const Tensor<T, R>& x) const {
    return {x, x * x};
  }
  template <class X>
  X backward(const std::tuple<X, X>& gy, const X& x) const {
    return std::get<0>(gy) + 2 * x * std::get<1>(gy);
  }
};

// a * b, noting which gradients it was asked for.
struct FunctionWants : Function {
  bool* wanted;
  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& a, const Tensor<T, R>& b) const {
    return a * b;
  }
  template <class X>
  std::tuple<X, X> backward(const X& gy, const X& a, const X& b) const {
    wanted[0] = wants(0);
    wanted[1] = wants(1);
    return {gy * b, gy * a};
  }
};

struct FunctionMisshapen : Function {
  static constexpr auto name = "misshapen";
  static constexpr Needs needs{};
  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return x;
  }
  template <class T, int R>
  Tensor<T, R> backward(const Tensor<T, R>&) const {
    return Tensor<T, R>(Shape(2, 1));
  }
};

// exp(x - top) * y's own value, keeping a member that forward computed.
struct FunctionScaledByMean : Function {
  static constexpr Needs needs{};
  mutable double mean = 0;
  Tensor<double, 1> forward(const Tensor<double, 1>& x) const {
    mean = x.array().mean();
    return x * mean;
  }
  // With the mean taken for a constant.
  template <class G>
  G backward(const G& gy) const {
    return gy * mean;
  }
};

// Needs its output and the second of its inputs: exp(a) * b.
struct FunctionPicky : Function {
  static constexpr Needs needs{.output = true, .inputs = 0b10};
  bool* first_came;
  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& a, const Tensor<T, R>& b) const {
    return exp(a) * b;
  }
  template <class X>
  std::tuple<X, X> backward(const X& gy, const X& y, const X& a, const X& b) const {
    *first_came = a.defined();
    return {gy * y, gy * y / b};
  }
};

Variable<double, 0> function_leaf(double value) {
  return Variable<double, 0>(value, {.requires_grad = true});
}

}  // namespace

TEST_CASE("Function: a user's own works on tensors and variables, and passes gradient_check") {
  const auto cube = [](const auto& x) { return apply(FunctionCube{}, x); };
  CHECK(cube(Tensor<double, 0>(2.0)).item() == 8);
  const auto x = function_leaf(2);
  const auto y = cube(x);
  CHECK(y.item() == 8);
  y.backward();
  CHECK(x.grad().item() == 12);
  CHECK(gradient_check(cube, randn<double>({3, 4})));
  CHECK(gradient_check(cube, randn<double>({1})));
}

TEST_CASE("Function: written for any operand, it has higher derivatives") {
  const auto x = function_leaf(2);
  const auto gx = grad(apply(FunctionCube{}, x), x, {.create_graph = true});
  const auto ggx = grad(gx, x, {.create_graph = true});
  CHECK(gx.item() == 12);
  CHECK(ggx.item() == 12);
  CHECK(grad(ggx, x).item() == 6);
}

TEST_CASE("Function: one for tensors alone works") {
  const auto x = function_leaf(2);
  const auto y = 2 * apply(FunctionTensorCube{}, x);
  CHECK(grad(y, x, {.retain_graph = true}).item() == 24);
  y.backward();
  CHECK(x.grad().item() == 24);
}

TEST_CASE("Function: one for tensors alone refuses a second derivative and is named") {
  const auto x = function_leaf(2);
  const auto y = apply(FunctionTensorCube{}, x);
  CHECK_THROWS_WITH_AS(grad(y, x, {.create_graph = true}), doctest::Contains("FunctionTensorCube"),
                       GraphError);
  CHECK_FALSE(x.grad().defined());
  CHECK(grad(y, x).item() == 12);
}

TEST_CASE("Function: several outputs, each with its part of the gradient") {
  const auto x = function_leaf(3);
  const auto [a, b] = apply(FunctionPowers{}, x);
  CHECK(a.item() == 3);
  CHECK(b.item() == 9);
  CHECK(a.generation() == 1);
  CHECK(b.creator() == a.creator());
  (2 * a + 5 * b).backward();
  CHECK(x.grad().item() == 2 + 5 * 6);
}

TEST_CASE("Function: an output that is not used counts as zero, alive or not") {
  for (bool alive : {true, false})
    for (bool create_graph : {true, false}) {
      CAPTURE(alive);
      CAPTURE(create_graph);
      const auto x = function_leaf(3);
      auto [a, b] = apply(FunctionPowers{}, x);
      const auto y = 5 * b;
      if (!alive) a = {}, b = {};
      CHECK(grad(y, x, {.create_graph = create_graph}).item() == 30);
    }
}

TEST_CASE("Function: several outputs have a second derivative together") {
  const auto x = function_leaf(3);
  const auto [a, b] = apply(FunctionPowers{}, x);
  const auto gx = grad(a * b, x, {.create_graph = true});
  CHECK(gx.item() == 27);
  CHECK(grad(gx, x).item() == 18);
}

TEST_CASE("Function: on tensors, several outputs come as tensors") {
  const auto [a, b] = apply(FunctionPowers{}, Tensor<double, 0>(4.0));
  CHECK(a.item() == 4);
  CHECK(b.item() == 16);
}

TEST_CASE("Function: wants() says which gradients will be used") {
  const auto x = function_leaf(2), w = function_leaf(3);
  const Variable<double, 0> constant(5.0);
  bool wanted[2] = {};
  const auto check = [&](const auto& a, const auto& b, bool first, bool second) {
    wanted[0] = !first;
    wanted[1] = !second;
    apply(FunctionWants{{}, wanted}, a, b).backward();
    CHECK(wanted[0] == first);
    CHECK(wanted[1] == second);
  };
  check(x, w, true, true);
  check(x, constant, true, false);
  check(constant, w, false, true);
  CHECK_FALSE(constant.grad().defined());
  // What leads to no variable that was asked for is not wanted either.
  const auto y = apply(FunctionWants{{}, wanted}, exp(x), exp(w));
  CHECK(grad(y, w, {.retain_graph = true}).item() == doctest::Approx(std::exp(5.0)));
  CHECK_FALSE(wanted[0]);
  CHECK(wanted[1]);
  CHECK(FunctionWants{}.wants(0));
}

TEST_CASE("Function: a gradient of the wrong shape is refused, with the name and both shapes") {
  const Variable x(full({1, 2}, 1.0), {.requires_grad = true});
  const auto y = apply(FunctionMisshapen{}, x);
  CHECK_THROWS_WITH_AS(y.backward(ones<double>({1, 2})), doctest::Contains("misshapen"),
                       ShapeError);
  const auto z = apply(FunctionMisshapen{}, x);
  CHECK_THROWS_WITH_AS(z.backward(ones<double>({1, 2})),
                       doctest::Contains("of shape (2, 1) for an input of shape (1, 2)"),
                       ShapeError);
  CHECK_FALSE(x.grad().defined());
}

TEST_CASE("Function: keeps in members what its forward computed") {
  const Variable x(from_values({1.0, 3.0}), {.requires_grad = true});
  apply(FunctionScaledByMean{}, x).backward(ones<double>({2}));
  CHECK(x.grad()(0) == 2);
  CHECK(x.grad()(1) == 2);
}

TEST_CASE("Function: backward is handed what it needs; the other inputs come undefined") {
  for (bool create_graph : {false, true}) {
    bool first_came = true;
    const auto a = function_leaf(1), b = function_leaf(2);
    const auto y = apply(FunctionPicky{{}, &first_came}, a, b);
    const auto [ga, gb] = grad(y, std::tie(a, b), {.create_graph = create_graph});
    CHECK_FALSE(first_came);
    CHECK(ga.item() == doctest::Approx(2 * std::exp(1.0)).epsilon(1e-14));
    CHECK(gb.item() == doctest::Approx(std::exp(1.0)).epsilon(1e-14));
  }
}
