// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/conv.hpp>

#include <restored_threads.hpp>

#include "check.hpp"

namespace tinydl_test {
namespace {

using Images = Tensor<double, 4>;

/// The result's rows or columns, counted one by one.
Index conv_test_results(Index in, Index kernel, Index stride, Index before, Index after,
                        Index dilation) {
  Index count = 0;
  while (count * stride + (kernel - 1) * dilation < in + before + after) ++count;
  return count;
}

/// conv2d by its definition. `top` and `left` zeros stand before the image, below and right so many
/// that the result has this size.
Images conv_naive(const Images& x, const Images& w, const Tensor<double, 1>& bias, Pair stride,
                  Pair before, Pair dilation, Index groups, Pair size) {
  const Index images = x.shape()[0], height = x.shape()[2], width = x.shape()[3];
  const Index filters = w.shape()[0], depth = w.shape()[1], rows = w.shape()[2],
              columns = w.shape()[3];
  Images y(Shape<4>(images, filters, size.height, size.width));
  double* out = y.mutable_data();
  for (Index n = 0; n < images; ++n)
    for (Index o = 0; o < filters; ++o)
      for (Index i = 0; i < size.height; ++i)
        for (Index j = 0; j < size.width; ++j) {
          double value = bias(o);
          for (Index c = 0; c < depth; ++c)
            for (Index k = 0; k < rows; ++k)
              for (Index l = 0; l < columns; ++l) {
                const Index row = i * stride.height + k * dilation.height - before.height;
                const Index column = j * stride.width + l * dilation.width - before.width;
                if (row >= 0 && row < height && column >= 0 && column < width)
                  value += w(o, c, k, l) * x(n, o / (filters / groups) * depth + c, row, column);
              }
          *out++ = value;
        }
  return y;
}

/// conv_transpose2d by its definition: an unpadded sum, of which a part is cut out.
Images conv_transpose_naive(const Images& x, const Images& w, const Tensor<double, 1>& bias,
                            const ConvTransposeOptions& o) {
  const Index images = x.shape()[0], height = x.shape()[2], width = x.shape()[3];
  const Index inputs = w.shape()[0], depth = w.shape()[1], rows = w.shape()[2],
              columns = w.shape()[3];
  const auto size = [](Index in, Index kernel, Index stride, Index dilation) {
    return (in - 1) * stride + (kernel - 1) * dilation + 1;
  };
  const Index whole_height = size(height, rows, o.stride.height, o.dilation.height),
              whole_width = size(width, columns, o.stride.width, o.dilation.width),
              out_height = whole_height - 2 * o.padding.height + o.output_padding.height,
              out_width = whole_width - 2 * o.padding.width + o.output_padding.width;
  Images y(Shape<4>(images, depth * o.groups, out_height, out_width));
  for (Index n = 0; n < images; ++n)
    for (Index f = 0; f < depth * o.groups; ++f)
      for (Index i = 0; i < out_height; ++i)
        for (Index j = 0; j < out_width; ++j)
          y.mutable_data()[((n * depth * o.groups + f) * out_height + i) * out_width + j] = bias(f);
  for (Index n = 0; n < images; ++n)
    for (Index c = 0; c < inputs; ++c)
      for (Index f = 0; f < depth; ++f)
        for (Index i = 0; i < height; ++i)
          for (Index j = 0; j < width; ++j)
            for (Index k = 0; k < rows; ++k)
              for (Index l = 0; l < columns; ++l) {
                const Index row = i * o.stride.height + k * o.dilation.height - o.padding.height;
                const Index column = j * o.stride.width + l * o.dilation.width - o.padding.width;
                const Index filter = c / (inputs / o.groups) * depth + f;
                if (row >= 0 && row < out_height && column >= 0 && column < out_width)
                  y.mutable_data()[((n * depth * o.groups + filter) * out_height + row) *
                                       out_width +
                                   column] += x(n, c, i, j) * w(c, f, k, l);
              }
  return y;
}

Verdict conv_agrees(const Images& x, const Images& w, const ConvOptions& o) {
  const Tensor<double, 1> bias = numbers({w.shape()[0]}, -2, 2, 4);
  const auto size = [&](int at, Index stride, Index pad, Index dilation) {
    return conv_test_results(x.shape()[at], w.shape()[at], stride, pad, pad, dilation);
  };
  const Pair padding = o.padding.size,
             results{size(2, o.stride.height, padding.height, o.dilation.height),
                     size(3, o.stride.width, padding.width, o.dilation.width)};
  const auto y = conv_naive(x, w, bias, o.stride, padding, o.dilation, o.groups, results);
  const auto none = conv_naive(x, w, zeros<double>(bias.shape()), o.stride, padding, o.dilation,
                               o.groups, results);
  return all(
      {is(conv2d(x, w, bias, o), y.shape(), flat(y)), is(conv2d(x, w, o), y.shape(), flat(none))});
}

Verdict conv_transpose_agrees(const Images& x, const Images& w, const ConvTransposeOptions& o) {
  const Tensor<double, 1> bias = numbers({w.shape()[1] * o.groups}, -2, 2, 4);
  const auto y = conv_transpose_naive(x, w, bias, o);
  const auto none = conv_transpose_naive(x, w, zeros<double>(bias.shape()), o);
  return all({is(conv_transpose2d(x, w, bias, o), y.shape(), flat(y)),
              is(conv_transpose2d(x, w, o), y.shape(), flat(none))});
}

Images conv_weight(const Index (&shape)[4]) { return numbers(shape, -2, 2, 3); }

// Both with and without a bias, each compiled once.
Verdict conv_derivatives_agree(const Images& x, const Images& w, const ConvOptions& o) {
  const auto without = [&](const auto& a, const auto& b) { return conv2d(a, b, o); };
  const auto with = [&](const auto& a, const auto& b, const auto& c) { return conv2d(a, b, c, o); };
  return all({derivatives_agree(with, x, w, numbers({w.shape()[0]}, -2, 2, 4)),
              derivatives_agree(without, x, w)});
}

Verdict conv_transpose_derivatives_agree(const Images& x, const Images& w,
                                         const ConvTransposeOptions& o) {
  const auto without = [&](const auto& a, const auto& b) { return conv_transpose2d(a, b, o); };
  const auto with = [&](const auto& a, const auto& b, const auto& c) {
    return conv_transpose2d(a, b, c, o);
  };
  return all({derivatives_agree(with, x, w, numbers({w.shape()[1] * o.groups}, -2, 2, 4)),
              derivatives_agree(without, x, w)});
}

}  // namespace

TEST_CASE("conv2d: a filter is not turned over, and the bias is added everywhere") {
  const auto x = reshape(arange(1.0, 10.0), {1, 1, 3, 3});
  const auto w = reshape(from_values({1.0, 10.0, 100.0, 1000.0}), {1, 1, 2, 2});
  CHECK(is(conv2d(x, w), {1, 1, 2, 2}, {5421, 6532, 8754, 9865}));
  CHECK(is(conv2d(x, w, from_values({0.5}), {.stride = 2}), {1, 1, 1, 1}, {5421.5}));
}

TEST_CASE("conv2d: agrees with its definition for every stride, padding, dilation and group") {
  for (Index stride : {1, 2})
    for (Index padding : {0, 1, 2})
      for (Index dilation : {1, 2})
        for (Index groups : {1, 2, 4})
          for (Pair kernel : {Pair(1, 1), Pair(3, 3), Pair(2, 3), Pair(3, 1)}) {
            INFO("stride ", stride, ", padding ", padding, ", dilation ", dilation, ", groups ",
                 groups, ", kernel ", kernel);
            CHECK(conv_agrees(numbers({2, 4, 6, 7}),
                              conv_weight({4, 4 / groups, kernel.height, kernel.width}),
                              {stride, padding, dilation, groups}));
          }
}

TEST_CASE("conv2d: each option can differ between height and width") {
  const auto x = numbers({2, 3, 9, 8}), w = conv_weight({4, 3, 3, 2});
  CHECK(conv_agrees(x, w, {.stride = {2, 1}, .padding = {0, 2}}));
  CHECK(conv_agrees(x, w, {.stride = {1, 3}, .padding = {2, 0}, .dilation = {3, 1}}));
  CHECK(conv_agrees(x, w, {.padding = Pair(1, 0), .dilation = {1, 4}}));
}

TEST_CASE("conv2d: sizes of 1, kernels as large as the image, and strides beyond the kernel") {
  CHECK(conv_agrees(numbers({1, 1, 1, 1}), conv_weight({1, 1, 1, 1}), {}));
  CHECK(conv_agrees(numbers({1, 1, 1, 1}), conv_weight({2, 1, 3, 3}), {.padding = 1}));
  CHECK(conv_agrees(numbers({1, 2, 4, 5}), conv_weight({3, 2, 4, 5}), {}));
  CHECK(conv_agrees(numbers({1, 2, 7, 7}), conv_weight({3, 2, 2, 2}), {.stride = 3}));
  CHECK(conv_agrees(numbers({1, 2, 7, 1}), conv_weight({3, 2, 1, 1}), {.stride = 5}));
  CHECK(conv_agrees(numbers({3, 6, 4, 4}), conv_weight({9, 2, 3, 3}), {.groups = 3}));
  CHECK(conv_agrees(numbers({2, 2, 4, 4}), conv_weight({6, 1, 3, 3}), {.groups = 2}));
}

TEST_CASE("conv2d: 'same' keeps the size of the images; the odd zero stands at the end") {
  const auto x = numbers({2, 2, 5, 6});
  const auto none = zeros<double>({3});
  for (Pair kernel : {Pair(1, 1), Pair(2, 3), Pair(3, 4), Pair(5, 2), Pair(2, 1)})
    for (Index dilation : {1, 2}) {
      const auto w = conv_weight({3, 2, kernel.height, kernel.width});
      const auto before = [&](Index size) { return (size - 1) * dilation / 2; };
      const auto y = conv_naive(x, w, none, 1, {before(kernel.height), before(kernel.width)},
                                dilation, 1, {5, 6});
      INFO("kernel ", kernel, ", dilation ", dilation);
      CHECK(is(conv2d(x, w, {.padding = Padding::same, .dilation = dilation}), {2, 3, 5, 6},
               flat(y)));
    }
  const auto f = [](auto a, auto b) { return conv2d(a, b, {.padding = Padding::same}); };
  CHECK(derivatives_agree(f, numbers({1, 1, 3, 2}), conv_weight({1, 1, 2, 4})));
}

TEST_CASE("conv2d: derivatives for every stride, padding, dilation and group") {
  for (Index stride : {1, 2})
    for (Index padding : {0, 1, 2})
      for (Index dilation : {1, 2}) {
        INFO("stride ", stride, ", padding ", padding, ", dilation ", dilation);
        CHECK(conv_derivatives_agree(numbers({1, 1, 4, 3}), conv_weight({2, 1, 2, 2}),
                                     {stride, padding, dilation, 1}));
      }
  for (Index groups : {1, 2, 4}) {
    INFO("groups ", groups);
    const auto w = conv_weight({4, 4 / groups, 2, 1});
    CHECK(conv_derivatives_agree(numbers({1, 4, 3, 3}), w, {.groups = groups}));
    CHECK(conv_derivatives_agree(numbers({2, 4, 3, 2}), w,
                                 {.stride = 2, .padding = 2, .dilation = 2, .groups = groups}));
  }
}

TEST_CASE("conv2d: derivatives of oblong kernels, of several images and of sizes of 1") {
  CHECK(conv_derivatives_agree(numbers({2, 2, 3, 4}), conv_weight({2, 2, 1, 3}),
                               {.stride = {2, 1}, .padding = {0, 2}}));
  CHECK(conv_derivatives_agree(numbers({3, 1, 2, 3}), conv_weight({1, 1, 2, 2}), {}));
  CHECK(conv_derivatives_agree(numbers({1, 1, 5, 4}), conv_weight({2, 1, 2, 1}), {.stride = 3}));
  CHECK(conv_derivatives_agree(numbers({1, 2, 2, 2}), conv_weight({3, 2, 1, 1}), {}));
  CHECK(conv_derivatives_agree(numbers({1, 1, 1, 1}), conv_weight({1, 1, 1, 1}), {}));
  CHECK(conv_derivatives_agree(numbers({1, 1, 1, 1}), conv_weight({1, 1, 3, 3}), {.padding = 1}));
}

TEST_CASE("conv_transpose2d: every pixel adds its filter; the bias is added everywhere") {
  const auto x = reshape(from_values({1.0, 2.0, 3.0, 4.0}), {1, 1, 2, 2});
  const auto w = reshape(from_values({1.0, 10.0, 100.0, 1000.0}), {1, 1, 2, 2});
  CHECK(is(conv_transpose2d(x, w), {1, 1, 3, 3}, {1, 12, 20, 103, 1234, 2040, 300, 3400, 4000}));
  CHECK(is(conv_transpose2d(x, w, from_values({0.5}), {.stride = 3, .padding = 1}), {1, 1, 3, 3},
           {1000.5, 0.5, 200.5, 0.5, 0.5, 0.5, 30.5, 0.5, 4.5}));
}

TEST_CASE("conv_transpose2d: agrees with its definition for every option") {
  for (Index stride : {1, 2, 3})
    for (Index padding : {0, 1, 2})
      for (Index dilation : {1, 2})
        for (Index groups : {1, 2, 4})
          for (Index extra = 0; extra < std::max(stride, dilation); ++extra) {
            INFO("stride ", stride, ", padding ", padding, ", dilation ", dilation, ", groups ",
                 groups, ", output_padding ", extra);
            CHECK(conv_transpose_agrees(numbers({2, 4, 4, 5}), conv_weight({4, 2, 3, 2}),
                                        {stride, padding, extra, dilation, groups}));
          }
  CHECK(conv_transpose_agrees(
      numbers({1, 2, 3, 4}), conv_weight({2, 3, 3, 2}),
      {.stride = {3, 1}, .padding = {0, 2}, .output_padding = {2, 0}, .dilation = {1, 3}}));
  CHECK(conv_transpose_agrees(numbers({1, 1, 1, 1}), conv_weight({1, 1, 1, 1}), {}));
  CHECK(conv_transpose_agrees(numbers({1, 1, 3, 3}), conv_weight({1, 1, 2, 2}), {.stride = 4}));
}

TEST_CASE("conv_transpose2d: derivatives") {
  for (Index stride : {1, 2})
    for (Index padding : {0, 1, 2})
      for (Index dilation : {1, 2}) {
        INFO("stride ", stride, ", padding ", padding, ", dilation ", dilation);
        CHECK(conv_transpose_derivatives_agree(numbers({1, 1, 3, 4}), conv_weight({1, 2, 3, 2}),
                                               {stride, padding, 0, dilation, 1}));
      }
  CHECK(conv_transpose_derivatives_agree(
      numbers({2, 2, 2, 1}), conv_weight({2, 1, 3, 2}),
      {.stride = {3, 2}, .padding = {1, 0}, .output_padding = {2, 1}}));
  for (Index groups : {2, 4}) {
    const auto w = conv_weight({4, 1, 2, 1});
    CHECK(conv_transpose_derivatives_agree(numbers({1, 4, 2, 2}), w, {.groups = groups}));
    CHECK(conv_transpose_derivatives_agree(numbers({2, 4, 2, 2}), w,
                                           {.stride = 2, .dilation = 2, .groups = groups}));
  }
  CHECK(conv_transpose_derivatives_agree(numbers({1, 1, 1, 1}), conv_weight({1, 1, 1, 1}), {}));
}

TEST_CASE("conv_transpose2d: it is the adjoint of conv2d") {
  const auto x = numbers({2, 4, 7, 6}), w = conv_weight({6, 2, 3, 2});
  const auto z = conv2d(x, w, {.stride = 2, .padding = {1, 0}, .groups = 2});
  const auto y = numbers({2, 6, z.shape()[2], z.shape()[3]}, -2, 2, 7);
  const auto back =
      conv_transpose2d(y, w, {.stride = 2, .padding = {1, 0}, .output_padding = 0, .groups = 2});
  REQUIRE(back.shape() == x.shape());
  CHECK(is(sum(x * back), {}, {sum(y * z).item()}));
}

TEST_CASE("conv2d: third derivatives, of a cube of a convolution") {
  const auto w = reshape(from_values({2.0}), {1, 1, 1, 1});
  const auto x = variable(reshape(from_values({3.0}), {1, 1, 1, 1}));
  const auto y = conv2d(x, w);
  const auto first = grad(sum(y * y * y), x, {.create_graph = true});
  const auto second = grad(sum(first), x, {.create_graph = true});
  const auto third = grad(sum(second), x);
  CHECK(is(first, {1, 1, 1, 1}, {3 * 8 * 9}));
  CHECK(is(second, {1, 1, 1, 1}, {6 * 8 * 3}));
  CHECK(is(third, {1, 1, 1, 1}, {6 * 8}));
}

TEST_CASE("conv2d: no images give no results, and gradients of zeros") {
  const auto x = variable(zeros<double>({0, 2, 4, 4}));
  const auto w = variable(conv_weight({3, 2, 3, 3}));
  const auto bias = variable(numbers({3}));
  const auto y = conv2d(x, w, bias);
  CHECK(is(y, {0, 3, 2, 2}, {}));
  sum(y).backward();
  CHECK(is(w.grad(), {3, 2, 3, 3}, std::vector<double>(54)));
  CHECK(is(bias.grad(), {3}, {0, 0, 0}));
  CHECK(is(x.grad(), {0, 2, 4, 4}, {}));
  CHECK(is(conv_transpose2d(zeros<double>({0, 3, 2, 2}), w.data()), {0, 2, 4, 4}, {}));
}

TEST_CASE("conv2d: float agrees with double, on several threads as on one") {
  const RestoredThreads restored;
  const auto x = numbers({9, 6, 10, 11}), w = conv_weight({8, 3, 3, 3});
  const auto to_float = [](const Images& values) {
    Tensor<float, 4> rounded(values.shape());
    std::copy_n(values.data(), values.size(), rounded.mutable_data());
    return rounded;
  };
  const ConvOptions options{.padding = 1, .groups = 2};
  const auto expected = flat(conv2d(x, w, options));
  std::vector<double> first;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    const auto y = conv2d(to_float(x), to_float(w), options);
    CHECK(agree("floats", flat(y), expected, 1e-5));
    if (first.empty()) first = flat(y);
    CHECK(flat(y) == first);
  }
}

