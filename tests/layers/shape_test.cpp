// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/shape.hpp>

#include <doctest/doctest.h>

#include "check.hpp"

using tinydl::Shape;

TEST_CASE("shape layers: Flatten makes one row of each example and moves no data") {
  const tinydl::Flatten layer;
  const auto x = layer_check::normal(Shape(5, 2, 3, 4));
  const auto y = layer(x).data();
  CHECK(y.shape() == Shape(5, 24));
  CHECK(y.data() == x.data());
  CHECK(layer(layer_check::normal(Shape(1, 3))).shape() == Shape(1, 3));
  CHECK(layer(layer_check::normal(Shape<1>(3))).shape() == Shape(3, 1));
}

TEST_CASE("shape layers: Reshape leaves the axis of the examples alone") {
  const tinydl::Reshape<3> layer({2, 3, 4});
  const auto x = layer_check::normal(Shape(5, 24));
  const auto y = layer(x).data();
  CHECK(y.shape() == Shape(5, 2, 3, 4));
  CHECK(y.data() == x.data());
  CHECK(layer(layer_check::normal(Shape(1, 24))).shape() == Shape(1, 2, 3, 4));
}

TEST_CASE("shape layers: Reshape infers a size of -1") {
  const tinydl::Reshape<2> layer({-1, 4});
  CHECK(layer(layer_check::normal(Shape(5, 24))).shape() == Shape(5, 6, 4));
  CHECK(layer.clone()(layer_check::normal(Shape(5, 12))).shape() == Shape(5, 3, 4));
}

TEST_CASE("shape layers: Reshape refuses what does not fit, with both shapes") {
  const tinydl::Reshape<2> layer({5, 4});
  CHECK_THROWS_WITH_AS(layer(layer_check::normal(Shape(3, 24))),
                       "Reshape: reshape: (3, 24) has 72 elements, (3, 5, 4) has 60",
                       tinydl::ShapeError);
}

TEST_CASE("shape layers: gradients pass, down to sizes of 1") {
  layer_check::check_gradients(tinydl::Flatten(), layer_check::normal(Shape(2, 3, 2)));
  layer_check::check_gradients(tinydl::Flatten(), layer_check::normal(Shape(1, 1, 1)));
  layer_check::check_gradients(tinydl::Reshape<2>({3, -1}), layer_check::normal(Shape(2, 6)));
  layer_check::check_gradients(tinydl::Reshape<2>({1, 1}), layer_check::normal(Shape(1, 1)));
}
