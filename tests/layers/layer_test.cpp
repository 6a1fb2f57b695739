// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/layer.hpp>

#include <memory>
#include <thread>
#include <type_traits>

#include <doctest/doctest.h>

#include <tinydl/core/eigen.hpp>
#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/linear.hpp>
#include <tinydl/layers/norm.hpp>
#include <tinydl/optim/adam.hpp>
#include <tinydl/optim/sgd.hpp>
#include <tinydl/layers/sequential.hpp>

#include "check.hpp"

namespace {

using layer_check::names_of;
using layer_check::normal;
using layer_check::same;
using tinydl::Index;
using tinydl::Layer;
using tinydl::Shape;
using tinydl::Tensor;
using tinydl::Variable;

using Names = std::vector<std::string>;
using LayerLinear = tinydl::Linear<double>;

/// x scale, with a running count beside it.
struct LayerScale : Layer<LayerScale, double> {
  tinydl::Parameter<double, 1> scale =
      register_parameter("scale", tinydl::from_values({1.0, 2.0, 3.0, 4.0}));
  Variable<double, 1> count = register_buffer("count", tinydl::from_values({5.0}));

  template <int Rank>
  Variable<double, Rank> forward(const Variable<double, Rank>& x) const {
    return x * scale;
  }
};

struct LayerBlock : Layer<LayerBlock, double> {
  LayerLinear inner = register_layer("inner", LayerLinear(4, 4));
  LayerScale scale = register_layer("scale", LayerScale());
  tinydl::Dropout dropout = register_layer("dropout", tinydl::Dropout(0.5));

  Variable<double, 2> forward(const Variable<double, 2>& x) const {
    return x + dropout(scale(tanh(inner(x))));
  }
};

struct LayerNet : Layer<LayerNet, double> {
  LayerLinear l1 = register_layer("l1", LayerLinear(3, 4));
  LayerBlock block = register_layer("block", LayerBlock());
  tinydl::LayerNorm<double> norm = register_layer("norm", tinydl::LayerNorm<double>(4));
  LayerLinear l2 = register_layer("l2", LayerLinear(4, 2, {.bias = false}));

  Variable<double, 2> forward(const Variable<double, 2>& x) const { return l2(norm(block(l1(x)))); }
};

/// One weight, used twice: to encode and, transposed, to decode.
struct LayerTied : Layer<LayerTied, double> {
  LayerLinear encode = register_layer("encode", LayerLinear(3, 2, {.bias = false}));

  Variable<double, 2> forward(const Variable<double, 2>& x) const {
    return tinydl::linear(encode(x), tinydl::transpose(encode.weight));
  }
};

/// x times its parameter, which may be another layer's.
struct LayerShared : Layer<LayerShared, double> {
  LayerShared() : factor(register_parameter("factor", tinydl::from_values({2.0}))) {}
  explicit LayerShared(const tinydl::Parameter<double, 1>& other)
      : factor(register_parameter("factor", other)) {}

  Variable<double, 2> forward(const Variable<double, 2>& x) const { return x * factor; }
  tinydl::Parameter<double, 1> factor;
};

struct LayerTwice : Layer<LayerTwice, double> {
  LayerShared first = register_layer("first", LayerShared());
  LayerShared second = register_layer("second", LayerShared(first.factor));

  Variable<double, 2> forward(const Variable<double, 2>& x) const { return second(first(x)); }
};

/// Registers two things by the names given.
struct LayerNamed : Layer<LayerNamed, double> {
  LayerNamed(const std::string& parameter, const std::string& child) {
    register_parameter(parameter, tinydl::from_values({1.0}));
    register_layer(child, LayerLinear(1, 1));
  }
  LayerNamed(const std::string& parameter, const std::string& buffer, int) {
    register_parameter(parameter, tinydl::from_values({1.0}));
    register_buffer(buffer, tinydl::from_values({1.0}));
  }
};

/// What one step of training by the sum of the squares of the outputs does.
template <class Model>
void layer_train_step(const Model& model, const Tensor<double, 2>& x) {
  tinydl::SGD<double> optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9});
  tinydl::sum(tinydl::square(model(x))).backward();
  optimizer.step();
  model.clear_grads();
}

template <class L>
constexpr bool is_move_only =
    !std::is_copy_constructible_v<L> && !std::is_copy_assignable_v<L> &&
    std::is_nothrow_move_constructible_v<L> && std::is_move_assignable_v<L>;