TEST_CASE("conv2d: refuses a kernel larger than the padded image and names both") {
  const auto x = variable(numbers({1, 2, 4, 9})), w = variable(conv_weight({3, 2, 5, 3}));
  CHECK(error_of([&] { conv2d(x, w); }) ==
        "ShapeError: conv2d: the kernel of a weight of shape (3, 2, 5, 3) with dilation (1, 1) is "
        "larger than an input of shape (1, 2, 4, 9) with padding (0, 0)");
  CHECK(error_of([&] {
          conv2d(x, w, {.padding = {1, 0}, .dilation = {1, 5}});
        }) ==
        "ShapeError: conv2d: the kernel of a weight of shape (3, 2, 5, 3) with dilation (1, 5) is "
        "larger than an input of shape (1, 2, 4, 9) with padding (1, 0)");
  CHECK(conv2d(x, w, {.padding = {1, 0}}).shape() == Shape(1, 3, 2, 7));
  CHECK(usable(x));
  CHECK(usable(w));
}

TEST_CASE("conv2d: refuses channels and groups that do not fit") {
  const auto x = numbers({1, 4, 5, 5});
  CHECK(error_of([&] {
          conv2d(x, conv_weight({6, 3, 3, 3}));
        }) ==
        "ShapeError: conv2d: an input of shape (1, 4, 5, 5) in 1 groups for a weight of shape (6, "
        "3, 3, 3), which takes 3 channels a group");
  CHECK(error_of([&] {
          conv2d(x, conv_weight({6, 4, 3, 3}), {.groups = 2});
        }) ==
        "ShapeError: conv2d: an input of shape (1, 4, 5, 5) in 2 groups for a weight of shape (6, "
        "4, 3, 3), which takes 4 channels a group");
  CHECK(error_of([&] {
          conv2d(x, conv_weight({6, 1, 3, 3}), {.groups = 3});
        }) ==
        "ShapeError: conv2d: 3 groups do not divide the 4 channels of an input of shape (1, 4, 5, "
        "5)");
  CHECK(error_of([&] {
          conv2d(x, conv_weight({6, 1, 3, 3}), {.groups = 4});
        }) ==
        "ShapeError: conv2d: 4 groups do not divide the 6 filters of a weight of shape (6, 1, 3, "
        "3)");
  CHECK(error_of([&] {
          conv2d(x, zeros<double>({6, 4, 0, 3}));
        }) == "ShapeError: conv2d: a weight of shape (6, 4, 0, 3) has no kernel");
}

