// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/activation.hpp>

#include "functions/check.hpp"

namespace tinydl_test {

namespace {

/// The derivatives of f away from 0, where it may have a kink.
template <class F>
Verdict activation_derivatives_agree(const char* function, const F& f) {
  return all({derivatives_agree(function, f, signed_numbers({2, 3})),
              derivatives_agree(function, f, signed_numbers({1, 1})),
              derivatives_agree(function, f, signed_numbers({3, 1}) * 3)});
}

/// The value, in double and float, and the derivative of f at -1000 and 1000; the second one is 0.
template <class F>
Verdict extremes_are(const F& f, const std::vector<double>& values,
                     const std::vector<double>& slopes) {
  const auto x = variable(from_values({{-1000.0, 1000.0}}));
  sum(f(x)).backward();
  const auto slope = grad(sum(f(x)), x, {.create_graph = true});
  return all({is(f(x), {1, 2}, values), is(f(x.data().cast<float>()), {1, 2}, values),
              is(x.grad(), {1, 2}, slopes), is(slope, {1, 2}, slopes),
              is(grad(sum(slope), x), {1, 2}, {0, 0})});
}

}  // namespace

TEST_CASE("activations: known values") {
  const auto x = from_values({{-2.0, 0.0, 1.0}});
  CHECK(is(relu(x), {1, 3}, {0, 0, 1}));
  CHECK(is(leaky_relu(x), {1, 3}, {-0.02, 0, 1}));
  CHECK(is(leaky_relu(x, 0.5), {1, 3}, {-1, 0, 1}));
  CHECK(is(sigmoid(x), {1, 3}, {0.11920292202211755, 0.5, 0.7310585786300049}));
  CHECK(is(tanh(x), {1, 3}, {-0.9640275800758169, 0, 0.7615941559557649}));
  CHECK(is(softplus(x), {1, 3}, {0.1269280110429725, 0.6931471805599453, 1.3132616875182228}));
  CHECK(is(silu(x), {1, 3}, {-0.2384058440442351, 0, 0.7310585786300049}));
  CHECK(is(elu(x), {1, 3}, {-0.8646647167633873, 0, 1}));
  CHECK(is(elu(x, 0.5), {1, 3}, {-0.43233235838169365, 0, 1}));
  CHECK(is(gelu(x), {1, 3}, {-0.04550026389635842, 0, 0.8413447460685429}));
  CHECK(is(gelu(x, {.approximate = true}), {1, 3}, {-0.04540230591222494, 0, 0.8411919906082768}));
}

TEST_CASE("activations: derivatives") {
  CHECK(activation_derivatives_agree("relu", [](auto x) { return relu(x); }));
  CHECK(activation_derivatives_agree("leaky_relu", [](auto x) { return leaky_relu(x, 0.2); }));
  CHECK(activation_derivatives_agree("sigmoid", [](auto x) { return sigmoid(x); }));
  CHECK(activation_derivatives_agree("tanh", [](auto x) { return tanh(x); }));
  CHECK(activation_derivatives_agree("softplus", [](auto x) { return softplus(x); }));
  CHECK(activation_derivatives_agree("silu", [](auto x) { return silu(x); }));
  CHECK(activation_derivatives_agree("elu", [](auto x) { return elu(x, 0.7); }));
  CHECK(activation_derivatives_agree("gelu", [](auto x) { return gelu(x); }));
  CHECK(
      activation_derivatives_agree("gelu", [](auto x) { return gelu(x, {.approximate = true}); }));
}

TEST_CASE("activations: derivatives for all ranks") {
  const auto f = [](auto x) { return relu(sigmoid(x) - 0.5); };
  CHECK(derivatives_agree("relu", f, number(0.7)));
  CHECK(derivatives_agree("relu", f, signed_numbers({5})));
  CHECK(derivatives_agree("relu", f, signed_numbers({2, 1, 2})));
}

TEST_CASE("relu: its derivative at 0 is 0, however it is computed") {
  const auto x = variable(from_values({{-1.0, 0.0, 2.0}}));
  sum(relu(x)).backward();
  CHECK(is(x.grad(), {1, 3}, {0, 0, 1}));
  CHECK(is(grad(sum(relu(x)), x, {.create_graph = true}), {1, 3}, {0, 0, 1}));
}

TEST_CASE("relu: a gradient that is not a number does not pass where x is negative") {
  const auto x = variable(from_values({{-1.0, 2.0}}));
  relu(x).backward(from_values({{std::nan(""), 3.0}}));
  CHECK(is(x.grad(), {1, 2}, {0, 3}));
}

TEST_CASE("activations: what is not a number stays visible") {
  const auto x = from_values({{std::nan(""), 1.0}});
  CHECK(std::isnan(relu(x)(0, 0)));
  CHECK(std::isnan(sigmoid(x)(0, 0)));
  CHECK(std::isnan(softplus(x)(0, 0)));
  CHECK(std::isnan(elu(x)(0, 0)));
}

TEST_CASE("activations: no overflow at -1000 and 1000, in value or derivatives") {
  CHECK(extremes_are([](auto x) { return sigmoid(x); }, {0, 1}, {0, 0}));
  CHECK(extremes_are([](auto x) { return tanh(x); }, {-1, 1}, {0, 0}));
  CHECK(extremes_are([](auto x) { return softplus(x); }, {0, 1000}, {0, 1}));
  CHECK(extremes_are([](auto x) { return silu(x); }, {0, 1000}, {0, 1}));
  CHECK(extremes_are([](auto x) { return elu(x); }, {-1, 1000}, {0, 1}));
  CHECK(extremes_are([](auto x) { return gelu(x); }, {0, 1000}, {0, 1}));
  CHECK(extremes_are([](auto x) { return gelu(x, {.approximate = true}); }, {0, 1000}, {0, 1}));
}

TEST_CASE("softplus: keeps the small values that 1 + exp(x) would round away") {
  CHECK(softplus(from_values({-40.0}))(0) / 4.248354255291589e-18 == doctest::Approx(1));
}

TEST_CASE("activations: operands without elements") {
  const auto none = variable(zeros<double>({0, 2}));
  sum(relu(none) + sigmoid(none) + elu(none)).backward();
  CHECK(is(none.grad(), {0, 2}, {}));
}

TEST_CASE("activations: a backward pass overwrites no gradient that someone else holds") {
  const auto g = numbers({2, 3});
  const auto before = flat(g);
  const auto x = variable(numbers({2, 3}, -2, 2, 2));
  const auto middle = tanh(x);
  middle.retain_grad();
  const auto y = sigmoid(middle);
  y.backward(g, {.retain_graph = true});
  CHECK(is(g, {2, 3}, before));
  const auto of_middle = flat(middle.grad()), of_x = flat(x.grad());
  CHECK(is(middle.grad(), {2, 3}, flat(g * y.data() * (1 - y.data()))));
  y.backward(g);
  CHECK(is(g, {2, 3}, before));
  CHECK(is(x.grad(), {2, 3},
           flat(2 * from_values<double>(Shape<2>(2, 3), std::span<const double>(of_x)))));
  CHECK(is(middle.grad(), {2, 3},
           flat(2 * from_values<double>(Shape<2>(2, 3), std::span<const double>(of_middle)))));
}

}  // namespace tinydl_test
