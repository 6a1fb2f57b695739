// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/translator.hpp>

#include <onnx/graphs.hpp>

#include <tinydl/layers/activation.hpp>
#include <tinydl/layers/linear.hpp>
#include <tinydl/layers/sequential.hpp>

namespace {

using namespace tinydl;
using exported::graph_of_function, exported::operators;

struct TranslatorCube : Function {
  static constexpr auto name = "cube";
  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return x * x * x;
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return gy * (3 * x * x);
  }
};

template <class F>
std::string translator_refusal(F f) {
  try {
    graph_of_function(f, randn({3, 4}));
  } catch (const ValueError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("Translator: constants are called as the model's parameters, the rest by its layer") {
  const Sequential model(Linear(4, 3), ReLU(), Linear(3, 2));
  const onnx::Graph graph = onnx::graph_of(model, randn({3, 4}));
  CHECK(operators(graph) == "Gemm Relu Gemm");
  CHECK(graph.nodes[0].name == "/0/Gemm");
  CHECK(graph.nodes[0].inputs == std::vector<std::string>{"input", "0.weight", "0.bias"});
  CHECK(graph.nodes[2].outputs == std::vector<std::string>{"output"});
  CHECK(exported::constant(graph, "2.weight").shape == std::vector<Index>{2, 3});
  CHECK(graph.initializers.size() == 4);
}

TEST_CASE("Translator: sizes that follow the batch are called so, others are fixed") {
  const onnx::Graph graph = graph_of_function([](const auto& x) { return relu(x); }, randn({3, 4}));
  REQUIRE(graph.inputs.size() == 1);
  REQUIRE(graph.outputs.size() == 1);
  for (const onnx::ValueInfo& info : {graph.inputs[0], graph.outputs[0]}) {
    CAPTURE(info.name);
    CHECK(info.shape[0].size == -1);
    CHECK(info.shape[0].name == "batch");
    CHECK(info.shape[1].size == 4);
    CHECK(info.type == onnx::ElementType::float32);
  }
}

TEST_CASE("Translator: what does not lead to the output is left out") {
  const auto f = [](const auto& x) {
    apply(TranslatorCube{}, x);
    return relu(x);
  };
  CHECK(operators(graph_of_function(f, randn({3, 4}))) == "Relu");
}

TEST_CASE("Translator: what the input has no part in is computed now") {
  const auto f = [](const auto& x) {
    const Variable a(from_values({1.0f, 2.0f, 3.0f, 4.0f}), {.name = "a"});
    return x + exp(a) * 2;
  };
  const onnx::Graph graph = graph_of_function(f, randn({3, 4}));
  CHECK(operators(graph) == "Add");
  CHECK(exported::elements<float>(exported::constant(graph, "a"))[1] ==
        doctest::Approx(2 * std::exp(2.0f)));
}

TEST_CASE("Translator: a function without an operator is refused by its name and layer") {
  const auto cube = [](const auto& x) { return apply(TranslatorCube{}, x); };
  const Sequential model(ReLU(), exported::FunctionLayer<decltype(cube)>{cube});
  CHECK_THROWS_WITH_AS(onnx::graph_of(model, randn({3, 4})),
                       "export_onnx: cube in layer '1': ONNX has nothing like it, or not yet",
                       ValueError);
}

TEST_CASE("Translator: an operand that is made of the input's data behind our back is refused") {
  const auto scaled = [](const auto& x) { return x * x.data()(0, 0); };
  CHECK(translator_refusal([](const auto& x) {
          return x + Variable<float, 2>(exp(x.data()));
        }).find("not through functions of Variables") != std::string::npos);
  // A number has no shape to tell; that its value differs does.
  CHECK(translator_refusal([&](const auto& x) {
          return x + Variable<float, 0>(x.data()(0, 0));
        }).find("not through functions of Variables") != std::string::npos);
  CHECK(translator_refusal(scaled) != "");
}

TEST_CASE("Translator: a model that does other things with other inputs is refused") {
  CHECK(translator_refusal([](const auto& x) { return x.shape()[0] == 3 ? relu(x) : exp(x); }) ==
        "export_onnx: the model does other things with other inputs");
  CHECK(translator_refusal([](const auto& x) { return Variable<float, 2>(zeros(x.shape())); }) ==
        "export_onnx: what the model returns does not depend on its input");
}

TEST_CASE("Translator: detach() is seen through") {
  const onnx::Graph graph =
      graph_of_function([](const auto& x) { return relu(x.detach()).detach(); }, randn({3, 4}));
  CHECK(operators(graph) == "Relu");
  CHECK(graph.nodes[0].inputs[0] == "input");
}

TEST_CASE("Translator: a constant for each example is repeated for any batch") {
  const auto f = [](const auto& x) {
    return concat({x, Variable<float, 2>(ones({x.shape()[0], 2}))}, 1);
  };
  const onnx::Graph graph = graph_of_function(f, randn({3, 4}));
  CHECK(operators(graph) == "Shape Concat Expand Concat");
}

TEST_CASE("Translator: an input that is returned as it is goes through an Identity") {
  CHECK(operators(graph_of_function([](const auto& x) { return x; }, randn({3, 4}))) == "Identity");
}

}  // namespace