TEST_CASE("conv2d: refuses a bias of a wrong size") {
  const auto bias = variable(numbers({5}));
  CHECK(error_of([&] {
          conv2d(numbers({1, 4, 5, 5}), conv_weight({6, 4, 3, 3}), bias);
        }) == "ShapeError: conv2d: a bias of 5 numbers for a result of 6 channels");
  CHECK(usable(bias));
}

TEST_CASE("conv2d: refuses options that are out of range") {
  const auto with = [](const ConvOptions& options) {
    return error_of([&] { conv2d(numbers({1, 4, 5, 5}), conv_weight({6, 4, 3, 3}), options); });
  };
  CHECK(with({.stride = {1, 0}}) == "ValueError: conv2d: stride (1, 0) is less than 1");
  CHECK(with({.stride = -1}) == "ValueError: conv2d: stride (-1, -1) is less than 1");
  CHECK(with({.padding = {-1, 2}}) == "ValueError: conv2d: padding (-1, 2) is less than 0");
  CHECK(with({.dilation = {0, 1}}) == "ValueError: conv2d: dilation (0, 1) is less than 1");
  CHECK(with({.stride = Index{1} << 62}) ==
        "ValueError: conv2d: stride (4611686018427387904, 4611686018427387904) is not below "
        "16777216");
  CHECK(with({.groups = 0}) == "ValueError: conv2d: 0 groups");
  CHECK(with({.stride = {2, 1}, .padding = Padding::same}) ==
        "ValueError: conv2d: padding 'same' needs a stride of 1, not (2, 1)");
}