static_assert(is_move_only<LayerNet>);
static_assert(is_move_only<LayerLinear>);
static_assert(is_move_only<tinydl::Dropout>);
static_assert(!std::is_constructible_v<tinydl::Parameter<double, 1>, Tensor<double, 1>>);
static_assert(
    !std::is_constructible_v<tinydl::Parameter<double, 1>, Tensor<double, 1>, std::string>);
static_assert(!std::is_default_constructible_v<tinydl::Parameter<double, 1>>);

}  // namespace

TEST_CASE("layer: parameters and buffers take the name on under which they are registered first") {
  struct Again : Layer<Again, double> {
    LayerScale scale = register_layer("scale", LayerScale());
    tinydl::Parameter<double, 1> again = register_parameter("again", scale.scale);
  };
  const Again layer;
  CHECK(layer.scale.scale.name() == "scale");
  CHECK(layer.scale.count.name() == "count");
  CHECK(layer.again.name() == "scale");
}

TEST_CASE("layer: parameters are listed in the order of registration, children's with dots") {
  const LayerNet net;
  CHECK(names_of(net.named_parameters()) == Names{"l1.weight", "l1.bias", "block.inner.weight",
                                                  "block.inner.bias", "block.scale.scale",
                                                  "norm.weight", "norm.bias", "l2.weight"});
  CHECK(net.parameters().size() == 8);
  CHECK(net.parameter_count() == 12 + 4 + 16 + 4 + 4 + 4 + 4 + 8);
  CHECK(net.named_parameters()[0].variable.is(net.l1.weight));
  CHECK(net.named_parameters()[4].variable.is(net.block.scale.scale));
}

TEST_CASE("layer: buffers are listed apart and are not trained") {
  const LayerNet net;
  CHECK(names_of(net.named_buffers()) == Names{"block.scale.count"});
  CHECK_FALSE(net.named_buffers()[0].variable.requires_grad());
}

TEST_CASE("layer: a layer of one's own is called with Tensors and with Variables") {
  LayerNet net;
  net.eval();
  const auto x = normal(Shape(5, 3));
  const Variable<double, 2> v(x, {.requires_grad = true});
  CHECK(same(net(x).data(), net(v).data()));
  tinydl::sum(net(v)).backward();
  CHECK(v.grad().shape() == x.shape());
  layer_check::check_gradients(net, x);
  layer_check::check_gradients(net, normal(Shape(1, 3)));
}

TEST_CASE("layer: a parameter that was moved from cannot be shared") {
  LayerShared first;
  const auto kept = std::move(first.factor);
  CHECK_THROWS_WITH_AS(LayerShared{first.factor}, "layer: 'factor' was moved from",
                       tinydl::ValueError);
}

TEST_CASE("layer: a layer that was moved computes the same and lists the same parameters") {
  LayerNet net;
  net.eval();
  const auto x = normal(Shape(2, 3));
  const auto expected = net(x).data();
  const auto weight = net.named_parameters()[0].variable;

  LayerNet moved = std::move(net);
  CHECK(same(moved(x).data(), expected));
  CHECK(moved.named_parameters()[0].variable.is(weight));
  moved.train();
  CHECK(moved.block.dropout.training());

  LayerNet assigned;
  assigned = std::move(moved);
  assigned.eval();
  CHECK(same(assigned(x).data(), expected));
  CHECK_FALSE(assigned.block.dropout.training());

  const auto kept = std::make_unique<LayerNet>(std::move(assigned));
  layer_train_step(*kept, x);
  CHECK_FALSE(same((*kept)(x).data(), expected));
}

TEST_CASE("layer: layers in a vector that grows keep their parameters and modes") {
  std::vector<LayerNet> nets;
  std::vector<Tensor<double, 2>> expected;
  const auto x = normal(Shape(2, 3));
  for (int i = 0; i < 9; ++i) {
    nets.emplace_back();
    nets.back().eval();
    expected.push_back(nets.back()(x).data());
  }
  for (std::size_t i = 0; i < nets.size(); ++i) {
    CHECK(same(nets[i](x).data(), expected[i]));
    CHECK(nets[i].named_parameters()[0].variable.is(nets[i].l1.weight));
    nets[i].train();
    CHECK(nets[i].block.dropout.training());
  }
}

TEST_CASE("layer: train and eval mode reach everything below, and a child alone on request") {
  const LayerNet net;
  CHECK(net.training());
  CHECK(net.block.dropout.training());
  net.eval();
  for (bool mode : {net.training(), net.block.training(), net.block.dropout.training(),
                    net.l1.training(), net.norm.training()})
    CHECK_FALSE(mode);
  net.block.train();
  CHECK(net.block.dropout.training());
  CHECK_FALSE(net.training());
  CHECK_FALSE(net.l1.training());
  net.train(false);
  CHECK_FALSE(net.block.dropout.training());
}

