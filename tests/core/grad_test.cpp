// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/grad.hpp>

#include <tinydl/core/eigen.hpp>
#include <tinydl/functions/math.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace tinydl;

namespace {

using GradNumber = Variable<double, 0>;

GradNumber grad_leaf(double value) { return GradNumber(value, {.requires_grad = true}); }

doctest::Approx grad_close(double value) { return doctest::Approx(value).epsilon(1e-12); }

constexpr GradOptions grad_recorded{.create_graph = true};

// Counts its backward runs.
struct GradCounted : Function {
  static constexpr Needs needs{};
  int* runs;
  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return x;
  }
  template <class G>
  G backward(const G& gy) const {
    ++*runs;
    return gy;
  }
};

}  // namespace

TEST_CASE("grad: first, second and third derivatives of exp(x^3)") {
  for (double at : {-0.7, 0.0, 0.4, 1.1}) {
    CAPTURE(at);
    const auto x = grad_leaf(at);
    const auto y = exp(x * x * x);
    const auto first = grad(y, x, grad_recorded);
    const auto second = grad(first, x, grad_recorded);
    const auto third = grad(second, x);
    const double e = std::exp(at * at * at), x3 = at * at * at;
    CHECK(first.item() == grad_close(3 * at * at * e));
    CHECK(second.item() == grad_close((6 * at + 9 * at * x3) * e));
    CHECK(third.item() == grad_close((6 + 54 * x3 + 27 * x3 * x3) * e));
  }
}

TEST_CASE("grad: the derivatives of sin come round after four") {
  const auto x = grad_leaf(0.3);
  const double expected[] = {std::sin(0.3), std::cos(0.3), -std::sin(0.3), -std::cos(0.3)};
  auto y = sin(x);
  for (int i = 0; i < 9; ++i) {
    CHECK(y.item() == grad_close(expected[i % 4]));
    y = grad(y, x, grad_recorded);
  }
}

TEST_CASE("grad: mixed second derivatives through + - * /") {
  // f = (x + w) (x - w) / (x w) = x / w - w / x
  const double a = 1.7, b = 0.6;
  const auto x = grad_leaf(a), w = grad_leaf(b);
  const auto f = (x + w) * (x - w) / (x * w);
  const auto [fx, fw] = grad(f, std::tie(x, w), grad_recorded);
  CHECK(fx.item() == grad_close(1 / b + b / (a * a)));
  CHECK(fw.item() == grad_close(-a / (b * b) - 1 / a));
  const auto [fxx, fxw] = grad(fx, std::tie(x, w), grad_recorded);
  const auto [fwx, fww] = grad(fw, std::tie(x, w));
  CHECK(fxx.item() == grad_close(-2 * b / (a * a * a)));
  CHECK(fxw.item() == grad_close(1 / (a * a) - 1 / (b * b)));
  CHECK(fwx.item() == grad_close(fxw.item()));
  CHECK(fww.item() == grad_close(2 * a / (b * b * b)));
}

TEST_CASE("grad: second derivatives through numbers on either side and unary minus") {
  // -(2 - x) / (3 x) + 4 / x - x / 5 + (x + 1) * 2 - 1, whose second derivative is 20 / (3 x^3)
  const double a = 1.3;
  const auto x = grad_leaf(a);
  const auto y = -((2 - x) / (3 * x)) + 4 / x - x / 5 + (x + 1) * 2 - 1;
  const auto first = grad(y, x, grad_recorded);
  CHECK(first.item() == grad_close(2 / (3 * a * a) - 4 / (a * a) - 0.2 + 2));
  CHECK(grad(first, x).item() == grad_close(20 / (3 * a * a * a)));
}

TEST_CASE("grad: second derivatives through broadcasting") {
  // y = sum_ij x_i^2 w_j^3: the gradient with respect to x_i is 2 x_i sum(w^3), and so on
  const Variable x(from_values({{1.0}, {2.0}}), {.requires_grad = true});
  const Variable w(from_values({1.0, 2.0, 3.0}), {.requires_grad = true});
  const auto y = x * x * (w * w * w);
  const auto [gx, gw] = grad(y, ones<double>({2, 3}), std::tie(x, w), grad_recorded);
  CHECK(gx.shape() == Shape(2, 1));
  CHECK(gx.data()(1, 0) == 2 * 2 * 36);
  CHECK(gw.data()(2) == 3 * 9 * 5);
  const auto [gxx, gxw] = grad(gx, ones<double>({2, 1}), std::tie(x, w));
  CHECK(gxx.data()(0, 0) == 2 * 36);
  CHECK(gxw.data()(1) == 2 * (1 + 2) * 3 * 4);
}

TEST_CASE("grad: a variable used twice in one operation, twice differentiated") {
  const auto x = grad_leaf(3);
  const auto first = grad(x * x, x, grad_recorded);
  CHECK(first.item() == 6);
  CHECK(grad(first, x).item() == 2);
}

TEST_CASE("grad: of intermediates") {
  const auto x = grad_leaf(2);
  const auto a = x * x, b = a * 3;
  const auto y = b * b;
  const auto [gx, ga, gb, gy] = grad(y, std::tie(x, a, b, y));
  CHECK(gy.item() == 1);
  CHECK(gb.item() == 24);
  CHECK(ga.item() == 72);
  CHECK(gx.item() == 288);
}

