// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/batch_norm.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include <tinydl/layers/sequential.hpp>

#include "check.hpp"

namespace {

using BatchNorm1DD = tinydl::BatchNorm1D<double>;
using BatchNorm2DD = tinydl::BatchNorm2D<double>;

/// Running statistics that are not those of a new layer.
template <class Layer>
void batch_norm_set_statistics(const Layer& layer) {
  tinydl::Generator generator(4);
  generator.fill_uniform(layer.running_mean.mutable_data().mutable_span(), -1.0, 1.0);
  generator.fill_uniform(layer.running_var.mutable_data().mutable_span(), 0.5, 2.0);
}

}  // namespace

TEST_CASE("batch norm: names of parameters and buffers are PyTorch's") {
  const tinydl::Sequential model(BatchNorm2DD(3), BatchNorm1DD(4, {.affine = false}));
  CHECK(layer_check::names_of(model.named_parameters()) ==
        std::vector<std::string>{"0.weight", "0.bias"});
  CHECK(layer_check::names_of(model.named_buffers()) ==
        std::vector<std::string>{"0.running_mean", "0.running_var", "0.num_batches_tracked",
                                 "1.running_mean", "1.running_var", "1.num_batches_tracked"});
}

TEST_CASE("batch norm: in training each channel gets mean 0 and variance 1 over the batch") {
  const BatchNorm2DD layer(3, {.eps = 1e-12});
  const auto y = layer(layer_check::normal(tinydl::Shape(5, 3, 4, 2)) * 3 + 7).data();
  for (tinydl::Index c = 0; c < 3; ++c) {
    double sum = 0, squares = 0;
    for (tinydl::Index n = 0; n < 5; ++n)
      for (tinydl::Index i = 0; i < 8; ++i) {
        const double v = y.data()[(n * 3 + c) * 8 + i];
        sum += v;
        squares += v * v;
      }
    CHECK(std::abs(sum) < 1e-10);
    CHECK(squares / 40 == doctest::Approx(1));
  }
}

TEST_CASE("batch norm: training moves the running statistics towards the batch's, unbiased") {
  const BatchNorm1DD layer(2);
  const auto x = tinydl::from_values({{1.0, 10.0}, {3.0, 30.0}, {5.0, 20.0}});
  layer(x);
  CHECK(layer.running_mean.data()(0) == doctest::Approx(0.1 * 3));
  CHECK(layer.running_mean.data()(1) == doctest::Approx(0.1 * 20));
  CHECK(layer.running_var.data()(0) == doctest::Approx(0.9 + 0.1 * 4));
  CHECK(layer.running_var.data()(1) == doctest::Approx(0.9 + 0.1 * 100));
  layer(x);
  CHECK(layer.running_mean.data()(0) == doctest::Approx(0.9 * 0.3 + 0.1 * 3));
  CHECK(layer.num_batches_tracked.item() == 2);
}

TEST_CASE("batch norm: without a momentum the running statistics are the mean of all batches'") {
  const BatchNorm1DD layer(1, {.momentum = std::nullopt});
  layer(tinydl::from_values({{1.0}, {3.0}}));
  CHECK(layer.running_mean.data()(0) == 2);
  CHECK(layer.running_var.data()(0) == doctest::Approx(2));
  layer(tinydl::from_values({{4.0}, {8.0}}));
  CHECK(layer.running_mean.data()(0) == doctest::Approx(4));
  CHECK(layer.running_var.data()(0) == doctest::Approx(5));
}

TEST_CASE("batch norm: in eval mode the running statistics are used, and nothing is written") {
  const BatchNorm2DD layer(2, {.eps = 0.5});
  layer.eval();
  layer.running_mean.mutable_data() = tinydl::from_values({1.0, 2.0});
  layer.running_var.mutable_data() = tinydl::from_values({0.5, 3.5});
  const auto before = layer.running_mean.data();
  const auto y = layer(tinydl::full<double>({1, 2, 1, 1}, 4)).data();
  CHECK(y(0, 0, 0, 0) == doctest::Approx(3));
  CHECK(y(0, 1, 0, 0) == doctest::Approx(1));
  CHECK(layer.running_mean.data().shares_with(before));
  CHECK(layer.num_batches_tracked.item() == 0);
  CHECK(layer.running_var.node()->version() == 1);
}

