// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/init.hpp>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

namespace {

using tinydl::Init;
namespace init = tinydl::init;

struct InitMoments {
  double mean = 0, deviation = 0, largest = 0;
};

template <class T = double, int Rank>
InitMoments init_moments(const Init& how, const tinydl::Shape<Rank>& shape) {
  tinydl::Generator generator(5);
  const auto values = how.draw<T>(shape, generator);
  InitMoments moments;
  for (T v : values.span()) {
    moments.mean += static_cast<double>(v);
    moments.largest = std::max(moments.largest, std::abs(static_cast<double>(v)));
  }
  moments.mean /= static_cast<double>(values.size());
  for (T v : values.span()) moments.deviation += std::pow(static_cast<double>(v) - moments.mean, 2);
  moments.deviation = std::sqrt(moments.deviation / static_cast<double>(values.size()));
  return moments;
}

/// The draws of 60000 numbers are near their distribution's moments, and within its limits.
template <int Rank>
void init_is_uniform(const Init& how, const tinydl::Shape<Rank>& shape, double limit) {
  const InitMoments m = init_moments(how, shape);
  CHECK(m.largest <= limit);
  CHECK(m.largest > 0.99 * limit);
  CHECK(std::abs(m.mean) < 0.02 * limit);
  CHECK(m.deviation == doctest::Approx(limit / std::sqrt(3.0)).epsilon(0.01));
}
template <int Rank>
void init_is_normal(const Init& how, const tinydl::Shape<Rank>& shape, double deviation) {
  const InitMoments m = init_moments(how, shape);
  CHECK(std::abs(m.mean) < 0.02 * deviation);
  CHECK(m.deviation == doctest::Approx(deviation).epsilon(0.01));
  CHECK(m.largest > 3 * deviation);
}

const tinydl::Shape<2> init_matrix(200, 300);       // (out, in)
const tinydl::Shape<4> init_kernels(40, 60, 5, 5);  // (out, in, height, width)

}  // namespace

TEST_CASE("init: zeros and constants are what they say") {
  const auto zeros = init::zeros().draw<double>(tinydl::Shape<2>(3, 4));
  CHECK(std::ranges::all_of(zeros.span(), [](double v) { return v == 0; }));
  const auto halves = init::constant(0.5).draw<float>(tinydl::Shape<1>(3));
  CHECK(std::ranges::all_of(halves.span(), [](float v) { return v == 0.5f; }));
}

TEST_CASE("init: uniform and normal take their limit and deviation as given") {
  init_is_uniform(init::uniform(0.25), init_matrix, 0.25);
  init_is_normal(init::normal(0.3), init_matrix, 0.3);
}

TEST_CASE("init: xavier's variance is gain^2 over the mean of fan in and fan out") {
  init_is_uniform(init::xavier_uniform(), init_matrix, std::sqrt(6.0 / 500));
  init_is_uniform(init::xavier_uniform(2), init_matrix, 2 * std::sqrt(6.0 / 500));
  init_is_normal(init::xavier_normal(), init_matrix, std::sqrt(2.0 / 500));
  init_is_normal(init::xavier_normal(3), init_matrix, 3 * std::sqrt(2.0 / 500));
}

TEST_CASE("init: kaiming's variance is gain^2 over fan in, with ReLU's gain unless told") {
  init_is_uniform(init::kaiming_uniform(), init_matrix, std::sqrt(6.0 / 300));
  init_is_uniform(init::kaiming_uniform(1), init_matrix, std::sqrt(3.0 / 300));
  init_is_normal(init::kaiming_normal(), init_matrix, std::sqrt(2.0 / 300));
  init_is_normal(init::kaiming_normal(0.5), init_matrix, 0.5 * std::sqrt(1.0 / 300));
}

TEST_CASE("init: the fans of a convolution's kernels count every position of the kernel") {
  init_is_uniform(init::kaiming_uniform(1), init_kernels, std::sqrt(3.0 / (60 * 25)));
  init_is_normal(init::xavier_normal(), init_kernels, std::sqrt(2.0 / (100 * 25)));
}

TEST_CASE("init: in float no draw leaves the limits either") {
  const InitMoments m = init_moments<float>(init::xavier_uniform(), init_matrix);
  CHECK(m.largest <= std::sqrt(6.0 / 500) * (1 + 1e-6));
}

TEST_CASE("init: sizes of 1 have fans of 1") {
  const auto one = init_moments(init::kaiming_uniform(1), tinydl::Shape<2>(1, 1));
  CHECK(one.largest <= std::sqrt(3.0));
  CHECK(one.largest > 0);
}

TEST_CASE("init: draws come from the generator given, or else from the default one") {
  const tinydl::Shape<2> shape(3, 5);
  tinydl::manual_seed(8);
  const auto first = init::xavier_normal().draw<double>(shape);
  const auto second = init::xavier_normal().draw<double>(shape);
  tinydl::manual_seed(8);
  const auto again = init::xavier_normal().draw<double>(shape);
  CHECK(std::ranges::equal(first.span(), again.span()));
  CHECK_FALSE(std::ranges::equal(first.span(), second.span()));

  tinydl::Generator own(8);
  const auto before = tinydl::default_generator().counter();
  CHECK(std::ranges::equal(init::xavier_normal().draw<double>(shape, own).span(), first.span()));
  CHECK(tinydl::default_generator().counter() == before);
}
