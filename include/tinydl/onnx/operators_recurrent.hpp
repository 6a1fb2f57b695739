// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

#include <tinydl/core/create.hpp>
#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/functions/gru.hpp>
#include <tinydl/functions/lstm.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/functions/recurrent.hpp>
#include <tinydl/functions/shape.hpp>
#include <tinydl/functions/slice.hpp>
#include <tinydl/onnx/operation.hpp>

// RNN, LSTM and GRU, forward. Sequences are (L, N, features), as in files; a leading axis of size 1
// is the direction. Inputs: the sequence, weight_ih, weight_hh, both biases one after the other,
// lengths, initial states, initial cells. Outputs: states of all steps, last ones, last cells.

namespace tinydl::onnx::detail {

struct RecurrentSettings {
  Index hidden;
  std::vector<std::string> activations;

  RecurrentSettings(const Settings& s, const std::vector<std::string>& usual)
      : hidden(s.integer("hidden_size", 0)), activations(s.get("activations", usual)) {
    s.only("direction", "forward");
    s.only("layout", Index{0});
    if (s.has("clip")) throw ValueError("attribute 'clip' is not known");
    for (std::string& name : activations)
      std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
  }

  void expect(const std::vector<std::string>& known) const {
    if (activations != known) throw ValueError("attribute 'activations' is not what is usual");
  }
};

/// What the three have in common, in this library's layout and order of gates.
struct Sequence {
  Tensor<float, 3> x;                     // (N, L, in)
  Tensor<float, 2> weight_ih, weight_hh;  // (gates H, in), (gates H, H)
  Tensor<float, 1> bias_ih, bias_hh;      // (gates H)
  Tensor<float, 2> state;                 // (N, H)

  /// @param order which of the file's gates becomes the first, the second ... here.
  Sequence(const Arguments& in, const RecurrentSettings& settings,
           std::initializer_list<Index> order)
      : x(permute(in.tensor<3>(0), {1, 0, 2})),
        weight_ih(ordered(one_direction(in.tensor<3>(1)), order)),
        weight_hh(ordered(one_direction(in.tensor<3>(2)), order)) {
    const Index rows = weight_hh.shape()[0], hidden = weight_hh.shape()[1];
    const auto biases = in.has(3) ? one_direction(in.tensor<2>(3)) : zeros(Shape<1>(2 * rows));
    if (rows != static_cast<Index>(order.size()) * hidden || settings.hidden != hidden ||
        weight_ih.shape() != Shape<2>(rows, x.shape()[2]) || biases.size() != 2 * rows)
      throw ShapeError(text("weights of shape ", weight_ih.shape(), " and ", weight_hh.shape(),
                            " and biases of ", biases.shape(), " for 'hidden_size' ",
                            settings.hidden, " and ", x.shape()[2], " features"));
    bias_ih = ordered(tinydl::slice(biases, 0, 0, rows), order);
    bias_hh = ordered(tinydl::slice(biases, 0, rows, 2 * rows), order);
    state = initial(in, 5);
    if (in.has(4)) {
      const auto lengths = in.elements<std::int64_t>(4).span();
      if (std::ranges::count(lengths, x.shape()[1]) != static_cast<Index>(lengths.size()))
        throw ValueError("sequences of several lengths in one batch");
    }
  }

  /// (N, H), zeros if it is left out. In: (1, N, H)
  Tensor<float, 2> initial(const Arguments& in, std::size_t i) const {
    if (!in.has(i)) return zeros(Shape<2>(x.shape()[0], weight_hh.shape()[1]));
    return one_direction(in.tensor<3>(i));
  }

  /// What the input brings to all steps: (N, L, gates H)
  Tensor<float, 3> projected(const Tensor<float, 1>& bias) const {
    return linear(x, weight_ih, bias);
  }

 private:
  template <int Rank>
  static Tensor<float, Rank - 1> one_direction(const Tensor<float, Rank>& x) {
    return tinydl::squeeze(x, 0);
  }

  template <int Rank>
  static Tensor<float, Rank> ordered(const Tensor<float, Rank>& x,
                                     std::initializer_list<Index> order) {
    const Index part = x.shape()[0] / static_cast<Index>(order.size());
    std::vector<Tensor<float, Rank>> parts;
    for (const Index gate : order)
      parts.push_back(tinydl::slice(x, 0, gate * part, (gate + 1) * part));
    return tinydl::concat(parts, 0);
  }
};

/// (N, L, H) as (L, 1, N, H), and its last step as (1, N, H).
inline Results sequence_results(const Tensor<float, 3>& y) {
  const Tensor<float, 3> steps = permute(y, {1, 0, 2}),
                         last = tinydl::slice(steps, 0, -1, steps.shape()[0]);
  return {value_of(tinydl::unsqueeze(steps, 1)), value_of(last)};
}

inline Operation rnn(const Settings& settings) {
  const RecurrentSettings s(settings, {"tanh"});
  const bool relu = s.activations == std::vector<std::string>{"relu"};
  if (!relu) s.expect({"tanh"});
  return [s, relu](const Arguments& x) {
    const Sequence in(x, s, {0});
    return sequence_results(
        rnn_sequence(in.projected(in.bias_ih + in.bias_hh), in.weight_hh, in.state, relu));
  };
}

inline Operation lstm(const Settings& settings) {
  const RecurrentSettings s(settings, {"sigmoid", "tanh", "tanh"});
  s.expect({"sigmoid", "tanh", "tanh"});
  settings.only("input_forget", Index{0});
  return [s](const Arguments& x) {
    if (x.has(7)) throw ValueError("peepholes are not known");
    const Sequence in(x, s, {0, 2, 3, 1});  // a file has i, o, f, g
    const auto [y, cells] = lstm_sequence(in.projected(in.bias_ih + in.bias_hh), in.weight_hh,
                                          in.state, in.initial(x, 6));
    Results results = sequence_results(y);
    results.push_back(value_of(tinydl::unsqueeze(cells, 0)));
    return results;
  };
}

inline Operation gru(const Settings& settings) {
  const RecurrentSettings s(settings, {"sigmoid", "tanh"});
  s.expect({"sigmoid", "tanh"});
  if (settings.integer("linear_before_reset", 0) == 0)
    throw ValueError("the reset gate before the product ('linear_before_reset' is 0)");
  return [s](const Arguments& x) {
    const Sequence in(x, s, {1, 0, 2});  // a file has z, r, n
    return sequence_results(
        gru_sequence(in.projected(in.bias_ih), in.weight_hh, in.bias_hh, in.state));
  };
}

inline constexpr Operator recurrent_operators[] = {{"RNN", rnn}, {"LSTM", lstm}, {"GRU", gru}};

}  // namespace tinydl::onnx::detail