TEST_CASE("batch norm: gradients in training and in eval mode, for every rank") {
  const BatchNorm1DD flat(3);
  const BatchNorm2DD images(2);
  for (bool training : {true, false}) {
    flat.train(training);
    batch_norm_set_statistics(flat);
    layer_check::check_gradients(flat, layer_check::normal(tinydl::Shape(4, 3)));
    layer_check::check_gradients(flat, layer_check::normal(tinydl::Shape(1, 3, 5)));
    images.train(training);
    batch_norm_set_statistics(images);
    layer_check::check_gradients(images, layer_check::normal(tinydl::Shape(3, 2, 2, 3)));
    layer_check::check_gradients(images, layer_check::normal(tinydl::Shape(1, 2, 3, 1)));
  }
}

TEST_CASE("batch norm: a clone has values, statistics, options and mode of its own") {
  const BatchNorm2DD layer(2, {.eps = 0.5, .momentum = 0.25});
  const auto x = layer_check::normal(tinydl::Shape(3, 2, 2, 2)) + 1;
  layer(x);
  const BatchNorm2DD copy = layer.clone();
  CHECK(layer_check::same(copy.running_mean.data(), layer.running_mean.data()));
  CHECK(copy.num_batches_tracked.item() == 1);
  CHECK(layer_check::same(copy(x).data(), layer(x).data()));
  CHECK(layer_check::same(copy.running_var.data(), layer.running_var.data()));
  layer(x);
  CHECK_FALSE(layer_check::same(copy.running_mean.data(), layer.running_mean.data()));
  layer.eval();
  CHECK_FALSE(layer.clone().training());
}

TEST_CASE(
    "batch norm: a single value of a channel in training is refused before anything changes") {
  const BatchNorm2DD images(2);
  CHECK_THROWS_WITH_AS(
      images(layer_check::normal(tinydl::Shape(1, 2, 1, 1))),
      "BatchNorm2D: training needs more than one value of each channel: shape (1, 2, 1, 1)",
      tinydl::ShapeError);
  CHECK(images.num_batches_tracked.item() == 0);
  const BatchNorm1DD flat(2);
  CHECK_THROWS_WITH_AS(
      flat(layer_check::normal(tinydl::Shape(1, 2))),
      "BatchNorm1D: training needs more than one value of each channel: shape (1, 2)",
      tinydl::ShapeError);
  flat.eval();
  CHECK(flat(layer_check::normal(tinydl::Shape(1, 2))).shape() == tinydl::Shape(1, 2));
}

TEST_CASE("batch norm: channels and options that do not fit are refused by the layer's name") {
  const BatchNorm2DD layer(2);
  CHECK_THROWS_WITH_AS(
      layer(layer_check::normal(tinydl::Shape(4, 3, 1, 1))),
      "BatchNorm2D: an input of shape (4, 3, 1, 1), a weight of (2,) and a bias of (2,)",
      tinydl::ShapeError);
  CHECK(layer.num_batches_tracked.item() == 0);
  CHECK_THROWS_WITH_AS(BatchNorm1DD(0), "BatchNorm1D: 0 channels", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(BatchNorm1DD(2, {.eps = 0}), "BatchNorm1D: eps 0", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(BatchNorm2DD(2, {.momentum = 1.5}),
                       "BatchNorm2D: momentum 1.5 is not in [0, 1]", tinydl::ValueError);
  CHECK_THROWS_AS(BatchNorm2DD(2, {.momentum = std::nan("")}), tinydl::ValueError);
}
