// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/broadcast.hpp>

#include "functions/check.hpp"

namespace tinydl_test {

TEST_CASE("broadcast_shape: aligned at the last axis, sizes are equal or 1") {
  CHECK(broadcast_shape("f", Shape(2, 3, 4), Shape(3, 1)) == Shape(2, 3, 4));
  CHECK(broadcast_shape("f", Shape(3, 1), Shape(2, 3, 4)) == Shape(2, 3, 4));
  CHECK(broadcast_shape("f", Shape(1, 5), Shape(4, 1)) == Shape(4, 5));
  CHECK(broadcast_shape("f", Shape<0>(), Shape(2, 2)) == Shape(2, 2));
  CHECK(broadcast_shape("f", Shape(1), Shape(0)) == Shape(0));
  CHECK(broadcast_shape("f", Shape(3, 0), Shape(1, 1)) == Shape(3, 0));
}

TEST_CASE("broadcast_shape: names the operation and both shapes if they do not fit") {
  CHECK(error_of([] { broadcast_shape("f", Shape(2, 3), Shape(2)); }) ==
        "ShapeError: f: shapes do not broadcast: (2, 3) and (2,)");
  CHECK(error_of([] { broadcast_shape("f", Shape(0), Shape(3)); }) ==
        "ShapeError: f: shapes do not broadcast: (0,) and (3,)");
}

TEST_CASE("broadcast_to: repeats axes of size 1 and new leading ones") {
  const auto row = from_values({1.0, 2.0, 3.0});
  CHECK(is(broadcast_to(row, {2, 3}), {2, 3}, {1, 2, 3, 1, 2, 3}));
  const auto column = row.with_shape(Shape(3, 1));
  CHECK(is(broadcast_to(column, {3, 2}), {3, 2}, {1, 1, 2, 2, 3, 3}));
  CHECK(is(broadcast_to(column, {2, 3, 2}), {2, 3, 2}, {1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3}));
  CHECK(is(broadcast_to(number(7), {2, 2}), {2, 2}, {7, 7, 7, 7}));
  CHECK(is(broadcast_to(row.with_shape(Shape(1, 3)), {0, 3}), {0, 3}, {}));
}

TEST_CASE("broadcast_to: a shape that is there already moves no data") {
  const auto x = numbers({2, 3});
  CHECK(broadcast_to(x, {2, 3}).shares_with(x));
}

TEST_CASE("broadcast_to: its derivative sums over what was repeated") {
  const auto to = [](const auto& shape) { return [=](auto x) { return broadcast_to(x, shape); }; };
  CHECK(derivatives_agree(to(Shape(2, 3)), numbers({2, 3})));
  CHECK(derivatives_agree(to(Shape(2, 3)), numbers({1, 3})));
  CHECK(derivatives_agree(to(Shape(2, 3)), numbers({2, 1})));
  CHECK(derivatives_agree(to(Shape(2, 3)), numbers({1, 1})));
  CHECK(derivatives_agree(to(Shape(1, 1)), numbers({1})));
  CHECK(derivatives_agree(to(Shape(4, 3)), numbers({3})));
  CHECK(derivatives_agree(to(Shape(2, 3, 4)), numbers({3, 1})));
  CHECK(derivatives_agree(to(Shape(2, 3)), number(0.7)));
}

TEST_CASE("broadcast_to: refuses a shape to which x does not broadcast and names both") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] {
          broadcast_to(x, {2, 4});
        }) == "ShapeError: broadcast_to: shapes do not broadcast: (2, 3) and (2, 4)");
  CHECK(error_of([&] {
          broadcast_to(x, {1, 3});
        }) == "ShapeError: broadcast_to: (2, 3) does not broadcast to (1, 3)");
  CHECK(usable(x));
}

TEST_CASE("sum_to: undoes a broadcast") {
  const auto x = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  CHECK(is(sum_to(x, Shape(3)), {3}, {5, 7, 9}));
  CHECK(is(sum_to(x, Shape(1, 3)), {1, 3}, {5, 7, 9}));
  CHECK(is(sum_to(x, Shape(2, 1)), {2, 1}, {6, 15}));
  CHECK(is(sum_to(x, Shape<0>()), {}, {21}));
  CHECK(is(sum_to(zeros<double>({0, 3}), Shape(1, 3)), {1, 3}, {0, 0, 0}));
}

TEST_CASE("sum_to: its derivative repeats") {
  CHECK(derivatives_agree([](auto x) { return sum_to(x, Shape(3, 1)); }, numbers({2, 3, 4})));
  CHECK(derivatives_agree([](auto x) { return sum_to(x, Shape(1, 3)); }, numbers({2, 3})));
  CHECK(derivatives_agree([](auto x) { return sum_to(x, Shape<0>()); }, numbers({1, 2})));
}

TEST_CASE("sum_to: refuses a shape that does not broadcast to x's and names both") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] { sum_to(x, Shape(2)); }) ==
        "ShapeError: sum_to: shapes do not broadcast: (2, 3) and (2,)");
  CHECK(error_of([&] { sum_to(sum_to(x, Shape(1, 3)), Shape(2, 3)); }) ==
        "ShapeError: sum_to: (2, 3) does not broadcast to (1, 3)");
  CHECK(usable(x));
}

TEST_CASE("mapped: works in the memory of an operand that is given up, unless it is shared") {
  const auto twice = [](auto& y, const auto& a) { y = a + a; };
  Tensor<double, 1> x = from_values({1.0, 2.0});
  const double* memory = x.data();
  Tensor<double, 1> y = detail::mapped(twice, std::move(x));
  CHECK(y.data() == memory);
  CHECK(is(y, {2}, {2, 4}));
  const Tensor<double, 1> other = y;
  CHECK_FALSE(y.unique());
  CHECK(is(detail::mapped(twice, std::move(y)), {2}, {4, 8}));
  CHECK(is(other, {2}, {2, 4}));
}

}  // namespace tinydl_test
