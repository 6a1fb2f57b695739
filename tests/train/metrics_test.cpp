// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/metrics.hpp>

#include <cmath>

#include "train/check.hpp"

namespace tinydl_test {

using tinydl::ConfusionMatrix;
using tinydl::from_values;
using tinydl::Index;
using tinydl::ShapeError;
using tinydl::ValueError;

TEST_CASE("top_k_accuracy: a row counts if its label is among the k largest scores") {
  const auto scores = from_values({{0.1, 0.5, 0.4, 0.3}, {4.0, 3.0, 2.0, 1.0}});
  const auto labels = from_values({2, 3});
  const Index right[] = {0, 1, 1, 2};
  for (Index k = 1; k <= 4; ++k) {
    CHECK(tinydl::count_top_k(scores, labels, k) == right[k - 1]);
    CHECK(tinydl::top_k_accuracy(scores, labels, k) == static_cast<double>(right[k - 1]) / 2);
  }
}

TEST_CASE("top_k_accuracy: for k = 1 it is the accuracy, with equal scores and NaNs as well") {
  const double nan = std::nan("");
  const double few[] = {0, 1, nan};
  for (int i = 0; i < 27; ++i) {
    const auto row = from_values({{few[i / 9], few[i / 3 % 3], few[i % 3]}});
    Index right = 0;
    for (int label = 0; label < 3; ++label) {
      const auto labels = from_values({label});
      CAPTURE(i);
      CAPTURE(label);
      if (i / 9 != 2 && i / 3 % 3 != 2 && i % 3 != 2)
        CHECK(tinydl::count_top_k(row, labels, 1) == tinydl::count_correct(row, labels));
      right += tinydl::count_top_k(row, labels, 2);
    }
    CHECK(right <= 2);
  }
  const auto row = from_values({{nan, 5.0, 1.0}});
  CHECK(tinydl::count_top_k(row, from_values({1}), 1) == 0);
  CHECK(tinydl::count_top_k(row, from_values({1}), 2) == 1);
}

TEST_CASE("top_k_accuracy: a label that is no class is never right; of no rows it is a NaN") {
  const auto scores = from_values({{1.0, 2.0}, {1.0, 2.0}});
  CHECK(tinydl::count_top_k(scores, from_values({-1, 2}), 2) == 0);
  CHECK(std::isnan(tinydl::top_k_accuracy(tinydl::zeros<double>({0, 2}),
                                          tinydl::Labels<1>(tinydl::Shape(0)), 1)));
}

TEST_CASE("top_k_accuracy: refuses a wrong number of labels and a k that is not in [1, C]") {
  const auto scores = from_values({{1.0, 2.0}, {1.0, 2.0}});
  CHECK_THROWS_WITH_AS(tinydl::count_top_k(scores, from_values({0}), 1),
                       "top_k_accuracy: scores of shape (2, 2) and labels of shape (1,)",
                       ShapeError);
  CHECK_THROWS_WITH_AS(tinydl::count_top_k(scores, from_values({0, 1}), 0),
                       "top_k_accuracy: k = 0 is not in [1, 2], the classes", ValueError);
  CHECK_THROWS_WITH_AS(tinydl::count_top_k(scores, from_values({0, 1}), 3),
                       "top_k_accuracy: k = 3 is not in [1, 2], the classes", ValueError);
}

TEST_CASE("score: losses and hits are summed over examples; without labels there is no accuracy") {
  tinydl::Score score{6, 4, 4, 3};
  score += {2, 4, 4, 1};
  CHECK(score == tinydl::Score{8, 8, 8, 4});
  CHECK(score.loss() == 1);
  CHECK(score.has_accuracy());
  CHECK(score.accuracy() == 0.5);
  CHECK_FALSE(tinydl::Score{1, 1}.has_accuracy());
}

TEST_CASE("confusion matrix: rows are the true classes, columns the predicted ones") {
  ConfusionMatrix confusion(3);
  confusion.add(from_values({{0.0, 2.0, 1.0}, {5.0, 1.0, 1.0}}), from_values({0, 0}));
  confusion.add(from_values({2, 1, 1}), from_values({2, 2, 1}));
  const Index expected[] = {1, 1, 0, 0, 1, 0, 0, 1, 1};
  for (int i = 0; i < 9; ++i) CHECK(confusion.counts().span()[i] == expected[i]);
  CHECK(confusion.total() == 5);
  CHECK(confusion.accuracy() == 0.6);
}

TEST_CASE("confusion matrix: precision, recall and F1 of each class, their mean, and of all") {
  ConfusionMatrix confusion(3);
  //                         0: 2 of 3 found, 1: 1 of 2, 2: 0 of 1
  confusion.add(from_values({0, 0, 1, 1, 0, 1}), from_values({0, 0, 0, 1, 1, 2}));
  const auto check = [](const ConfusionMatrix::Rates& rates, double precision, double recall,
                        double f1) {
    CHECK(rates.precision == doctest::Approx(precision));
    CHECK(rates.recall == doctest::Approx(recall));
    CHECK(rates.f1 == doctest::Approx(f1));
  };
  check(confusion.of(0), 2.0 / 3, 2.0 / 3, 2.0 / 3);
  check(confusion.of(1), 1.0 / 3, 1.0 / 2, 2.0 / 5);
  check(confusion.of(2), 0, 0, 0);  // never predicted: 0, not 0/0
  check(confusion.macro(), 1.0 / 3, 7.0 / 18, 16.0 / 45);
  check(confusion.micro(), 0.5, 0.5, 0.5);
}

TEST_CASE("confusion matrix: classes that do not occur are 0, and the mean leaves them out") {
  ConfusionMatrix confusion(4);
  CHECK(confusion.accuracy() == 0);
  CHECK(confusion.macro().f1 == 0);
  CHECK(confusion.of(3).recall == 0);
  confusion.add(from_values({1, 1}), from_values({1, 1}));
  CHECK(confusion.macro().precision == 1);
  CHECK(confusion.macro().recall == 1);
  CHECK(confusion.macro().f1 == 1);
  confusion.add(from_values({2}), from_values({1}));  // 2 occurs now, as a prediction
  CHECK(confusion.macro().precision == 0.5);
}

TEST_CASE("confusion matrix: the commonest errors come first, of equal ones the lower classes") {
  ConfusionMatrix confusion(3);
  confusion.add(from_values({2, 2, 0, 1, 0, 0, 0}), from_values({1, 1, 2, 2, 1, 0, 0}));
  using List = std::vector<ConfusionMatrix::Confusion>;
  CHECK(confusion.commonest(9) == List{{1, 2, 2}, {1, 0, 1}, {2, 0, 1}, {2, 1, 1}});
  CHECK(confusion.commonest(2) == List{{1, 2, 2}, {1, 0, 1}});
  CHECK(confusion.commonest(0).empty());
}

TEST_CASE("confusion matrix: what does not fit is refused, and nothing is counted") {
  CHECK_THROWS_WITH_AS(ConfusionMatrix(0), "ConfusionMatrix: 0 classes", ValueError);
  ConfusionMatrix confusion(2);
  CHECK_THROWS_WITH_AS(confusion.add(from_values({0, 1}), from_values({0})),
                       "ConfusionMatrix: 2 predictions and 1 labels", ShapeError);
  CHECK_THROWS_WITH_AS(confusion.add(from_values({{1.0, 2.0, 3.0}}), from_values({0})),
                       "ConfusionMatrix: scores of shape (1, 3) for 2 classes", ShapeError);
  CHECK_THROWS_WITH_AS(confusion.add(from_values({0, 0}), from_values({0, 2})),
                       "ConfusionMatrix: 2 is no class among 2", ValueError);
  CHECK_THROWS_WITH_AS(confusion.add(from_values({0, -1}), from_values({0, 0})),
                       "ConfusionMatrix: -1 is no class among 2", ValueError);
  CHECK_THROWS_WITH_AS(confusion.of(2), "ConfusionMatrix: no class 2 among 2", ValueError);
  CHECK(confusion.total() == 0);
}

}  // namespace tinydl_test
