// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/gru.hpp>
#include <tinydl/functions/lstm.hpp>
#include <tinydl/onnx/translate_shape.hpp>

// Recurrent functions are given what the input brings to each step, x weight^T + bias; ONNX's take
// x itself. So we look through the product before, and ONNX's node does both. It has time first,
// and its gates in another order.

namespace tinydl::onnx {

namespace detail {

/// What a recurrent function is given, as a product of a sequence and constants.
struct Projection {
  std::string x;            // (N, L, in)
  Tensor<float, 2> weight;  // (gates H, in)
  Tensor<float, 1> bias;    // (gates H)
  std::string weight_name = "weight", bias_name = "bias";
};

inline Tensor<float, 2> matrix(std::span<const float> values, Index rows) {
  return from_values(Shape<2>(rows, static_cast<Index>(values.size()) / rows), values);
}

/// A step that is x weight^T, perhaps plus a bias, of constants.
inline bool is_product(const Translator& t, const Step& step) {
  if (step.is<LinearFunction>()) return t.is_constant(step, 1) && t.is_constant(step, 2);
  const auto* const op = step.operation<MatMul<2>>();
  return op && !op->transpose_a && op->transpose_b && t.is_constant(step, 1);
}

/// The product that input 0 is, of all rows of a sequence; else p itself, times 1.
inline Projection projection(Translator& t, const Step& step, Index rows) {
  const auto before = [&](const Step* at, bool (*fits)(const Translator&, const Step&)) {
    const Step* const maker = at ? t.maker(*at, 0) : nullptr;
    return maker && fits(t, *maker) ? maker : nullptr;
  };
  const auto reshapes = [](const Translator&, const Step& s) { return is_reshape(s); };
  const Step* const product = before(before(&step, reshapes), is_product);
  const Step* const flat = before(product, reshapes);
  const TracedSizes sizes = flat ? flat->input_sizes(0) : TracedSizes{};
  if (sizes.size() != 3 || sizes[1] != step.input_sizes(0)[1])
    return {t.value(step, 0), eye(rows), zeros(Shape<1>(rows))};
  Projection result{t.value(*flat, 0), matrix(t.elements(*product, 1), rows), zeros(Shape<1>(rows)),
                    t.name_of(*product, 1)};
  if (product->is<LinearFunction>()) {
    result.bias = from_values(Shape<1>(rows), t.elements(*product, 2));
    result.bias_name = t.name_of(*product, 2);
  }
  return result;
}

/// Blocks of rows in another order: block i of the result is block order[i].
template <int Rank>
Tensor<float, 1> reordered(const Tensor<float, Rank>& x, const std::vector<Index>& order) {
  const Index block = x.size() / static_cast<Index>(order.size());
  Tensor<float, 1> y(Shape<1>(x.size()));
  float* out = y.mutable_data();
  for (const Index i : order) out = std::copy_n(x.data() + i * block, block, out);
  return y;
}

/// A state (N, H) as ONNX has it, (1, N, H); none if it is zero.
inline std::string initial_state(Translator& t, const Step& step, std::size_t i) {
  if (t.is_constant(step, i)) {
    const auto values = t.elements(step, i);
    if (std::all_of(values.begin(), values.end(), [](float v) { return v == 0; })) return "";
  }
  return t.apply("Unsqueeze", {t.value(step, i), t.integers("axes", {0})});
}

struct Recurrent {
  const char* name;
  std::vector<Index> order;      // of the gates
  Tensor<float, 1> hidden_bias;  // undefined for zeros
  std::string h0, c0;
  std::vector<Attribute> attributes;
};

inline bool translate_sequence(Translator& t, const Step& step, const Recurrent& how) {
  const Index hidden = step.output_sizes()[2].small;
  const Index rows = hidden * static_cast<Index>(how.order.size());
  const Projection in = projection(t, step, rows);
  const auto weight = [&](const std::string& name, const Tensor<float, 2>& w) {
    return t.initializer(name, {{1, rows, w.shape()[1]}, reordered(w, how.order)});
  };
  const Tensor<float, 1> hidden_bias =
      how.hidden_bias.defined() ? how.hidden_bias : zeros(Shape<1>(rows));
  const std::string x = t.apply("Transpose", {in.x}, {setting("perm", {1, 0, 2})});
  const std::string w = weight(in.weight_name, in.weight);
  const std::string r = weight(t.name_of(step, 1), matrix(t.elements(step, 1), rows));
  const std::string b = t.initializer(
      in.bias_name,
      {{1, 2 * rows},
       tinydl::concat({reordered(in.bias, how.order), reordered(hidden_bias, how.order)}, 0)});
  std::vector<Attribute> attributes = how.attributes;
  attributes.push_back(setting("hidden_size", hidden));
  const std::vector<std::string> outputs =
      t.node(how.name, {x, w, r, b, "", how.h0, how.c0}, attributes, 3).outputs;
  const std::string y = t.apply("Squeeze", {outputs[0], t.integers("axes", {1})});
  t.result(step, t.apply("Transpose", {y}, {setting("perm", {1, 0, 2})}));
  if (step.large().outputs.size() > 1)
    t.result(step, t.apply("Squeeze", {outputs[2], t.integers("axes", {0})}), 1);
  return true;
}

}  // namespace detail

/// Recurrent layers over a whole sequence.
inline bool translate_recurrent(Translator& t, const Step& step) {
  using detail::initial_state;
  if (step.is<LstmSequence<float>>())  // i, f, g, o become i, o, f, c
    return detail::translate_sequence(
        t, step,
        {"LSTM", {0, 3, 1, 2}, {}, initial_state(t, step, 2), initial_state(t, step, 3), {}});
  if (step.is<GruSequence<float>>()) {  // r, z, n become z, r, h
    const auto bias = t.elements(step, 2);
    return detail::translate_sequence(t, step,
                                      {"GRU",
                                       {1, 0, 2},
                                       from_values(Shape<1>(static_cast<Index>(bias.size())), bias),
                                       initial_state(t, step, 3),
                                       "",
                                       {setting("linear_before_reset", 1)}});
  }
  if (const auto* op = step.operation<RnnSequence>())
    return detail::translate_sequence(
        t, step,
        {"RNN",
         {0},
         {},
         initial_state(t, step, 2),
         "",
         {{"activations", std::vector<std::string>{op->relu ? "Relu" : "Tanh"}}}});
  return false;
}

}  // namespace tinydl::onnx
