// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/pad.hpp>

#include <doctest/doctest.h>

#include "check.hpp"

using tinydl::Shape;

TEST_CASE("ZeroPad2D: zeros on all sides, or a number for each: left, right, top, bottom") {
  const auto x = layer_check::normal(Shape(2, 3, 2, 4));
  CHECK(layer_check::same(tinydl::ZeroPad2D(2)(x).data(), tinydl::pad(x, {2, 2, 2, 2})));
  const tinydl::ZeroPad2D layer({1, 2, 3, 0});
  CHECK(layer(x).shape() == Shape(2, 3, 5, 7));
  CHECK(layer_check::same(layer(x).data(), tinydl::pad(x, {1, 2, 3, 0})));
  CHECK(layer_check::same(tinydl::ZeroPad2D(0)(x).data(), x));
}

TEST_CASE("ZeroPad2D: gradients, in training and eval mode, down to sizes of 1") {
  const tinydl::ZeroPad2D layer({0, 1, 2, 1});
  layer_check::check_gradients(layer, layer_check::normal(Shape(2, 1, 3, 2)));
  layer.eval();
  layer_check::check_gradients(layer, layer_check::normal(Shape(1, 1, 1, 1)));
}

TEST_CASE("ZeroPad2D: a clone pads as much, in the same mode") {
  const auto x = layer_check::normal(Shape(1, 1, 2, 2));
  const tinydl::ZeroPad2D layer({1, 2, 3, 4});
  layer.eval();
  CHECK(layer_check::same(layer.clone()(x).data(), layer(x).data()));
  CHECK_FALSE(layer.clone().training());
}

TEST_CASE("ZeroPad2D: refuses a negative amount and names it") {
  CHECK_THROWS_WITH_AS(tinydl::ZeroPad2D({1, 2, -3, 0}),
                       "ZeroPad2D: -3 is a negative amount of padding", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(tinydl::ZeroPad2D(-1), "ZeroPad2D: -1 is a negative amount of padding",
                       tinydl::ValueError);
}
