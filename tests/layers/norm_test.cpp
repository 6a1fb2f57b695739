// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/norm.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include <tinydl/core/eigen.hpp>
#include <tinydl/functions/slice.hpp>

#include "check.hpp"

namespace {

using tinydl::Shape;
using LayerNormD = tinydl::LayerNorm<double>;
using RMSNormD = tinydl::RMSNorm<double>;
using GroupNormD = tinydl::GroupNorm<double>;

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

TEST_CASE("layer norm: over several last axes, by a shape") {
  const tinydl::LayerNorm<double, 2> layer({3, 4});
  CHECK(layer.weight.shape() == Shape(3, 4));
  layer_check::check_gradients(layer, layer_check::normal(Shape(2, 3, 4)));
  const auto x = layer_check::normal(Shape(2, 3, 4));
  CHECK(layer_check::same(layer.clone()(x).data(), layer(x).data()));
  const LayerNormD flat(12);
  CHECK(layer_check::same(flat(x.with_shape(Shape(2, 12))).data(),
                          tinydl::LayerNorm<double, 2>({3, 4})(x).data().with_shape(Shape(2, 12))));
  CHECK(tinydl::LayerNorm({3, 4}).weight.shape() == Shape(3, 4));
  CHECK_THROWS_WITH_AS((tinydl::LayerNorm<double, 2>({3, 0})),
                       "LayerNorm: (3, 0) features, eps 1e-05", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(
      layer(layer_check::normal(Shape(2, 4, 3))),
      "LayerNorm: layer_norm: a weight of shape (3, 4) for the last axes of (2, 4, 3)",
      tinydl::ShapeError);
}

TEST_CASE("layer norm: without an affine part, or without a bias, there are no such parameters") {
  const LayerNormD plain(4, {.elementwise_affine = false});
  CHECK(plain.named_parameters().empty());
  const LayerNormD no_bias(4, {.bias = false});
  CHECK(layer_check::names_of(no_bias.named_parameters()) == std::vector<std::string>{"weight"});
  const auto x = layer_check::normal(Shape(3, 4));
  for (const LayerNormD* layer : {&plain, &no_bias}) {
    CHECK(layer_check::same((*layer)(x).data(), LayerNormD(4)(x).data()));
    CHECK(layer->clone().parameter_count() == layer->parameter_count());
    layer_check::check_gradients(*layer, x);
  }
}

TEST_CASE("rms norm: each row gets a mean square of 1, times weight") {
  const RMSNormD layer(50);
  const auto y = layer(layer_check::normal(Shape(4, 50)) * 3 + 7).data();
  for (tinydl::Index i = 0; i < 4; ++i)
    CHECK(y.matrix().row(i).array().square().mean() == doctest::Approx(1));
  CHECK(layer_check::names_of(layer.named_parameters()) == std::vector<std::string>{"weight"});
  RMSNormD scaled(2, {.eps = 11});
  scaled.weight.mutable_data() = tinydl::from_values({1.0, 10.0});
  const auto z = scaled(tinydl::from_values({{1.0, 7.0}})).data();
  CHECK(z(0, 0) == doctest::Approx(1 / 6.0));
  CHECK(z(0, 1) == doctest::Approx(70 / 6.0));
}

TEST_CASE("rms norm: gradients, clone and options") {
  layer_check::check_gradients(RMSNormD(4), layer_check::normal(Shape(3, 4)));
  layer_check::check_gradients(RMSNormD(1), layer_check::normal(Shape(1, 1)));
  layer_check::check_gradients(RMSNormD(4, {.eps = 0.5}), layer_check::normal(Shape(2, 3, 4)));
  const RMSNormD plain(4, {.eps = 0.5, .elementwise_affine = false});
  CHECK(plain.named_parameters().empty());
  const auto x = layer_check::normal(Shape(3, 4));
  CHECK(layer_check::same(plain.clone()(x).data(), plain(x).data()));
  CHECK_THROWS_WITH_AS(RMSNormD(0, {.eps = 1}), "RMSNorm: 0 features, eps 1", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(RMSNormD(3, {.eps = -1}), "RMSNorm: 3 features, eps -1", tinydl::ValueError);
  CHECK_THROWS_AS(RMSNormD(3)(x), tinydl::ShapeError);
}

TEST_CASE("group norm: each group of channels has mean 0 and variance 1, then weight and bias") {
  GroupNormD layer(2, 4, {.eps = 1e-12});
  CHECK(layer_check::names_of(layer.named_parameters()) ==
        std::vector<std::string>{"weight", "bias"});
  const auto x = layer_check::normal(Shape(3, 4, 5, 2)) * 3 + 7;
  const auto y = layer(x).data().with_shape(Shape(6, 20));
  for (tinydl::Index i = 0; i < 6; ++i) {
    CHECK(std::abs(y.matrix().row(i).mean()) < 1e-12);
    CHECK(y.matrix().row(i).array().square().mean() == doctest::Approx(1));
  }
  layer.weight.mutable_data() = tinydl::from_values({1.0, 2.0, 3.0, 4.0});
  layer.bias.mutable_data() = tinydl::from_values({5.0, 6.0, 7.0, 8.0});
  const auto z = layer(x).data();
  CHECK(z(1, 2, 4, 1) == doctest::Approx(3 * y(3, 9) + 7));
  CHECK(layer_check::same(layer.clone()(x).data(), z));
}

TEST_CASE("group norm: gradients, options and bad arguments") {
  layer_check::check_gradients(GroupNormD(2, 4), layer_check::normal(Shape(2, 4, 3, 2)));
  layer_check::check_gradients(GroupNormD(1, 4, {.eps = 0.5}),
                               layer_check::normal(Shape(1, 4, 1, 1)));
  const GroupNormD plain(2, 4, {.affine = false});
  CHECK(plain.named_parameters().empty());
  layer_check::check_gradients(plain, layer_check::normal(Shape(2, 4, 3, 2)));
  CHECK(plain.clone().named_parameters().empty());
  CHECK_THROWS_WITH_AS(GroupNormD(3, 4), "GroupNorm: 3 groups do not divide 4 channels",
                       tinydl::ValueError);
  CHECK_THROWS_AS(GroupNormD(0, 4), tinydl::ValueError);
  CHECK_THROWS_AS(GroupNormD(1, 0), tinydl::ValueError);
  CHECK_THROWS_WITH_AS(GroupNormD(2, 4, {.eps = 0}), "GroupNorm: eps 0", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(
      plain(layer_check::normal(Shape(2, 6, 1, 1))),
      "GroupNorm: group_norm: an input of shape (2, 6, 1, 1), a weight of (4,) and a bias of (4,)",
      tinydl::ShapeError);
}
