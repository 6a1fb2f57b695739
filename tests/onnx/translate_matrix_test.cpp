// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/translate_matrix.hpp>

#include <onnx/graphs.hpp>

namespace {

using namespace tinydl;
using exported::graph_of_function, exported::operators;

TEST_CASE("translate_matrix: a layer is one Gemm, with its weight as it is") {
  const Variable w(randn({2, 4}));
  const Variable b(randn({2}));
  const auto graph =
      graph_of_function([&](const auto& x) { return linear(x, w, b); }, randn({3, 4}));
  CHECK(operators(graph) == "Gemm");
  CHECK(exported::set_to<std::int64_t>(graph.nodes[0], "transB") == 1);
}

TEST_CASE("translate_matrix: a layer of a sequence is a product of its rows") {
  const Variable w(randn({2, 4}));
  const Variable b(randn({2}));
  const auto f = [&](const auto& x) { return linear(x, w, b); };
  CHECK(operators(graph_of_function(f, randn({3, 5, 4}))) == "Reshape Gemm Reshape");
}

TEST_CASE("translate_matrix: products of stacks transpose their operands themselves") {
  const auto f = [](const auto& x) { return apply(MatMul<3>{{}, false, true}, x, x); };
  const auto graph = graph_of_function(f, randn({3, 5, 4}));
  CHECK(operators(graph) == "Transpose MatMul");
  CHECK(exported::set_to<exported::Integers>(graph.nodes[0], "perm") ==
        exported::Integers{0, 2, 1});
}

}  // namespace
