// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/pad.hpp>

#include <limits>

#include "functions/check.hpp"

namespace tinydl_test {

TEST_CASE("pad: one before and one after, from the last axis on") {
  const auto x = from_values({{1.0, 2.0}, {3.0, 4.0}});
  CHECK(is(pad(x, {1, 2}), {2, 5}, {0, 1, 2, 0, 0, 0, 3, 4, 0, 0}));
  CHECK(is(pad(x, {0, 1, 2, 0}), {4, 3}, {0, 0, 0, 0, 0, 0, 1, 2, 0, 3, 4, 0}));
  CHECK(is(pad(x, {0, 0, 0, 1}), {3, 2}, {1, 2, 3, 4, 0, 0}));
  CHECK(is(pad(x, {0, 0}), {2, 2}, {1, 2, 3, 4}));
  CHECK(is(pad(from_values({5.0}), {2, 1}), {4}, {0, 0, 5, 0}));
}

TEST_CASE("pad: three axes at once, while the first stays as it is") {
  const auto x = numbers({2, 1, 2, 3});
  const auto y = pad(x, {1, 0, 0, 2, 1, 1});
  REQUIRE(y.shape() == Shape(2, 3, 4, 4));
  CHECK(is(slice(slice(slice(y, 1, 1, 2), 2, 0, 2), 3, 1, 4), {2, 1, 2, 3}, flat(x)));
  CHECK(is(sum(abs(y)), {}, {sum(abs(x)).item()}));
}

TEST_CASE("pad: with another value, also an infinite one, and of integers") {
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(is(pad(from_values({1.0}), {1, 1}, {.value = -2.5}), {3}, {-2.5, 1, -2.5}));
  CHECK(is(pad(from_values({1.0}), {0, 1}, {.value = -inf}), {2}, {1, -inf}));
  CHECK(is(pad(from_values<std::int64_t>({2}, {4, 5}), {1, 0}, {.value = -1}), {3}, {-1, 4, 5}));
}

TEST_CASE("pad: of nothing is the value alone") {
  CHECK(is(pad(zeros<double>({0, 2}), {0, 1, 1, 0}, {.value = 3}), {1, 3}, {3, 3, 3}));
}

TEST_CASE("pad: refuses negative amounts and names them") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] {
          pad(x, {-1, 2});
        }) == "ShapeError: pad: amounts -1 and 2 for axis 1 of shape (2, 3)");
  CHECK(error_of([&] {
          pad(x, {1, 2, 0, -3});
        }) == "ShapeError: pad: amounts 0 and -3 for axis 0 of shape (2, 3)");
  const Index huge = std::numeric_limits<Index>::max();
  CHECK(error_of([&] {
          pad(x, {huge, huge});
        }) ==
        text("ShapeError: pad: amounts ", huge, " and ", huge, " for axis 1 of shape (2, 3)"));
  CHECK(usable(x));
}

TEST_CASE("pad: derivatives, of any order") {
  const auto around = [](auto x) { return pad(x * x, {1, 2, 0, 1}, {.value = 0.5}); };
  CHECK(derivatives_agree(around, numbers({2, 3})));
  CHECK(derivatives_agree(around, numbers({1, 1})));
  CHECK(derivatives_agree(
      [](auto x) {
        return square(pad(x, {0, 0, 2, 1}));
      },
      numbers({1, 2, 1, 3})));
}

TEST_CASE("pad: its gradient is the part that it was given") {
  const auto x = variable(from_values({1.0, 2.0}));
  sum(pad(x, {1, 1}) * from_values({5.0, 6.0, 7.0, 8.0})).backward();
  CHECK(is(x.grad(), {2}, {6, 7}));
}

}  // namespace tinydl_test
