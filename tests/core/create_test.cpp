// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/create.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace tinydl;

namespace {

template <class T, int Rank>
std::vector<T> create_values(const Tensor<T, Rank>& tensor) {
  return {tensor.span().begin(), tensor.span().end()};
}

}  // namespace

TEST_CASE("zeros, ones, full: fill a shape, float unless told") {
  CHECK(zeros({2, 3}).shape() == Shape(2, 3));
  CHECK(create_values(zeros<double>({2})) == std::vector<double>{0, 0});
  CHECK(create_values(ones<double>({1, 2})) == std::vector<double>{1, 1});
  CHECK(create_values(full({3}, 0.5)) == std::vector<double>{0.5, 0.5, 0.5});
  CHECK(zeros<double>(Shape<0>()).item() == 0);
  CHECK(ones<double>({0, 2}).size() == 0);
  static_assert(std::is_same_v<decltype(zeros({2})), Tensor<float, 1>>);
  static_assert(std::is_same_v<decltype(ones({2})), Tensor<float, 1>>);
}

TEST_CASE("zeros: refuses a negative size") { CHECK_THROWS_AS(zeros<double>({2, -1}), ShapeError); }

TEST_CASE("arange: stops before its end, in either direction") {
  CHECK(create_values(arange<double>(3)) == std::vector<double>{0, 1, 2});
  CHECK(create_values(arange<double>(1, 2, 0.25)) == std::vector<double>{1, 1.25, 1.5, 1.75});
  CHECK(create_values(arange<double>(3, 0, -1)) == std::vector<double>{3, 2, 1});
  CHECK(create_values(arange<double>(0, 2.5, 1)) == std::vector<double>{0, 1, 2});
  CHECK(create_values(arange<Index>(2, 9, 3)) == std::vector<Index>{2, 5, 8});
  CHECK(arange<double>(3, 3).size() == 0);
  CHECK(arange<double>(3, 0).size() == 0);
}

TEST_CASE("arange: of a hundred thousand steps ends where it should, without drift") {
  const auto a = arange<double>(0, 10'000, 0.1);
  CHECK(a.size() == 100'000);
  CHECK(a(99'999) == doctest::Approx(9999.9).epsilon(1e-14));
}

TEST_CASE("arange: refuses a step of 0 and what is not a number") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(arange<double>(0, 1, 0), doctest::Contains("arange: from 0 to 1"),
                       ValueError);
  CHECK_THROWS_AS(arange<double>(0, 0, 0), ValueError);
  CHECK_THROWS_AS(arange<double>(0, nan), ValueError);
  CHECK_THROWS_AS(arange<double>(0, 1, nan), ValueError);
  CHECK_THROWS_AS(arange<double>(std::numeric_limits<double>::infinity()), ValueError);
}

TEST_CASE("eye: is the identity matrix") {
  CHECK(create_values(eye<double>(2)) == std::vector<double>{1, 0, 0, 1});
  CHECK(eye<double>(0).shape() == Shape(0, 0));
  CHECK_THROWS_AS(eye<double>(-1), ShapeError);
}

TEST_CASE("from_values: lists values in row-major order") {
  const auto a = from_values<double>({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(a.shape() == Shape(2, 3));
  CHECK(a(1, 0) == 4);
  const std::vector<double> values{1, 2, 3, 4};
  const auto b = from_values(Shape(2, 2), std::span<const double>(values));
  CHECK(create_values(b) == values);
}

TEST_CASE("from_values: braces are the shape") {
  const auto vector = from_values({1.0, 2.0, 3.0});
  const auto matrix = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  CHECK(vector.shape() == Shape(3));
  CHECK(matrix.shape() == Shape(2, 3));
  CHECK(matrix(1, 0) == 4);
}

TEST_CASE("from_values: refuses a number of values that is not the shape's") {
  CHECK_THROWS_WITH_AS(from_values<double>({2, 2}, {1, 2, 3}),
                       "from_values: shape (2, 2) needs 4 values, not 3", ShapeError);
  CHECK_THROWS_AS(from_values<double>({0}, {1}), ShapeError);
  CHECK_THROWS_AS(from_values<double>({-1, -2}, {1, 2}), ShapeError);
}

TEST_CASE("rand and randn: draw from the generator they are given") {
  Generator a(5), b(5);
  const auto u = rand<double>({3, 4}, a);
  const auto z = randn<double>({7}, a);
  std::vector<double> expected_u(12), expected_z(7);
  b.fill_uniform(std::span<double>(expected_u));
  b.fill_normal(std::span<double>(expected_z));
  CHECK(create_values(u) == expected_u);
  CHECK(create_values(z) == expected_z);
}

TEST_CASE("rand and randn: draw from the default generator without one") {
  manual_seed(9);
  const auto u = create_values(rand<double>({3}));
  const auto z = create_values(randn<double>({3}));
  manual_seed(9);
  CHECK(create_values(rand<double>({3})) == u);
  CHECK(create_values(randn<double>({3})) == z);
  CHECK(create_values(randn<double>({3})) != z);
}