TEST_CASE("conv_transpose2d: refuses shapes that do not fit") {
  const auto x = variable(numbers({1, 4, 3, 3}));
  const auto with = [&](const Images& w, const ConvTransposeOptions& options) {
    return error_of([&] { conv_transpose2d(x, w, options); });
  };
  CHECK(with(conv_weight({6, 4, 3, 3}), {}) ==
        "ShapeError: conv_transpose2d: an input of shape (1, 4, 3, 3) for a weight of shape (6, 4, "
        "3, 3), which takes 6 channels");
  CHECK(with(conv_weight({4, 2, 3, 3}), {.groups = 3}) ==
        "ShapeError: conv_transpose2d: 3 groups do not divide the 4 filters of a weight of shape "
        "(4, 2, 3, 3)");
  CHECK(with(conv_weight({4, 2, 2, 3}), {.padding = {2, 1}}) ==
        "ShapeError: conv_transpose2d: an input of shape (1, 4, 3, 3) and a weight of shape (4, 2, "
        "2, 3) with padding (2, 1) give images of (0, 3) pixels");
  CHECK(error_of([&] {
          conv_transpose2d(x, conv_weight({4, 3, 3, 3}), numbers({5}), {.groups = 2});
        }) == "ShapeError: conv_transpose2d: a bias of 5 numbers for a result of 6 channels");
  CHECK(error_of([&] {
          conv_transpose2d(zeros<double>({1, 4, 0, 3}), conv_weight({4, 3, 3, 3}));
        }) ==
        "ShapeError: conv_transpose2d: an input of shape (1, 4, 0, 3) and a weight of shape (4, 3, "
        "3, 3) with padding (0, 0) give images of (0, 5) pixels");
  CHECK(usable(x));
}

