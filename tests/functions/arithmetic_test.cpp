// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/arithmetic.hpp>

#include "functions/check.hpp"

namespace tinydl_test {

namespace {

/// The derivatives of f(a, b) for the ways in which two operands broadcast.
template <class F>
Verdict broadcast_derivatives_agree(const F& f) {
  const auto with = [&](const auto& a, const auto& b) { return derivatives_agree(f, a, b); };
  return all({
      with(signed_numbers({2, 3}), signed_numbers({2, 3}, 3)),
      with(signed_numbers({1, 1}), signed_numbers({1, 1}, 3)),
      with(signed_numbers({1, 5}), signed_numbers({4, 1}, 3)),
      with(signed_numbers({2, 3}), signed_numbers({1, 3}, 3)),
      with(signed_numbers({2, 1}), signed_numbers({2, 3}, 3)),
      with(signed_numbers({2, 3}), signed_numbers({1, 1}, 3)),
      with(signed_numbers({0, 3}), signed_numbers({1, 3}, 3)),
      with(signed_numbers({4, 3}), signed_numbers({3}, 3)),
      with(signed_numbers({3}), signed_numbers({4, 3}, 3)),
      with(signed_numbers({2, 3, 4}), signed_numbers({3, 1}, 3)),
      with(signed_numbers({3, 1}), signed_numbers({2, 3, 4}, 3)),
      with(number(0.7), signed_numbers({2, 3}, 3)),
      with(signed_numbers({2, 3}), number(-0.7)),
  });
}

/// The derivatives of f(x) where x is not 0.
template <class F>
Verdict signed_derivatives_agree(const char* function, const F& f) {
  return all({derivatives_agree(function, f, signed_numbers({2, 3})),
              derivatives_agree(function, f, signed_numbers({1, 1}))});
}

}  // namespace

TEST_CASE("arithmetic: two operands of one shape") {
  const auto a = from_values({{1.0, -2.0}, {3.0, 4.0}}), b = from_values({{2.0, 5.0}, {-1.0, 8.0}});
  CHECK(is(a + b, {2, 2}, {3, 3, 2, 12}));
  CHECK(is(a - b, {2, 2}, {-1, -7, 4, -4}));
  CHECK(is(a * b, {2, 2}, {2, -10, -3, 32}));
  CHECK(is(a / b, {2, 2}, {0.5, -0.4, -3, 0.5}));
  CHECK(is(-a, {2, 2}, {-1, 2, -3, -4}));
}

TEST_CASE("arithmetic: operands broadcast, the narrower on either side") {
  const auto m = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  const auto row = from_values({1.0, 2.0, 4.0});
  const auto column = from_values({{2.0}, {10.0}});
  CHECK(is(m - row, {2, 3}, {0, 0, -1, 3, 3, 2}));
  CHECK(is(row - m, {2, 3}, {0, 0, 1, -3, -3, -2}));
  CHECK(is(m / column, {2, 3}, {0.5, 1, 1.5, 0.4, 0.5, 0.6}));
  CHECK(is(row * column, {2, 3}, {2, 4, 8, 10, 20, 40}));
  CHECK(is(column + row, {2, 3}, {3, 4, 6, 11, 12, 14}));
  CHECK(is(number(12) / m, {2, 3}, {12, 6, 4, 3, 2.4, 2}));
}

TEST_CASE("arithmetic: operands without elements") {
  const auto none = zeros<double>({0, 3});
  const auto row = from_values({1.0, 2.0, 4.0});
  CHECK(is(none + row, {0, 3}, {}));
  CHECK(is(none * none, {0, 3}, {}));
  CHECK(is(-none, {0, 3}, {}));
  const auto bias = variable(row);
  sum(none + bias).backward();
  CHECK(is(bias.grad(), {3}, {0, 0, 0}));
}

TEST_CASE("arithmetic: integers, at every length of a vector's remainder") {
  for (Index n = 1; n < 20; ++n) {
    const auto a = arange<int>(1, static_cast<int>(n) + 1);
    std::vector<double> ones(static_cast<std::size_t>(n), 1.0);
    CHECK(is(a / a, {n}, ones));
    CHECK(is(a - a + 1, {n}, ones));
    CHECK(is((60 / a) / (60 / a), {n}, ones));
  }
}

TEST_CASE("arithmetic: numbers of any type stand on either side, and the element type stays") {
  const auto x = from_values({1.0f, 2.0f, -4.0f});
  const auto same_type = [](const Tensor<float, 1>& y) { return y; };
  CHECK(is(same_type(2 * x), {3}, {2, 4, -8}));
  CHECK(is(same_type(x * 0.5), {3}, {0.5, 1, -2}));
  CHECK(is(same_type(x - 1), {3}, {0, 1, -5}));
  CHECK(is(same_type(1.5f - x), {3}, {0.5, -0.5, 5.5}));
  CHECK(is(same_type(1 / x), {3}, {1, 0.5, -0.25}));
  CHECK(is(same_type(x / 4), {3}, {0.25, 0.5, -1}));
  CHECK(is(same_type(x + 1L), {3}, {2, 3, -3}));
  CHECK(is(same_type(1u + x), {3}, {2, 3, -3}));
  const Variable<float, 1> v(x);
  const Variable<float, 1> y = 2 * v - 0.5 + 1 / v;
  CHECK(is(y, {3}, {2.5, 4, -8.75}));
}

TEST_CASE("arithmetic: derivatives with a number on either side") {
  CHECK(signed_derivatives_agree("+", [](auto x) { return x + 2; }));
  CHECK(signed_derivatives_agree("+", [](auto x) { return 2.5f + x; }));
  CHECK(signed_derivatives_agree("-", [](auto x) { return x - 1; }));
  CHECK(signed_derivatives_agree("-", [](auto x) { return 1.5f - x; }));
  CHECK(signed_derivatives_agree("*", [](auto x) { return x * 3; }));
  CHECK(signed_derivatives_agree("*", [](auto x) { return -0.5 * x; }));
  CHECK(signed_derivatives_agree("/", [](auto x) { return x / 4; }));
  CHECK(signed_derivatives_agree("/", [](auto x) { return 1 / x; }));
  CHECK(signed_derivatives_agree("-", [](auto x) { return -x; }));
}

TEST_CASE("+: broadcasting is undone in its gradients") {
  CHECK(broadcast_derivatives_agree([](auto a, auto b) { return a + b; }));
}
TEST_CASE("-: broadcasting is undone in its gradients") {
  CHECK(broadcast_derivatives_agree([](auto a, auto b) { return a - b; }));
}
TEST_CASE("*: broadcasting is undone in its gradients") {
  CHECK(broadcast_derivatives_agree([](auto a, auto b) { return a * b; }));
}
TEST_CASE("/: broadcasting is undone in its gradients") {
  CHECK(broadcast_derivatives_agree([](auto a, auto b) { return a / b; }));
}

TEST_CASE("arithmetic: derivatives for rank 0 and rank 4") {
  const auto f = [](auto a, auto b) { return a * b; };
  CHECK(derivatives_agree("*", f, number(0.7), number(-0.6)));
  CHECK(derivatives_agree("*", f, numbers({2, 1, 3, 2}), numbers({1, 2, 1, 2}, -2, 2, 3)));
}

TEST_CASE("arithmetic: a bias of shape (n) keeps its shape, and its gradient sums over the rows") {
  const auto x = variable(from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}));
  const auto bias = variable(from_values({10.0, 20.0, 30.0}));
  const auto gy = from_values({{1.0, 2.0, 3.0}, {10.0, 20.0, 30.0}});
  (x + bias).backward(gy);
  CHECK(is(bias.grad(), {3}, {11, 22, 33}));
  CHECK(is(x.grad(), {2, 3}, {1, 2, 3, 10, 20, 30}));
  bias.clear_grad();
  (bias - x).backward(gy);
  CHECK(is(bias.grad(), {3}, {11, 22, 33}));
  bias.clear_grad();
  (x * bias).backward(gy);
  CHECK(is(bias.grad(), {3}, {41, 104, 189}));
  bias.clear_grad();
  (x / bias).backward(gy);
  CHECK(is(bias.grad(), {3}, {-41 / 100.0, -104 / 400.0, -189 / 900.0}));
}

