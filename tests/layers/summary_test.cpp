// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/summary.hpp>

#include <doctest/doctest.h>

#include <sstream>

#include <tinydl/layers/activation.hpp>
#include <tinydl/layers/conv.hpp>
#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/linear.hpp>
#include <tinydl/layers/mlp.hpp>
#include <tinydl/layers/pool.hpp>
#include <tinydl/layers/sequential.hpp>
#include <tinydl/layers/shape.hpp>

#include "check.hpp"

namespace {

using namespace tinydl;

using SummaryShape = std::vector<Index>;

/// Uses l1 twice, l2 only through forward(), l3 not at all, and a layer that is not registered.
class SummaryNet : public Layer<SummaryNet, double> {
 public:
  Variable<double, 2> forward(const Variable<double, 2>& x) const {
    return Tanh()(l2_.forward(l1_(l1_(x)))) + matmul(x, x);
  }

 private:
  Linear<double> l1_ = register_layer("l1", Linear<double>(3, 3));
  Linear<double> l2_ = register_layer("l2", Linear<double>(3, 3, {.bias = false}));
  Linear<double> l3_ = register_layer("l3", Linear<double>(3, 5));
};

struct SummaryTied : Layer<SummaryTied, double> {
  Linear<double> first = register_layer("first", Linear<double>(3, 3, {.bias = false}));
  Parameter<double, 2> again = register_parameter("again", first.weight);
  Variable<double, 2> forward(const Variable<double, 2>& x) const {
    return matmul(first(x), again);
  }
};

const LayerSummary& summary_row(const ModelSummary& summary, const std::string& name) {
  for (const LayerSummary& layer : summary.layers)
    if (layer.name == name) return layer;
  FAIL("no row " << name);
  return summary.layers[0];
}

}  // namespace

TEST_CASE("summary: an MLP's layers, with numbers counted by hand") {
  const MLP<float> model(784, {100}, 10);
  const auto result = summary(model, Shape(64, 784));
  REQUIRE(result.layers.size() == 3);
  CHECK(result.layers[0].type == "MLP");
  CHECK(result.layers[0].name.empty());
  CHECK(result.layers[0].activation_bytes == 64 * 100 * 4);  // relu
  CHECK(result.layers[0].output_shape == SummaryShape{64, 10});

  const LayerSummary& l1 = summary_row(result, "l1");
  CHECK(l1.type == "Linear");
  CHECK(l1.calls == 1);
  CHECK(l1.output_shape == SummaryShape{64, 100});
  CHECK(l1.parameters == 78500);
  CHECK(l1.multiply_adds == 64 * 784 * 100);
  CHECK(l1.parameter_bytes == 78500 * 4);
  CHECK(l1.activation_bytes == 64 * 100 * 4);

  CHECK(result.total.parameters == model.parameter_count());
  CHECK(result.total.multiply_adds == 64 * (784 * 100 + 100 * 10));
  CHECK(result.total.parameter_bytes == 4 * model.parameter_count());
  CHECK(result.total.activation_bytes == 64 * 210 * 4);
  CHECK(result.trainable_parameters == model.parameter_count());
}

TEST_CASE("summary: a Sequential of convolutions, nested, names as in named_parameters()") {
  const Sequential model(Conv2D<double>(4, 6, 3, {.padding = 1, .groups = 2}), ReLU(), MaxPool2D(2),
                         Sequential(ConvTranspose2D<double>(6, 2, 2), ReLU()), Flatten(),
                         Linear<double>(2 * 5 * 5, 3));
  const auto result = summary(model, Shape(7, 4, 8, 8));
  std::vector<std::string> names;
  for (const auto& layer : result.layers) names.push_back(layer.name);
  CHECK(names == std::vector<std::string>{"", "0", "1", "2", "3", "3.0", "3.1", "4", "5"});

  const LayerSummary& conv = summary_row(result, "0");
  CHECK(conv.type == "Conv2D");
  CHECK(conv.output_shape == SummaryShape{7, 6, 8, 8});
  CHECK(conv.parameters == 6 * 2 * 9 + 6);
  CHECK(conv.multiply_adds == 7 * 6 * 8 * 8 * 2 * 9);
  CHECK(summary_row(result, "2").output_shape == SummaryShape{7, 6, 4, 4});
  const LayerSummary& transposed = summary_row(result, "3.0");
  CHECK(transposed.output_shape == SummaryShape{7, 2, 5, 5});
  CHECK(transposed.multiply_adds == 7 * 6 * 4 * 4 * 2 * 4);
  const LayerSummary& flatten = summary_row(result, "4");
  CHECK(flatten.output_shape == SummaryShape{7, 50});
  CHECK(flatten.activation_bytes == 0);
  CHECK(result.total.parameters == model.parameter_count());
  CHECK(result.total.activation_bytes == 8 * 7 * (6 * 64 + 6 * 64 + 6 * 16 + 2 * 25 + 2 * 25 + 3));
}

