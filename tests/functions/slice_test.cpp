// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/slice.hpp>

#include "functions/check.hpp"

namespace tinydl_test {

TEST_CASE("slice: a part of any axis, whose ends may count from the back") {
  const auto x = from_values({{1.0, 2.0, 3.0, 4.0}, {5.0, 6.0, 7.0, 8.0}});
  CHECK(is(slice(x, 0, 1, 2), {1, 4}, {5, 6, 7, 8}));
  CHECK(is(slice(x, 1, 1, 3), {2, 2}, {2, 3, 6, 7}));
  CHECK(is(slice(x, -1, -3, -1), {2, 2}, {2, 3, 6, 7}));
  CHECK(is(slice(x, 1, 0, 4), {2, 4}, flat(x)));
  CHECK(is(slice(x, 1, 2, 2), {2, 0}, {}));
  const auto cube = arange(12.0).with_shape(Shape(2, 3, 2));
  CHECK(is(slice(cube, 1, -2, 2), {2, 1, 2}, {2, 3, 8, 9}));
}

TEST_CASE("slice: refuses ends that do not fit and names them") {
  const auto x = variable(numbers({2, 4}));
  CHECK(error_of([&] { slice(x, 1, 1, 5); }) ==
        "ShapeError: slice: [1, 5) does not fit axis 1 of shape (2, 4)");
  CHECK(error_of([&] { slice(x, 1, -5, 2); }) ==
        "ShapeError: slice: [-5, 2) does not fit axis 1 of shape (2, 4)");
  CHECK(error_of([&] { slice(x, -1, 3, 2); }) ==
        "ShapeError: slice: [3, 2) does not fit axis -1 of shape (2, 4)");
  CHECK(error_of([&] { slice(x, 2, 0, 1); }) ==
        "ShapeError: slice: axis 2 is out of range for rank 2");
  CHECK(usable(x));
}

TEST_CASE("select: one position, without its axis") {
  const auto x = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  CHECK(is(select(x, 0, 1), {3}, {4, 5, 6}));
  CHECK(is(select(x, 1, -1), {2}, {3, 6}));
  CHECK(is(select(select(x, 0, 0), 0, 1), {}, {2}));
}

TEST_CASE("select: refuses a position outside") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] { select(x, 0, 2); }) ==
        "ShapeError: select: position 2 is outside of axis 0 of shape (2, 3)");
  CHECK(error_of([&] { select(x, 1, -4); }) ==
        "ShapeError: select: position -4 is outside of axis 1 of shape (2, 3)");
  CHECK(error_of([&] { select(x, -3, 0); }) ==
        "ShapeError: select: axis -3 is out of range for rank 2");
  CHECK(usable(x));
}

TEST_CASE("concat: one after another along any axis") {
  const auto a = from_values({{1.0, 2.0}, {3.0, 4.0}}), b = from_values({{5.0}, {6.0}});
  CHECK(is(concat({a, b}, 1), {2, 3}, {1, 2, 5, 3, 4, 6}));
  CHECK(is(concat({a, a}, 0), {4, 2}, {1, 2, 3, 4, 1, 2, 3, 4}));
  CHECK(is(concat({a}, -1), {2, 2}, {1, 2, 3, 4}));
  CHECK(is(concat({zeros<double>({2, 0}), b, zeros<double>({2, 0})}, 1), {2, 1}, {5, 6}));
}

TEST_CASE("concat: refuses other sizes that differ, no operands, and an axis that is not there") {
  const auto a = variable(numbers({2, 3})), b = variable(numbers({3, 3}));
  CHECK(error_of([&] {
          concat({a, b}, 1);
        }) == "ShapeError: concat: (2, 3) and (3, 3) differ beyond axis 1");
  CHECK(error_of([] { concat(std::vector<Tensor<double, 1>>(), 0); }) ==
        "ShapeError: concat: no operands");
  CHECK(error_of([&] {
          concat({a, b}, 2);
        }) == "ShapeError: concat: axis 2 is out of range for rank 2");
  CHECK(usable(a));
  CHECK(usable(b));
}

