// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <tinydl/core/shape.hpp>

namespace tinydl::kernels {

/// One axis of a convolution: for output i, tap k meets input i * stride + k * dilation - padding.
/// `padding` is that before the first input.
struct ConvAxis {
  Index in, out, kernel, stride = 1, dilation = 1, padding = 0;

  /// For output i, tap k meets number i + shift(k) of this phase of the input.
  Index phase(Index k) const { return k * dilation % stride; }
  Index shift(Index k) const { return k * dilation / stride; }
  Index most_shift() const { return kernel == 0 ? 0 : shift(kernel - 1); }
  /// How many inputs of a phase are met.
  Index met() const { return out + most_shift(); }
  /// Where number i of a phase is in the input, which it may be outside of.
  Index position(Index phase, Index i) const { return i * stride + phase - padding; }
  /// The first number of a phase that is at `position` or behind it.
  Index first_from(Index phase, Index position) const {
    return std::max<Index>(0, (position + padding - phase + stride - 1) / stride);
  }
};

/// The sizes of a convolution.  x: (images, channels, height.in, width.in),
/// w: (filters, channels / groups, height.kernel, width.kernel), y: (images, filters, height.out,
/// width.out).
struct ConvShape {
  Index images, channels, filters, groups;
  ConvAxis height, width;

  Index group_channels() const { return channels / groups; }
  Index group_filters() const { return filters / groups; }
  Index kernel_size() const { return height.kernel * width.kernel; }
  Index image_size() const { return channels * height.in * width.in; }
  Index result_size() const { return filters * height.out * width.out; }
  Index weight_size() const { return filters * group_channels() * kernel_size(); }

  Shape<4> image_shape() const { return {images, channels, height.in, width.in}; }
  Shape<4> result_shape() const { return {images, filters, height.out, width.out}; }
  Shape<4> weight_shape() const { return {filters, group_channels(), height.kernel, width.kernel}; }
};

}  // namespace tinydl::kernels