TEST_CASE("arithmetic: one Variable on both sides gets both gradients") {
  const auto x = variable(from_values({3.0, -2.0}));
  sum(x * x + x - x / x).backward();
  CHECK(is(x.grad(), {2}, {7, -3}));
}

TEST_CASE("arithmetic: a Tensor beside a Variable is a constant") {
  const auto x = variable(from_values({3.0, -2.0}));
  const auto c = from_values({{2.0, 4.0}, {8.0, 16.0}});
  const Variable<double, 2> y = c * x + x * c - c / x;
  CHECK(is(y, {2, 2}, {12 - 2 / 3.0, -14, 48 - 8 / 3.0, -56}));
  sum(y).backward();
  CHECK(is(x.grad(), {2}, {20 + 10 / 9.0, 45}));
}

TEST_CASE("arithmetic: refuses shapes that do not broadcast and names both") {
  const auto a = variable(numbers({2, 3})), b = variable(numbers({3, 2}));
  const auto c = variable(numbers({2}));
  const std::string shapes = ": shapes do not broadcast: (2, 3) and (3, 2)";
  CHECK(error_of([&] { a + b; }) == "ShapeError: add" + shapes);
  CHECK(error_of([&] { a - b; }) == "ShapeError: sub" + shapes);
  CHECK(error_of([&] { a* b; }) == "ShapeError: mul" + shapes);
  CHECK(error_of([&] { a / b; }) == "ShapeError: div" + shapes);
  CHECK(error_of([&] { a + c; }) == "ShapeError: add: shapes do not broadcast: (2, 3) and (2,)");
  CHECK(usable(a));
  CHECK(usable(b));
  CHECK(usable(c));
}

TEST_CASE("arithmetic: refuses an undefined operand") {
  const Tensor<double, 1> none;
  const auto x = from_values({1.0});
  CHECK(error_of([&] { x + none; }) == "ValueError: add: an operand is undefined");
  CHECK(error_of([&] { -none; }) == "ValueError: neg: an operand is undefined");
  CHECK(error_of([&] { 2 / none; }) == "ValueError: div: an operand is undefined");
}

}  // namespace tinydl_test
