// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/pool.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

// Pooling as layers, which take images (N, C, H, W). Their arguments are those of the functions.

/// max_pool2d. @throws ValueError for a kernel, stride or dilation below 1 or a padding of more
/// than half of the kernel.
class MaxPool2D : public Layer<MaxPool2D, void> {
 public:
  explicit MaxPool2D(Pair kernel, MaxPool2DOptions options = {})
      : kernel_(kernel), options_(options) {
    detail::checked_pooling("MaxPool2D",
                            {kernel, options.stride, options.padding, options.dilation});
  }

  template <class T>
  Variable<T, 4> forward(const Variable<T, 4>& x) const {
    return max_pool2d(x, kernel_, options_);
  }
  MaxPool2D clone() const {
    return clone_by([&] { return MaxPool2D(kernel_, options_); });
  }

 private:
  Pair kernel_;
  MaxPool2DOptions options_;
};

/// avg_pool2d. @throws ValueError for a kernel or stride below 1 or a padding of more than half of
/// the kernel.
class AvgPool2D : public Layer<AvgPool2D, void> {
 public:
  explicit AvgPool2D(Pair kernel, AvgPool2DOptions options = {})
      : kernel_(kernel), options_(options) {
    detail::checked_pooling("AvgPool2D", {kernel, options.stride, options.padding});
  }

  template <class T>
  Variable<T, 4> forward(const Variable<T, 4>& x) const {
    return avg_pool2d(x, kernel_, options_);
  }
  AvgPool2D clone() const {
    return clone_by([&] { return AvgPool2D(kernel_, options_); });
  }

 private:
  Pair kernel_;
  AvgPool2DOptions options_;
};

/// adaptive_max_pool2d. @throws ValueError if an output size is below 1.
class AdaptiveMaxPool2D : public Layer<AdaptiveMaxPool2D, void> {
 public:
  explicit AdaptiveMaxPool2D(Pair output) : output_(output) {
    detail::check_adaptive("AdaptiveMaxPool2D", output);
  }

  template <class T>
  Variable<T, 4> forward(const Variable<T, 4>& x) const {
    return adaptive_max_pool2d(x, output_);
  }
  AdaptiveMaxPool2D clone() const {
    return clone_by([&] { return AdaptiveMaxPool2D(output_); });
  }

 private:
  Pair output_;
};

/// adaptive_avg_pool2d. @throws ValueError if an output size is below 1.
class AdaptiveAvgPool2D : public Layer<AdaptiveAvgPool2D, void> {
 public:
  explicit AdaptiveAvgPool2D(Pair output) : output_(output) {
    detail::check_adaptive("AdaptiveAvgPool2D", output);
  }

  template <class T>
  Variable<T, 4> forward(const Variable<T, 4>& x) const {
    return adaptive_avg_pool2d(x, output_);
  }
  AdaptiveAvgPool2D clone() const {
    return clone_by([&] { return AdaptiveAvgPool2D(output_); });
  }

 private:
  Pair output_;
};

/// The largest element of each image: (N, C, H, W) -> (N, C).
struct GlobalMaxPool2D : Layer<GlobalMaxPool2D, void> {
  template <class T>
  Variable<T, 2> forward(const Variable<T, 4>& x) const {
    return global_max_pool2d(x);
  }
};

/// The mean of each image: (N, C, H, W) -> (N, C).
struct GlobalAvgPool2D : Layer<GlobalAvgPool2D, void> {
  template <class T>
  Variable<T, 2> forward(const Variable<T, 4>& x) const {
    return global_avg_pool2d(x);
  }
};

}  // namespace tinydl
