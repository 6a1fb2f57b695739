// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>

#include <tinydl/functions/conv.hpp>
#include <tinydl/layers/init.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

struct Conv2DOptions {
  Pair stride = 1;
  Padding padding = 0;  ///< Padding::same for results as large as the images
  Pair dilation = 1;
  Index groups = 1;
  bool bias = true;
  /// PyTorch's default: uniform in +-1/sqrt(fan in), which is in/groups times the kernel's size.
  Init weight_init = init::kaiming_uniform(1 / std::sqrt(3.0));
  std::optional<Init> bias_init = {};  ///< if none: uniform in the same range
};

struct ConvTranspose2DOptions {
  Pair stride = 1;
  Pair padding = 0;
  Pair output_padding = 0;
  Pair dilation = 1;
  Index groups = 1;
  bool bias = true;
  /// PyTorch's default: uniform in +-1/sqrt(out/groups times the kernel's size).
  Init weight_init = init::kaiming_uniform(1 / std::sqrt(3.0));
  std::optional<Init> bias_init = {};  ///< if none: uniform in the same range
};

namespace detail {

/// @throws ValueError unless all sizes are positive and groups divides both numbers of channels.
inline void check_conv_layer(const char* layer, Index in, Index out, Pair kernel, Index groups) {
  if (in < 1 || out < 1) throw ValueError(text(layer, ": ", in, " channels to ", out));
  if (kernel.height < 1 || kernel.width < 1)
    throw ValueError(text(layer, ": a kernel of ", kernel));
  if (in % groups != 0 || out % groups != 0)
    throw ValueError(text(layer, ": ", groups, " groups do not divide ", in, " channels to ", out));
}

/// A bias for a weight of this shape.
template <class T>
Tensor<T, 1> draw_conv_bias(const std::optional<Init>& chosen, Index out, const Shape<4>& weight) {
  const double fan_in = static_cast<double>(weight[1] * weight[2] * weight[3]);
  return chosen.value_or(init::uniform(1 / std::sqrt(fan_in))).template draw<T>(Shape<1>(out));
}

}  // namespace detail

/// conv2d with a weight and a bias of its own.  weight: (out, in/groups, KH, KW), bias: (out),
/// x: (N, in, H, W), y: (N, out, OH, OW)
template <class T = float>
class Conv2D : public Layer<Conv2D<T>, T> {
 public:
  /// @throws ValueError unless sizes are positive, groups divide both numbers of channels, and
  /// padding is not negative.
  [[gnu::noinline]] Conv2D(Index in, Index out, Pair kernel, Conv2DOptions options = {})
      : options_(options),
        weight(this->register_parameter("weight", options.weight_init.template draw<T>(
                                                      checked_shape(in, out, kernel, options)))) {
    if (options.bias)
      bias = this->register_parameter(
          "bias", detail::draw_conv_bias<T>(options.bias_init, out, weight.shape()));
  }

  Variable<T, 4> forward(const Variable<T, 4>& x) const {
    const ConvOptions how{options_.stride, options_.padding, options_.dilation, options_.groups};
    // Filters are kept while the weight is not about to change.
    const bool changes =
        this->training() || (grad_enabled() && (x.requires_grad() || weight.requires_grad()));
    if (changes && cache_) cache_->clear();
    kernels::FilterCache* const cache = changes ? nullptr : cache_.get();
    return bias.defined() ? detail::cached_conv2d(cache, x, weight, bias, how)
                          : detail::cached_conv2d(cache, x, weight, how);
  }

  Conv2D clone() const {
    return this->clone_by([&] {
      const Shape<4>& shape = weight.shape();
      return Conv2D(shape[1] * options_.groups, shape[0], {shape[2], shape[3]}, options_);
    });
  }

 private:
  static Shape<4> checked_shape(Index in, Index out, Pair kernel, const Conv2DOptions& options) {
    const auto& padding = options.padding;
    detail::check_conv_options("Conv2D", options.stride, padding, options.dilation, options.groups);
    detail::check_conv_layer("Conv2D", in, out, kernel, options.groups);
    return {out, in / options.groups, kernel.height, kernel.width};
  }

  Conv2DOptions options_;
  std::unique_ptr<kernels::FilterCache> cache_ = std::make_unique<kernels::FilterCache>();

 public:
  Parameter<T, 4> weight;
  Variable<T, 1> bias;  ///< undefined without a bias
};

/// conv_transpose2d with a weight and a bias of its own.  weight: (in, out/groups, KH, KW),
/// bias: (out), x: (N, in, H, W), y: (N, out, OH, OW)
template <class T = float>
class ConvTranspose2D : public Layer<ConvTranspose2D<T>, T> {
 public:
  /// @throws ValueError as Conv2D, and unless output_padding is less than stride or dilation.
  ConvTranspose2D(Index in, Index out, Pair kernel, ConvTranspose2DOptions options = {})
      : options_(options),
        weight(this->register_parameter("weight", options.weight_init.template draw<T>(
                                                      checked_shape(in, out, kernel, options)))) {
    if (options.bias)
      bias = this->register_parameter(
          "bias", detail::draw_conv_bias<T>(options.bias_init, out, weight.shape()));
  }

  Variable<T, 4> forward(const Variable<T, 4>& x) const {
    const ConvTransposeOptions how{options_.stride, options_.padding, options_.output_padding,
                                   options_.dilation, options_.groups};
    return bias.defined() ? conv_transpose2d(x, weight, bias, how)
                          : conv_transpose2d(x, weight, how);
  }

  ConvTranspose2D clone() const {
    return this->clone_by([&] {
      const Shape<4>& shape = weight.shape();
      return ConvTranspose2D(shape[0], shape[1] * options_.groups, {shape[2], shape[3]}, options_);
    });
  }

 private:
  static Shape<4> checked_shape(Index in, Index out, Pair kernel,
                                const ConvTranspose2DOptions& options) {
    const auto& [stride, padding, output_padding, dilation, groups, bias, w, b] = options;
    detail::check_conv_options("ConvTranspose2D", stride, padding, dilation, groups);
    detail::check_output_padding("ConvTranspose2D", output_padding, stride, dilation);
    detail::check_conv_layer("ConvTranspose2D", in, out, kernel, groups);
    return {in, out / groups, kernel.height, kernel.width};
  }

  ConvTranspose2DOptions options_;

 public:
  Parameter<T, 4> weight;
  Variable<T, 1> bias;  ///< undefined without a bias
};

}  // namespace tinydl
