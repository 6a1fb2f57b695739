// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <tinydl/functions/batch_norm.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

struct BatchNormOptions {
  double eps = 1e-5;
  /// The share of a new batch in the running statistics; if none, all batches count the same.
  std::optional<double> momentum = 0.1;
  bool affine = true;  ///< if not, weight and bias are the constants 1 and 0
};

namespace detail {

/// What BatchNorm1D and BatchNorm2D have in common.
template <class Derived, class T>
class BatchNorm : public Layer<Derived, T> {
 public:
  BatchNorm(Index channels, BatchNormOptions options) : options_(options) {
    if (channels < 1) throw ValueError(text(Derived::name, ": ", channels, " channels"));
    if (!(options.eps > 0)) throw ValueError(text(Derived::name, ": eps ", options.eps));
    if (options.momentum && !(*options.momentum >= 0 && *options.momentum <= 1))
      throw ValueError(text(Derived::name, ": momentum ", *options.momentum, " is not in [0, 1]"));
    const Shape<1> shape(channels);
    weight = ones<T>(shape);
    bias = zeros<T>(shape);
    if (options.affine) {
      weight = this->register_parameter("weight", weight.data());
      bias = this->register_parameter("bias", bias.data());
    }
    running_mean = this->register_buffer("running_mean", zeros<T>(shape));
    running_var = this->register_buffer("running_var", ones<T>(shape));
    num_batches_tracked = this->register_buffer("num_batches_tracked", Tensor<T, 0>(T(0)));
  }

  Derived clone() const {
    return this->clone_by([&] { return Derived(weight.shape()[0], options_); });
  }

 protected:
  template <int Rank>
  Variable<T, Rank> normalize(const Variable<T, Rank>& x) const {
    check_channels(Derived::name, x.shape(), weight.shape(), bias.shape());
    if (!this->training())
      return batch_norm(x, weight, bias, running_mean.data(), running_var.data(), options_.eps);
    const auto moments = channel_moments(Derived::name, x.data());
    track(moments, static_cast<double>(x.size() / weight.size()));
    return batch_norm_by(false, moments, x, weight, bias, options_.eps);
  }

 private:
  /// @param count values of each channel; the running variance is the unbiased one.
  void track(const Moments<T>& batch, double count) const {
    num_batches_tracked.mutable_data() = num_batches_tracked.data() + 1;
    const double share =
        options_.momentum.value_or(1 / static_cast<double>(num_batches_tracked.item()));
    running_mean.mutable_data() = (1 - share) * running_mean.data() + share * batch.means;
    running_var.mutable_data() =
        (1 - share) * running_var.data() + share * count / (count - 1) * batch.variances;
  }

  BatchNormOptions options_;

 public:
  Variable<T, 1> weight, bias;
  Variable<T, 1> running_mean, running_var;
  Variable<T, 0> num_batches_tracked;
};

}  // namespace detail

/// Batch normalisation of features or of sequences: in training, each channel is brought to mean 0
/// and variance 1 over the batch, in eval mode by the running statistics of training; then scaled
/// and shifted.  weight, bias, running_mean, running_var: (channels), x: (N, channels) or
/// (N, channels, L)
/// @throws ValueError for channels, eps or a momentum out of range. Its forward pass throws
/// ShapeError for another number of channels and, in training, for a single value of each.
template <class T = float>
class BatchNorm1D : public detail::BatchNorm<BatchNorm1D<T>, T> {
 public:
  static constexpr auto name = "BatchNorm1D";

  explicit BatchNorm1D(Index channels, BatchNormOptions options = {})
      : detail::BatchNorm<BatchNorm1D, T>(channels, options) {}

  Variable<T, 2> forward(const Variable<T, 2>& x) const { return this->normalize(x); }
  Variable<T, 3> forward(const Variable<T, 3>& x) const { return this->normalize(x); }
};

/// The same for images: x: (N, channels, H, W)
template <class T = float>
class BatchNorm2D : public detail::BatchNorm<BatchNorm2D<T>, T> {
 public:
  static constexpr auto name = "BatchNorm2D";

  explicit BatchNorm2D(Index channels, BatchNormOptions options = {})
      : detail::BatchNorm<BatchNorm2D, T>(channels, options) {}

  Variable<T, 4> forward(const Variable<T, 4>& x) const { return this->normalize(x); }
};

}  // namespace tinydl
