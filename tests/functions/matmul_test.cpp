// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/matmul.hpp>

#include "functions/check.hpp"

namespace tinydl_test {

namespace {

/// A product of two matrices, either taken transposed.
auto transposed_product(bool a_transposed, bool b_transposed) {
  return [=](auto a, auto b) { return apply(MatMul<2>{{}, a_transposed, b_transposed}, a, b); };
}

}  // namespace

TEST_CASE("matmul: known values") {
  const auto a = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  const auto b = from_values({{1.0, -1.0}, {0.0, 2.0}, {3.0, 1.0}});
  CHECK(is(matmul(a, b), {2, 2}, {10, 6, 22, 12}));
  CHECK(is(matmul(b, a), {3, 3}, {-3, -3, -3, 8, 10, 12, 7, 11, 15}));
  CHECK(is(matmul(a, eye<double>(3)), {2, 3}, flat(a)));
}

TEST_CASE("matmul: of float agrees with the sums written out") {
  const auto a = numbers({37, 53}).cast<float>(), b = numbers({53, 29}).cast<float>();
  const auto c = matmul(a, b);
  float worst = 0;
  for (Index i = 0; i < 37; ++i)
    for (Index j = 0; j < 29; ++j) {
      double expected = 0;
      for (Index k = 0; k < 53; ++k) expected += double(a(i, k)) * double(b(k, j));
      worst = std::max(worst, std::abs(c(i, j) - static_cast<float>(expected)));
    }
  CHECK(worst < 2e-5f);
}

TEST_CASE("matmul: its gradients are gy b^T and a^T gy") {
  const auto a = variable(numbers({2, 3})), b = variable(numbers({3, 4}, -2, 2, 3));
  const auto gy = numbers({2, 4}, -2, 2, 4);
  matmul(a, b).backward(gy);
  CHECK(is(a.grad(), {2, 3}, flat(matmul(gy, transpose(b.data())))));
  CHECK(is(b.grad(), {3, 4}, flat(matmul(transpose(a.data()), gy))));
}

TEST_CASE("matmul: of stacks is that of each pair of matrices") {
  const auto a = from_values<double>({2, 1, 2}, {1, 2, 3, 4});
  const auto b = from_values<double>({2, 2, 2}, {1, 0, 0, 1, 1, 2, 3, 4});
  CHECK(is(matmul(a, b), {2, 1, 2}, {1, 2, 15, 22}));
  const auto c = numbers({2, 3, 2, 4}), d = numbers({2, 3, 4, 5}, -2, 2, 3);
  const auto product = matmul(c, d);
  CHECK(product.shape() == Shape(2, 3, 2, 5));
  CHECK(is(select(select(product, 0, 1), 0, 2), {2, 5},
           flat(matmul(select(select(c, 0, 1), 0, 2), select(select(d, 0, 1), 0, 2)))));
}

TEST_CASE("matmul: a stack times one matrix") {
  const auto a = numbers({2, 3, 4});
  const auto b = numbers({4, 2}, -2, 2, 3);
  const auto product = matmul(a, b);
  CHECK(product.shape() == Shape(2, 3, 2));
  CHECK(is(select(product, 0, 1), {3, 2}, flat(matmul(select(a, 0, 1), b))));
}

TEST_CASE("matmul: derivatives") {
  const auto f = [](auto a, auto b) { return matmul(a, b); };
  CHECK(derivatives_agree(f, numbers({2, 3}), numbers({3, 4}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({1, 1}), numbers({1, 1}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({1, 3}), numbers({3, 1}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({3, 1}), numbers({1, 2}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({2, 2, 3}), numbers({2, 3, 2}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({1, 2, 2, 1}), numbers({1, 2, 1, 3}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({2, 2, 3}), numbers({3, 2}, -2, 2, 3)));
}

TEST_CASE("matmul: derivatives of products with transposed operands") {
  const auto a = numbers({2, 3}), b = numbers({3, 4}, -2, 2, 3);
  const auto a_t = transpose(a), b_t = transpose(b);
  const auto expected = flat(matmul(a, b));
  CHECK(is(transposed_product(true, false)(a_t, b), {2, 4}, expected));
  CHECK(is(transposed_product(false, true)(a, b_t), {2, 4}, expected));
  CHECK(is(transposed_product(true, true)(a_t, b_t), {2, 4}, expected));
  CHECK(derivatives_agree(transposed_product(true, false), a_t, b));
  CHECK(derivatives_agree(transposed_product(false, true), a, b_t));
  CHECK(derivatives_agree(transposed_product(true, true), a_t, b_t));
}

TEST_CASE("matmul: without an inner dimension it is 0, without rows it is empty") {
  const auto a = variable(zeros<double>({2, 0})), b = variable(zeros<double>({0, 3}));
  CHECK(is(matmul(a, b), {2, 3}, std::vector<double>(6)));
  sum(matmul(a, b)).backward();
  CHECK(is(a.grad(), {2, 0}, {}));
  CHECK(is(b.grad(), {0, 3}, {}));
  CHECK(is(matmul(b, zeros<double>({3, 2})), {0, 2}, {}));
  CHECK(is(matmul(zeros<double>({2, 2, 0}), b), {2, 2, 3}, std::vector<double>(12)));
  CHECK(is(matmul(zeros<double>({2, 2, 0}), zeros<double>({0, 0})), {2, 2, 0}, {}));
  CHECK(is(matmul(zeros<double>({0, 2, 3}), zeros<double>({3, 4})), {0, 2, 4}, {}));
  CHECK(is(matmul(zeros<double>({0, 2, 3}), zeros<double>({0, 3, 1})), {0, 2, 1}, {}));
}

TEST_CASE("matmul: a Tensor beside a Variable is a constant") {
  const auto x = variable(from_values({{1.0, 2.0}}));
  const auto w = from_values({{3.0, 4.0}, {5.0, 6.0}});
  sum(matmul(x, w)).backward();
  CHECK(is(x.grad(), {1, 2}, {7, 11}));
  const auto column = variable(from_values({{1.0}, {2.0}}));
  sum(matmul(w, column)).backward();
  CHECK(is(column.grad(), {2, 1}, {8, 10}));
}

TEST_CASE("matmul: refuses inner dimensions that differ and names both shapes") {
  const auto a = variable(numbers({3, 2})), b = variable(numbers({3, 2}, -2, 2, 3));
  CHECK(error_of([&] { matmul(a, b); }) ==
        "ShapeError: matmul: inner dimensions differ: (3, 2) x (3, 2)");
  CHECK(error_of([&] {
          matmul(numbers({2, 3, 4}), numbers({2, 3, 4}));
        }) == "ShapeError: matmul: inner dimensions differ: (2, 3, 4) x (2, 3, 4)");
  CHECK(error_of([&] {
          matmul(numbers({2, 3, 4}), b);
        }) == "ShapeError: matmul: inner dimensions differ: (2, 3, 4) x (3, 2)");
  CHECK(error_of([&] { transposed_product(true, true)(a, b); }) ==
        "ShapeError: matmul: inner dimensions differ: (3, 2) transposed x (3, 2) transposed");
  CHECK(usable(a));
  CHECK(usable(b));
}

TEST_CASE("matmul: refuses batch dimensions that differ and names both shapes") {
  CHECK(error_of([] {
          matmul(numbers({2, 3, 4}), numbers({1, 4, 3}));
        }) == "ShapeError: matmul: batch dimensions differ: (2, 3, 4) x (1, 4, 3)");
}

TEST_CASE("linear: x weight^T + bias, for x of any rank") {
  const auto weight = from_values({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
  const auto bias = from_values({10.0, 20.0, 30.0});
  const auto x = from_values({{1.0, 1.0}, {0.0, -1.0}});
  CHECK(is(linear(x, weight), {2, 3}, {3, 7, 11, -2, -4, -6}));
  CHECK(is(linear(x, weight, bias), {2, 3}, {13, 27, 41, 8, 16, 24}));
  CHECK(is(linear(select(x, 0, 0), weight, bias), {3}, {13, 27, 41}));
  CHECK(is(linear(reshape(x, {2, 1, 2}), weight, bias), {2, 1, 3}, {13, 27, 41, 8, 16, 24}));
  CHECK(is(linear(zeros<double>({0, 2}), weight, bias), {0, 3}, {}));
  CHECK(is(linear(zeros<double>({2, 0}), zeros<double>({3, 0}), bias), {2, 3},
           {10, 20, 30, 10, 20, 30}));
}

TEST_CASE("linear: derivatives") {
  const auto f = [](auto x, auto w, auto b) { return linear(x, w, b); };
  const auto weight = numbers({3, 2}, -2, 2, 3);
  const auto bias = numbers({3}, -2, 2, 4);
  CHECK(derivatives_agree(f, numbers({4, 2}), weight, bias));
  CHECK(derivatives_agree(f, numbers({1, 1}), numbers({1, 1}, -2, 2, 3), numbers({1}, -2, 2, 4)));
  CHECK(derivatives_agree(f, numbers({2, 1, 2}), weight, bias));
  CHECK(derivatives_agree(f, numbers({2}), weight, bias));
  const auto without_bias = [](auto x, auto w) { return linear(x, w); };
  CHECK(derivatives_agree(without_bias, numbers({4, 2}), weight));
  CHECK(derivatives_agree(without_bias, numbers({2, 1, 2}), weight));
}

TEST_CASE("linear: the bias keeps its shape, and its gradient sums over the rows") {
  const auto bias = variable(from_values({1.0, 2.0}));
  linear(numbers({2, 3}), numbers({2, 3}), bias).backward(from_values({{1.0, 2.0}, {10.0, 20.0}}));
  CHECK(is(bias.grad(), {2}, {11, 22}));
}

TEST_CASE("linear: refuses what does not fit its weight") {
  const auto x = variable(numbers({4, 2})), weight = variable(numbers({3, 5}));
  const auto bias = variable(numbers({2}));
  CHECK(error_of([&] { linear(x, weight); }) ==
        "ShapeError: linear: an input of shape (4, 2) for a weight of shape (3, 5), which takes 5 "
        "features");
  CHECK(error_of([&] {
          linear(numbers({4, 5}), weight, bias);
        }) == "ShapeError: linear: a bias of shape (2,) for a weight of shape (3, 5)");
  CHECK(usable(x));
  CHECK(usable(weight));
  CHECK(usable(bias));
}

}  // namespace tinydl_test
