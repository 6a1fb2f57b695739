// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/apply.hpp>

#include <tinydl/core/grad.hpp>
#include <tinydl/functions/math.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tinydl;

namespace {

struct ApplyFirst : Function {
  static constexpr auto name = "first";
  static constexpr Needs needs{};
  template <class T, int R>
  Tensor<T, R> forward(const std::vector<Tensor<T, R>>& x) const {
    return x[0];
  }
  template <class G>
  std::vector<G> backward(const G& gy) const {
    return {gy, G{}};
  }
};

Variable<double, 0> apply_leaf(double value) {
  return Variable<double, 0>(value, {.requires_grad = true});
}

}  // namespace

TEST_CASE("apply: tensors make a tensor, and one variable among them a variable") {
  const Tensor<double, 0> t(2.0);
  const auto x = apply_leaf(3);
  static_assert(std::is_same_v<decltype(t * t), Tensor<double, 0>>);
  const auto y = t * x;
  const auto z = x * t;
  CHECK((t * t).item() == 4);
  y.backward();
  z.backward();
  CHECK(x.grad().item() == 4);
}

TEST_CASE("apply: records nothing where nothing requires a gradient") {
  const Variable<double, 0> a(2.0), b(3.0);
  const auto y = a * b;
  CHECK(y.item() == 6);
  CHECK(y.creator() == nullptr);
  CHECK_FALSE(y.requires_grad());
  CHECK((a * apply_leaf(1)).requires_grad());
}

TEST_CASE("apply: refuses undefined operands and names the function") {
  const Variable<double, 0> none, x(1.0);
  const Tensor<double, 0> no_tensor;
  CHECK_THROWS_WITH_AS(exp(none), "exp: an operand is undefined", ValueError);
  CHECK_THROWS_WITH_AS(exp(no_tensor), "exp: an operand is undefined", ValueError);
  CHECK_THROWS_WITH_AS(apply(Multiply{}, x, none), doctest::Contains("mul"), ValueError);
  CHECK_THROWS_AS(apply(Multiply{}, no_tensor, x), ValueError);
}

TEST_CASE("operators: refuse undefined operands too, on either side") {
  const Tensor<double, 1> a = from_values({1.0, 2.0}), none;
  CHECK_THROWS_AS(none + a, ValueError);
  CHECK_THROWS_AS(a - none, ValueError);
  CHECK_THROWS_AS(none * 2, ValueError);
  CHECK_THROWS_AS(2 / none, ValueError);
  CHECK_THROWS_AS(-none, ValueError);
}

TEST_CASE("apply: an undefined member of a list is refused") {
  const std::vector<Variable<double, 0>> list{apply_leaf(1), {}};
  CHECK_THROWS_WITH_AS(tinydl::apply(ApplyFirst{}, list), "first: an operand is undefined",
                       ValueError);
}

TEST_CASE("apply: a function that throws in forward leaves its operands usable") {
  const Variable x(from_values({1.0, 2.0}), {.requires_grad = true});
  const Variable w(from_values({1.0, 2.0, 3.0}), {.requires_grad = true});
  CHECK_THROWS_AS(x * w, ShapeError);
  (x * x).backward(ones<double>({2}));
  CHECK(x.grad()(1) == 4);
}

TEST_CASE("Variable: what an undefined one is asked throws") {
  const Variable x(from_values({1.0, 2.0}), {.requires_grad = true});
  const Variable<double, 1> none;
  CHECK_THROWS_WITH_AS(x + none, doctest::Contains("undefined"), ValueError);
  CHECK_THROWS_WITH_AS(none - x, doctest::Contains("undefined"), ValueError);
  CHECK_THROWS_AS(none.backward(ones<double>({2})), std::invalid_argument);
  CHECK_THROWS_AS(grad(x * x, ones<double>({2}), std::tie(none)), std::invalid_argument);
}
