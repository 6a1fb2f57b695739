// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/conv.hpp>

#include <tinydl/core/random.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace conv_kernel_test {

using namespace tinydl;
using kernels::ConvAxis;
using kernels::ConvShape;

/// What the three kernels make of random numbers.
template <class T, class F, class A, class W>
std::vector<std::vector<T>> results_of(const ConvShape& s, F convolve, A adjoint, W weights) {
  std::vector<T> x(static_cast<std::size_t>(s.images * s.image_size())),
      w(static_cast<std::size_t>(s.weight_size())),
      y(static_cast<std::size_t>(s.images * s.result_size())),
      y_bias(static_cast<std::size_t>(s.filters)), x_bias(static_cast<std::size_t>(s.channels));
  Generator generator(1);
  for (auto* values : {&x, &w, &y, &y_bias, &x_bias}) generator.fill_normal(std::span<T>(*values));
  std::vector<T> to_x = x, to_w = w, to_y = y;
  convolve(s, x.data(), w.data(), y_bias.data(), to_y.data());
  adjoint(s, y.data(), w.data(), x_bias.data(), to_x.data());
  weights(s, x.data(), y.data(), to_w.data());
  return {to_y, to_x, to_w};
}

template <class T>
auto chosen(const ConvShape& s, kernels::FilterCache* cache = nullptr) {
  const auto convolve = [&](const ConvShape& shape, const T* x, const T* w, const T* bias, T* y) {
    kernels::convolve(shape, x, w, bias, y, cache);
  };
  return results_of<T>(s, convolve, kernels::convolve_adjoint<T>, kernels::convolve_weights<T>);
}
template <class T>
auto direct(const ConvShape& s) {
  return results_of<T>(s, kernels::direct_convolve<T>, kernels::direct_convolve_adjoint<T>,
                       kernels::direct_convolve_weights<T>);
}
auto winograd(const ConvShape& s) {
  const auto convolve = [](const ConvShape& shape, const float* x, const float* w,
                           const float* bias, float* y) {
    kernels::winograd_convolve(shape, x, kernels::winograd_filters(shape, w), bias, y);
  };
  return results_of<float>(s, convolve, kernels::winograd_convolve_adjoint<float>,
                           kernels::winograd_convolve_weights<float>);
}

ConvShape shape(Index channels, Index filters, Index size, Index padding) {
  const ConvAxis axis{.in = size, .out = size + 2 * padding - 2, .kernel = 3, .padding = padding};
  return {2, channels, filters, 1, axis, axis};
}

TEST_CASE("convolve and its adjoints: Winograd's algorithm where it pays, else direct sums") {
  const ConvShape many = shape(16, 32, 14, 1), few = shape(3, 32, 14, 1);
  CHECK(chosen<float>(many) == winograd(many));
  CHECK(chosen<float>(many) != direct<float>(many));
  CHECK(chosen<float>(few) == direct<float>(few));
  CHECK(chosen<float>(few) != winograd(few));
}

TEST_CASE("convolve: a cache changes no result") {
  const ConvShape many = shape(16, 32, 14, 1), few = shape(3, 32, 14, 1);
  kernels::FilterCache cache;
  for (int call = 0; call < 2; ++call) {
    CHECK(chosen<float>(many, &cache) == chosen<float>(many));
    CHECK(chosen<float>(few, &cache) == chosen<float>(few));
    CHECK(chosen<double>(many, &cache) == chosen<double>(many));
  }
}

TEST_CASE("convolve_adjoint: whether it pays is asked of the images, not of the results") {
  // 5x5 results fill less than half of their tiles, 7x7 images more.
  const ConvShape s = shape(16, 16, 7, 0);
  const auto all = chosen<float>(s);
  CHECK(all[0] == direct<float>(s)[0]);
  CHECK(all[1] == winograd(s)[1]);
  CHECK(all[2] == direct<float>(s)[2]);
}

TEST_CASE("convolve and its adjoints: doubles are summed directly") {
  const ConvShape many = shape(16, 32, 14, 1);
  CHECK(chosen<double>(many) == direct<double>(many));
}

}  // namespace conv_kernel_test
