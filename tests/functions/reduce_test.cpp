// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/reduce.hpp>

#include <limits>

#include "functions/check.hpp"

namespace tinydl_test {

namespace {

/// The shapes of all forms of a reduction of x: (2, 3, 2).
template <class Reduce>
bool shapes_are_reduced(const Reduce& reduce) {
  const auto x = numbers({2, 3, 2});
  return reduce(x).shape() == Shape<0>() && reduce(x, 1).shape() == Shape(2, 2) &&
         reduce(x, -1).shape() == Shape(2, 3) && reduce(x, 0, keepdims).shape() == Shape(1, 3, 2);
}

/// The derivatives of the usual forms of a reduction.
template <class Reduce>
Verdict reduced_derivatives_agree(const char* function, const Reduce& reduce) {
  const auto rows = [&](auto x) { return reduce(x, 1); };
  const auto columns_kept = [&](auto x) { return reduce(x, 0, keepdims); };
  const auto whole = [&](auto x) { return reduce(x); };
  return all({derivatives_agree(function, rows, numbers({2, 3})),
              derivatives_agree(function, columns_kept, numbers({2, 3})),
              derivatives_agree(function, columns_kept, numbers({3, 1})),
              derivatives_agree(function, rows, numbers({1, 2})),
              derivatives_agree(function, whole, numbers({2, 3}))});
}

}  // namespace

TEST_CASE("sum and mean: whole, over one axis and over several") {
  const auto x = from_values<double>({2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  CHECK(is(sum(x), {}, {78}));
  CHECK(is(sum(x, 0), {3, 2}, {8, 10, 12, 14, 16, 18}));
  CHECK(is(sum(x, 1), {2, 2}, {9, 12, 27, 30}));
  CHECK(is(sum(x, -1), {2, 3}, {3, 7, 11, 15, 19, 23}));
  CHECK(is(sum(x, {0, 2}), {3}, {18, 26, 34}));
  CHECK(is(sum(x, {-1, 0}), {3}, {18, 26, 34}));
  CHECK(is(sum(x, {0, 1, 2}), {}, {78}));
  CHECK(is(sum(x, {0, 2}, keepdims), {1, 3, 1}, {18, 26, 34}));
  CHECK(is(sum(x, 1, keepdims), {2, 1, 2}, {9, 12, 27, 30}));
  CHECK(is(mean(x), {}, {6.5}));
  CHECK(is(mean(x, 1), {2, 2}, {3, 4, 9, 10}));
  CHECK(is(mean(x, {0, 2}), {3}, {4.5, 6.5, 8.5}));
  CHECK(is(mean(x, {0, 2}, keepdims), {1, 3, 1}, {4.5, 6.5, 8.5}));
  CHECK(is(mean(x, 0, keepdims), {1, 3, 2}, {4, 5, 6, 7, 8, 9}));
  CHECK(is(sum(number(3)), {}, {3}));
}

TEST_CASE("max and min: whole, over one axis and over several") {
  const auto x = from_values<double>({2, 3, 2}, {1, -2, 3, 4, 0, 6, 7, 8, -9, 10, 11, -12});
  CHECK(is(max(x), {}, {11}));
  CHECK(is(max(x, 1), {2, 2}, {3, 6, 11, 10}));
  CHECK(is(max(x, {0, 2}), {3}, {8, 10, 11}));
  CHECK(is(max(x, {0, 2}, keepdims), {1, 3, 1}, {8, 10, 11}));
  CHECK(is(min(x), {}, {-12}));
  CHECK(is(min(x, -1), {2, 3}, {-2, 3, 0, 7, -9, -12}));
  CHECK(is(min(x, {0, 1}), {2}, {-9, -12}));
  CHECK(is(min(x, 0, keepdims), {1, 3, 2}, {1, -2, -9, 4, 0, -12}));
}

TEST_CASE("max and min: of integers that are all negative, or all positive") {
  const auto x = from_values({{3, 5, 4}, {9, 7, 8}});
  CHECK(is(max(-x), {}, {-3}));
  CHECK(is(max(-x, 0), {3}, {-3, -5, -4}));
  CHECK(is(min(x), {}, {3}));
  CHECK(is(min(x, 1), {2}, {3, 7}));
}

TEST_CASE("max and min: what is not a number stays visible, wherever it stands") {
  for (Index n : {1, 5, 40})
    for (Index i = 0; i < n; ++i) {
      auto x = arange(static_cast<double>(n));
      x.mutable_data()[i] = std::nan("");
      CHECK(std::isnan(max(x).item()));
      CHECK(std::isnan(min(x).item()));
    }
}

TEST_CASE("max: equal ones share the gradient") {
  const auto x = variable(from_values({{4.0, 1.0, 4.0}, {2.0, 3.0, 1.0}}));
  sum(max(x, 1)).backward();
  CHECK(is(x.grad(), {2, 3}, {0.5, 0, 0.5, 0, 1, 0}));
  x.clear_grad();
  min(x).backward();
  CHECK(is(x.grad(), {2, 3}, {0, 0.5, 0, 0, 0, 0.5}));
}

TEST_CASE("logsumexp: known values, and no overflow") {
  const double log2 = 0.6931471805599453, inf = std::numeric_limits<double>::infinity();
  const auto x = from_values({{0.0, 0.0}, {1000.0, 1000.0}, {-1000.0, -1000.0}, {-1000.0, 1000.0}});
  CHECK(is(logsumexp(x, 1), {4}, {log2, 1000 + log2, -1000 + log2, 1000}));
  CHECK(is(logsumexp(x, {0, 1}, keepdims), {1, 1}, {1000 + 1.0986122886681098}));
  CHECK(is(logsumexp(from_values({-inf, 3.0, -inf})), {}, {3}));
  CHECK(is(logsumexp(from_values({-inf, -inf})), {}, {-inf}));
  CHECK(is(logsumexp(from_values({inf, 3.0})), {}, {inf}));
}

TEST_CASE("logsumexp: its gradient is softmax, also where exp would overflow") {
  const double inf = std::numeric_limits<double>::infinity();
  const auto x = variable(from_values({{1000.0, 1000.0, -1000.0}, {-inf, 2.0, 2.0}}));
  sum(logsumexp(x, 1)).backward();
  CHECK(is(x.grad(), {2, 3}, {0.5, 0.5, 0, 0, 0.5, 0.5}));
}

TEST_CASE("var: known values, divided by n - correction") {
  const auto x = from_values({{1.0, 2.0, 6.0}, {4.0, 4.0, 4.0}});
  CHECK(is(var(x, 1), {2}, {7, 0}));
  CHECK(is(var(x, 1, {.correction = 0}), {2}, {14 / 3.0, 0}));
  CHECK(is(var(x, 0, keepdims), {1, 3}, {4.5, 2, 2}));
  CHECK(is(var(x, 0, keepdims, {.correction = 0}), {1, 3}, {2.25, 1, 1}));
  CHECK(is(var(x), {}, {3.1}));
  CHECK(is(var(x, {0, 1}, {.correction = 0}), {}, {15.5 / 6}));
  CHECK(is(var(x + 1e6, 1), {2}, {7, 0}));
}

TEST_CASE("reductions: drop their axes, or keep them with size 1") {
  CHECK(shapes_are_reduced([](const auto&... a) { return sum(a...); }));
  CHECK(shapes_are_reduced([](const auto&... a) { return mean(a...); }));
  CHECK(shapes_are_reduced([](const auto&... a) { return max(a...); }));
  CHECK(shapes_are_reduced([](const auto&... a) { return min(a...); }));
  CHECK(shapes_are_reduced([](const auto&... a) { return logsumexp(a...); }));
  CHECK(shapes_are_reduced([](const auto&... a) { return var(a...); }));
}

TEST_CASE("reductions: derivatives") {
  CHECK(reduced_derivatives_agree("sum", [](const auto&... a) { return sum(a...); }));
  CHECK(reduced_derivatives_agree("mean", [](const auto&... a) { return mean(a...); }));
  CHECK(reduced_derivatives_agree("max", [](const auto&... a) { return max(a...); }));
  CHECK(reduced_derivatives_agree("min", [](const auto&... a) { return min(a...); }));
  CHECK(reduced_derivatives_agree("logsumexp", [](const auto&... a) { return logsumexp(a...); }));
  CHECK(reduced_derivatives_agree("var", [](const auto&... a) { return var(a...); }));
}

TEST_CASE("reductions: derivatives over several axes of higher ranks") {
  const auto x = numbers({2, 3, 2});
  const auto means = [](auto a) { return mean(a, {0, 2}); };
  const auto largest = [](auto a) { return max(a, {0, 2}); };
  const auto smallest = [](auto a) { return min(a, {0, 2}); };
  const auto exponents = [](auto a) { return logsumexp(a, {2, 1}); };
  const auto variances = [](auto a) { return var(a, {0, 2}, keepdims); };
  CHECK(derivatives_agree("mean", means, x));
  CHECK(derivatives_agree("max", largest, x));
  CHECK(derivatives_agree("min", smallest, x));
  CHECK(derivatives_agree("logsumexp", exponents, x));
  CHECK(derivatives_agree("var", variances, x));
}

TEST_CASE("sum: derivatives over several axes, and of a number") {
  CHECK(derivatives_agree([](auto a) { return sum(a, {1, 3}); }, numbers({2, 1, 2, 3})));
  CHECK(derivatives_agree([](auto a) { return sum(a); }, number(0.3)));
}

TEST_CASE("reductions: nothing to fold") {
  const auto none = zeros<double>({0, 3});
  CHECK(is(sum(none), {}, {0}));
  CHECK(is(sum(none, 0), {3}, {0, 0, 0}));
  CHECK(is(sum(none, 1), {0}, {}));
  CHECK(is(mean(none), {}, {std::nan("")}));
  CHECK(is(max(none, 1), {0}, {}));
  CHECK(is(logsumexp(none, 0), {3},
           std::vector<double>(3, -std::numeric_limits<double>::infinity())));
  CHECK(error_of([&] { max(none, 0); }) == "ShapeError: max: nothing to fold in (0, 3)");
  CHECK(error_of([&] { min(none, {0, 1}); }) == "ShapeError: min: nothing to fold in (0, 3)");
  CHECK(error_of([&] { max(none); }) == "ShapeError: max: nothing to fold in (0, 3)");
  CHECK(error_of([&] { min(none); }) == "ShapeError: min: nothing to fold in (0, 3)");
}

TEST_CASE("reductions: refuse an axis that is not there, or comes twice") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] { sum(x, 2); }) == "ShapeError: sum: axis 2 is out of range for rank 2");
  CHECK(error_of([&] { mean(x, -3); }) == "ShapeError: mean: axis -3 is out of range for rank 2");
  CHECK(error_of([&] { max(x, 2); }) == "ShapeError: max: axis 2 is out of range for rank 2");
  CHECK(error_of([&] { min(x, 5); }) == "ShapeError: min: axis 5 is out of range for rank 2");
  CHECK(error_of([&] { var(x, 2); }) == "ShapeError: var: axis 2 is out of range for rank 2");
  CHECK(error_of([&] { logsumexp(x, 2); }) ==
        "ShapeError: logsumexp: axis 2 is out of range for rank 2");
  CHECK(error_of([&] { sum(x, {0, 0}); }) == "ShapeError: sum: axis 0 comes twice");
  CHECK(error_of([&] { max(x, {1, -1}); }) == "ShapeError: max: axis -1 comes twice");
  CHECK(usable(x));
}

TEST_CASE("var: refuses fewer values than its correction needs") {
  const auto x = variable(numbers({1, 3}));
  CHECK(error_of([&] { var(x, 0); }) == "ShapeError: var: 1 values and a correction of 1");
  CHECK(is(var(x, 0, {.correction = 0}), {3}, {0, 0, 0}));
  CHECK(usable(x));
}

}  // namespace tinydl_test
