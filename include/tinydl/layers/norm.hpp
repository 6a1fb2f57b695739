// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/norm.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

struct LayerNormOptions {
  double eps = 1e-5;
};

/// Normalises each example's features, the last axis, to mean 0 and variance 1; then scales and
/// shifts them.  weight, bias: (features), x: (..., features)
template <class T = float>
class LayerNorm : public Layer<LayerNorm<T>, T> {
 public:
  /// @throws ValueError unless features and eps are positive.
  explicit LayerNorm(Index features, LayerNormOptions options = {})
      : weight(this->register_parameter("weight", ones<T>(checked(features, options)))),
        bias(this->register_parameter("bias", zeros<T>(Shape<1>(features)))),
        options_(options) {}

  template <int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return layer_norm(x, weight, bias, options_.eps);
  }

  LayerNorm clone() const {
    return this->clone_by([&] { return LayerNorm(weight.shape()[0], options_); });
  }

  Parameter<T, 1> weight, bias;

 private:
  static Shape<1> checked(Index features, LayerNormOptions options) {
    if (features < 1 || !(options.eps > 0))
      throw ValueError(text("LayerNorm: ", features, " features, eps ", options.eps));
    return Shape<1>(features);
  }

  LayerNormOptions options_;
};

}  // namespace tinydl
