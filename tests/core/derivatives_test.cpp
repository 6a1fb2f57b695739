// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/derivatives.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include <tinydl/core/gradient_check.hpp>
#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/functions/slice.hpp>

using namespace tinydl;

namespace {

template <class T, int Rank>
bool derivatives_are(const Tensor<T, Rank>& actual, const Shape<Rank>& shape,
                     const std::vector<double>& expected) {
  bool same = actual.shape() == shape && actual.size() == static_cast<Index>(expected.size());
  for (std::size_t i = 0; same && i < expected.size(); ++i)
    same = std::abs(actual.data()[i] - expected[i]) <= 1e-12 * std::max(1.0, std::abs(expected[i]));
  if (!same) MESSAGE("is ", actual, " of shape ", actual.shape());
  return same;
}

/// sum of 100 (p_{i+1} - p_i^2)^2 + (1 - p_i)^2
constexpr auto derivatives_rosenbrock = [](const auto& p) {
  const Index n = p.shape()[0];
  const auto head = slice(p, 0, 0, n - 1), tail = slice(p, 0, 1, n);
  return sum(100 * square(tail - square(head)) + square(1 - head));
};

// Its backward takes Tensors alone.
struct DerivativesOnce : Function {
  static constexpr auto name = "once";
  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return x * x;
  }
  template <class T, int R>
  Tensor<T, R> backward(const Tensor<T, R>& gy, const Tensor<T, R>& x) const {
    return 2 * gy * x;
  }
};

}  // namespace

TEST_CASE("hessian: of Rosenbrock's function") {
  const double x = -1.2, y = 0.7;
  const auto H =
      hessian([](const auto& p) { return derivatives_rosenbrock(p); }, from_values({x, y}));
  CHECK(derivatives_are(H, {2, 2}, {1200 * x * x - 400 * y + 2, -400 * x, -400 * x, 200}));
}

TEST_CASE("hessian: one step of Newton's method ends at the minimum of a parabola") {
  const auto a = from_values({{4.0, 1.0}, {1.0, 3.0}});
  const auto b = from_values({1.0, -2.0});
  const auto f = [=](const auto& p) {
    return sum(reshape(p, {1, 2}) * matmul(reshape(p, {1, 2}), a)) / 2 - sum(p * b);
  };
  const auto p = from_values({10.0, -7.0});
  const auto H = hessian(f, p);
  CHECK(derivatives_are(H, {2, 2}, {4, 1, 1, 3}));
  const auto g = jacobian(f, p);  // of a number: its gradient
  CHECK(derivatives_are(g, {2}, {4 * 10 - 7 - 1, 10 - 3 * 7 + 2}));
  const double det = H(0, 0) * H(1, 1) - H(0, 1) * H(1, 0);
  const double minimum[] = {10 - (H(1, 1) * g(0) - H(0, 1) * g(1)) / det,
                            -7 - (H(0, 0) * g(1) - H(1, 0) * g(0)) / det};
  CHECK(4 * minimum[0] + minimum[1] == doctest::Approx(1));
  CHECK(minimum[0] + 3 * minimum[1] == doctest::Approx(-2));
}

TEST_CASE("hessian: has x's shape twice, for any rank") {
  const auto cubes = [](const auto& x) { return sum(x * x * x); };
  CHECK(derivatives_are(hessian(cubes, Tensor<double, 0>(2.0)), {}, {12}));
  const auto H = hessian(cubes, from_values({{1.0, 2.0, 3.0}}));
  CHECK(derivatives_are(H, {1, 3, 1, 3}, {6, 0, 0, 0, 12, 0, 0, 0, 18}));
  CHECK(derivatives_are(hessian(cubes, zeros<double>({0})), {0, 0}, {}));
}

TEST_CASE("hessian: is zero for a linear function, a constant, and one of other variables") {
  const auto x = from_values({1.0, 2.0});
  const Variable w(from_values({3.0, 4.0}), {.requires_grad = true});
  CHECK(
      derivatives_are(hessian([](const auto& p) { return sum(3 * p); }, x), {2, 2}, {0, 0, 0, 0}));
  CHECK(derivatives_are(hessian([](const auto& p) { return sum(p.detach()); }, x), {2, 2},
                        {0, 0, 0, 0}));
  CHECK(derivatives_are(hessian([&](const auto&) { return sum(w * w); }, x), {2, 2}, {0, 0, 0, 0}));
}

