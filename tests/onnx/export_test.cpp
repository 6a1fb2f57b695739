// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/export.hpp>

#include <onnx/cases.hpp>
#include <onnx/models.hpp>

#include <tinydl/onnx/model.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace {

using namespace tinydl;

/// Another batch, of n examples.
template <class T, int Rank>
Tensor<T, Rank> export_batch(const Tensor<T, Rank>& sample, Index n) {
  Shape<Rank> shape = sample.shape();
  shape[0] = n;
  if constexpr (std::is_same_v<T, float>) return randn(shape);
  Tensor<T, Rank> x(shape);
  for (Index i = 0; i < x.size(); ++i) x.mutable_data()[i] = sample.data()[i * 7 % sample.size()];
  return x;
}

TEST_CASE("export_onnx: the graph gives the model's outputs, for batches of other sizes") {
  exported::Cases cases;
  exported::each_model([&](const std::string& name, const auto& model, const auto& sample) {
    CAPTURE(name);
    model.train();
    const onnx::Graph graph = onnx::graph_of(model, sample);
    CHECK(model.training());
    model.eval();
    for (const Index n : {1, 7}) {
      const auto x = export_batch(sample, n);
      const auto y = model(x).data();
      cases.add(name, graph, x, y);
      const auto again = onnx::Model(graph).template run<y.rank>(x);
      REQUIRE(again.shape() == y.shape());
      const float largest = std::max(max(abs(y)).item(), 1e-3f);
      CHECK(max(abs(again - y)).item() <= 1e-5f * largest);
    }
  });
}

TEST_CASE(
    "export_onnx: the sample must have examples, and the model is as it was, whatever is thrown") {
  const Sequential model(Linear(3, 2), Dropout(0.5));
  CHECK_THROWS_AS(onnx::graph_of(model, zeros({0, 3})), ShapeError);
  CHECK_THROWS_AS(onnx::graph_of(model, Tensor<float, 2>()), ShapeError);
  CHECK_THROWS_AS(onnx::graph_of(model, zeros({2, 4})), ShapeError);
  CHECK(model.training());
}

struct TwoExamples : Layer<TwoExamples> {
  Linear<> l = register_layer("l", Linear<>(3, 2));
  Variable<float, 1> forward(const Variable<float, 2>& x) const {
    return reshape(l(x), Shape<1>(4));
  }
};

TEST_CASE("export_onnx: a model that takes no other batch than the sample is told of it") {
  CHECK_THROWS_WITH_AS(onnx::graph_of(TwoExamples(), randn({2, 3})),
                       "export_onnx: a batch with one example more than the sample's: TwoExamples: "
                       "reshape: (3, 2) has 6 elements, (4,) has 4",
                       ValueError);
}

TEST_CASE("export_onnx: the file is the graph's") {
  const auto path = std::filesystem::temp_directory_path() / "tinydl_export_test.onnx";
  const Sequential model(Linear(3, 2));
  const auto sample = randn({2, 3});
  export_onnx(model, path, sample);
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  CHECK(bytes == onnx::graph_bytes(onnx::graph_of(model, sample)));
  std::filesystem::remove(path);
}

TEST_CASE("export_onnx: the larger batch has other values in all places, and as many more") {
  const auto larger = onnx::detail::larger_batch(from_values({{1.0f, 2.0f}, {3.0f, 4.0f}}));
  CHECK(larger.shape() == Shape<2>(3, 2));
  for (Index i = 0; i < 4; ++i) CHECK(larger.data()[i] != i + 1);
  const auto indices = onnx::detail::larger_batch(from_values<std::int64_t>({1, 3}, {7, 8, 9}));
  CHECK(indices(0, 0) == 9);
  CHECK(indices(1, 2) == 7);
}

TEST_CASE("export_onnx: no parameter is written twice") {
  MLP model(12, {16, 8}, 5);
  const onnx::Graph graph = onnx::graph_of(model, randn({3, 12}));
  Index count = 0;
  for (const auto& [name, value] : graph.initializers)
    if (const auto* floats = std::get_if<Tensor<float, 1>>(&value.elements))
      count += floats->size();
  CHECK(count == model.parameter_count());
}

}  // namespace
