// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/translate_elementwise.hpp>

#include <onnx/graphs.hpp>

namespace {

using namespace tinydl;
using exported::graph_of_function, exported::operators;

TEST_CASE("translate_elementwise: functions become the operators of the same meaning") {
  const auto of = [](auto f) { return operators(graph_of_function(f, randn({3, 4}))); };
  CHECK(of([](const auto& x) { return x + x; }) == "Add");
  CHECK(of([](const auto& x) { return 2 - x; }) == "Sub");
  CHECK(of([](const auto& x) { return square(x); }) == "Mul");
  CHECK(of([](const auto& x) { return silu(x); }) == "Sigmoid Mul");
  CHECK(of([](const auto& x) { return gelu(x); }) == "Mul Erf Add Mul Mul");
  CHECK(of([](const auto& x) { return clamp(x, -1, 1); }) == "Clip");
}

TEST_CASE("translate_elementwise: settings go along") {
  const auto leaky =
      graph_of_function([](const auto& x) { return leaky_relu(x, 0.25); }, randn({3, 4}));
  CHECK(exported::set_to<float>(leaky.nodes[0], "alpha") == 0.25f);
  const auto soft = graph_of_function([](const auto& x) { return softmax(x, 0); }, randn({3, 4}));
  CHECK(exported::set_to<std::int64_t>(soft.nodes[0], "axis") == 0);
}

TEST_CASE("translate_elementwise: a condition must be a constant") {
  const auto mask = from_values({1.0f, -1.0f, 1.0f, -1.0f}) > 0;
  const auto by_constant = [&](const auto& x) { return where(mask, x, 2 * x); };
  CHECK(operators(graph_of_function(by_constant, randn({3, 4}))).ends_with("Where"));
  const auto by_input = [](const auto& x) { return where(x > 0, x, 2 * x); };
  CHECK_THROWS_AS(graph_of_function(by_input, randn({3, 4})), ValueError);
}

}  // namespace