TEST_CASE("layer: training a clone changes nothing in the original, nor the other way") {
  LayerNet net;
  net.eval();
  const auto x = normal(Shape(4, 3));
  const auto expected = net(x).data();
  const LayerNet clone = net.clone();
  CHECK(same(clone(x).data(), expected));
  CHECK(names_of(clone.named_parameters()) == names_of(net.named_parameters()));

  layer_train_step(clone, x);
  const auto trained = clone(x).data();
  CHECK_FALSE(same(trained, expected));
  CHECK(same(net(x).data(), expected));
  layer_train_step(net, 2.0 * x);
  CHECK(same(clone(x).data(), trained));

  clone.block.scale.count.mutable_data().mutable_data()[0] = 9;
  CHECK(net.block.scale.count.data()(0) == 5);
  CHECK(clone.clone().block.scale.count.data()(0) == 9);
}

TEST_CASE("layer: a clone keeps modes and frozen parameters, and has no gradients") {
  LayerNet net;
  net.l1.set_requires_grad(false);
  net.block.eval();
  tinydl::sum(net(normal(Shape(2, 3)))).backward();
  const LayerNet clone = net.clone();
  CHECK(clone.training());
  CHECK_FALSE(clone.block.training());
  CHECK_FALSE(clone.block.dropout.training());
  CHECK(clone.norm.training());
  CHECK_FALSE(clone.l1.weight.requires_grad());
  CHECK_FALSE(clone.l1.bias.requires_grad());
  CHECK(clone.l2.weight.requires_grad());
  for (const auto& parameter : clone.parameters()) CHECK_FALSE(parameter.has_grad());
}

TEST_CASE("layer: cloning draws no random numbers") {
  tinydl::manual_seed(4);
  const LayerNet net;
  const auto counter = tinydl::default_generator().counter();
  const LayerNet clone = net.clone();
  CHECK(tinydl::default_generator().counter() == counter);
  CHECK(tinydl::default_generator().seed() == 4);
}

