// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/compare.hpp>

#include <limits>

#include "functions/check.hpp"

namespace tinydl_test {

TEST_CASE("comparisons: of elements") {
  const auto a = from_values({1.0, 2.0, 3.0}), b = from_values({3.0, 2.0, 1.0});
  CHECK(is(a < b, {3}, {1, 0, 0}));
  CHECK(is(a <= b, {3}, {1, 1, 0}));
  CHECK(is(a > b, {3}, {0, 0, 1}));
  CHECK(is(a >= b, {3}, {0, 1, 1}));
  CHECK(is(a == b, {3}, {0, 1, 0}));
  CHECK(is(a != b, {3}, {1, 0, 1}));
}

TEST_CASE("comparisons: with a number") {
  const auto a = from_values({1.0, 2.0, 3.0});
  CHECK(is(a < 2, {3}, {1, 0, 0}));
  CHECK(is(a <= 2.0f, {3}, {1, 1, 0}));
  CHECK(is(a > 2, {3}, {0, 0, 1}));
  CHECK(is(a >= 2L, {3}, {0, 1, 1}));
  CHECK(is(a == 2, {3}, {0, 1, 0}));
  CHECK(is(a != 2, {3}, {1, 0, 1}));
}

TEST_CASE("comparisons: with a number on the left") {
  const auto a = from_values({1.0, 2.0, 3.0});
  CHECK(is(2 < a, {3}, {0, 0, 1}));
  CHECK(is(2.0f <= a, {3}, {0, 1, 1}));
  CHECK(is(2 > a, {3}, {1, 0, 0}));
  CHECK(is(2L >= a, {3}, {1, 1, 0}));
  CHECK(is(2 == variable(a), {3}, {0, 1, 0}));
  CHECK(is(2 != a, {3}, {1, 0, 1}));
}

TEST_CASE("comparisons: operands broadcast") {
  const auto row = from_values({1.0, 2.0, 3.0});
  const auto column = from_values({{2.0}, {3.0}});
  CHECK(is(row < column, {2, 3}, {1, 0, 0, 1, 1, 0}));
  CHECK(is(column == row, {2, 3}, {0, 1, 0, 0, 0, 1}));
  CHECK(is(zeros<double>({0, 3}) < row, {0, 3}, {}));
  const auto two = from_values({1.0, 2.0});
  CHECK(error_of([&] { return row < two; }) ==
        "ShapeError: operator<: shapes do not broadcast: (3,) and (2,)");
  CHECK(error_of([&] { return row == two; }) ==
        "ShapeError: operator==: shapes do not broadcast: (3,) and (2,)");
}

TEST_CASE("comparisons: Variables, or a Variable and a Tensor, give Masks") {
  const auto x = from_values({1.0, 2.0});
  const auto v = variable(x);
  const Mask<1> numbers_below = v<2, self = v == v, mixed = v <= x, swapped = x> v;
  CHECK(is(numbers_below, {2}, {1, 0}));
  CHECK(is(self, {2}, {1, 1}));
  CHECK(is(mixed, {2}, {1, 1}));
  CHECK(is(swapped, {2}, {0, 0}));
}

TEST_CASE("where: takes the first operand where the mask is true, else the second") {
  const auto a = from_values({1.0, 2.0, 3.0}), b = from_values({-1.0, -2.0, -3.0});
  const Mask<1> mask = a > 1.5;
  CHECK(is(where(mask, a, b), {3}, {-1, 2, 3}));
  CHECK(is(where(mask, a, 0), {3}, {0, 2, 3}));
  CHECK(is(where(mask, 7, b), {3}, {-1, 7, 7}));
  const auto column = from_values({{10.0}, {20.0}});
  CHECK(is(where(mask, column, b), {2, 3}, {-1, 10, 10, -1, 20, 20}));
}

TEST_CASE("where: each operand gets the gradient where it was taken") {
  const auto mask = numbers({2, 3}) > 0;
  const auto f = [=](auto a, auto b) { return where(mask, a, b); };
  CHECK(derivatives_agree(f, numbers({2, 3}), numbers({2, 3}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({1, 3}), numbers({2, 1}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({1, 1}), numbers({1, 1}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({3}), numbers({2, 3}, -2, 2, 3)));
  CHECK(derivatives_agree([=](auto a) { return where(mask, a * a, 0); }, numbers({2, 3})));
  CHECK(derivatives_agree([=](auto a) { return where(mask, 1, a * a); }, numbers({2, 3})));
}

TEST_CASE("where: what is not taken does no harm, were it infinite") {
  const auto x = variable(from_values({-1.0, 4.0}));
  const auto y = where(x > 0, x, from_values({7.0, std::numeric_limits<double>::infinity()}));
  CHECK(is(y, {2}, {7, 4}));
  sum(y).backward();
  CHECK(is(x.grad(), {2}, {0, 1}));
}

TEST_CASE("where: a Tensor beside a Variable") {
  const auto x = variable(from_values({1.0, 2.0}));
  const auto c = from_values({5.0, 6.0});
  const Mask<1> mask = x > 1;
  sum(where(mask, x, c) * c + where(mask, c, x)).backward();
  CHECK(is(x.grad(), {2}, {1, 6}));
}

TEST_CASE("where: refuses shapes that do not broadcast") {
  const auto x = variable(numbers({3}));
  CHECK(error_of([&] {
          where(from_values({1.0, 2.0}) > 1, x, x);
        }) == "ShapeError: where: shapes do not broadcast: (2,) and (3,)");
  CHECK(usable(x));
}

TEST_CASE("maximum and minimum: known values and derivatives") {
  const auto a = from_values({1.0, 5.0, -3.0}), b = from_values({2.0, 4.0, -3.0});
  CHECK(is(maximum(a, b), {3}, {2, 5, -3}));
  CHECK(is(minimum(a, b), {3}, {1, 4, -3}));
  const auto larger = [](auto p, auto q) { return maximum(p * p, q); };
  const auto smaller = [](auto p, auto q) { return minimum(p * p, q); };
  CHECK(derivatives_agree("maximum", larger, numbers({2, 3}), numbers({2, 3}, -2, 2, 3)));
  CHECK(derivatives_agree("minimum", smaller, numbers({2, 3}), numbers({2, 3}, -2, 2, 3)));
  CHECK(derivatives_agree("maximum", larger, numbers({1, 5}), numbers({4, 1}, -2, 2, 3)));
  CHECK(derivatives_agree("maximum", larger, numbers({3}), numbers({4, 3}, -2, 2, 3)));
  CHECK(derivatives_agree("minimum", smaller, numbers({1, 1}), numbers({4, 3}, -2, 2, 3)));
  CHECK(derivatives_agree("maximum", larger, numbers({1, 1}), numbers({1, 1}, -2, 2, 3)));
  CHECK(derivatives_agree("minimum", smaller, numbers({1, 1}), numbers({1, 1}, -2, 2, 3)));
}

TEST_CASE("maximum and minimum: equal operands share the gradient") {
  const auto a = variable(from_values({1.0, 2.0})), b = variable(from_values({1.0, 3.0}));
  sum(maximum(a, b)).backward();
  CHECK(is(a.grad(), {2}, {0.5, 0}));
  CHECK(is(b.grad(), {2}, {0.5, 1}));
  sum(minimum(a, b)).backward();
  CHECK(is(a.grad(), {2}, {1, 1}));
  CHECK(is(b.grad(), {2}, {1, 1}));
}

TEST_CASE("maximum and minimum: what is not a number stays visible, on either side") {
  const double nan = std::nan("");
  const auto a = from_values({nan, 1.0, 2.0}), b = from_values({1.0, nan, 3.0});
  CHECK(is(maximum(a, b), {3}, {nan, nan, 3}));
  CHECK(is(minimum(a, b), {3}, {nan, nan, 2}));
}

TEST_CASE("maximum: refuses shapes that do not broadcast") {
  const auto a = variable(numbers({3})), b = variable(numbers({2}));
  CHECK(error_of([&] { maximum(a, b); }) ==
        "ShapeError: maximum: shapes do not broadcast: (3,) and (2,)");
  CHECK(error_of([&] { minimum(a, b); }) ==
        "ShapeError: minimum: shapes do not broadcast: (3,) and (2,)");
  CHECK(usable(a));
}

TEST_CASE("clamp: known values, derivatives, and the ends count as inside") {
  const auto x = variable(from_values({-3.0, -1.0, 0.5, 2.0, 7.0}));
  const auto y = clamp(x, -1, 2);
  CHECK(is(y, {5}, {-1, -1, 0.5, 2, 2}));
  sum(y).backward();
  CHECK(is(x.grad(), {5}, {0, 1, 1, 1, 0}));
  const auto f = [](auto a) { return clamp(a * a, 0.5, 2.5); };
  CHECK(derivatives_agree(f, numbers({2, 3})));
  CHECK(derivatives_agree(f, numbers({1, 1})));
  CHECK(is(clamp(from_values({1, 5, 9}), 2, 6), {3}, {2, 5, 6}));
}

TEST_CASE("clamp: refuses a low that is above high, and what is not a number") {
  const auto x = variable(numbers({2}));
  CHECK(error_of([&] { clamp(x, 2, 1); }) == "ValueError: clamp: low 2 is above high 1");
  CHECK(error_of([&] { clamp(x, std::nan(""), 1); }) ==
        "ValueError: clamp: low nan is above high 1");
  CHECK(usable(x));
}

TEST_CASE("argmax: the position of the largest along any axis, of several the first") {
  const auto x = from_values({{1.0, 7.0, 7.0}, {9.0, 2.0, 9.0}});
  CHECK(is(argmax(x), {2}, {1, 0}));
  CHECK(is(argmax(x, 1), {2}, {1, 0}));
  CHECK(is(argmax(x, -2), {3}, {1, 0, 1}));
  CHECK(is(argmax(variable(x), 0), {3}, {1, 0, 1}));
  const auto cube = from_values<double>({2, 2, 2}, {1, 2, 3, 0, 5, 6, 4, 7});
  CHECK(is(argmax(cube, 1), {2, 2}, {1, 0, 0, 1}));
  CHECK(is(argmax(from_values({-5, -2, -9})), {}, {1}));
  CHECK(is(argmax(zeros<double>({0, 3}), 1), {0}, {}));
}

TEST_CASE("argmax: refuses an axis that is not there, and an empty one") {
  CHECK(error_of([] {
          argmax(zeros<double>({2, 3}), 2);
        }) == "ShapeError: argmax: axis 2 is out of range for rank 2");
  CHECK(error_of([] {
          argmax(zeros<double>({2, 0}));
        }) == "ShapeError: argmax: axis -1 of shape (2, 0) is empty");
}

}  // namespace tinydl_test
