// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/pool.hpp>

#include <cmath>
#include <limits>

#include <restored_threads.hpp>

#include "functions/check.hpp"

namespace tinydl_test {

namespace {

/// One way to pool, chosen at run time so that the checks compile once.
struct Pooled {
  enum Kind { max, avg, adaptive_max, adaptive_avg } kind;
  Pair kernel;  // or output size
  MaxPool2DOptions options = {};
  bool count_include_pad = true;

  const char* name() const {
    constexpr const char* names[] = {"max_pool2d", "avg_pool2d", "adaptive_max_pool2d",
                                     "adaptive_avg_pool2d"};
    return names[kind];
  }
  template <class X>
  auto pool(const X& x) const {
    switch (kind) {
      case max:
        return max_pool2d(x, kernel, options);
      case avg:
        return avg_pool2d(x, kernel, {options.stride, options.padding, count_include_pad});
      case adaptive_max:
        return adaptive_max_pool2d(x, kernel);
      default:
        return adaptive_avg_pool2d(x, kernel);
    }
  }
  template <class X>
  auto operator()(const X& x) const {
    const auto y = pool(x);
    return y * y;  // so that there are second derivatives
  }
};

/// Numbers of both signs, no two closer than 0.03, in no order.
template <int Rank>
Tensor<double, Rank> apart(const Index (&shape)[Rank]) {
  const auto drawn = numbers(shape);
  Tensor<double, Rank> x = drawn;
  for (double& value : x.mutable_span()) {
    Index rank = 0;
    for (double other : drawn.span()) rank += other < value;
    value = 0.03 * static_cast<double>(rank - drawn.size() / 2) + 0.01;
  }
  return x;
}

/// What pooling must give, from its definition on the padded image: the maximum and the mean of
/// what each window sees, its number of elements counted or not.
struct PoolByDefinition {
  std::vector<double> maxima, means, means_of_seen;

