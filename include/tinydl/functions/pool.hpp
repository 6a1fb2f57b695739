// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <utility>

#include <tinydl/functions/pair.hpp>
#include <tinydl/functions/reduce.hpp>
#include <tinydl/kernels/pool.hpp>

namespace tinydl {

/// The stride of windows that lie side by side.
inline constexpr Pair same_as_kernel(std::numeric_limits<Index>::min());

struct MaxPool2DOptions {
  Pair stride = same_as_kernel;
  Pair padding = 0;   ///< on each side, at most half of the kernel; it is never the maximum
  Pair dilation = 1;  ///< the distance between neighbours in a window
};

struct AvgPool2DOptions {
  Pair stride = same_as_kernel;
  Pair padding = 0;               ///< zeros on each side, at most half of the kernel
  bool count_include_pad = true;  ///< whether the means count them
};

namespace detail {

/// What max and average pooling are told, with the names of max pooling.
struct Pooling {
  Pair kernel, stride, padding, dilation = 1;
};

inline void check_pool_sizes(const char* operation, const char* what, Pair sizes, Index low) {
  constexpr Index limit = (Index{1} << 31) - 1;  // products of two do not overflow
  if (std::min(sizes.height, sizes.width) < low || std::max(sizes.height, sizes.width) > limit)
    throw ValueError(text(operation, ": ", what, " ", sizes, " is not in [", low, ", 2^31)"));
}

/// The arguments with a stride. @throws ValueError for those that no image can have.
[[gnu::noinline]] inline Pooling checked_pooling(const char* operation, Pooling p) {
  if (p.stride == same_as_kernel) p.stride = p.kernel;
  check_pool_sizes(operation, "kernel", p.kernel, 1);
  check_pool_sizes(operation, "stride", p.stride, 1);
  check_pool_sizes(operation, "padding", p.padding, 0);
  check_pool_sizes(operation, "dilation", p.dilation, 1);
  if (2 * p.padding.height > p.kernel.height || 2 * p.padding.width > p.kernel.width)
    throw ValueError(
        text(operation, ": padding ", p.padding, " is more than half of the kernel ", p.kernel));
  return p;
}

inline void check_images(const char* operation, const Shape<4>& shape) {
  if (shape[2] < 1 || shape[3] < 1 || shape[2] * shape[3] > std::numeric_limits<int>::max())
    throw ShapeError(text(operation, ": images of shape ", shape, " are empty, or too large"));
}

[[gnu::noinline]] inline kernels::Windows pooling_windows(const char* operation,
                                                          const Shape<4>& shape, Pooling p,
                                                          bool count_padding = true) {
  p = checked_pooling(operation, p);
  check_images(operation, shape);
  const auto axis = [&](Index size, Index kernel, Index stride, Index padding, Index dilation) {
    if (dilation * (kernel - 1) + 1 > size + 2 * padding)
      throw ShapeError(text(operation, ": kernel ", p.kernel, " with dilation ", p.dilation,
                            " is larger than images of shape ", shape, " with padding ",
                            p.padding));
    auto windows = kernels::strided_windows(size, kernel, stride, padding, dilation, count_padding);
    for (const kernels::Window& window : windows)
      if (window.begin >= window.end)
        throw ShapeError(text(operation, ": a window of kernel ", p.kernel, " with dilation ",
                              p.dilation, " sees nothing but the padding ", p.padding,
                              " of images of shape ", shape));
    return windows;
  };
  auto rows = axis(shape[2], p.kernel.height, p.stride.height, p.padding.height, p.dilation.height);
  auto columns = axis(shape[3], p.kernel.width, p.stride.width, p.padding.width, p.dilation.width);
  return {shape[2], shape[3], std::move(rows), std::move(columns)};
}

inline void check_adaptive(const char* operation, Pair output) {
  check_pool_sizes(operation, "output size", output, 1);
}

inline kernels::Windows adaptive_windows(const char* operation, const Shape<4>& shape,
                                         Pair output) {
  check_adaptive(operation, output);
  check_images(operation, shape);
  return {shape[2], shape[3], kernels::adaptive_windows(shape[2], output.height),
          kernels::adaptive_windows(shape[3], output.width)};
}

/// The shape of images (N, C, H, W) with a number for each window.
inline Shape<4> pooled_shape(const Shape<4>& shape, const kernels::Windows& windows) {
  return {shape[0], shape[1], static_cast<Index>(windows.rows.size()),
          static_cast<Index>(windows.columns.size())};
}
inline Shape<4> image_shape(const Shape<4>& shape, const kernels::Windows& windows) {
  return {shape[0], shape[1], windows.height, windows.width};
}

}  // namespace detail

// --- maxima ---

/// Of each image (H, W) the elements at given positions, as an image of another size; or, as the
/// adjoint, these elements at their positions in an image of zeros.
struct PickElements : Function {
  static constexpr auto name = "pick_elements";
  static constexpr Needs needs{};
  bool adjoint;
  Shape<4> images;             // (N, C, H, W)
  Tensor<std::int32_t, 4> at;  // row W + column, of the shape of what is picked

