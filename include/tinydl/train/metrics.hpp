// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include <tinydl/core/create.hpp>
#include <tinydl/functions/accuracy.hpp>

namespace tinydl {

/// How many rows of scores (N, C) have their label's score among the k largest; of equal scores the
/// first count as larger, and a NaN as larger than all. For k = 1 this is count_correct().
/// @throws ShapeError for a wrong number of labels, ValueError unless 1 <= k <= C.
template <Operand X, std::integral I>
Index count_top_k(const X& scores, const Tensor<I, 1>& labels, Index k) {
  static_assert(X::rank == 2, "top_k_accuracy: scores are (N, C)");
  const auto& values = data_of(scores);
  const Index n = values.shape()[0], classes = values.shape()[1];
  if (n != labels.shape()[0])
    throw ShapeError(text("top_k_accuracy: scores of shape ", values.shape(),
                          " and labels of shape ", labels.shape()));
  if (k < 1 || k > classes)
    throw ValueError(text("top_k_accuracy: k = ", k, " is not in [1, ", classes, "], the classes"));
  Index right = 0;
  for (Index i = 0; i < n; ++i) {
    const auto label = static_cast<Index>(labels.data()[i]);
    if (label < 0 || label >= classes) continue;
    const auto* row = values.data() + i * classes;
    Index larger = 0;
    for (Index j = 0; j < classes; ++j)
      larger += j != label && (j < label ? !(row[j] < row[label]) : !(row[j] <= row[label]));
    right += larger < k;
  }
  return right;
}

/// The same as a share, in [0, 1]; not a number if there are no rows.
template <Operand X, std::integral I>
double top_k_accuracy(const X& scores, const Tensor<I, 1>& labels, Index k) {
  return static_cast<double>(count_top_k(scores, labels, k)) / static_cast<double>(labels.size());
}

/// How a model does on the examples seen so far.
struct Score {
  double loss_sum = 0;  ///< over the examples
  Index examples = 0;
  Index classified = 0;  ///< examples that have a class label
  Index correct = 0;     ///< among them

  double loss() const { return loss_sum / static_cast<double>(examples); }
  /// Whether there is an accuracy: only where class labels are predicted.
  bool has_accuracy() const { return classified > 0; }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(classified); }

  Score& operator+=(const Score& other) {
    loss_sum += other.loss_sum;
    examples += other.examples;
    classified += other.classified;
    correct += other.correct;
    return *this;
  }
  bool operator==(const Score&) const = default;
};

/// Which classes are taken for which.
///
///     ConfusionMatrix confusion(10);
///     for (auto [x, labels] : test_loader) confusion.add(model(x), labels);
///     confusion.macro().f1;
///     for (auto [truth, predicted, count] : confusion.commonest(3)) ...
///
/// A ratio of nothing to nothing is 0, never a NaN: the precision of a class that was never
/// predicted, the recall of one without examples, the accuracy before the first add().
class ConfusionMatrix {
 public:
  /// @throws ValueError if the number of classes is not positive.
  explicit ConfusionMatrix(Index classes) : classes_(classes) {
    if (classes < 1) throw ValueError(text("ConfusionMatrix: ", classes, " classes"));
    counts_ = full(Shape<2>(classes, classes), Index{0});
  }

  /// Counts the class with the highest score (N, C) in each row.
  /// @throws ShapeError for another number of classes or of labels, ValueError for a label that is
  /// no class; nothing is counted then.
  template <Operand X, std::integral I>
  requires(X::rank == 2) void add(const X& scores, const Tensor<I, 1>& labels) {
    if (scores.shape()[1] != classes_)
      throw ShapeError(
          text("ConfusionMatrix: scores of shape ", scores.shape(), " for ", classes_, " classes"));
    add(argmax(scores, 1), labels);
  }