  PoolByDefinition(const Tensor<double, 4>& x, Pair kernel, Pair stride, Pair padding,
                   Pair dilation = 1) {
    const Index height = x.shape()[2], width = x.shape()[3];
    for (Index plane = 0; plane < x.shape()[0] * x.shape()[1]; ++plane)
      for (Index top = -padding.height;
           top + dilation.height * (kernel.height - 1) < height + padding.height;
           top += stride.height)
        for (Index left = -padding.width;
             left + dilation.width * (kernel.width - 1) < width + padding.width;
             left += stride.width) {
          double largest = -std::numeric_limits<double>::infinity(), sum = 0, seen = 0;
          for (Index k = 0; k < kernel.height; ++k)
            for (Index l = 0; l < kernel.width; ++l) {
              const Index i = top + k * dilation.height, j = left + l * dilation.width;
              if (i < 0 || i >= height || j < 0 || j >= width) continue;
              const double value = x.data()[(plane * height + i) * width + j];
              largest = std::max(largest, value);
              sum += value;
              seen += 1;
            }
          maxima.push_back(largest);
          means.push_back(sum / static_cast<double>(kernel.height * kernel.width));
          means_of_seen.push_back(sum / seen);
        }
  }
};

}  // namespace

TEST_CASE("max_pool2d: the largest of each window") {
  const auto x = from_values<double>({1, 1, 4, 4},  //
                                     {1, 2, 5, 6, 3, 4, 7, 8, -1, -2, 0, 0, -3, -4, 0, 9});
  CHECK(is(max_pool2d(x, 2), {1, 1, 2, 2}, {4, 8, -1, 9}));
  CHECK(is(max_pool2d(x, 3, {.stride = 1}), {1, 1, 2, 2}, {7, 8, 7, 9}));
  CHECK(is(max_pool2d(x, {1, 4}), {1, 1, 4, 1}, {6, 8, 0, 9}));
  CHECK(is(max_pool2d(x, 2, {.stride = {2, 1}}), {1, 1, 2, 3}, {4, 7, 8, -1, 0, 9}));
  CHECK(is(max_pool2d(x, 2, {.dilation = 3}), {1, 1, 1, 1}, {9}));
  CHECK(is(max_pool2d(x, 1), x.shape(), flat(x)));
}

TEST_CASE("max_pool2d: padding is never the maximum") {
  const auto x = full<double>({1, 1, 3, 3}, -5);
  CHECK(is(max_pool2d(x, 2, {.padding = 1}), {1, 1, 2, 2}, {-5, -5, -5, -5}));
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(is(max_pool2d(x - inf, 3, {.padding = 1}), {1, 1, 1, 1}, {-inf}));
}

TEST_CASE("avg_pool2d: the mean of each window, with the padding or without") {
  const auto x = from_values<double>({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(is(avg_pool2d(x, 2), {1, 1, 1, 2}, {3.5, 5.5}));
  CHECK(is(avg_pool2d(x, {2, 3}, {.stride = 1}), {1, 1, 1, 2}, {4, 5}));
  CHECK(is(avg_pool2d(x, 2, {.padding = 1}), {1, 1, 2, 3}, {0.25, 1.25, 1, 1.25, 3.25, 2}));
  CHECK(is(avg_pool2d(x, 2, {.padding = 1, .count_include_pad = false}), {1, 1, 2, 3},
           {1, 2.5, 4, 5, 6.5, 8}));
}

TEST_CASE("pooling: agrees with its definition for strides, paddings, dilations and sizes of 1") {
  struct Sizes {
    Shape<4> shape;
    Pair kernel, stride, padding, dilation;
  };
  for (const Sizes& s : std::vector<Sizes>{
           {{2, 3, 8, 7}, 2, 2, 0, 1},
           {{2, 3, 8, 7}, 3, 2, 1, 1},
           {{1, 2, 8, 7}, 2, 1, 1, 1},
           {{2, 1, 9, 6}, {4, 2}, {3, 1}, {2, 0}, 1},
           {{1, 1, 9, 8}, 3, {1, 2}, 1, {2, 3}},
           {{1, 1, 5, 5}, 5, 1, 2, 1},
           {{1, 1, 1, 1}, 1, 1, 0, 1},
           {{1, 1, 1, 1}, 2, 1, 1, 1},
           {{1, 2, 1, 6}, {1, 2}, 3, 0, 1},
           {{1, 2, 6, 1}, {3, 1}, 7, {1, 0}, 1},
       }) {
    const Shape<4> shape = s.shape;
    const Pair kernel = s.kernel, stride = s.stride, padding = s.padding, dilation = s.dilation;
    CAPTURE(shape);
    CAPTURE(kernel);
    const auto x = numbers({shape[0], shape[1], shape[2], shape[3]});
    const auto maxima = max_pool2d(x, kernel, {stride, padding, dilation});
    const PoolByDefinition dilated(x, kernel, stride, padding, dilation);
    CHECK(agree("maxima", flat(maxima), dilated.maxima, 0));
    const PoolByDefinition expected(x, kernel, stride, padding);
    CHECK(agree("means", flat(avg_pool2d(x, kernel, {stride, padding})), expected.means));
    CHECK(agree("means of what is seen", flat(avg_pool2d(x, kernel, {stride, padding, false})),
                expected.means_of_seen));
    for (int axis : {0, 1}) CHECK(maxima.shape()[axis] == shape[axis]);
    CHECK(maxima.shape()[2] ==
          (shape[2] + 2 * padding.height - dilation.height * (kernel.height - 1) - 1) /
                  stride.height +
              1);
    CHECK(maxima.shape()[3] ==
          (shape[3] + 2 * padding.width - dilation.width * (kernel.width - 1) - 1) / stride.width +
              1);
  }
}

TEST_CASE("adaptive pooling: windows cover the image, and overlap where sizes do not divide") {
  const auto x = from_values<double>({1, 1, 2, 5}, {1, 2, 3, 4, 5, 10, 20, 30, 40, 50});
  CHECK(is(adaptive_avg_pool2d(x, {2, 3}), {1, 1, 2, 3}, {1.5, 3, 4.5, 15, 30, 45}));
  CHECK(is(adaptive_max_pool2d(x, {2, 3}), {1, 1, 2, 3}, {2, 4, 5, 20, 40, 50}));
  CHECK(is(adaptive_avg_pool2d(x, 1), {1, 1, 1, 1}, {16.5}));
  CHECK(is(adaptive_max_pool2d(x, {4, 1}), {1, 1, 4, 1}, {5, 5, 50, 50}));
  CHECK(is(adaptive_avg_pool2d(x, {2, 5}), x.shape(), flat(x)));
  const auto even = numbers({2, 3, 6, 8});
  CHECK(is(adaptive_avg_pool2d(even, {3, 2}), {2, 3, 3, 2}, flat(avg_pool2d(even, {2, 4}))));
  CHECK(is(adaptive_max_pool2d(even, {3, 2}), {2, 3, 3, 2}, flat(max_pool2d(even, {2, 4}))));
}

TEST_CASE("global pooling: one number for each image") {
  const auto x = numbers({2, 3, 4, 5});
  CHECK(is(global_avg_pool2d(x), {2, 3}, flat(adaptive_avg_pool2d(x, 1))));
  CHECK(is(global_max_pool2d(x), {2, 3}, flat(max(x, {2, 3}))));
  const auto one = numbers({1, 1, 1, 1});
  CHECK(is(global_avg_pool2d(one), {1, 1}, flat(one)));
  CHECK(is(global_max_pool2d(one), {1, 1}, flat(one)));
}

TEST_CASE("pooling: of no images there are no numbers") {
  const auto none = zeros<double>({0, 3, 4, 4}), no_channels = zeros<double>({2, 0, 4, 4});
  CHECK(max_pool2d(none, 2).shape() == Shape(0, 3, 2, 2));
  CHECK(avg_pool2d(no_channels, 2).shape() == Shape(2, 0, 2, 2));
  CHECK(global_avg_pool2d(none).shape() == Shape(0, 3));
  CHECK(global_max_pool2d(no_channels).shape() == Shape(2, 0));
}

TEST_CASE("max pooling: of equal elements the first gets the gradient") {
  const auto gradient = [](auto pool) {
    const auto x = variable(ones<double>({1, 1, 2, 2}));
    sum(pool(x)).backward();
    return x.grad();
  };
  CHECK(is(gradient([](auto x) { return max_pool2d(x, 2); }), {1, 1, 2, 2}, {1, 0, 0, 0}));
  CHECK(is(gradient([](auto x) { return global_max_pool2d(x); }), {1, 1, 2, 2}, {1, 0, 0, 0}));
  CHECK(is(gradient([](auto x) { return max_pool2d(x, {2, 1}); }), {1, 1, 2, 2}, {1, 1, 0, 0}));
}

TEST_CASE("max pooling: a NaN is the largest of its window, and no other window's") {
  const double nan = std::nan("");
  const auto x = variable(from_values<double>({1, 1, 1, 6}, {1, nan, 9, 2, 3, 4}));
  const auto y = max_pool2d(x, {1, 3});
  CHECK(is(y, {1, 1, 1, 2}, {nan, 4}));
  sum(y).backward();
  CHECK(is(x.grad(), {1, 1, 1, 6}, {0, 1, 0, 0, 0, 1}));
  CHECK(is(max_pool2d(reshape(x, {1, 1, 2, 3}), 2), {1, 1, 1, 1}, {nan}));
}

TEST_CASE("pooling: gradients by hand, where windows overlap and where they leave gaps") {
  const auto gradient = [](const Pooled& pooled) {
    const auto x = variable(from_values<double>({1, 1, 1, 5}, {1, 2, 5, 4, 3}));
    const auto y = pooled.pool(x);
    y.backward(arange(1.0, 1.0 + static_cast<double>(y.size())).with_shape(y.shape()));
    return flat(x.grad());
  };
  using P = Pooled;
  using Values = std::vector<double>;
  CHECK(gradient({P::max, {1, 3}, {.stride = 1}}) == Values{0, 0, 6, 0, 0});
  CHECK(gradient({P::avg, {1, 2}, {.stride = 1}}) == Values{0.5, 1.5, 2.5, 3.5, 2});
  CHECK(gradient({P::max, {1, 1}, {.stride = 3}}) == Values{1, 0, 0, 2, 0});
  CHECK(gradient({P::avg, {1, 1}, {.stride = 3}}) == Values{1, 0, 0, 2, 0});
  CHECK(gradient({P::avg, {1, 2}, {.padding = {0, 1}}}) == Values{0.5, 1, 1, 1.5, 1.5});
  CHECK(gradient({P::avg, {1, 2}, {.padding = {0, 1}}, false}) == Values{1, 1, 1, 1.5, 1.5});
}

TEST_CASE("pooling: derivatives, of both orders") {
  using P = Pooled;
  const Pooled ways[] = {
      {P::max, 2},
      {P::max, 3, {.stride = 2, .padding = 1}},
      {P::max, {2, 3}, {.stride = 1, .padding = {1, 0}}},
      {P::max, 2, {.stride = 1, .dilation = 2}},
      {P::max, 4, {.stride = 1, .padding = 2}},
      {P::avg, 2},
      {P::avg, 3, {.stride = 2, .padding = 1}},
      {P::avg, {2, 3}, {.stride = 1, .padding = {1, 0}}},
      {P::avg, 2, {.stride = 2, .padding = 1}, false},
      {P::avg, 4, {.stride = 2, .padding = 2}},
      {P::adaptive_max, {2, 3}},
      {P::adaptive_avg, {2, 3}},
      {P::adaptive_avg, 1},
  };
  for (const Pooled& way : ways) {
    CAPTURE(way.kind);
    CAPTURE(way.kernel);
    CHECK(derivatives_agree(way.name(), way, apart({1, 2, 4, 5})));
    CHECK(derivatives_agree(way.name(), way, apart({2, 1, 3, 3})));
  }
  for (const Pooled& way : {Pooled{P::max, 1}, Pooled{P::avg, 2, {.stride = 1, .padding = 1}},
                            Pooled{P::adaptive_max, 2}, Pooled{P::adaptive_avg, 2}})
    CHECK(derivatives_agree(way.name(), way, apart({1, 1, 1, 1})));
  const auto largest = [](auto x) { return square(global_max_pool2d(x)); };
  const auto mean = [](auto x) { return square(global_avg_pool2d(x)); };
  for (const auto& x : {apart({2, 2, 3, 2}), apart({1, 1, 1, 1})}) {
    CHECK(derivatives_agree("global_max_pool2d", largest, x));
    CHECK(derivatives_agree("global_avg_pool2d", mean, x));
  }
}

TEST_CASE("pooling: third derivatives") {
  const auto third = [](const Pooled& pooled) {
    const auto x = variable(from_values<double>({1, 1, 1, 4}, {1, 2, 5, 3}));
    const auto y = pooled.pool(x);
    auto slope = grad(sum(y * y * y), x, {.create_graph = true});  // 3 y^2 y'
    slope = grad(sum(slope), x, {.create_graph = true});           // 6 y y'^2
    return flat(grad(sum(slope), x, {.create_graph = true}).data());
  };
  CHECK(third({Pooled::max, {1, 2}}) == std::vector<double>{0, 6, 6, 0});
  CHECK(third({Pooled::avg, {1, 2}}) == std::vector<double>{3, 3, 3, 3});
}

TEST_CASE("pooling: values and gradients have the same bits on 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = variable(numbers({5, 17, 20, 21}));
  for (const Pooled& way : {Pooled{Pooled::max, 3, {.stride = 2, .padding = 1}},
                            Pooled{Pooled::avg, 3, {.stride = 2, .padding = 1}}}) {
    std::vector<std::vector<double>> all;
    for (int threads : {1, 2, 4}) {
      set_num_threads(threads);
      x.clear_grad();
      const auto y = way(x);
      y.backward(y.data());
      all.push_back(flat(concat({flatten(y.data()), flatten(x.grad())}, 0)));
    }
    const bool same = all[0] == all[1] && all[0] == all[2];
    CHECK_UNARY(same);
  }
}

TEST_CASE("pooling: refuses kernels, strides, paddings and sizes that cannot be, and names them") {
  const auto x = variable(numbers({1, 2, 4, 6}));
  CHECK(error_of([&] { max_pool2d(x, 0); }) ==
        "ValueError: max_pool2d: kernel (0, 0) is not in [1, 2^31)");
  CHECK(error_of([&] {
          avg_pool2d(x, {2, -3});
        }) == "ValueError: avg_pool2d: kernel (2, -3) is not in [1, 2^31)");
  CHECK(error_of([&] {
          max_pool2d(x, 2, {.stride = {1, 0}});
        }) == "ValueError: max_pool2d: stride (1, 0) is not in [1, 2^31)");
  CHECK(error_of([&] { avg_pool2d(x, 2, {.stride = -1}); }) ==
        "ValueError: avg_pool2d: stride (-1, -1) is not in [1, 2^31)");
  CHECK(error_of([&] { max_pool2d(x, 2, {.dilation = 0}); }) ==
        "ValueError: max_pool2d: dilation (0, 0) is not in [1, 2^31)");
  CHECK(error_of([&] {
          max_pool2d(x, 2, {.padding = {-1, 0}});
        }) == "ValueError: max_pool2d: padding (-1, 0) is not in [0, 2^31)");
  CHECK(error_of([&] { avg_pool2d(x, 3, {.padding = 2}); }) ==
        "ValueError: avg_pool2d: padding (2, 2) is more than half of the kernel (3, 3)");
  CHECK(error_of([&] {
          max_pool2d(x, {2, 4}, {.padding = {2, 1}});
        }) == "ValueError: max_pool2d: padding (2, 1) is more than half of the kernel (2, 4)");
  CHECK(error_of([&] { max_pool2d(x, Index{1} << 31); }) ==
        "ValueError: max_pool2d: kernel (2147483648, 2147483648) is not in [1, 2^31)");
  CHECK(error_of([&] {
          adaptive_avg_pool2d(x, {0, 2});
        }) == "ValueError: adaptive_avg_pool2d: output size (0, 2) is not in [1, 2^31)");
  CHECK(error_of([&] { adaptive_max_pool2d(x, -1); }) ==
        "ValueError: adaptive_max_pool2d: output size (-1, -1) is not in [1, 2^31)");
  CHECK(usable(x));
}

TEST_CASE("pooling: refuses images that are smaller than the kernel, or empty, and names them") {
  const auto x = variable(numbers({1, 2, 4, 6}));
  CHECK(error_of([&] { max_pool2d(x, 7, {.padding = 1}); }) ==
        "ShapeError: max_pool2d: kernel (7, 7) with dilation (1, 1) is larger than images "
        "of shape (1, 2, 4, 6) with padding (1, 1)");
  CHECK(error_of([&] {
          avg_pool2d(x, {1, 7});
        }) ==
        "ShapeError: avg_pool2d: kernel (1, 7) with dilation (1, 1) is larger than images "
        "of shape (1, 2, 4, 6) with padding (0, 0)");
  CHECK(error_of([&] { max_pool2d(x, 3, {.dilation = 2}); }) ==
        "ShapeError: max_pool2d: kernel (3, 3) with dilation (2, 2) is larger than images "
        "of shape (1, 2, 4, 6) with padding (0, 0)");
  CHECK(error_of([] {
          max_pool2d(zeros<double>({1, 1, 1, 4}), 2, {.padding = 1, .dilation = 2});
        }) ==
        "ShapeError: max_pool2d: a window of kernel (2, 2) with dilation (2, 2) sees nothing "
        "but the padding (1, 1) of images of shape (1, 1, 1, 4)");
  const auto empty = zeros<double>({2, 3, 0, 4});
  CHECK(error_of([&] { avg_pool2d(empty, 2, {.padding = 1}); }) ==
        "ShapeError: avg_pool2d: images of shape (2, 3, 0, 4) are empty, or too large");
  CHECK(error_of([&] { adaptive_max_pool2d(empty, 1); }) ==
        "ShapeError: adaptive_max_pool2d: images of shape (2, 3, 0, 4) are empty, or too large");
  CHECK(error_of([&] { global_avg_pool2d(empty); }) ==
        "ShapeError: global_avg_pool2d: images of shape (2, 3, 0, 4) are empty, or too large");
  CHECK(error_of([&] { global_max_pool2d(empty); }) ==
        "ShapeError: global_max_pool2d: images of shape (2, 3, 0, 4) are empty, or too large");
  CHECK(usable(x));
}

}  // namespace tinydl_test
