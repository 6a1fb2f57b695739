// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/conv_direct.hpp>

#include <tinydl/core/random.hpp>

#include <restored_threads.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

namespace conv_direct_test {

using namespace tinydl;
using kernels::ConvAxis;
using kernels::ConvShape;

/// The axis with `after` zeros behind the last input.
ConvAxis axis(Index in, Index kernel, Index stride, Index dilation, Index before, Index after) {
  const Index room = in + before + after - (kernel - 1) * dilation - 1;
  return {in, room < 0 ? 0 : room / stride + 1, kernel, stride, dilation, before};
}

template <class T>
struct Arrays {
  std::vector<T> x, w, y;
};

template <class T>
Arrays<T> integers(const ConvShape& s) {
  return {small_integers<T>(s.images * s.image_size(), 1), small_integers<T>(s.weight_size(), 2),
          small_integers<T>(s.images * s.result_size(), 3)};
}

/// f(position in x, in w, in y) for all that meet.
template <class F>
void for_all_that_meet(const ConvShape& s, F f) {
  const ConvAxis &h = s.height, &v = s.width;
  const Index channels = s.channels / s.groups, filters = s.filters / s.groups;
  for (Index n = 0; n < s.images; ++n)
    for (Index o = 0; o < s.filters; ++o)
      for (Index c = 0; c < channels; ++c)
        for (Index i = 0; i < h.out; ++i)
          for (Index j = 0; j < v.out; ++j)
            for (Index k = 0; k < h.kernel; ++k)
              for (Index l = 0; l < v.kernel; ++l) {
                const Index row = i * h.stride + k * h.dilation - h.padding;
                const Index column = j * v.stride + l * v.dilation - v.padding;
                if (row < 0 || row >= h.in || column < 0 || column >= v.in) continue;
                const Index channel = o / filters * channels + c;
                f(static_cast<std::size_t>(((n * s.channels + channel) * h.in + row) * v.in +
                                           column),
                  static_cast<std::size_t>(((o * channels + c) * h.kernel + k) * v.kernel + l),
                  static_cast<std::size_t>(((n * s.filters + o) * h.out + i) * v.out + j));
              }
}

/// Each channel of each image filled with its bias, or 0.
template <class T>
std::vector<T> start(Index images, const std::vector<T>& bias, bool has_bias, Index plane) {
  std::vector<T> values;
  for (Index n = 0; n < images; ++n)
    for (T b : bias)
      values.insert(values.end(), static_cast<std::size_t>(plane), has_bias ? b : T(0));
  return values;
}

/// The three kernels against the definition, in numbers for which sums are exact.
template <class T>
void check_kernels(const ConvShape& s) {
  const Arrays<T> given = integers<T>(s);
  for (bool has_bias : {false, true}) {
    const auto y_bias = small_integers<T>(s.filters, 4), x_bias = small_integers<T>(s.channels, 5);
    Arrays<T> expected{start(s.images, x_bias, has_bias, s.height.in * s.width.in),
                       std::vector<T>(given.w.size()),
                       start(s.images, y_bias, has_bias, s.height.out * s.width.out)};
    for_all_that_meet(s, [&](std::size_t x, std::size_t w, std::size_t y) {
      expected.x[x] += given.y[y] * given.w[w];
      expected.w[w] += given.x[x] * given.y[y];
      expected.y[y] += given.x[x] * given.w[w];
    });
    Arrays<T> out{std::vector<T>(given.x.size(), T(7)), std::vector<T>(given.w.size(), T(7)),
                  std::vector<T>(given.y.size(), T(7))};
    kernels::direct_convolve(s, given.x.data(), given.w.data(), has_bias ? y_bias.data() : nullptr,
                             out.y.data());
    kernels::direct_convolve_adjoint(s, given.y.data(), given.w.data(),
                                     has_bias ? x_bias.data() : nullptr, out.x.data());
    kernels::direct_convolve_weights(s, given.x.data(), given.y.data(), out.w.data());
    CAPTURE(has_bias);
    CHECK(out.y == expected.y);
    CHECK(out.x == expected.x);
    CHECK(out.w == expected.w);
  }
}

TEST_CASE("direct_convolve and its adjoints: every stride, dilation, padding and group") {
  for (Index stride : {1, 2, 3})
    for (Index dilation : {1, 2, 3})
      for (Index padding : {0, 1, 2})
        for (Index groups : {1, 2, 4})
          for (Index kernel : {1, 2, 3}) {
            INFO("stride ", stride, ", dilation ", dilation, ", padding ", padding, ", groups ",
                 groups, ", kernel ", kernel);
            check_kernels<double>({2, 4, 4, groups,
                                   axis(9, kernel, stride, dilation, padding, padding),
                                   axis(8, kernel, stride, dilation, padding, padding)});
          }
}

TEST_CASE("direct_convolve and its adjoints: axes that have nothing in common") {
  const ConvAxis axes[] = {axis(1, 1, 1, 1, 0, 0), axis(7, 3, 1, 1, 0, 0), axis(6, 1, 3, 1, 0, 0),
                           axis(5, 4, 1, 1, 1, 2), axis(6, 2, 4, 3, 5, 0), axis(2, 3, 2, 1, 3, 4),
                           axis(9, 3, 2, 2, 0, 1), axis(5, 3, 1, 1, 0, 2)};
  for (const ConvAxis& height : axes)
    for (const ConvAxis& width : axes) {
      INFO("height ", height.in, " ", height.kernel, ", width ", width.in, " ", width.kernel);
      check_kernels<float>({1, 3, 6, 3, height, width});
      check_kernels<float>({3, 2, 1, 1, height, width});
    }
}

TEST_CASE(
    "direct_convolve and its adjoints: sizes beyond a block of the product, and several pieces") {
  check_kernels<float>({2, 9, 17, 1, axis(12, 3, 1, 1, 1, 1), axis(13, 3, 1, 1, 1, 1)});
  check_kernels<float>({7, 300, 300, 1, axis(3, 3, 1, 1, 0, 0), axis(3, 3, 1, 1, 0, 0)});
  check_kernels<float>({37, 1, 2, 1, axis(7, 3, 1, 1, 0, 0), axis(7, 3, 1, 1, 0, 0)});
  check_kernels<float>({1, 64, 3, 1, axis(4, 3, 1, 1, 0, 0), axis(5, 3, 1, 1, 0, 0)});
  check_kernels<float>({1, 2, 3, 1, axis(41, 5, 1, 1, 2, 2), axis(43, 5, 2, 1, 2, 2)});
}

TEST_CASE("direct_convolve and its adjoints: without images or channels there is nothing to add") {
  const ConvAxis side = axis(3, 2, 1, 1, 0, 0);
  check_kernels<float>({0, 2, 3, 1, side, side});
  check_kernels<float>({2, 0, 3, 1, side, side});
  check_kernels<float>({2, 3, 0, 1, side, side});
}

TEST_CASE("direct_convolve and its adjoints: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const ConvShape shapes[] = {
      {40, 3, 5, 1, axis(11, 3, 1, 1, 1, 1), axis(10, 3, 1, 1, 1, 1)},
      {1, 16, 20, 2, axis(30, 3, 2, 1, 1, 1), axis(31, 3, 1, 1, 0, 0)},
  };
  for (const ConvShape& s : shapes) {
    Arrays<float> given = integers<float>(s);
    Generator generator(1);
    for (auto* values : {&given.x, &given.w, &given.y})
      generator.fill_normal(std::span<float>(*values));
    const auto run = [&] {
      Arrays<float> out = given;
      const float* none = nullptr;
      kernels::direct_convolve(s, given.x.data(), given.w.data(), none, out.y.data());
      kernels::direct_convolve_adjoint(s, given.y.data(), given.w.data(), none, out.x.data());
      kernels::direct_convolve_weights(s, given.x.data(), given.y.data(), out.w.data());
      return out;
    };
    const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
      return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
    };
    set_num_threads(1);
    const auto first = run();
    for (int threads : {2, 4}) {
      set_num_threads(threads);
      const auto again = run();
      CHECK(same(again.y, first.y));
      CHECK(same(again.x, first.x));
      CHECK(same(again.w, first.w));
    }
  }
}

}  // namespace conv_direct_test
