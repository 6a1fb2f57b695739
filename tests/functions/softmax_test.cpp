// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/softmax.hpp>

#include <limits>

#include "functions/check.hpp"

namespace tinydl_test {

namespace {

const double softmax_infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("softmax: known values along any axis") {
  const double log2 = 0.6931471805599453, log3 = 1.0986122886681098;
  const auto x = from_values({{0.0, log2, 0.0}, {log3, log2, 0.0}});
  const double sixth = 1 / 6.0;
  CHECK(is(softmax(x), {2, 3}, {0.25, 0.5, 0.25, 0.5, 2 * sixth, sixth}));
  CHECK(is(softmax(x, -1), {2, 3}, flat(softmax(x, 1))));
  CHECK(is(softmax(x, 0), {2, 3}, {0.25, 0.5, 0.5, 0.75, 0.5, 0.5}));
  CHECK(is(log_softmax(x), {2, 3}, flat(log(softmax(x)))));
  CHECK(is(log_softmax(x, 0), {2, 3}, flat(log(softmax(x, 0)))));
  const auto cube = numbers({2, 3, 2});
  CHECK(is(sum(softmax(cube, 1), 1), {2, 2}, {1, 1, 1, 1}));
  CHECK(is(softmax(numbers({3, 1})), {3, 1}, {1, 1, 1}));
}

TEST_CASE("softmax: a number added to all logits changes nothing") {
  const auto x = numbers({2, 3});
  CHECK(is(softmax(x + 100), {2, 3}, flat(softmax(x))));
}

TEST_CASE("softmax: derivatives") {
  const auto along = [](Index axis) { return [=](auto x) { return softmax(x, axis); }; };
  CHECK(derivatives_agree(along(1), numbers({2, 3})));
  CHECK(derivatives_agree(along(0), numbers({3, 2})));
  CHECK(derivatives_agree(along(-1), numbers({3, 1})));
  CHECK(derivatives_agree(along(1), numbers({1, 1})));
  CHECK(derivatives_agree(along(1), numbers({2, 3, 2})));
  CHECK(derivatives_agree(along(0), numbers({4})));
}

TEST_CASE("log_softmax: derivatives") {
  const auto along = [](Index axis) { return [=](auto x) { return log_softmax(x, axis); }; };
  CHECK(derivatives_agree(along(1), numbers({2, 3})));
  CHECK(derivatives_agree(along(0), numbers({3, 2})));
  CHECK(derivatives_agree(along(-1), numbers({1, 1})));
  CHECK(derivatives_agree(along(1), numbers({2, 3, 2})));
}

TEST_CASE("softmax: no overflow for logits of 1000 and minus infinity, in value or gradient") {
  const double inf = softmax_infinity;
  const auto x = variable(from_values({{1000.0, 1000.0, -1000.0}, {-inf, 2.0, 2.0}}));
  const auto y = softmax(x);
  CHECK(is(y, {2, 3}, {0.5, 0.5, 0, 0, 0.5, 0.5}));
  y.backward(from_values({{1.0, 2.0, 3.0}, {1.0, 2.0, 4.0}}));
  CHECK(is(x.grad(), {2, 3}, {-0.25, 0.25, 0, 0, -0.5, 0.5}));
}

TEST_CASE("log_softmax: no overflow for logits of 1000 and minus infinity, in value or gradient") {
  const double inf = softmax_infinity, half = 0.6931471805599453;
  const auto x = variable(from_values({{1000.0, 1000.0, -1000.0}, {-inf, 2.0, 2.0}}));
  const auto y = log_softmax(x);
  CHECK(is(y, {2, 3}, {-half, -half, -2000 - half, -inf, -half, -half}));
  y.backward(from_values({{1.0, 0.0, 0.0}, {0.0, 2.0, 4.0}}));
  CHECK(is(x.grad(), {2, 3}, {0.5, -0.5, 0, 0, -1, 1}));
}

TEST_CASE("softmax: an axis without elements, or none of its lines") {
  const auto none = variable(zeros<double>({2, 0}));
  sum(softmax(none) + log_softmax(none)).backward();
  CHECK(is(none.grad(), {2, 0}, {}));
  CHECK(is(softmax(none, 0), {2, 0}, {}));
}

TEST_CASE("softmax: refuses an axis that is not there") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] { softmax(x, 2); }) ==
        "ShapeError: softmax: axis 2 is out of range for rank 2");
  CHECK(error_of([&] { log_softmax(x, -3); }) ==
        "ShapeError: log_softmax: axis -3 is out of range for rank 2");
  CHECK(usable(x));
}

}  // namespace tinydl_test
