// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/pair.hpp>
#include <tinydl/functions/reduce.hpp>
#include <tinydl/kernels/conv.hpp>

// <conv(x, w), y> is linear in the images x, in the weight w and in the result's gradient y. What
// stands beside one of the three is its derivative in that one:
//     <conv(x, w), y> = <x, adjoint(y, w)> = <w, weights(x, y)>.

namespace tinydl {

namespace detail {

/// One of the three, of the other two: y is a convolution without a bias. Their derivatives are two
/// of the three again.  x: (N, C, H, W), w: (O, C/groups, KH, KW), y: (N, O, OH, OW)
struct ConvolutionPart : Function {
  enum class Of { y, x, w };

  static constexpr auto name = "conv2d";
  kernels::ConvShape shape;
  Of of;
  kernels::FilterCache* cache = nullptr;  // for y

  /// y of x and w, x of y and w, w of x and y.
  template <class T>
  Tensor<T, 4> forward(const Tensor<T, 4>& a, const Tensor<T, 4>& b) const {
    const auto sizes = of == Of::y   ? shape.result_shape()
                       : of == Of::x ? shape.image_shape()
                                     : shape.weight_shape();
    Tensor<T, 4> part(sizes);
    T* const out = part.mutable_data();
    if (of == Of::y)
      kernels::convolve<T>(shape, a.data(), b.data(), nullptr, out, cache);
    else if (of == Of::x)
      kernels::convolve_adjoint<T>(shape, a.data(), b.data(), nullptr, out);
    else
      kernels::convolve_weights(shape, a.data(), b.data(), out);
    return part;
  }
  // y(a, b): x(g, b), w(a, g).  x(a, b): y(g, b), w(g, a).  w(a, b): x(b, g), y(a, g).
  template <class X>
  std::tuple<X, X> backward(const X& g, const X& a, const X& b) const {
    const auto part = [&](Of which, bool turned, const X& p, const X& q) {
      return apply(ConvolutionPart{{}, shape, which}, turned ? q : p, turned ? p : q);
    };
    return {wants(0) ? part(of == Of::x ? Of::y : Of::x, of == Of::w, g, b) : X{},
            wants(1) ? part(of == Of::w ? Of::y : Of::w, of == Of::x, a, g) : X{}};
  }
};

template <class X>
X conv_part(const kernels::ConvShape& shape, ConvolutionPart::Of of, const X& a, const X& b) {
  return apply(ConvolutionPart{{}, shape, of}, a, b);
}

}  // namespace detail

/// y = x convolved with w, plus bias.  x: (N, C, H, W), w: (O, C/groups, KH, KW), bias: (O),
/// y: (N, O, OH, OW)
struct Conv2dFunction : Function {
  static constexpr auto name = "conv2d";
  static constexpr Needs needs{.inputs = 0b011};
  kernels::ConvShape shape;
  kernels::FilterCache* cache = nullptr;

  template <class T>
  Tensor<T, 4> forward(const Tensor<T, 4>& x, const Tensor<T, 4>& w, const Tensor<T, 1>& b) const {
    Tensor<T, 4> y(shape.result_shape());
    kernels::convolve(shape, x.data(), w.data(), b.data(), y.mutable_data(), cache);
    return y;
  }
  template <class X, class B>
  std::tuple<X, X, B> backward(const X& gy, const X& x, const X& w, const B&) const {
    using Of = detail::ConvolutionPart::Of;
    return {wants(0) ? detail::conv_part(shape, Of::x, gy, w) : X{},
            wants(1) ? detail::conv_part(shape, Of::w, x, gy) : X{},
            wants(2) ? sum(gy, {0, 2, 3}) : B{}};
  }
};

/// The adjoint in x: each number of y adds its filter, times itself, to x; plus bias if there is
/// one.  y: (N, O, OH, OW), w: (O, C/groups, KH, KW), bias: (C), x: (N, C, H, W)
struct ConvTranspose2dFunction : Function {
  static constexpr auto name = "conv_transpose2d";
  static constexpr Needs needs{.inputs = 0b011};
  kernels::ConvShape shape;

