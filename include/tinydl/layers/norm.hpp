// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <tinydl/functions/group_norm.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

// Without an affine part, weight and bias are the constants 1 and 0, and no parameters.

struct LayerNormOptions {
  double eps = 1e-5;
  bool elementwise_affine = true;
  bool bias = true;
};

/// Normalises each example's features, the last axes, to mean 0 and variance 1; then scales and
/// shifts them.  LayerNorm(n): weight, bias: (n), x: (..., n);
/// LayerNorm({m, n}): weight, bias: (m, n), x: (..., m, n)
template <class T = float, int Axes = 1>
class LayerNorm : public Layer<LayerNorm<T, Axes>, T> {
 public:
  /// @throws ValueError unless all features and eps are positive.
  explicit LayerNorm(Index features, LayerNormOptions options = {}) requires(Axes == 1)
      : LayerNorm(Shape<1>(features), options) {}
  explicit LayerNorm(const Index (&features)[Axes],
                     LayerNormOptions options = {}) requires(Axes > 1)
      : LayerNorm(Shape<Axes>(features), options) {}
  explicit LayerNorm(const Shape<Axes>& features, LayerNormOptions options = {})
      : options_(options) {
    bool positive = options.eps > 0;
    for (Index size : features) positive = positive && size > 0;
    if (!positive) throw ValueError(text("LayerNorm: ", features, " features, eps ", options.eps));
    weight = ones<T>(features);
    bias = zeros<T>(features);
    if (!options.elementwise_affine) return;
    weight = this->register_parameter("weight", weight.data());
    if (options.bias) bias = this->register_parameter("bias", bias.data());
  }

  template <int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return layer_norm(x, weight, bias, options_.eps);
  }

  LayerNorm clone() const {
    return this->clone_by([&] { return LayerNorm(weight.shape(), options_); });
  }

 private:
  LayerNormOptions options_;

 public:
  Variable<T, Axes> weight, bias;
};

struct RMSNormOptions {
  std::optional<double> eps = {};  ///< if none: the element type's machine epsilon
  bool elementwise_affine = true;
};

/// Divides each example's features, the last axis, by the root of their mean square; then scales
/// them.  weight: (features), x: (..., features)
template <class T = float>
class RMSNorm : public Layer<RMSNorm<T>, T> {
 public:
  /// @throws ValueError unless features and eps are positive.
  explicit RMSNorm(Index features, RMSNormOptions options = {})
      : options_(options), eps_(options.eps.value_or(std::numeric_limits<T>::epsilon())) {
    if (features < 1 || !(eps_ > 0))
      throw ValueError(text("RMSNorm: ", features, " features, eps ", eps_));
    weight = ones<T>(Shape<1>(features));
    if (options.elementwise_affine) weight = this->register_parameter("weight", weight.data());
  }

  template <int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return rms_norm(x, weight, eps_);
  }

  RMSNorm clone() const {
    return this->clone_by([&] { return RMSNorm(weight.shape()[0], options_); });
  }

 private:
  RMSNormOptions options_;
  double eps_;

 public:
  Variable<T, 1> weight;
};

struct GroupNormOptions {
  double eps = 1e-5;
  bool affine = true;
};

/// Normalises each example's channels in groups of neighbours to mean 0 and variance 1; then
/// scales and shifts each channel.  weight, bias: (channels), x: (N, channels, ...)
template <class T = float>
class GroupNorm : public Layer<GroupNorm<T>, T> {
 public:
  /// @throws ValueError unless groups divide channels, and all are positive.
  GroupNorm(Index groups, Index channels, GroupNormOptions options = {})
      : groups_(groups), options_(options) {
    if (groups < 1 || channels < 1 || channels % groups != 0)
      throw ValueError(
          text("GroupNorm: ", groups, " groups do not divide ", channels, " channels"));
    if (!(options.eps > 0)) throw ValueError(text("GroupNorm: eps ", options.eps));
    weight = ones<T>(Shape<1>(channels));
    bias = zeros<T>(Shape<1>(channels));
    if (!options.affine) return;
    weight = this->register_parameter("weight", weight.data());
    bias = this->register_parameter("bias", bias.data());
  }

  template <int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return group_norm(x, groups_, weight, bias, options_.eps);
  }

  GroupNorm clone() const {
    return this->clone_by([&] { return GroupNorm(groups_, weight.shape()[0], options_); });
  }

 private:
  Index groups_;
  GroupNormOptions options_;

 public:
  Variable<T, 1> weight, bias;
};

}  // namespace tinydl
