// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/graph.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>

namespace {

using namespace tinydl;

TEST_CASE("onnx graph: a copy shares the memory of its weights") {
  const Tensor<float, 1> weight = from_values({1.0f, 2.0f, 3.0f});
  const onnx::Graph graph{
      .name = "net",
      .nodes = {{.op_type = "Relu", .inputs = {"w"}, .outputs = {"y"}}},
      .initializers = {{"w", {{3}, weight}}},
      .outputs = {{"y", {{.size = 3}}}},
  };
  const onnx::Graph copy = graph;
  const onnx::Value& value = copy.initializers[0].value;
  CHECK(std::get<Tensor<float, 1>>(value.elements).shares_with(weight));
}

TEST_CASE("onnx graph: a size is known by a name alone until one is given") {
  CHECK(onnx::Dimension{.name = "batch"}.size == -1);
  CHECK(onnx::Dimension{.size = 5}.size == 5);
}

}  // namespace
