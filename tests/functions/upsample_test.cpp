// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/upsample.hpp>

#include <restored_threads.hpp>

#include "functions/check.hpp"

namespace tinydl_test {

namespace {

struct Upsampled {
  bool bilinear;
  Pair factor;

  template <class X>
  auto operator()(const X& x) const {
    const auto y = bilinear ? upsample_bilinear2d(x, factor) : upsample_nearest2d(x, factor);
    return y * y;  // so that there are second derivatives
  }
};

}  // namespace

TEST_CASE("upsample_nearest2d: every element becomes a rectangle") {
  const auto x = from_values<double>({1, 1, 2, 2}, {1, 2, 3, 4});
  CHECK(
      is(upsample_nearest2d(x, 2), {1, 1, 4, 4}, {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}));
  CHECK(is(upsample_nearest2d(x, {1, 3}), {1, 1, 2, 6}, {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}));
  CHECK(is(upsample_nearest2d(x, 1), x.shape(), flat(x)));
}

TEST_CASE("upsample_bilinear2d: lines between the centres, constants at the edges") {
  const auto x = from_values<double>({1, 1, 2, 2}, {0, 4, 8, 12});
  CHECK(is(upsample_bilinear2d(x, 2), {1, 1, 4, 4},
           {0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12}));
  CHECK(is(upsample_bilinear2d(x, {1, 4}), {1, 1, 2, 8},
           {0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4, 8, 8, 8.5, 9.5, 10.5, 11.5, 12, 12}));
  CHECK(is(upsample_bilinear2d(x, 1), x.shape(), flat(x)));
}

TEST_CASE("upsampling: each image and channel by itself") {
  const auto x = numbers({2, 3, 2, 1});
  for (const auto& y : {upsample_nearest2d(x, {1, 2}), upsample_bilinear2d(x, {1, 2})})
    for (Index i = 0; i < x.size(); ++i)
      for (Index k : {2 * i, 2 * i + 1}) CHECK(y.data()[k] == x.data()[i]);
}

TEST_CASE("upsampling: of no images there are none") {
  CHECK(upsample_bilinear2d(zeros<double>({0, 2, 3, 4}), 2).shape() == Shape(0, 2, 6, 8));
  CHECK(upsample_nearest2d(zeros<double>({2, 0, 3, 4}), 2).shape() == Shape(2, 0, 6, 8));
}

TEST_CASE("upsampling: refuses factors below 1, and images that are empty") {
  const auto x = variable(numbers({1, 1, 2, 2}));
  CHECK(error_of([&] { upsample_nearest2d(x, 0); }) ==
        "ValueError: upsample_nearest2d: factor (0, 0) is not in [1, 2^31)");
  CHECK(error_of([&] {
          upsample_bilinear2d(x, {2, -1});
        }) == "ValueError: upsample_bilinear2d: factor (2, -1) is not in [1, 2^31)");
  CHECK(error_of([&] {
          upsample_nearest2d(x, {Index{1} << 31, 2});
        }) == "ValueError: upsample_nearest2d: factor (2147483648, 2) is not in [1, 2^31)");
  CHECK(error_of([&] { upsample_nearest2d(x, 2147483647); }) ==
        "ShapeError: tensor: too many elements in shape (1, 1, 4294967294, 4294967294)");
  CHECK(error_of([] {
          upsample_bilinear2d(zeros<double>({1, 2, 0, 3}), 2);
        }) == "ShapeError: upsample_bilinear2d: images of shape (1, 2, 0, 3) are empty");
  CHECK(usable(x));
}

TEST_CASE("upsampling: derivatives") {
  for (bool bilinear : {false, true}) {
    const char* const function = bilinear ? "upsample_bilinear2d" : "upsample_nearest2d";
    CHECK(derivatives_agree(function, Upsampled{bilinear, 2}, numbers({2, 1, 2, 3})));
    CHECK(derivatives_agree(function, Upsampled{bilinear, {3, 1}}, numbers({1, 2, 3, 1})));
    CHECK(derivatives_agree(function, Upsampled{bilinear, 3}, numbers({1, 1, 1, 1})));
  }
}

TEST_CASE("upsampling: values and gradients have the same bits on 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = variable(numbers({3, 5, 20, 30}));
  std::vector<std::vector<double>> all;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    x.clear_grad();
    const auto y = Upsampled{true, 3}(x);
    y.backward(y.data());
    all.push_back(flat(concat({flatten(y.data()), flatten(x.grad())}, 0)));
  }
  const bool same = all[0] == all[1] && all[0] == all[2];
  CHECK_UNARY(same);
}

}  // namespace tinydl_test
