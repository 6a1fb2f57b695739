// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/upsample.hpp>

#include <doctest/doctest.h>

#include "check.hpp"

using tinydl::Shape;
using tinydl::UpsampleMode;

TEST_CASE("Upsample: repeats elements, or interpolates between them") {
  const auto x = layer_check::normal(Shape(2, 3, 2, 4));
  CHECK(layer_check::same(tinydl::Upsample(2)(x).data(), tinydl::upsample_nearest2d(x, 2)));
  CHECK(layer_check::same(tinydl::Upsample({2, 3}, {.mode = UpsampleMode::bilinear})(x).data(),
                          tinydl::upsample_bilinear2d(x, {2, 3})));
}

TEST_CASE("Upsample: gradients, in training and eval mode, down to sizes of 1") {
  const tinydl::Upsample nearest({2, 1}), bilinear(2, {.mode = UpsampleMode::bilinear});
  layer_check::check_gradients(nearest, layer_check::normal(Shape(2, 1, 3, 2)));
  layer_check::check_gradients(bilinear, layer_check::normal(Shape(2, 1, 3, 2)));
  bilinear.eval();
  layer_check::check_gradients(bilinear, layer_check::normal(Shape(1, 1, 1, 1)));
}

TEST_CASE("Upsample: a clone keeps the factor, the way and the mode") {
  const auto x = layer_check::normal(Shape(1, 2, 3, 2));
  const tinydl::Upsample layer({1, 3}, {.mode = UpsampleMode::bilinear});
  layer.eval();
  CHECK(layer_check::same(layer.clone()(x).data(), layer(x).data()));
  CHECK_FALSE(layer.clone().training());
}

TEST_CASE("Upsample: refuses factors below 1 and names them") {
  CHECK_THROWS_WITH_AS(tinydl::Upsample(0), "Upsample: factor (0, 0) is not in [1, 2^31)",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(tinydl::Upsample({2, -1}, {.mode = UpsampleMode::bilinear}),
                       "Upsample: factor (2, -1) is not in [1, 2^31)", tinydl::ValueError);
}
