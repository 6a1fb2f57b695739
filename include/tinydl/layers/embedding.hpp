// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <tinydl/functions/index.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

/// A learned vector for each of `count` things, which are named by integers.
/// weight: (count, features), index: (...) of any integer type, y: (..., features)
///
///     Embedding embed(1000, 64);
///     embed(tokens);  // Labels<2>, (N, L) -> (N, L, 64)
///
/// The row padding_idx begins as zero and is not trained.
template <class T = float>
class Embedding : public Layer<Embedding<T>, T> {
 public:
  /// @throws ValueError unless both numbers are positive, and padding_idx is in [-count, count).
  Embedding(Index count, Index features, EmbeddingOptions options = {})
      : weight(this->register_parameter("weight", draw(count, features, options))),
        options_(options) {}

  /// @throws ValueError for an index that is not in [0, count).
  template <detail::IndexOperand I>
  Variable<T, I::rank + 1> forward(const I& index) const {
    return embedding(index, weight, options_);
  }

  Embedding clone() const {
    return this->clone_by(
        [&] { return Embedding(weight.shape()[0], weight.shape()[1], options_); });
  }

  Parameter<T, 2> weight;

 private:
  static Tensor<T, 2> draw(Index count, Index features, EmbeddingOptions options) {
    if (count < 1 || features < 1)
      throw ValueError(text("Embedding: ", count, " vectors of ", features, " features"));
    const auto padding = detail::checked_padding("Embedding", options, count);
    Tensor<T, 2> values = randn<T>({count, features});
    if (padding) std::fill_n(values.mutable_data() + *padding * features, features, T(0));
    return values;
  }

  EmbeddingOptions options_;
};

}  // namespace tinydl