TEST_CASE("grad: is zero where y does not depend on x") {
  const auto x = grad_leaf(2);
  const Variable w(full({2, 3}, 1.0), {.requires_grad = true});
  const auto [gx, gw] = grad(x * x, std::tie(x, w));
  CHECK(gx.item() == 4);
  CHECK(gw.shape() == Shape(2, 3));
  CHECK((gw.data().array() == 0.0).all());
}

TEST_CASE("grad: touches nobody's grad(), in either mode") {
  const auto x = grad_leaf(2), w = grad_leaf(3);
  (x * 5).backward();
  const auto a = x * w;
  a.retain_grad();
  const auto y = a * a;
  grad(y, x, {.retain_graph = true});
  grad(y, std::tie(x, a), {.create_graph = true});
  CHECK(x.grad().item() == 5);
  CHECK_FALSE(w.grad().defined());
  CHECK_FALSE(a.grad().defined());
}

TEST_CASE("grad: without create_graph the result is a constant; with it, it can be walked") {
  const auto x = grad_leaf(2);
  const auto plain = grad(x * x * x, x);
  CHECK_FALSE(plain.requires_grad());
  const auto recorded = grad(x * x * x, x, grad_recorded);
  CHECK(recorded.requires_grad());
  recorded.backward();
  CHECK(x.grad().item() == 12);
}

TEST_CASE("grad: a gradient's penalty adds to backward()'s gradients") {
  // loss = y + (dy/dx)^2 with y = w x^2: d(loss)/d(w) = x^2 + 8 w x^2
  const auto x = grad_leaf(3), w = grad_leaf(2);
  const auto y = w * x * x;
  const auto gx = grad(y, x, grad_recorded);
  (y + gx * gx).backward();
  CHECK(w.grad().item() == 9 + 8 * 2 * 9);
  CHECK(x.grad().item() == 2 * 2 * 3 + 8 * 4 * 3);
}

TEST_CASE("grad: what a create_graph pass left on intermediates is not added to by the next") {
  const auto x = grad_leaf(2);
  const auto a = x * x;
  const auto y = a * a;
  for (int repeat = 0; repeat < 3; ++repeat) {
    CHECK(grad(y, x, grad_recorded).item() == 32);
    CHECK(grad(y, a, grad_recorded).item() == 8);
    CHECK(grad(y, x, {.retain_graph = true}).item() == 32);
  }
  y.backward();
  CHECK(x.grad().item() == 32);
}

TEST_CASE("grad: releases the graph unless told, and create_graph retains it") {
  const auto x = grad_leaf(2);
  const auto y = x * x;
  grad(y, x, grad_recorded);
  grad(y, x, {.retain_graph = true});
  grad(y, x);
  CHECK_THROWS_WITH_AS(grad(y, x), doctest::Contains("mul"), GraphError);
}

TEST_CASE("grad: runs nothing that does not lead to what was asked for") {
  int runs = 0;
  const auto x = grad_leaf(2), w = grad_leaf(3);
  const auto y = x * apply(GradCounted{{}, &runs}, w);
  CHECK(grad(y, x, {.retain_graph = true}).item() == 3);
  CHECK(runs == 0);
  CHECK(grad(y, w).item() == 2);
  CHECK(runs == 1);
}

TEST_CASE("grad: beyond what was asked for, nothing is walked") {
  int runs = 0;
  const auto x = grad_leaf(2);
  const auto a = apply(GradCounted{{}, &runs}, x);
  CHECK(grad(a * a, a).item() == 4);
  CHECK(runs == 0);
}

TEST_CASE("grad: works where recording is switched off for what surrounds it") {
  const auto x = grad_leaf(2);
  const auto y = x * x * x;
  const NoGrad no_grad;
  const auto first = grad(y, x, grad_recorded);
  CHECK(first.requires_grad());
  CHECK(grad(first, x).item() == 12);
}

TEST_CASE("grad: weighs the elements of y by gy and refuses one of another shape") {
  const Variable x(from_values({1.0, 2.0}), {.requires_grad = true});
  const auto y = x * x;
  CHECK_THROWS_WITH_AS(grad(y, ones<double>({3}), std::tie(x)),
                       "grad: a gradient of shape (3,) for a variable of shape (2,)", ShapeError);
  const auto [gx] = grad(y, from_values({1.0, 10.0}), std::tie(x));
  CHECK(gx.data()(0) == 2);
  CHECK(gx.data()(1) == 40);
}

TEST_CASE("grad: of a constant throws") {
  const auto x = grad_leaf(2);
  CHECK_THROWS_WITH_AS(grad(GradNumber(1.0), x), doctest::Contains("grad"), GraphError);
}

TEST_CASE("grad: the same variable asked for twice gets the same answer twice") {
  const auto x = grad_leaf(3);
  const auto [a, b] = grad(x * x, std::tie(x, x));
  CHECK(a.item() == 6);
  CHECK(b.item() == 6);
}

TEST_CASE("grad: one that fails leaves nothing behind for the next") {
  const Variable w(full({2}, 3.0), {.requires_grad = true});
  const Variable x(full({2}, 2.0), {.requires_grad = true});
  const auto y = w * (x * x);
  x.mutable_data() = full({2}, 5.0);
  CHECK_THROWS_AS(grad(y, ones<double>({2}), std::tie(w, x)), GraphError);
  const auto [gw] = grad(w * 7, ones<double>({2}), std::tie(w));
  CHECK(gw.data()(0) == 7);
}