  template <class T>
  Tensor<T, 4> forward(const Tensor<T, 4>& x) const {
    const Shape<4>& picked = at.shape();
    const Index planes = picked[0] * picked[1], count = picked[2] * picked[3];
    Tensor<T, 4> y(adjoint ? images : picked);
    const auto kernel = adjoint ? kernels::scatter_planes<T> : kernels::gather_planes<T>;
    kernel(planes, images[2] * images[3], count, at.data(), x.data(), y.mutable_data());
    return y;
  }
  template <class G>
  G backward(const G& gy) const {
    return apply(PickElements{{}, !adjoint, images, at}, gy);
  }
};

/// The largest element of each window.
struct MaxPool : Function {
  static constexpr auto name = "max_pool2d";
  static constexpr Needs needs{};
  kernels::Windows windows;
  Shape<4> images = {};
  Tensor<std::int32_t, 4> at = {};  // which elements these are

  template <class T>
  Tensor<T, 4> forward(const Tensor<T, 4>& x) {
    images = x.shape();
    Tensor<T, 4> y(detail::pooled_shape(images, windows));
    at = Tensor<std::int32_t, 4>(y.shape());
    kernels::max_pool(images[0] * images[1], windows, x.data(), y.mutable_data(),
                      at.mutable_data());
    return y;
  }
  template <class G>
  G backward(const G& gy) const {
    return apply(PickElements{{}, true, images, at}, gy);
  }
};

/// The largest element of each window of images: (N, C, H, W) -> (N, C, OH, OW), where
/// OH = floor((H + 2 padding - dilation (kernel - 1) - 1) / stride) + 1. Of equal elements the
/// first gets the gradient. A NaN is the largest.
///
///     max_pool2d(x, 2)                                // half as high and wide
///     max_pool2d(x, {3, 5}, {.stride = 2, .padding = {1, 2}})
///
/// @throws ValueError for a kernel, stride or dilation below 1 or a padding of more than half of
/// the kernel; ShapeError if the kernel is larger than the padded images.
template <Operand X>
auto max_pool2d(const X& x, Pair kernel, MaxPool2DOptions options = {}) {
  static_assert(X::rank == 4, "max_pool2d takes images: (N, C, H, W)");
  return apply(
      MaxPool{{},
              detail::pooling_windows("max_pool2d", x.shape(),
                                      {kernel, options.stride, options.padding, options.dilation})},
      x);
}

/// The same for windows that cover the images evenly: (N, C, H, W) -> (N, C, output). They overlap
/// where the sizes do not divide. @throws ValueError if an output size is below 1.
template <Operand X>
auto adaptive_max_pool2d(const X& x, Pair output) {
  static_assert(X::rank == 4, "adaptive_max_pool2d takes images: (N, C, H, W)");
  return apply(MaxPool{{}, detail::adaptive_windows("adaptive_max_pool2d", x.shape(), output)}, x);
}

/// The largest element of each image: (N, C, H, W) -> (N, C).
template <Operand X>
auto global_max_pool2d(const X& x) {
  static_assert(X::rank == 4, "global_max_pool2d takes images: (N, C, H, W)");
  const auto windows = detail::adaptive_windows("global_max_pool2d", x.shape(), 1);
  return reshape(apply(MaxPool{{}, windows}, x), {x.shape()[0], x.shape()[1]});
}

// --- means ---

/// The mean over each window; or, as the adjoint, images in which each number is spread evenly over
/// its window.
struct AvgPool : Function {
  static constexpr auto name = "avg_pool2d";
  static constexpr Needs needs{};
  bool adjoint;
  kernels::Windows windows;

  template <class T>
  Tensor<T, 4> forward(const Tensor<T, 4>& x) const {
    Tensor<T, 4> y(adjoint ? detail::image_shape(x.shape(), windows)
                           : detail::pooled_shape(x.shape(), windows));
    const auto kernel = adjoint ? kernels::avg_pool_adjoint<T> : kernels::avg_pool<T>;
    kernel(x.shape()[0] * x.shape()[1], windows, x.data(), y.mutable_data());
    return y;
  }
  template <class G>
  G backward(const G& gy) const {
    return apply(AvgPool{{}, !adjoint, windows}, gy);
  }
};

/// The mean over each window of images: (N, C, H, W) -> (N, C, OH, OW), where
/// OH = floor((H + 2 padding - kernel) / stride) + 1.
/// @throws ValueError for a kernel or stride below 1 or a padding of more than half of the kernel;
/// ShapeError if the kernel is larger than the padded images.
template <Operand X>
auto avg_pool2d(const X& x, Pair kernel, AvgPool2DOptions options = {}) {
  static_assert(X::rank == 4, "avg_pool2d takes images: (N, C, H, W)");
  return apply(AvgPool{{},
                       false,
                       detail::pooling_windows("avg_pool2d", x.shape(),
                                               {kernel, options.stride, options.padding},
                                               options.count_include_pad)},
               x);
}

/// The same for windows that cover the images evenly: (N, C, H, W) -> (N, C, output). They overlap
/// where the sizes do not divide. @throws ValueError if an output size is below 1.
template <Operand X>
auto adaptive_avg_pool2d(const X& x, Pair output) {
  static_assert(X::rank == 4, "adaptive_avg_pool2d takes images: (N, C, H, W)");
  return apply(
      AvgPool{{}, false, detail::adaptive_windows("adaptive_avg_pool2d", x.shape(), output)}, x);
}

/// The mean of each image: (N, C, H, W) -> (N, C).
template <Operand X>
auto global_avg_pool2d(const X& x) {
  static_assert(X::rank == 4, "global_avg_pool2d takes images: (N, C, H, W)");
  detail::check_images("global_avg_pool2d", x.shape());
  return mean(x, {2, 3});
}

}  // namespace tinydl
