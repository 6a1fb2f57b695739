// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/dropout.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "check.hpp"

TEST_CASE("dropout layer: in training each element is dropped or scaled by 1 / (1 - p)") {
  tinydl::manual_seed(2);
  const tinydl::Dropout layer(0.3);
  const auto x = tinydl::ones<double>({100, 200});
  const auto y = layer(x).data();
  tinydl::Index dropped = 0;
  for (double v : y.span()) {
    dropped += v == 0;
    const bool kept_or_dropped = v == 0 || v == 1 / (1 - 0.3);
    CHECK_UNARY(kept_or_dropped);
  }
  CHECK(static_cast<double>(dropped) / 20000 == doctest::Approx(0.3).epsilon(0.05));
}

TEST_CASE("dropout layer: every pass draws anew, and the seed fixes what is drawn") {
  const auto x = tinydl::ones<double>({10, 10});
  const tinydl::Dropout layer(0.5);
  tinydl::manual_seed(2);
  const auto first = layer(x).data(), second = layer(x).data();
  CHECK_FALSE(layer_check::same(first, second));
  tinydl::manual_seed(2);
  CHECK(layer_check::same(layer(x).data(), first));
}

TEST_CASE("dropout layer: the gradient passes where the value did, at the same scale") {
  const tinydl::Dropout layer(0.4);
  const tinydl::Variable x(layer_check::normal(tinydl::Shape(20, 5)), {.requires_grad = true});
  const auto y = layer(x);
  tinydl::sum(y).backward();
  for (tinydl::Index i = 0; i < x.size(); ++i)
    CHECK(x.data().data()[i] * x.grad().data()[i] == doctest::Approx(y.data().data()[i]));
}

TEST_CASE("dropout layer: in eval mode it is the identity, copies nothing and draws nothing") {
  const tinydl::Dropout layer(0.5);
  layer.eval();
  const auto x = layer_check::normal(tinydl::Shape(4, 3));
  const auto counter = tinydl::default_generator().counter();
  CHECK(layer(x).data().shares_with(x));
  CHECK(tinydl::default_generator().counter() == counter);
  layer_check::check_gradients(layer, x);
  layer.train();
  CHECK_FALSE(layer_check::same(layer(x).data(), x));
}

TEST_CASE("dropout layer: p = 0 drops nothing in training either") {
  const tinydl::Dropout layer(0);
  const auto x = layer_check::normal(tinydl::Shape(4, 3));
  CHECK(layer_check::same(layer(x).data(), x));
}

TEST_CASE("dropout layer: p outside of [0, 1) is refused with its value") {
  CHECK_THROWS_WITH_AS(tinydl::Dropout(1), "dropout: p = 1 is not in [0, 1)", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(tinydl::Dropout(-0.25), "dropout: p = -0.25 is not in [0, 1)",
                       tinydl::ValueError);
  CHECK_THROWS_AS(tinydl::Dropout(1.5), tinydl::ValueError);
  CHECK_THROWS_AS(tinydl::Dropout(std::nan("")), tinydl::ValueError);
}

TEST_CASE("dropout layer: a generator of its own leaves the default one alone") {
  tinydl::Generator own(9);
  const tinydl::Dropout layer(0.5, own);
  const auto x = tinydl::ones<double>({10, 10});
  const auto counter = tinydl::default_generator().counter();
  const auto y = layer(x).data();
  CHECK(tinydl::default_generator().counter() == counter);
  own = tinydl::Generator(9);
  CHECK(layer_check::same(layer(x).data(), y));
}

TEST_CASE("dropout layer: a clone keeps p, the generator and the mode") {
  tinydl::Generator own(9);
  const tinydl::Dropout layer(0.25, own);
  const auto x = tinydl::ones<double>({10, 10});
  const auto y = layer(x).data();
  own = tinydl::Generator(9);
  CHECK(layer_check::same(layer.clone()(x).data(), y));
  layer.eval();
  CHECK_FALSE(layer.clone().training());
}

TEST_CASE("dropout2d layer: in training whole channels are dropped or scaled") {
  tinydl::Generator own(9);
  const tinydl::Dropout2D layer(0.25, own);
  const tinydl::Variable x(tinydl::ones<double>({8, 16, 2, 3}), {.requires_grad = true});
  const auto y = layer(x);
  tinydl::Index dropped = 0;
  for (tinydl::Index i = 0; i < x.size(); ++i) {
    const double v = y.data().data()[i];
    CHECK(v == y.data().data()[i / 6 * 6]);
    const bool kept_or_dropped = v == 0 || v == 1 / 0.75;
    CHECK_UNARY(kept_or_dropped);
    dropped += v == 0;
  }
  CHECK(dropped > 0);
  CHECK(dropped < x.size() / 2);
  tinydl::sum(y).backward();
  CHECK(layer_check::same(x.grad(), y.data()));
  own = tinydl::Generator(9);
  CHECK(layer_check::same(layer.clone()(x).data(), y.data()));
}

TEST_CASE("dropout2d layer: in eval mode, or with p = 0, it is the identity") {
  const tinydl::Dropout2D layer(0.5), none(0);
  layer.eval();
  const auto x = layer_check::normal(tinydl::Shape(2, 3, 2, 2));
  CHECK(layer(x).data().shares_with(x));
  CHECK(layer_check::same(none(x).data(), x));
  CHECK_FALSE(layer.clone().training());
  CHECK_THROWS_WITH_AS(tinydl::Dropout2D(1), "dropout: p = 1 is not in [0, 1)", tinydl::ValueError);
}

TEST_CASE("dropout layers: gradients in training, down to sizes of 1") {
  layer_check::check_gradients(tinydl::Dropout(0.4), layer_check::normal(tinydl::Shape(3, 4)));
  layer_check::check_gradients(tinydl::Dropout(0.4), layer_check::normal(tinydl::Shape(1, 1)));
  const tinydl::Dropout2D channels(0.4);
  layer_check::check_gradients(channels, layer_check::normal(tinydl::Shape(2, 3, 2, 2)));
  layer_check::check_gradients(channels, layer_check::normal(tinydl::Shape(1, 1, 1, 1)));
}
