// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/export.hpp>

#include <onnx/files.hpp>
#include <onnx/models.hpp>

#include <doctest/doctest.h>

namespace {

using namespace tinydl;

TEST_CASE(
    "export_onnx: the sample must have examples, and the model is as it was, whatever is thrown") {
  const Sequential model(Linear(3, 2), Dropout(0.5));
  CHECK_THROWS_AS(onnx::graph_of(model, zeros({0, 3})), ShapeError);
  CHECK_THROWS_AS(onnx::graph_of(model, Tensor<float, 2>()), ShapeError);
  CHECK_THROWS_AS(onnx::graph_of(model, zeros({2, 4})), ShapeError);
  CHECK(model.training());
}

TEST_CASE("export_onnx: the larger batch has other values in all places, and as many more") {
  const auto larger = onnx::detail::larger_batch(from_values({{1.0f, 2.0f}, {3.0f, 4.0f}}));
  CHECK(larger.shape() == Shape<2>(3, 2));
  for (Index i = 0; i < 4; ++i) CHECK(larger.data()[i] != i + 1);
  const auto indices = onnx::detail::larger_batch(from_values<std::int64_t>({1, 3}, {7, 8, 9}));
  CHECK(indices(0, 0) == 9);
  CHECK(indices(1, 2) == 7);
}

TEST_CASE("export_onnx: a large model takes no constant twice") {
  MLP model(12, {16, 8}, 5);
  const onnx::Graph graph = onnx::graph_of(model, randn({3, 12}));
  Index count = 0;
  for (const auto& [name, value] : graph.initializers)
    if (const auto* floats = std::get_if<Tensor<float, 1>>(&value.elements))
      count += floats->size();
  CHECK(count == model.parameter_count());
}

}  // namespace
