// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/compare.hpp>

namespace tinydl {

/// How many rows of scores (N, C) are largest at their label; of equal scores the first counts.
/// @throws ShapeError for a wrong number of labels.
template <Operand X, std::integral I>
Index count_correct(const X& scores, const Tensor<I, 1>& labels) {
  static_assert(X::rank == 2, "accuracy: scores are (N, C)");
  if (scores.shape()[0] != labels.shape()[0])
    throw ShapeError(text("accuracy: scores of shape ", scores.shape(), " and labels of shape ",
                          labels.shape()));
  const Labels<1> predicted = argmax(scores, 1);
  Index correct = 0;
  for (Index i = 0; i < labels.size(); ++i)
    correct += predicted.data()[i] == static_cast<std::int64_t>(labels.data()[i]);
  return correct;
}

/// The same as a share, in [0, 1]; not a number if there are no rows.
template <Operand X, std::integral I>
double accuracy(const X& scores, const Tensor<I, 1>& labels) {
  return static_cast<double>(count_correct(scores, labels)) / static_cast<double>(labels.size());
}

}  // namespace tinydl
