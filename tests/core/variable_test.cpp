// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/variable.hpp>

#include <tinydl/functions/arithmetic.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tinydl;

namespace {

const Tensor<double, 1> variable_values = from_values({1.0, 2.0, 3.0});

std::vector<double> variable_list(std::span<const double> values) {
  return {values.begin(), values.end()};
}

template <class>
struct VariableHolder {
  VariableHandle held;
  void let_go() { held = {}; }
};

}  // namespace

TEST_CASE("Variable: is a constant without a name unless told") {
  const Variable x(variable_values);
  CHECK_FALSE(x.requires_grad());
  CHECK(x.name().empty());
  CHECK(x.creator() == nullptr);
  CHECK(x.generation() == 0);
  CHECK_FALSE(x.grad().defined());
  CHECK(x.shape() == Shape(3));
  CHECK(x.size() == 3);
}

TEST_CASE("Variable: takes its options by name") {
  const Variable x(variable_values, {.requires_grad = true, .name = "x"});
  CHECK(x.requires_grad());
  CHECK(x.name() == "x");
  x.set_name("y");
  CHECK(x.name() == "y");
}

TEST_CASE("Variable: of nothing is not defined") {
  const Variable<double, 2> none;
  CHECK_FALSE(none.defined());
  CHECK(text(none) == "(no variable)");
}

TEST_CASE("Variable: a number is a variable of rank 0") {
  const Variable x(2.5, {.requires_grad = true});
  static_assert(decltype(x)::rank == 0);
  CHECK(x.item() == 2.5);
  CHECK_THROWS_AS(Variable(variable_values).item(), ShapeError);
}

TEST_CASE("Variable: is let go of by a class template that assigns nothing to its handle") {
  const Tensor<double, 1> values = full({3}, 1.0);
  VariableHolder<int> holder{Variable(values)};
  CHECK_FALSE(values.storage().unique());
  holder.let_go();
  CHECK(values.storage().unique());
}

TEST_CASE("Variable: survives being assigned to itself") {
  Variable x(variable_values);
  Variable<double, 1>& same = x;
  x = same;
  x = std::move(same);
  CHECK(x.data().defined());
  CHECK(x.data()(2) == 3);
}

TEST_CASE("Variable: copies name the same variable") {
  const Variable x(variable_values, {.requires_grad = true});
  const Variable same = x;
  CHECK(same.is(x));
  CHECK_FALSE(Variable(variable_values).is(x));
  same.mutable_data().mutable_data()[0] = 7;
  CHECK(x.data()(0) == 7);
  CHECK(variable_values(0) == 1);
  (same * 2).backward(ones<double>({3}));
  CHECK(x.grad()(0) == 2);
}

TEST_CASE("Variable: shares the tensor it is made of until either is written") {
  const Variable x(variable_values);
  CHECK(x.data().shares_with(variable_values));
}

TEST_CASE("AnyVariable: sees any rank as spans") {
  const Variable x(from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}), {.requires_grad = true});
  const AnyVariable<double> any = x;
  CHECK(any.defined());
  CHECK(any.size() == 6);
  CHECK(shape_text(any.sizes()) == "(2, 3)");
  CHECK(any.data_span()[4] == 5);
  any.mutable_data_span()[4] = 50;
  CHECK(x.data()(1, 1) == 50);
  CHECK_FALSE(any.has_grad());
  (x * 3).backward(ones<double>({2, 3}));
  REQUIRE(any.has_grad());
  CHECK(any.grad_span()[5] == 3);
  any.mutable_grad_span()[5] = -1;
  CHECK(x.grad()(1, 2) == -1);
  any.clear_grad();
  CHECK_FALSE(x.grad().defined());
  CHECK_FALSE(AnyVariable<double>().defined());
}

TEST_CASE("backward: adds to what is there, until clear_grad()") {
  const Variable x(2.0, {.requires_grad = true});
  (x * 3).backward();
  (x * 4).backward();
  CHECK(x.grad().item() == 7);
  x.clear_grad();
  CHECK_FALSE(x.grad().defined());
  const Variable matrix(ones<double>({2, 3}), {.requires_grad = true});
  matrix.clear_grad();
  CHECK(matrix.grad().shape() == Shape<2>());
  (x * 5).backward();
  CHECK(x.grad().item() == 5);
}

TEST_CASE("backward: a gradient that a user copied is not changed by the next pass") {
  const Variable x(variable_values, {.requires_grad = true});
  const auto seed = ones<double>({3});
  (x + 0).backward(seed);
  const auto first = x.grad();
  (x + 0).backward(seed);
  CHECK(variable_list(first.span()) == std::vector<double>{1, 1, 1});
  CHECK(variable_list(seed.span()) == std::vector<double>{1, 1, 1});
  CHECK(variable_list(x.grad().span()) == std::vector<double>{2, 2, 2});
}

TEST_CASE("backward: two leaves that received one gradient do not share it") {
  const Variable x(variable_values, {.requires_grad = true});
  const Variable w(variable_values, {.requires_grad = true});
  (x + w).backward(ones<double>({3}));
  x.slot().mutable_gradient()[0] = 9;
  CHECK(w.grad()(0) == 1);
}

