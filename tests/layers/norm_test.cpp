// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/norm.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include <tinydl/functions/slice.hpp>

#include "check.hpp"

namespace {

using tinydl::Shape;
using LayerNormD = tinydl::LayerNorm<double>;

}  // namespace

TEST_CASE("layer norm: at first each row has mean 0 and variance 1") {
  const LayerNormD layer(50, {.eps = 1e-12});
  const auto y = layer(3.0 * layer_check::normal(Shape(4, 50)) + 7.0).data();
  for (tinydl::Index i = 0; i < 4; ++i) {
    CHECK(std::abs(y.matrix().row(i).mean()) < 1e-12);
    CHECK(y.matrix().row(i).array().square().mean() == doctest::Approx(1));
  }
}

TEST_CASE("layer norm: weight scales and bias shifts, by name") {
  LayerNormD layer(2, {.eps = 1e-12});
  CHECK(layer_check::names_of(layer.named_parameters()) ==
        std::vector<std::string>{"weight", "bias"});
  layer.weight.mutable_data() = tinydl::from_values({2.0, 3.0});
  layer.bias.mutable_data() = tinydl::from_values({10.0, 20.0});
  const auto y = layer(tinydl::from_values({{1.0, 5.0}})).data();
  CHECK(y(0, 0) == doctest::Approx(8));
  CHECK(y(0, 1) == doctest::Approx(23));
}

TEST_CASE("layer norm: gradients of input, weight and bias, for every rank, down to sizes of 1") {
  layer_check::check_gradients(LayerNormD(4), layer_check::normal(Shape(3, 4)));
  layer_check::check_gradients(LayerNormD(4), layer_check::normal(Shape(1, 4)));
  layer_check::check_gradients(LayerNormD(1), layer_check::normal(Shape(3, 1)));
  layer_check::check_gradients(LayerNormD(1), layer_check::normal(Shape(1, 1)));
  layer_check::check_gradients(LayerNormD(4), layer_check::normal(Shape<1>(4)));
  layer_check::check_gradients(LayerNormD(4), layer_check::normal(Shape(2, 3, 4)));
}

TEST_CASE("layer norm: a row is normalised by itself, whatever is beside it") {
  const LayerNormD layer(4);
  const auto x = layer_check::normal(Shape(3, 4));
  const auto row = tinydl::slice(x, 0, 1, 2);
  CHECK(layer_check::same(layer(row).data(), tinydl::slice(layer(x).data(), 0, 1, 2)));
}

TEST_CASE("layer norm: eps is used, and kept by a clone") {
  const LayerNormD layer(2, {.eps = 3});
  const auto x = tinydl::from_values({{-1.0, 1.0}});
  CHECK(layer(x).data()(0, 1) == doctest::Approx(0.5));  // 1 / sqrt(1 + 3)
  CHECK(layer_check::same(layer.clone()(x).data(), layer(x).data()));
}

TEST_CASE(
    "layer norm: sizes and eps that are not positive, and inputs that do not fit, are refused") {
  CHECK_THROWS_AS(LayerNormD(0), tinydl::ValueError);
  CHECK_THROWS_AS(LayerNormD(-1), tinydl::ValueError);
  CHECK_THROWS_AS(LayerNormD(3, {.eps = 0}), tinydl::ValueError);
  CHECK_THROWS_AS(LayerNormD(3, {.eps = std::nan("")}), tinydl::ValueError);
  CHECK_THROWS_AS(LayerNormD(3)(layer_check::normal(Shape(2, 4))), tinydl::ShapeError);
}