  template <class T, class... Bias>
  Tensor<T, 4> forward(const Tensor<T, 4>& y, const Tensor<T, 4>& w, const Bias&... bias) const {
    Tensor<T, 4> x(shape.image_shape());
    const T* start = nullptr;
    ((start = bias.data()), ...);
    kernels::convolve_adjoint(shape, y.data(), w.data(), start, x.mutable_data());
    return x;
  }
  template <class X, class... Bias>
  std::tuple<X, X, Bias...> backward(const X& gx, const X& y, const X& w, const Bias&...) const {
    using Of = detail::ConvolutionPart::Of;
    return {wants(0) ? detail::conv_part(shape, Of::y, gx, w) : X{},
            wants(1) ? detail::conv_part(shape, Of::w, gx, y) : X{},
            (wants(2) ? sum(gx, {0, 2, 3}) : Bias{})...};
  }
};

/// How many zeros stand around an image: so many above and below, so many left and right; or as
/// many as make the result as large as the image, the odd one at the end.
struct Padding {
  enum Same { same };

  Pair size = 0;
  bool is_same = false;

  template <std::integral Size>
  constexpr Padding(Size all) : size(all) {}
  template <std::integral Height, std::integral Width>
  constexpr Padding(Height height, Width width) : size(height, width) {}
  constexpr Padding(Pair pair) : size(pair) {}
  constexpr Padding(Same) : is_same(true) {}
};

/// Each a number or {height, width}: {.stride = 2, .padding = {1, 0}}; also
/// {.padding = Padding::same}, for a stride of 1.
struct ConvOptions {
  Pair stride = 1;
  Padding padding = 0;
  Pair dilation = 1;
  Index groups = 1;
};

struct ConvTransposeOptions {
  Pair stride = 1;
  Pair padding = 0;
  Pair output_padding = 0;  ///< rows below and columns at the right by which the result is larger
  Pair dilation = 1;
  Index groups = 1;
};

namespace detail {

/// What both kinds of convolution, and their layers, ask of their options. @throws ValueError
inline void check_conv_options(const char* operation, Pair stride, Padding padding, Pair dilation,
                               Index groups) {
  constexpr Index limit = Index{1} << 24;  // so that no size overflows
  const auto require = [&](const char* what, Pair pair, Index least) {
    if (std::min(pair.height, pair.width) < least)
      throw ValueError(text(operation, ": ", what, " ", pair, " is less than ", least));
    if (std::max(pair.height, pair.width) >= limit)
      throw ValueError(text(operation, ": ", what, " ", pair, " is not below ", limit));
  };
  require("stride", stride, 1);
  require("padding", padding.size, 0);
  require("dilation", dilation, 1);
  if (padding.is_same && !(stride == Pair(1)))
    throw ValueError(text(operation, ": padding 'same' needs a stride of 1, not ", stride));
  if (groups < 1) throw ValueError(text(operation, ": ", groups, " groups"));
}

/// @throws ValueError
inline void check_output_padding(const char* operation, Pair extra, Pair stride, Pair dilation) {
  if (std::min(extra.height, extra.width) < 0 ||
      extra.height >= std::max(stride.height, dilation.height) ||
      extra.width >= std::max(stride.width, dilation.width))
    throw ValueError(text(operation, ": output_padding ", extra,
                          " must be at least 0 and below stride ", stride, " or dilation ",
                          dilation));
}

/// Before anything else that depends on the weight. @throws ShapeError
inline void check_conv_weight(const char* operation, const Shape<4>& weight, Index groups) {
  if (weight[0] % groups != 0)
    throw ShapeError(text(operation, ": ", groups, " groups do not divide the ", weight[0],
                          " filters of a weight of shape ", weight));
  if (weight[2] < 1 || weight[3] < 1)
    throw ShapeError(text(operation, ": a weight of shape ", weight, " has no kernel"));
}

[[noreturn, gnu::cold]] inline void wrong_conv_bias(const char* operation, Index bias,
                                                    Index channels) {
  throw ShapeError(
      text(operation, ": a bias of ", bias, " numbers for a result of ", channels, " channels"));
}

/// A single result has no next one, whose distance would make the phases many.
inline Index step_for(Index out, Index stride) { return out == 1 ? 1 : stride; }

/// The sizes of a convolution of x with weight. @throws ShapeError, ValueError if it has none.
[[gnu::noinline]] inline kernels::ConvShape conv_shape(const Shape<4>& x, const Shape<4>& weight,
                                                       const ConvOptions& options) {
  const Pair stride = options.stride, dilation = options.dilation;
  const Padding padding = options.padding;
  const Index groups = options.groups;
  check_conv_options("conv2d", stride, padding, dilation, groups);
  check_conv_weight("conv2d", weight, groups);
  if (x[1] % groups != 0)
    throw ShapeError(text("conv2d: ", groups, " groups do not divide the ", x[1],
                          " channels of an input of shape ", x));
  if (x[1] / groups != weight[1])
    throw ShapeError(text("conv2d: an input of shape ", x, " in ", groups,
                          " groups for a weight of shape ", weight, ", which takes ", weight[1],
                          " channels a group"));
  const auto axis = [&](Index in, Index kernel, Index step, Index pad, Index spread) {
    const Index reach = (kernel - 1) * spread;  // from the kernel's first number to its last
    const Index before = padding.is_same ? reach / 2 : pad;
    const Index room = in + (padding.is_same ? reach : 2 * pad) - reach - 1;
    const Index out = room < 0 ? 0 : room / step + 1;
    return kernels::ConvAxis{in, out, kernel, step_for(out, step), spread, before};
  };
  const kernels::ConvShape shape{
      x[0],
      x[1],
      weight[0],
      groups,
      axis(x[2], weight[2], stride.height, padding.size.height, dilation.height),
      axis(x[3], weight[3], stride.width, padding.size.width, dilation.width)};
  if (shape.height.out < 1 || shape.width.out < 1)
    throw ShapeError(text("conv2d: the kernel of a weight of shape ", weight, " with dilation ",
                          dilation, " is larger than an input of shape ", x, " with padding ",
                          padding.size));
  return shape;
}

/// The sizes of the convolution whose adjoint takes y. @throws ShapeError, ValueError
inline kernels::ConvShape conv_transpose_shape(const Shape<4>& y, const Shape<4>& weight,
                                               const ConvTransposeOptions& options) {
  const Pair stride = options.stride, padding = options.padding, dilation = options.dilation;
  const Pair output_padding = options.output_padding;
  const Index groups = options.groups;
  check_conv_options("conv_transpose2d", stride, padding, dilation, groups);
  check_output_padding("conv_transpose2d", output_padding, stride, dilation);
  check_conv_weight("conv_transpose2d", weight, groups);
  if (y[1] != weight[0])
    throw ShapeError(text("conv_transpose2d: an input of shape ", y, " for a weight of shape ",
                          weight, ", which takes ", weight[0], " channels"));
  const auto axis = [](Index out, Index kernel, Index step, Index pad, Index extra, Index spread) {
    const Index in = (out - 1) * step - 2 * pad + (kernel - 1) * spread + extra + 1;
    return kernels::ConvAxis{out < 1 ? 0 : in, out, kernel, step_for(out, step), spread, pad};
  };
  const kernels::ConvShape shape{
      y[0],
      weight[1] * groups,
      weight[0],
      groups,
      axis(y[2], weight[2], stride.height, padding.height, output_padding.height, dilation.height),
      axis(y[3], weight[3], stride.width, padding.width, output_padding.width, dilation.width)};
  if (shape.height.in < 1 || shape.width.in < 1)
    throw ShapeError(text("conv_transpose2d: an input of shape ", y, " and a weight of shape ",
                          weight, " with padding ", padding, " give images of ",
                          Pair(shape.height.in, shape.width.in), " pixels"));
  return shape;
}

/// conv2d, with a cache of its filters unless that is null.
template <Operand X, Operand W, Operand B>
auto cached_conv2d(kernels::FilterCache* cache, const X& x, const W& weight, const B& bias,
                   const ConvOptions& options) {
  const auto shape = conv_shape(x.shape(), weight.shape(), options);
  if (bias.shape()[0] != shape.filters) wrong_conv_bias("conv2d", bias.shape()[0], shape.filters);
  return apply(Conv2dFunction{{}, shape, cache}, x, weight, bias);
}
template <Operand X, Operand W>
auto cached_conv2d(kernels::FilterCache* cache, const X& x, const W& weight,
                   const ConvOptions& options) {
  const auto shape = conv_shape(x.shape(), weight.shape(), options);
  return apply(ConvolutionPart{{}, shape, ConvolutionPart::Of::y, cache}, x, weight);
}

}  // namespace detail

/// The correlation of images with filters, which the field calls convolution.
/// x: (N, C, H, W), weight: (O, C/groups, KH, KW), bias: (O), result: (N, O, OH, OW) with
/// OH = floor((H + 2 padding - dilation (KH - 1) - 1) / stride) + 1. Group g of the filters sees
/// group g of the channels.
/// @throws ShapeError, ValueError if shapes or options do not fit.
template <Operand X, Operand W, Operand B>
auto conv2d(const X& x, const W& weight, const B& bias, const ConvOptions& options = {}) {
  static_assert(X::rank == 4, "conv2d: x is (N, C, H, W)");
  static_assert(W::rank == 4 && B::rank == 1,
                "conv2d: weight is (O, C/groups, KH, KW) and bias (O)");
  return detail::cached_conv2d(nullptr, x, weight, bias, options);
}

/// The same without a bias.
template <Operand X, Operand W>
auto conv2d(const X& x, const W& weight, const ConvOptions& options = {}) {
  static_assert(X::rank == 4 && W::rank == 4,
                "conv2d: x is (N, C, H, W) and weight (O, C/groups, KH, KW)");
  return detail::cached_conv2d(nullptr, x, weight, options);
}

/// The adjoint of conv2d: every pixel of x adds the filter of its channel, times itself, to a
/// larger image.  x: (N, C, H, W), weight: (C, O/groups, KH, KW), bias: (O), result: (N, O, OH, OW)
/// with OH = (H - 1) stride - 2 padding + dilation (KH - 1) + output_padding + 1.
/// @throws ShapeError, ValueError if shapes or options do not fit.
template <Operand X, Operand W, Operand B>
auto conv_transpose2d(const X& x, const W& weight, const B& bias,
                      const ConvTransposeOptions& options = {}) {
  static_assert(X::rank == 4, "conv_transpose2d: x is (N, C, H, W)");
  static_assert(W::rank == 4 && B::rank == 1,
                "conv_transpose2d: weight is (C, O/groups, KH, KW) and bias (O)");
  const auto shape = detail::conv_transpose_shape(x.shape(), weight.shape(), options);
  if (bias.shape()[0] != shape.channels)
    detail::wrong_conv_bias("conv_transpose2d", bias.shape()[0], shape.channels);
  return apply(ConvTranspose2dFunction{{}, shape}, x, weight, bias);
}

/// The same without a bias.
template <Operand X, Operand W>
auto conv_transpose2d(const X& x, const W& weight, const ConvTransposeOptions& options = {}) {
  static_assert(X::rank == 4 && W::rank == 4,
                "conv_transpose2d: x is (N, C, H, W) and weight (C, O/groups, KH, KW)");
  return apply(
      ConvTranspose2dFunction{{}, detail::conv_transpose_shape(x.shape(), weight.shape(), options)},
      x, weight);
}

}  // namespace tinydl
