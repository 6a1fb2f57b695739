// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/mlp.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/eigen.hpp>
#include <tinydl/functions/cross_entropy.hpp>
#include <tinydl/optim/sgd.hpp>

#include "check.hpp"

namespace {

using MLPD = tinydl::MLP<double>;
using tinydl::Shape;

}  // namespace

TEST_CASE("mlp: layers are l1, l2, ... with ReLU between them") {
  const MLPD model(3, {4, 5}, 2);
  CHECK(layer_check::names_of(model.named_parameters()) ==
        std::vector<std::string>{"l1.weight", "l1.bias", "l2.weight", "l2.bias", "l3.weight",
                                 "l3.bias"});
  const auto matrix = [&](std::size_t i) {
    const auto p = model.parameters()[i];
    const auto columns = p.sizes().size() == 2 ? p.sizes()[1] : 1;
    using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    return Eigen::MatrixXd(Eigen::Map<const Rows>(p.data_span().data(), p.sizes()[0], columns));
  };
  const auto x = layer_check::normal(Shape(6, 3));
  Eigen::MatrixXd h = x.matrix();
  for (std::size_t i = 0; i < 6; i += 2) {
    h = (h * matrix(i).transpose()).rowwise() + Eigen::RowVectorXd(matrix(i + 1).col(0));
    if (i < 4) h = h.cwiseMax(0.0);
  }
  CHECK(model(x).data().matrix().isApprox(h, 1e-12));
}

TEST_CASE("mlp: gradients of input and parameters, also without hidden layers and of sizes 1") {
  tinydl::manual_seed(6);
  layer_check::check_gradients(MLPD(3, {4, 5}, 2), layer_check::normal(Shape(6, 3)));
  layer_check::check_gradients(MLPD(3, {4}, 2), layer_check::normal(Shape(1, 3)));
  layer_check::check_gradients(MLPD(3, {}, 2), layer_check::normal(Shape(2, 3)));
  layer_check::check_gradients(MLPD(1, {1}, 1), layer_check::normal(Shape(1, 1)));
}

TEST_CASE("mlp: dropout works in training alone, and never in predict and accuracy") {
  tinydl::manual_seed(1);
  const MLPD model(4, {50}, 3, {.dropout = 0.5});
  const auto x = layer_check::normal(Shape(40, 4));
  CHECK(model.training());
  CHECK_FALSE(layer_check::same(model(x).data(), model(x).data()));

  const auto counter = tinydl::default_generator().counter();
  const auto predicted = model.predict(x);
  const double share = model.accuracy(x, predicted);
  CHECK(share == 1);
  CHECK(tinydl::default_generator().counter() == counter);
  CHECK(model.training());

  model.eval();
  CHECK(layer_check::same(model(x).data(), model(x).data()));
  CHECK(layer_check::same(predicted, tinydl::argmax(model(x), 1)));
}

TEST_CASE("mlp: accuracy is the share of the rows whose label is predicted") {
  const MLPD model(4, {5}, 3);
  const auto x = layer_check::normal(Shape(8, 4));
  auto labels = model.predict(x);
  for (tinydl::Index i = 0; i < 2; ++i) labels.mutable_data()[i] = (labels(i) + 1) % 3;
  CHECK(model.accuracy(x, labels) == 0.75);
}

TEST_CASE("mlp: the seed fixes the weights") {
  const auto drawn = [](std::uint64_t seed) {
    tinydl::manual_seed(seed);
    return MLPD(3, {4}, 2)(layer_check::normal(Shape(1, 3))).data();
  };
  CHECK(layer_check::same(drawn(1), drawn(1)));
  CHECK_FALSE(layer_check::same(drawn(1), drawn(2)));
}

TEST_CASE("mlp: the initialiser of the weights can be chosen") {
  const MLPD model(3, {4}, 2, {.weight_init = tinydl::init::constant(0.5)});
  for (const auto& [name, parameter] : model.named_parameters())
    if (name.ends_with("weight"))
      for (double v : parameter.data_span()) CHECK(v == 0.5);
}

TEST_CASE("mlp: it learns what no straight line separates") {
  tinydl::manual_seed(3);
  const MLPD model(2, {16}, 2);
  const auto x = tinydl::from_values({{0.0, 0.0}, {0.0, 1.0}, {1.0, 0.0}, {1.0, 1.0}});
  const auto labels = tinydl::from_values<std::int64_t>({0, 1, 1, 0});
  tinydl::SGD<double> optimizer(model.parameters(), {.lr = 0.5, .momentum = 0.9});
  for (int i = 0; i < 200; ++i) {
    optimizer.clear_grads();
    tinydl::softmax_cross_entropy(model(x), labels).backward();
    optimizer.step();
  }
  CHECK(model.accuracy(x, labels) == 1);
}

TEST_CASE("mlp: a clone is deep and has the same sizes and options") {
  const MLPD model(3, {4, 5}, 2, {.dropout = 0.5});
  const MLPD clone = model.clone();
  const auto x = layer_check::normal(Shape(6, 3));
  tinydl::manual_seed(5);
  const auto expected = model(x).data();
  tinydl::manual_seed(5);
  CHECK(layer_check::same(clone(x).data(), expected));
  for (const auto& parameter : clone.parameters()) parameter.mutable_data_span()[0] += 1;
  tinydl::manual_seed(5);
  CHECK(layer_check::same(model(x).data(), expected));
}

TEST_CASE("mlp: a model in a vector that grows keeps its layers") {
  std::vector<MLPD> models;
  for (int i = 0; i < 5; ++i) models.emplace_back(3, std::vector<tinydl::Index>{4}, 2);
  for (const MLPD& model : models) {
    CHECK(model.parameters().size() == 4);
    CHECK(model(layer_check::normal(Shape(2, 3))).shape() == Shape(2, 2));
  }
}

TEST_CASE("mlp: sizes that are not positive and dropout outside of [0, 1) are refused") {
  CHECK_THROWS_AS(MLPD(0, {4}, 2), tinydl::ValueError);
  CHECK_THROWS_WITH_AS(MLPD(3, {4, 0}, 2), "Linear: 4 features to 0", tinydl::ValueError);
  CHECK_THROWS_AS(MLPD(3, {4}, -2), tinydl::ValueError);
  CHECK_THROWS_WITH_AS(MLPD(3, {4}, 2, {.dropout = 1}), "dropout: p = 1 is not in [0, 1)",
                       tinydl::ValueError);
  CHECK_THROWS_AS(MLPD(3, {4}, 2)(layer_check::normal(Shape(2, 4))), tinydl::ShapeError);
}
