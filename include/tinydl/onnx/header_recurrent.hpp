// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tinydl/onnx/header_shapes.hpp>

// RNN, LSTM and GRU, forward, for a generated header (see export_header.hpp). One product brings
// the input into all steps.

namespace tinydl::onnx::detail {

inline constexpr char header_rnn[] = R"(
/// x: (steps, batch, hidden), what the input brings to each step; h: (batch, hidden), before the
/// first; y: (steps, batch, hidden)
inline void rnn(Index steps, Index batch, Index hidden, bool relu, const float* x,
                const float* weight, const float* h, float* y) noexcept {
  for (Index row = 0; row < steps * batch; ++row) {
    for (Index k = 0; k < hidden; ++k) {
      const float sum = x[row * hidden + k] + dot(hidden, h, weight + k * hidden);
      y[row * hidden + k] = relu ? (sum < 0 ? 0 : sum) : tanh(sum);
    }
    h = row + 1 < batch ? h + hidden : y + (row + 1 - batch) * hidden;
  }
}
)";

inline constexpr char header_lstm[] = R"(
/// x: (steps, batch, 4 hidden), what the input brings to the gates i, o, f and g, to which is added;
/// h, c: (batch, hidden), before the first step, and c after the last; y: (steps, batch, hidden)
inline void lstm(Index steps, Index batch, Index hidden, float* x, const float* weight,
                 const float* h, float* c, float* y) noexcept {
  for (Index row = 0; row < steps * batch; ++row, x += 4 * hidden) {
    float* cell = c + row % batch * hidden;
    for (Index k = 0; k < 4 * hidden; ++k) x[k] += dot(hidden, h, weight + k * hidden);
    for (Index k = 0; k < hidden; ++k) {
      cell[k] = sigmoid(x[2 * hidden + k]) * cell[k] + sigmoid(x[k]) * tanh(x[3 * hidden + k]);
      y[row * hidden + k] = sigmoid(x[hidden + k]) * tanh(cell[k]);
    }
    h = row + 1 < batch ? h + hidden : y + (row + 1 - batch) * hidden;
  }
}
)";

inline constexpr char header_gru[] = R"(
/// x: (steps, batch, 3 hidden), what the input brings to z, r and n; bias: (3 hidden), of the
/// product with the state; h: (batch, hidden), before the first step; y: (steps, batch, hidden)
inline void gru(Index steps, Index batch, Index hidden, const float* x, const float* weight,
                const float* bias, const float* h, float* y) noexcept {
  const auto brought = [&](Index k) { return dot(hidden, h, weight + k * hidden) + bias[k]; };
  for (Index row = 0; row < steps * batch; ++row, x += 3 * hidden) {
    for (Index k = 0; k < hidden; ++k) {
      const float z = sigmoid(x[k] + brought(k)), r = sigmoid(x[hidden + k] + brought(hidden + k));
      const float n = tanh(x[2 * hidden + k] + r * brought(2 * hidden + k));
      y[row * hidden + k] = (1 - z) * n + z * h[k];
    }
    h = row + 1 < batch ? h + hidden : y + (row + 1 - batch) * hidden;
  }
}
)";

/// A state before the first step, (1, batch, hidden): input i, or zeros.
inline HeaderPlace initial_state(HeaderNode& node, std::size_t i, Index size) {
  if (node.x.has(i)) return node.in(i);
  const HeaderPlace zeros = node.scratch(size);
  node.call("fill", {std::to_string(size), "0", zeros});
  return zeros;
}

inline HeaderPlace out_or_scratch(HeaderNode& node, std::size_t i, Index size) {
  const auto& names = node.node().outputs;
  return i < names.size() && !names[i].empty() ? node.out(i) : node.scratch(size);
}

inline void write_recurrent(HeaderNode& node) {
  const std::string& name = node.node().op_type;
  const Sizes &sequence = node.x.shape(0), &weight_shape = node.x.shape(1);  // (1, gates, in)
  const Index steps = sequence[0], batch = sequence[1], inputs = sequence[2];
  const Index rows = weight_shape[1], hidden = node.x.shape(2)[2];
  const auto activations = node.settings.get("activations", std::vector<std::string>());
  const bool relu = name == "RNN" && activations == std::vector<std::string>{"Relu"};
  std::vector<std::string> usual{"Sigmoid", "Tanh", "Tanh"};
  if (name == "GRU") usual.pop_back();
  if (name == "RNN") usual = {"Tanh"};
  node.settings.only("direction", "forward");
  node.settings.only("layout", Index{0});
  node.settings.only("input_forget", Index{0});
  if (name == "GRU" && node.settings.integer("linear_before_reset", 0) == 0)
    node.refuse("the reset gate before the product");
  if (!activations.empty() && !relu && activations != usual) node.refuse("other activations");
  if (node.settings.has("clip") || node.x.has(7)) node.refuse("clip, or peepholes");

  std::vector<float> bias(static_cast<std::size_t>(2 * rows));
  if (node.x.has(3)) bias = node.constants(3);
  std::vector<float> state_bias(bias.begin() + rows, bias.end());
  bias.resize(static_cast<std::size_t>(rows));
  if (name != "GRU")
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] += state_bias[i];

  const std::string label = node.node().inputs[1] + "_bias";
  const HeaderPlace projected = node.scratch(steps * batch * rows);
  node.call("dense",
            {std::to_string(steps * batch), std::to_string(inputs), std::to_string(rows),
             node.in(0), node.in(1), node.add_constant(label, std::move(bias)), projected});
  const Index size = batch * hidden;
  const HeaderPlace h = initial_state(node, 5, size), y = out_or_scratch(node, 0, steps * size);
  std::vector<HeaderProgram::Argument> arguments{std::to_string(steps), std::to_string(batch),
                                                 std::to_string(hidden)};
  for (const char* function : {"dot", "sigmoid", "tanh"}) node.needs(function);
  if (name == "RNN") {
    node.define("rnn", header_rnn);
    arguments.insert(arguments.end(), {relu ? "true" : "false", projected, node.in(2), h, y});
    node.call("rnn", arguments);
  } else if (name == "GRU") {
    node.define("gru", header_gru);
    arguments.insert(arguments.end(), {projected, node.in(2),
                                       node.add_constant(label, std::move(state_bias)), h, y});
    node.call("gru", arguments);
  } else {
    node.define("lstm", header_lstm);
    const HeaderPlace c = out_or_scratch(node, 2, size);
    if (node.x.has(6))
      call_copy(node, {size}, node.in(6), {1}, c, {1});
    else
      node.call("fill", {std::to_string(size), "0", c});
    arguments.insert(arguments.end(), {projected, node.in(2), h, c, y});
    node.call("lstm", arguments);
  }
  if (node.node().outputs.size() > 1 && !node.node().outputs[1].empty()) {
    HeaderPlace last = y;
    last.offset += (steps - 1) * size;
    call_copy(node, {size}, last, {1}, node.out(1), {1});
  }
}

inline constexpr HeaderOperator header_recurrent[] = {
    {"GRU", write_recurrent}, {"LSTM", write_recurrent}, {"RNN", write_recurrent}};

}  // namespace tinydl::onnx::detail
