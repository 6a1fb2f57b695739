// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/operators_recurrent.hpp>

#include <cmath>
#include <functional>
#include <vector>

#include <doctest/doctest.h>

#include "onnx/nodes.hpp"

namespace {

using namespace tinydl;
using namespace tinydl_test;

float logistic(float x) { return 1 / (1 + std::exp(-x)); }

// One feature and one unit, two steps of one example, so that the formulas of the operators'
// documents are those of numbers. Weights and biases differ from gate to gate.

TEST_CASE("onnx recurrent: an RNN of one unit") {
  const Value x = floats({2, 1, 1}, {1, -2}), w = floats({1, 1, 1}, {0.5f}),
              r = floats({1, 1, 1}, {0.25f}), b = floats({1, 2}, {0.1f, 0.2f});
  const float h1 = std::tanh(0.5f + 0.3f), h2 = std::tanh(-1 + 0.25f * h1 + 0.3f);
  const auto results = node_results("RNN", {x, w, r, b}, {number("hidden_size", 1)}, 2);
  check_value(results.at(0), floats({2, 1, 1, 1}, {h1, h2}));
  check_value(results.at(1), floats({1, 1, 1}, {h2}));

  const Attribute relu{"activations", std::vector<std::string>{"Relu"}};
  check_value(node_result("RNN", {x, w, r, left_out, left_out, floats({1, 1, 1}, {8})},
                          {number("hidden_size", 1), relu}),
              floats({2, 1, 1, 1}, {2.5f, 0}));
}

TEST_CASE("onnx recurrent: an LSTM of one unit, its gates in the order i, o, f, g") {
  const float w[] = {0.5f, -0.4f, 0.3f, 0.9f}, r[] = {0.1f, 0.2f, -0.3f, 0.4f};
  const float b[] = {0.3f, 0.1f, 0.2f, -0.1f};
  const float sequence[] = {1, -2};
  float h = 0.5f, c = -0.25f;
  std::vector<float> states;
  for (const float x : sequence) {
    const auto gate = [&](int k) { return w[k] * x + r[k] * h + b[k]; };
    c = logistic(gate(2)) * c + logistic(gate(0)) * std::tanh(gate(3));
    h = logistic(gate(1)) * std::tanh(c);
    states.push_back(h);
  }
  const auto results =
      node_results("LSTM",
                   {floats({2, 1, 1}, {1, -2}), floats({1, 4, 1}, {w[0], w[1], w[2], w[3]}),
                    floats({1, 4, 1}, {r[0], r[1], r[2], r[3]}),
                    floats({1, 8}, {b[0] - 1, b[1], b[2], b[3], 1, 0, 0, 0}), integers({2}),
                    floats({1, 1, 1}, {0.5f}), floats({1, 1, 1}, {-0.25f})},
                   {number("hidden_size", 1)}, 3);
  check_value(results.at(0), floats({2, 1, 1, 1}, {states[0], states[1]}));
  check_value(results.at(1), floats({1, 1, 1}, {h}));
  check_value(results.at(2), floats({1, 1, 1}, {c}));
}

TEST_CASE("onnx recurrent: a GRU of one unit, its gates in the order z, r, n") {
  const float w[] = {0.5f, -0.4f, 0.3f}, r[] = {0.1f, 0.2f, -0.3f};
  const float wb[] = {0.3f, 0.1f, 0.2f}, rb[] = {0.1f, -0.2f, 0.7f};
  const float sequence[] = {1, -2};
  float h = 0;
  std::vector<float> states;
  for (const float x : sequence) {
    const auto gate = [&](int k) { return logistic(w[k] * x + wb[k] + r[k] * h + rb[k]); };
    const float z = gate(0), n = std::tanh(w[2] * x + wb[2] + gate(1) * (r[2] * h + rb[2]));
    h = (1 - z) * n + z * h;
    states.push_back(h);
  }
  const std::vector<Value> inputs = {floats({2, 1, 1}, {1, -2}),
                                     floats({1, 3, 1}, {w[0], w[1], w[2]}),
                                     floats({1, 3, 1}, {r[0], r[1], r[2]}),
                                     floats({1, 6}, {wb[0], wb[1], wb[2], rb[0], rb[1], rb[2]})};
  const auto results =
      node_results("GRU", inputs, {number("hidden_size", 1), number("linear_before_reset", 1)}, 2);
  check_value(results.at(0), floats({2, 1, 1, 1}, {states[0], states[1]}));
  check_value(results.at(1), floats({1, 1, 1}, {h}));
  CHECK_THROWS_AS(node_results("GRU", inputs, {number("hidden_size", 1)}), ValueError);
}

TEST_CASE("onnx recurrent: what is not known, or does not fit, is refused") {
  const Value x = counted({3, 2, 4}), w = counted({1, 20, 4}), r = counted({1, 20, 5});
  const Attribute hidden = number("hidden_size", 5);
  CHECK(node_result("LSTM", {x, w, r}, {hidden}).shape == Sizes{3, 1, 2, 5});
  CHECK_THROWS_AS(node_result("LSTM", {x, w, r}, {number("hidden_size", 4)}), ShapeError);
  CHECK_THROWS_AS(node_result("LSTM", {x, r, w}, {hidden}), ShapeError);
  CHECK_THROWS_AS(node_result("LSTM", {x, w, r, counted({1, 39})}, {hidden}), ShapeError);
  CHECK_THROWS_AS(node_result("LSTM", {counted({0, 2, 4}), w, r}, {hidden}), ShapeError);
  CHECK_THROWS_AS(node_result("LSTM", {x, w, r, left_out, left_out, counted({1, 3, 5})}, {hidden}),
                  ShapeError);
  CHECK_THROWS_AS(node_result("LSTM", {x, w, r, left_out, integers({3, 2})}, {hidden}), ValueError);
  CHECK_THROWS_WITH_AS(node_result("LSTM", {x, w, r}, {hidden, word("direction", "reverse")}),
                       "attribute 'direction' is reverse; only forward is known", ValueError);
  CHECK_THROWS_AS(node_result("LSTM", {x, w, r}, {hidden, {"clip", 1.0f}}), ValueError);
}

}  // namespace
