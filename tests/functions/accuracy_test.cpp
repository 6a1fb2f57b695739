// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/accuracy.hpp>

#include "functions/check.hpp"

namespace tinydl_test {

TEST_CASE("accuracy: the share of rows that are largest at their label") {
  const auto scores = from_values({{0.1, 0.9}, {3.0, -3.0}, {-2.0, -1.0}, {5.0, 4.0}});
  const auto labels = from_values({1, 0, 0, 0});
  CHECK(count_correct(scores, labels) == 3);
  CHECK(accuracy(scores, labels) == 0.75);
  CHECK(accuracy(variable(scores), labels.cast<std::uint8_t>()) == 0.75);
  CHECK(accuracy(scores, 1 - labels) == 0.25);
}

TEST_CASE("accuracy: of equal scores the first counts, once") {
  const auto scores = from_values({{2.0, 2.0, 1.0}, {0.0, 3.0, 3.0}});
  CHECK(count_correct(scores, from_values({0, 1})) == 2);
  CHECK(count_correct(scores, from_values({1, 2})) == 0);
}

TEST_CASE("accuracy: a label that is no class is never right") {
  CHECK(count_correct(numbers({2, 3}), from_values({-1, 3})) == 0);
}

TEST_CASE("accuracy: of no rows is not a number") {
  const auto none = zeros<double>({0, 3});
  CHECK(count_correct(none, Labels<1>(Shape(0))) == 0);
  CHECK(std::isnan(accuracy(none, Labels<1>(Shape(0)))));
}

TEST_CASE("accuracy: refuses a wrong number of labels, and scores without classes") {
  const auto scores = variable(numbers({2, 3}));
  CHECK(error_of([&] {
          accuracy(scores, from_values({0, 1, 2}));
        }) == "ShapeError: accuracy: scores of shape (2, 3) and labels of shape (3,)");
  CHECK(error_of([&] {
          accuracy(zeros<double>({2, 0}), from_values({0, 0}));
        }) == "ShapeError: argmax: axis 1 of shape (2, 0) is empty");
  CHECK(usable(scores));
}

}  // namespace tinydl_test