TEST_CASE("stack: along a new axis") {
  const auto a = from_values({1.0, 2.0}), b = from_values({3.0, 4.0});
  CHECK(is(stack({a, b}, 0), {2, 2}, {1, 2, 3, 4}));
  CHECK(is(stack({a, b}, 1), {2, 2}, {1, 3, 2, 4}));
  CHECK(is(stack({a, b}, -1), {2, 2}, {1, 3, 2, 4}));
  CHECK(is(stack({number(7), number(8), number(9)}, 0), {3}, {7, 8, 9}));
}

TEST_CASE("stack: refuses shapes that differ, no operands, and an axis that is not there") {
  const auto a = variable(numbers({2})), b = variable(numbers({3}));
  CHECK(error_of([&] { stack({a, b}, 0); }) == "ShapeError: stack: shapes differ: (2,) and (3,)");
  CHECK(error_of([] { stack(std::vector<Tensor<double, 1>>(), 0); }) ==
        "ShapeError: stack: no operands");
  CHECK(error_of([&] {
          stack({a, a}, 2);
        }) == "ShapeError: stack: axis 2 is out of range for rank 2");
  CHECK(usable(a));
  CHECK(usable(b));
}

TEST_CASE("slice: derivatives") {
  const auto middle = [](auto x) { return slice(x, 1, 1, 3); };
  CHECK(derivatives_agree(middle, numbers({2, 4})));
  CHECK(derivatives_agree(middle, numbers({1, 3})));
  CHECK(derivatives_agree([](auto x) { return slice(x, 0, 1, 1); }, numbers({2, 2})));
  CHECK(derivatives_agree([](auto x) { return slice(x, 0, 0, 1); }, numbers({1, 1})));
  CHECK(derivatives_agree([](auto x) { return slice(x, 1, -2, -1); }, numbers({2, 3, 2})));
}

TEST_CASE("select: derivatives") {
  CHECK(derivatives_agree([](auto x) { return select(x, 0, -1); }, numbers({3, 2})));
  CHECK(derivatives_agree([](auto x) { return select(x, 0, 0); }, numbers({1})));
}

TEST_CASE("concat and stack: derivatives") {
  const auto along = [](Index axis) {
    return [=](auto a, auto b) { return concat({a, b * b, a}, axis); };
  };
  CHECK(derivatives_agree("concat", along(1), numbers({2, 3}), numbers({2, 1}, -2, 2, 3)));
  CHECK(derivatives_agree("concat", along(0), numbers({1, 3}), numbers({2, 3}, -2, 2, 3)));
  CHECK(derivatives_agree("concat", along(0), numbers({1, 3}), numbers({0, 3}, -2, 2, 3)));
  CHECK(derivatives_agree("concat", along(1), numbers({1, 1}), numbers({1, 1}, -2, 2, 3)));
  const auto stacked = [](auto a, auto b) { return stack({a, b * a}, 1); };
  CHECK(derivatives_agree("stack", stacked, numbers({2, 3}), numbers({2, 3}, -2, 2, 3)));
  CHECK(derivatives_agree("stack", stacked, numbers({1, 1}), numbers({1, 1}, -2, 2, 3)));
}

TEST_CASE("slice: overlapping parts add up in the gradient") {
  const auto x = variable(from_values({1.0, 2.0, 3.0}));
  sum(slice(x, 0, 0, 2) * slice(x, 0, 1, 3)).backward();
  CHECK(is(x.grad(), {3}, {2, 4, 2}));
}

TEST_CASE("concat: of many more operands than a machine word has bits") {
  std::vector<Variable<double, 1>> parts;
  for (int i = 0; i < 100; ++i) parts.push_back(variable(full<double>({2}, i)));
  sum(square(concat(parts, 0))).backward();
  for (int i = 0; i < 100; ++i) CHECK(is(parts[i].grad(), {2}, {2.0 * i, 2.0 * i}));
}

}  // namespace tinydl_test