  /// Counts predicted classes (N). @throws as above.
  template <std::integral P, std::integral I>
  void add(const Tensor<P, 1>& predicted, const Tensor<I, 1>& labels) {
    if (predicted.size() != labels.size())
      throw ShapeError(text("ConfusionMatrix: ", predicted.size(), " predictions and ",
                            labels.size(), " labels"));
    check(predicted);
    check(labels);
    Index* const counts = counts_.mutable_data();
    for (Index i = 0; i < labels.size(); ++i)
      ++counts[static_cast<Index>(labels.data()[i]) * classes_ +
               static_cast<Index>(predicted.data()[i])];
  }

  Index classes() const { return classes_; }
  /// (C, C): counts()(i, j) examples of class i were taken for class j.
  const Tensor<Index, 2>& counts() const { return counts_; }
  Index total() const {
    Index n = 0;
    for (Index count : counts_.span()) n += count;
    return n;
  }

  double accuracy() const { return ratio(correct(), total()); }

  struct Rates {
    double precision = 0;  ///< the share of the predictions of a class that are right
    double recall = 0;     ///< the share of a class's examples that are found
    double f1 = 0;         ///< the harmonic mean of both
  };

  /// Of one class. @throws ValueError if there is no such class.
  Rates of(Index c) const {
    if (c < 0 || c >= classes_)
      throw ValueError(text("ConfusionMatrix: no class ", c, " among ", classes_));
    const auto [examples, predictions] = seen(c);
    const Index right = at(c, c);
    return {ratio(right, predictions), ratio(right, examples),
            ratio(2 * right, examples + predictions)};
  }

  /// The mean over the classes that occur, as a label or as a prediction.
  Rates macro() const {
    Rates sum;
    Index occurring = 0;
    for (Index c = 0; c < classes_; ++c) {
      const auto [examples, predictions] = seen(c);
      if (examples + predictions == 0) continue;
      ++occurring;
      const Rates rates = of(c);
      sum.precision += rates.precision;
      sum.recall += rates.recall;
      sum.f1 += rates.f1;
    }
    const double n = static_cast<double>(std::max<Index>(occurring, 1));
    return {sum.precision / n, sum.recall / n, sum.f1 / n};
  }

  /// Over all examples alike. Where each has one class, all three are the accuracy.
  Rates micro() const { return {accuracy(), accuracy(), accuracy()}; }

  struct Confusion {
    Index truth, predicted, count;
    bool operator==(const Confusion&) const = default;
  };

  /// The most frequent errors, at most n of them; of equally frequent ones the lower classes first.
  std::vector<Confusion> commonest(Index n) const {
    std::vector<Confusion> list;
    for (Index i = 0; i < classes_; ++i)
      for (Index j = 0; j < classes_; ++j)
        if (i != j && at(i, j) > 0) list.push_back({i, j, at(i, j)});
    std::stable_sort(list.begin(), list.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    if (std::ssize(list) > n) list.resize(static_cast<std::size_t>(std::max<Index>(n, 0)));
    return list;
  }

 private:
  template <class I>
  void check(const Tensor<I, 1>& classes) const {
    for (I c : classes.span())
      if (static_cast<Index>(c) < 0 || static_cast<Index>(c) >= classes_)
        throw ValueError(text("ConfusionMatrix: ", c, " is no class among ", classes_));
  }

  static double ratio(Index part, Index whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  }

  Index at(Index i, Index j) const { return counts_.data()[i * classes_ + j]; }
  Index correct() const {
    Index n = 0;
    for (Index c = 0; c < classes_; ++c) n += at(c, c);
    return n;
  }

  struct Seen {
    Index examples = 0, predictions = 0;
  };
  Seen seen(Index c) const {
    Seen n;
    for (Index i = 0; i < classes_; ++i) {
      n.examples += at(c, i);
      n.predictions += at(i, c);
    }
    return n;
  }

  Index classes_;
  Tensor<Index, 2> counts_;
};

}  // namespace tinydl