TEST_CASE("layer: a name that is taken, has a dot or is empty is refused") {
  CHECK_THROWS_WITH_AS(LayerNamed("same", "same"), "layer: the name 'same' is taken",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(LayerNamed("same", "same", 0), "layer: the name 'same' is taken",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(LayerNamed("weight", "a.b"),
                       "layer: 'a.b' is no name: it is empty or has a dot", tinydl::ValueError);
  CHECK_THROWS_AS(LayerNamed("a.b", "child"), tinydl::ValueError);
  CHECK_THROWS_AS(LayerNamed("", "child"), tinydl::ValueError);
  CHECK_THROWS_AS(LayerNamed("weight", ""), tinydl::ValueError);
  CHECK(LayerNamed("weight", "child").parameters().size() == 3);
}

TEST_CASE("layer: frozen parameters get no gradients and an optimiser leaves them alone") {
  LayerNet net;
  net.eval();
  net.block.set_requires_grad(false);
  const auto x = normal(Shape(4, 3));
  const auto frozen = net.block.inner.weight.data();
  const auto trained = net.l1.weight.data();
  tinydl::AdamW<double> optimizer(net.parameters(), {.lr = 0.1});
  tinydl::sum(tinydl::square(net(x))).backward();
  for (const auto& parameter : net.block.parameters()) CHECK_FALSE(parameter.has_grad());
  CHECK(net.l1.weight.has_grad());
  optimizer.step();
  CHECK(same(net.block.inner.weight.data(), frozen));
  CHECK_FALSE(same(net.l1.weight.data(), trained));

  SUBCASE("gradients from before do not move a parameter that was frozen since") {
    const auto before = net.l1.weight.data();
    net.l1.set_requires_grad(false);
    CHECK(net.l1.weight.has_grad());
    optimizer.step();
    CHECK(same(net.l1.weight.data(), before));
  }
  SUBCASE("a model that is frozen as a whole records no graph") {
    net.set_requires_grad(false);
    CHECK_FALSE(net(x).requires_grad());
    net.set_requires_grad(true);
    CHECK(net(x).requires_grad());
  }
}

TEST_CASE("layer: a tied parameter is listed once and updated once, by the sum of its gradients") {
  LayerTied net;
  CHECK(names_of(net.named_parameters()) == Names{"encode.weight"});
  const auto x = normal(Shape(5, 3));
  layer_check::check_gradients(net, x);

  const auto before = net.encode.weight.data();
  tinydl::sum(net(x)).backward();
  const auto gradient = net.encode.weight.grad();
  // d(sum(x w' w))/d(w) = w (s 1' + 1 s'), s the sum of the rows of x
  const Eigen::VectorXd s = x.matrix().colwise().sum();
  const Eigen::VectorXd one = Eigen::VectorXd::Ones(3);
  const Eigen::MatrixXd expected = before.matrix() * (s * one.transpose() + one * s.transpose());
  CHECK(gradient.matrix().isApprox(expected, 1e-12));

  auto twice = net.parameters();
  twice.push_back(net.encode.weight);
  tinydl::SGD<double>(twice, {.lr = 0.5}).step();
  CHECK(net.encode.weight.data().matrix().isApprox(before.matrix() - 0.5 * expected, 1e-12));
}

TEST_CASE("layer: a parameter that two layers share is one, also in a clone") {
  const LayerTwice net;
  CHECK(names_of(net.named_parameters()) == Names{"first.factor"});
  CHECK(net.parameter_count() == 1);
  tinydl::sum(net(tinydl::from_values({{3.0}}))).backward();  // 3 f^2, at f = 2
  CHECK(net.first.factor.grad()(0) == 12);
  tinydl::SGD<double>(net.parameters(), {.lr = 0.125}).step();
  CHECK(net.first.factor.data()(0) == 0.5);
  CHECK(net.second.factor.data()(0) == 0.5);

  const LayerTwice clone = net.clone();
  CHECK(clone.first.factor.is(clone.second.factor));
  CHECK_FALSE(clone.first.factor.is(net.first.factor));
  CHECK(clone.second.factor.data()(0) == 0.5);
}

TEST_CASE("layer: clear_grads leaves no gradient behind") {
  LayerNet net;
  tinydl::sum(net(normal(Shape(2, 3)))).backward();
  CHECK(net.l2.weight.has_grad());
  net.clear_grads();
  for (const auto& parameter : net.parameters()) CHECK_FALSE(parameter.has_grad());
}

TEST_CASE("layer: in eval mode four threads run one model and get the bits that one gets") {
  LayerNet net;
  net.eval();
  const auto x = normal(Shape(64, 3));
  const auto expected = net(x).data();
  const auto counter = tinydl::default_generator().counter();
  std::vector<int> agreeing(4);
  std::vector<std::thread> threads;
  for (int& count : agreeing)
    threads.emplace_back([&] {
      const tinydl::NoGrad no_grad;
      for (int i = 0; i < 50; ++i) count += same(net(x).data(), expected);
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(agreeing == std::vector<int>{50, 50, 50, 50});
  CHECK(tinydl::default_generator().counter() == counter);
}

namespace {

/// Registers a layer below it only while `grows`.
struct LayerFickle : Layer<LayerFickle, double> {
  bool grows = true;
  explicit LayerFickle(bool with_child) : grows(with_child) {
    if (grows) register_layer("child", tinydl::Dropout(0.5));
  }
  LayerFickle clone() const {
    return clone_by([&] { return LayerFickle(!grows); });
  }
};

}  // namespace

TEST_CASE("layer: what moves into another layer leaves those beside it where they are") {
  struct Net : tinydl::Layer<Net> {
    tinydl::Linear<> body = register_layer("body", tinydl::Linear<>(2, 3));
    tinydl::Linear<> head = register_layer("head", tinydl::Linear<>(3, 4));
  };
  const auto names = [](const auto& model) {
    std::string all;
    for (const auto& parameter : model.named_parameters()) all += parameter.name + ' ';
    return all;
  };
  Net net;
  const tinydl::Sequential model(std::move(net.body), tinydl::Linear<>(3, 10));
  CHECK(names(model) == "0.weight 0.bias 1.weight 1.bias ");
  CHECK(names(net) == "body.weight body.bias head.weight head.bias ");
  CHECK(names(model.clone()) == names(model));
  Net other;
  const tinydl::Sequential turned(std::move(other.head), std::move(other.body));
  turned.eval();
  CHECK(names(turned) == "0.weight 0.bias 1.weight 1.bias ");
}

TEST_CASE("layer: a clone that has other layers below it is refused") {
  CHECK_THROWS_WITH_AS(LayerFickle(true).clone(),
                       "clone: the new layer has 0 layers below it, not 1", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(LayerFickle(false).clone(),
                       "clone: the new layer has 1 layers below it, not 0", tinydl::ValueError);
}