TEST_CASE("backward: of a leaf is the gradient that it is given") {
  const Variable x(variable_values, {.requires_grad = true});
  x.backward(from_values({4.0, 5.0, 6.0}));
  CHECK(variable_list(x.grad().span()) == std::vector<double>{4, 5, 6});
}

TEST_CASE("backward: weighs the elements by the gradient given") {
  const Variable x(variable_values, {.requires_grad = true});
  (x * x).backward(from_values({1.0, 10.0, 100.0}));
  CHECK(variable_list(x.grad().span()) == std::vector<double>{2, 40, 600});
}

TEST_CASE("backward: refuses a gradient of another shape and names both") {
  const Variable x(variable_values, {.requires_grad = true});
  const auto y = x * 2;
  CHECK_THROWS_WITH_AS(y.backward(ones<double>({2})),
                       "backward: a gradient of shape (2,) for a variable of shape (3,)",
                       ShapeError);
  CHECK_FALSE(x.grad().defined());
  y.backward(ones<double>({3}));
  CHECK(x.grad()(2) == 2);
}

TEST_CASE("backward: refuses a gradient that is no tensor") {
  const Variable x(2.0, {.requires_grad = true});
  const auto y = x * 2;
  CHECK_THROWS_AS(y.backward(Tensor<double, 0>()), std::invalid_argument);
}

TEST_CASE("backward: gives constants no gradient") {
  const Variable x(2.0, {.requires_grad = true});
  const Variable<double, 0> constant(3.0);
  (x * constant).backward();
  CHECK(x.grad().item() == 3);
  CHECK_FALSE(constant.grad().defined());
}

TEST_CASE("backward: keeps gradients of leaves alone, and of results that retain_grad()") {
  const Variable x(2.0, {.requires_grad = true});
  const auto a = x * x, b = a * 3;
  const auto y = b * b;
  b.retain_grad();
  y.backward();
  CHECK_FALSE(a.grad().defined());
  CHECK_FALSE(y.grad().defined());
  CHECK(b.grad().item() == 24);
  CHECK(x.grad().item() == 288);
}

TEST_CASE("retain_grad: works for the end of the graph too") {
  const Variable x(2.0, {.requires_grad = true});
  const auto y = x * 3;
  y.retain_grad();
  y.backward();
  CHECK(y.grad().item() == 1);
}

TEST_CASE("retain_grad: accumulates over passes, each time passing on its own part alone") {
  const Variable x(2.0, {.requires_grad = true});
  const auto a = x * 3;
  a.retain_grad();
  const auto y = a * 5;
  y.backward({.retain_graph = true});
  y.backward();
  CHECK(a.grad().item() == 10);
  CHECK(x.grad().item() == 30);
}

TEST_CASE("set_requires_grad: switches a leaf, and is refused for a result") {
  const Variable x(2.0, {.requires_grad = true});
  const auto y = x * 3;
  CHECK_THROWS_WITH_AS(y.set_requires_grad(false), doctest::Contains("set_requires_grad"),
                       GraphError);
  x.set_requires_grad(false);
  CHECK_FALSE((x * 3).requires_grad());
  x.set_requires_grad(true);
  CHECK((x * 3).requires_grad());
}

TEST_CASE("detach: is a constant leaf with the same values, and moves no data") {
  const Variable x(variable_values, {.requires_grad = true});
  const auto y = x * 2;
  const auto z = y.detach();
  CHECK(z.data().shares_with(y.data()));
  CHECK_FALSE(z.requires_grad());
  CHECK(z.creator() == nullptr);
  (y * z).backward(ones<double>({3}));
  CHECK(variable_list(x.grad().span()) == std::vector<double>{4, 8, 12});
}

TEST_CASE("detach: writing the detached values leaves the graph's alone") {
  const Variable x(variable_values, {.requires_grad = true});
  const auto y = x * x;
  const auto z = x.detach();
  z.mutable_data().mutable_data()[0] = 100;
  y.backward(ones<double>({3}));
  CHECK(variable_list(x.grad().span()) == std::vector<double>{2, 4, 6});
}

TEST_CASE("set_grad: takes a gradient of the same shape, or none") {
  const Variable x(variable_values, {.requires_grad = true});
  x.set_grad(ones<double>({3}));
  CHECK(x.grad()(1) == 1);
  CHECK_THROWS_WITH_AS(x.set_grad(ones<double>({4})), doctest::Contains("(4,)"), ShapeError);
  CHECK(x.grad().shape() == Shape(3));
  x.set_grad({});
  CHECK_FALSE(x.grad().defined());
}

TEST_CASE("as_variable: makes a constant of a tensor and leaves a variable itself") {
  const auto constant = as_variable(variable_values);
  CHECK_FALSE(constant.requires_grad());
  const Variable x(variable_values, {.requires_grad = true});
  CHECK(as_variable(x).is(x));
  CHECK(data_of(x).shares_with(variable_values));
  CHECK(data_of(variable_values).shares_with(variable_values));
}

TEST_CASE("Variable: prints its name and values") {
  CHECK(text(Variable(variable_values)) == "[1, 2, 3]");
  CHECK(text(Variable(variable_values, {.name = "w"})) == "w = [1, 2, 3]");
}