TEST_CASE("summary: a layer of one's own, called twice, around, not at all, and not registered") {
  const SummaryNet net;
  const auto result = summary(net, Shape(3, 3));
  REQUIRE(result.layers.size() == 4);
  CHECK(result.layers[0].type == "SummaryNet");
  const LayerSummary& l1 = summary_row(result, "l1");
  CHECK(l1.calls == 2);
  CHECK(l1.parameters == 12);
  CHECK(l1.multiply_adds == 2 * 27);
  CHECK(summary_row(result, "l2").calls == 0);
  CHECK(summary_row(result, "l2").parameters == 9);
  CHECK(summary_row(result, "l2").multiply_adds == 0);
  CHECK(result.layers[0].multiply_adds == 27 + 27);  // l2's, and matmul's
  CHECK(result.layers[0].activation_bytes == 8 * 9 * 4);
  CHECK(summary_row(result, "l3").calls == 0);
  CHECK(result.total.parameters == net.parameter_count());
}

TEST_CASE("summary: a tied parameter counts once, a frozen one as not trained") {
  const SummaryTied model;
  const auto result = summary(model, Shape(2, 3));
  CHECK(result.total.parameters == 9);
  CHECK(result.total.multiply_adds == 2 * 2 * 9);
  model.first.set_requires_grad(false);
  const auto frozen = summary(model, Shape(2, 3));
  CHECK(frozen.trainable_parameters == 0);
  CHECK(frozen.text().find("9 parameters are not trained\n") != std::string::npos);
}

TEST_CASE("summary: it changes no mode, draws nothing and records nothing") {
  const Sequential model(Linear<double>(3, 4), Dropout(0.5), Sequential(Dropout(0.2)));
  model.get<1>().eval();
  const auto counter = default_generator().counter();
  summary(model, Shape(2, 3));
  CHECK(model.training());
  CHECK_FALSE(model.get<1>().training());
  CHECK(model.get<2>().get<0>().training());
  CHECK(default_generator().counter() == counter);
  CHECK_FALSE(model.get<0>().weight.has_grad());
  CHECK_THROWS_AS(summary(model, Shape(2, 5)), ShapeError);
  CHECK(model.training());
  CHECK(detail::LayerWatcher::current() == nullptr);
  CHECK(detail::thread_mode().watcher == nullptr);
  CHECK(model(ones<double>({2, 3})).requires_grad());
}

TEST_CASE("summary: empty batches and matrices without columns cost nothing") {
  const Sequential model(Linear<double>(3, 4), ReLU());
  CHECK(summary(model, Shape(0, 3)).total.multiply_adds == 0);
  CHECK(summary(model, zeros<double>({0, 3})).layers[1].output_shape == SummaryShape{0, 4});
}

TEST_CASE("summary: a moved-from model is refused") {
  Sequential model(Linear<double>(3, 4), ReLU());
  const auto moved = std::move(model);
  CHECK_THROWS_WITH_AS(summary(model, Shape(1, 3)), "summary: the model was moved from",
                       ValueError);
}

TEST_CASE("summary: the table") {
  std::ostringstream out;
  out << summary(Sequential(Linear(784, 100), ReLU(), Linear(100, 10, {.bias = false})),
                 Shape(64, 784));
  CHECK(out.str() ==
        "layer    type        output     parameters  multiply-adds     memory  activations\n"
        "(model)  Sequential  (64, 10)            0              0        0 B          0 B\n"
        "0        Linear      (64, 100)      78,500      5,017,600  306.6 KiB     25.0 KiB\n"
        "1        ReLU        (64, 100)           0              0        0 B     25.0 KiB\n"
        "2        Linear      (64, 10)        1,000         64,000    3.9 KiB      2.5 KiB\n"
        "total                               79,500      5,081,600  310.5 KiB     52.5 KiB\n");
}