TEST_CASE("conv_transpose2d: refuses options that are out of range") {
  const auto with = [](const ConvTransposeOptions& options) {
    return error_of([&] {
      conv_transpose2d(numbers({1, 4, 3, 3}), conv_weight({4, 2, 3, 3}), options);
    });
  };
  CHECK(with({.stride = 0}) == "ValueError: conv_transpose2d: stride (0, 0) is less than 1");
  CHECK(with({.padding = -1}) == "ValueError: conv_transpose2d: padding (-1, -1) is less than 0");
  CHECK(with({.dilation = 0}) == "ValueError: conv_transpose2d: dilation (0, 0) is less than 1");
  CHECK(with({.groups = -2}) == "ValueError: conv_transpose2d: -2 groups");
  CHECK(with({.stride = 2, .output_padding = {1, 2}}) ==
        "ValueError: conv_transpose2d: output_padding (1, 2) must be at least 0 and below "
        "stride (2, 2) or dilation (1, 1)");
  CHECK(with({.output_padding = {0, -1}}) ==
        "ValueError: conv_transpose2d: output_padding (0, -1) must be at least 0 and below "
        "stride (1, 1) or dilation (1, 1)");
  CHECK(with({.output_padding = 1, .dilation = 2}) == "nothing was thrown");
}

TEST_CASE("conv2d: a stride that leaves one result may be of any length, and costs nothing") {
  const auto x = numbers({2, 3, 4, 5}), w = numbers({2, 3, 3, 3});
  const auto one = conv2d(x, w, {.stride = 1 << 20});
  CHECK(is(one, {2, 2, 1, 1}, flat(slice(slice(conv2d(x, w), 2, 0, 1), 3, 0, 1))));
  CHECK(derivatives_agree(
      "conv2d",
      [](const auto& a, const auto& b) { return conv2d(a, b, {.stride = 1 << 20, .padding = 1}); },
      x, w));
}

}  // namespace tinydl_test