TEST_CASE("jacobian: has the shape of the result, then that of x") {
  const auto x = from_values({0.3, 1.1});
  CHECK(derivatives_are(jacobian([](const auto& p) { return sin(p); }, x), {2, 2},
                        {std::cos(0.3), 0, 0, std::cos(1.1)}));
  const auto w = from_values({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
  const auto product = [=](const auto& p) { return matmul(w, unsqueeze(p, 1)); };
  CHECK(derivatives_are(jacobian(product, x), {3, 1, 2}, {1, 2, 3, 4, 5, 6}));
  const auto self = [](const auto& p) { return p; };
  CHECK(derivatives_are(jacobian(self, x), {2, 2}, {1, 0, 0, 1}));
  const auto constant = [](const auto&) { return Variable(ones<double>({3})); };
  CHECK(derivatives_are(jacobian(constant, x), {3, 2}, {0, 0, 0, 0, 0, 0}));
}

TEST_CASE("jacobian: of a gradient is the hessian") {
  const auto p = from_values({0.4, -0.3, 1.2});
  const auto gradient = [](const auto& x) {
    return grad(derivatives_rosenbrock(x), x, {.create_graph = true});
  };
  const auto H = hessian(derivatives_rosenbrock, p);
  CHECK(derivatives_are(jacobian(gradient, p), {3, 3}, {H.data(), H.data() + 9}));
}

TEST_CASE("hessian_vector_product: is the Hessian's product with the vector, and linear in it") {
  const auto p = from_values({0.4, -0.3, 1.2});
  const auto H = hessian(derivatives_rosenbrock, p);
  for (const auto& v : {from_values({1.0, 0.0, 0.0}), from_values({0.5, -2.0, 3.0})}) {
    const auto expected = matmul(H, unsqueeze(v, 1));
    CHECK(derivatives_are(hessian_vector_product(derivatives_rosenbrock, p, v), {3},
                          {expected.data(), expected.data() + 3}));
  }
  const auto linear = [](const auto& x) { return sum(x); };
  CHECK(derivatives_are(hessian_vector_product(linear, p, p), {3}, {0, 0, 0}));
  CHECK_THROWS_WITH_AS(hessian_vector_product(derivatives_rosenbrock, p, from_values({1.0})),
                       "hessian_vector_product: a vector of shape (1,) for x of shape (3,)",
                       ShapeError);
}

TEST_CASE("derivatives: leave no gradients behind, on x or on what f captures") {
  const Variable x(from_values({1.0, 2.0}), {.requires_grad = true});
  const Variable w(from_values({3.0, 4.0}), {.requires_grad = true});
  const auto shared = w * w;
  const auto f = [&](const auto& p) { return sum(p * p * shared); };
  CHECK(derivatives_are(hessian(f, x), {2, 2}, {18, 0, 0, 32}));
  jacobian(f, x);
  hessian_vector_product(f, x, x.data());
  CHECK_FALSE(x.has_grad());
  CHECK_FALSE(w.has_grad());
  CHECK(x.creator() == nullptr);
  sum(shared).backward();  // its graph was not released
  CHECK(w.grad()(1) == 8);
}

TEST_CASE("derivatives: also where recording is switched off, and it stays off") {
  const auto p = from_values({0.5, 2.0});
  const auto expected = hessian(derivatives_rosenbrock, p);
  const NoGrad no_grad;
  const std::vector<double> values(expected.data(), expected.data() + 4);
  CHECK(derivatives_are(hessian(derivatives_rosenbrock, p), {2, 2}, values));
  CHECK(derivatives_are(jacobian([](const auto& x) { return x * x; }, p), {2, 2}, {1, 0, 0, 4}));
  CHECK(derivatives_are(hessian_vector_product(derivatives_rosenbrock, p, from_values({0.0, 1.0})),
                        {2}, {values[1], values[3]}));
  CHECK_FALSE(grad_enabled());
}

TEST_CASE("derivatives: a function that cannot be differentiated twice is named") {
  const auto p = from_values({0.5, 2.0});
  const auto f = [](const auto& x) { return sum(apply(DerivativesOnce{}, x)); };
  CHECK(derivatives_are(jacobian(f, p), {2}, {1, 4}));
  CHECK_THROWS_WITH_AS(hessian(f, p), doctest::Contains("the derivative of once"), GraphError);
  CHECK_THROWS_AS(hessian_vector_product(f, p, p), GraphError);
}

// A critic whose gradient with respect to its input should have length 1 (Gulrajani et al., 2017):
// the penalty is (|d(critic)/d(x)| - 1)^2, and its gradient goes to the weights.
TEST_CASE("derivatives: a gradient penalty reaches the weights") {
  Generator generator(3);
  const auto x = randn<double>({4, 3}, generator);
  const auto penalty = [=](const auto& w, const auto& v) {
    const GradMode recording(true);
    const Variable<double, 2> input(x, {.requires_grad = true});
    const auto score = sum(matmul(tanh(matmul(input, w)), v));
    const auto slope = grad(score, input, {.create_graph = true});
    const auto length = sqrt(sum(square(slope), 1));
    return mean(square(length - 1));
  };
  const auto w = randn<double>({3, 5}, generator), v = randn<double>({5, 1}, generator);
  CHECK(gradient_check(penalty, w, v));

  Variable weight(w, {.requires_grad = true}), out(v, {.requires_grad = true});
  const double before = penalty(weight, out).item();
  penalty(weight, out).backward();
  const auto better = penalty(Variable(w - 0.01 * weight.grad()), Variable(v - 0.01 * out.grad()));
  CHECK(better.item() < before);
}
