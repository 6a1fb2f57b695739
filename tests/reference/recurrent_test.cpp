// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include "reference.hpp"

// How the cases of recurrent networks and attention are run.

namespace reference {
namespace {

/// Gives a layer the parameters of a case; the other inputs are not parameters.
template <class T, class Layer>
void set_parameters(const Case& c, const Layer& layer) {
  for (const auto& [name, parameter] : layer.named_parameters()) {
    const auto values = c.get_flat<T>("in." + name);
    if (!std::ranges::equal(parameter.sizes(), c.shape("in." + name)))
      throw tinydl::ShapeError(name + " has another shape in the file");
    std::ranges::copy(values.span(), parameter.mutable_data_span().begin());
  }
}

template <class T, class Layer>
void check_parameters(Case& c, const Layer& layer) {
  for (const auto& [name, parameter] : layer.named_parameters())
    c.check_gradient("grad." + name, parameter);
}

/// The same for recurrent layers. generate.py computes them with functional_call, which does not
/// reach the weights of PyTorch's recurrent modules (they keep a list of their own), and it writes
/// zeros for gradients that it did not get. Where all are zero there is nothing to compare: these
/// gradients are compared with differences in tests/layers/recurrent_test.cpp.
template <class T, class Layer>
void check_recurrent_parameters(Case& c, const Layer& layer) {
  const auto parts = c.parts("grad.weight_");
  const bool missing = std::ranges::all_of(parts, [&](const std::string& part) {
    const auto gradient = c.get_flat<double>(part);
    return std::ranges::all_of(gradient.span(), [](double g) { return g == 0; });
  });
  if (!missing) return check_parameters<T>(c, layer);
  for (const std::string& part : c.parts("grad."))
    if (part.starts_with("grad.weight_") || part.starts_with("grad.bias_"))
      c.check_values(part, std::span<const T>(c.get_flat<T>(part).span()));
}

/// A recurrent layer as large as the case's parameters; initial states are in.h0 and in.c0.
template <template <class> class Kind, class T, class Options>
void run_recurrent(Case& c, Options options) {
  options.bias = c.has("in.bias_ih_l0");
  while (c.has(tinydl::text("in.weight_ih_l", options.layers))) ++options.layers;
  const Kind<T> layer(c.shape("in.weight_ih_l0")[1], c.shape("in.weight_hh_l0")[1], options);
  set_parameters<T>(c, layer);

  std::vector<AnyVariable<T>> inputs;
  const auto input = [&](const char* name) {
    const auto x = c.input<T, 3>(name);
    inputs.push_back(x);
    return x;
  };
  const auto check_last = [&](const char* part, const Variable<T, 3>& states) {
    for (const std::string& name : {std::string(part), tinydl::text(part, "_n")})
      if (c.has(name)) c.check(name, states.data());
  };
  const auto x = input("x");
  const auto h0 = c.has("in.h0") ? input("h0") : Variable<T, 3>();
  if constexpr (std::is_same_v<Kind<T>, tinydl::LSTM<T>>) {
    const auto result = layer.run(x, h0, c.has("in.c0") ? input("c0") : Variable<T, 3>());
    check_last("out.c", result.c);
    check_last("out.h", result.h);
    finish<T>(c, result.output, inputs);
  } else {
    const auto result = layer.run(x, h0);
    check_last("out.h", result.h);
    finish<T>(c, result.output, inputs);
  }
  check_recurrent_parameters<T>(c, layer);
}

/// Masks are those of the case's name and inputs, in PyTorch's sense.
tinydl::AttentionMasks masks_of(Case& c) {
  tinydl::AttentionMasks masks;
  masks.causal = c.name().find(".causal") != std::string::npos || c.attribute("causal", false);
  if (c.has("in.mask")) masks.mask = c.get_exactly<bool, 2>("in.mask");
  if (c.has("in.key_padding_mask"))
    masks.key_padding_mask = c.get_exactly<bool, 2>("in.key_padding_mask");
  return masks;
}

template <class T>
void run_attention(Case& c) {
  with_rank<2, 4>(c.rank("in.q"), [&]<int R>(Rank<R>) {
    const auto q = c.input<T, R>("q"), k = c.input<T, R>("k"), v = c.input<T, R>("v");
    const auto attend = [&](const auto&... x) {
      return tinydl::scaled_dot_product_attention(x..., masks_of(c));
    };
    if constexpr (R == 2) {  // a batch of one
      const auto y =
          attend(tinydl::unsqueeze(q, 0), tinydl::unsqueeze(k, 0), tinydl::unsqueeze(v, 0));
      finish<T>(c, tinydl::squeeze(y, 0), {q, k, v});
    } else {
      finish<T>(c, attend(q, k, v), {q, k, v});
    }
  });
}

template <class T>
void run_multihead_attention(Case& c) {
  const tinydl::MultiHeadAttention<T> layer(c.shape("in.in_proj_weight")[1],
                                            c.attribute<Index>("heads"),
                                            {.bias = c.has("in.in_proj_bias")});
  set_parameters<T>(c, layer);
  if (c.has("in.x")) {
    const auto x = c.input<T, 3>("x");
    finish<T>(c, layer.forward(x, masks_of(c)), {x});
  } else {
    const auto q = c.input<T, 3>("q"), k = c.input<T, 3>("k"), v = c.input<T, 3>("v");
    finish<T>(c, layer.forward(q, k, v, masks_of(c)), {q, k, v});
  }
  check_parameters<T>(c, layer);
}

/// Without dropout, which no file can have.
template <class T>
void run_transformer_encoder_layer(Case& c) {
  tinydl::TransformerEncoderLayerOptions options{.feedforward = c.shape("in.linear1.weight").at(0),
                                                 .dropout = c.attribute("dropout", 0.0),
                                                 .norm_first = c.attribute("norm_first", false)};
  const auto activation = c.attribute<std::string>("activation", "relu");
  if (activation == "gelu")
    options.activation = tinydl::TransformerEncoderLayerOptions::Activation::gelu;
  else if (activation != "relu")
    throw tinydl::ValueError("activation " + activation + " is unknown");
  const tinydl::TransformerEncoderLayer<T> layer(c.shape("in.x").at(2), c.attribute<Index>("heads"),
                                                 options);
  set_parameters<T>(c, layer);
  const auto x = c.input<T, 3>("x");
  finish<T>(c, layer.forward(x, masks_of(c)), {x});
  check_parameters<T>(c, layer);
}

}  // namespace

std::vector<Runner> recurrent_runners() {
  return {
      runner("rnn",
             [](Case& c, auto t) {
               const bool relu = c.attribute<std::string>("nonlinearity", "tanh") == "relu";
               run_recurrent<tinydl::RNN, decltype(t)>(c, tinydl::RNNOptions{.relu = relu});
             }),
      runner("lstm",
             [](Case& c, auto t) {
               run_recurrent<tinydl::LSTM, decltype(t)>(c, tinydl::RecurrentOptions{});
             }),
      runner("gru",
             [](Case& c, auto t) {
               run_recurrent<tinydl::GRU, decltype(t)>(c, tinydl::RecurrentOptions{});
             }),
      runner("attention", [](Case& c, auto t) { run_attention<decltype(t)>(c); }),
      runner("multihead_attention",
             [](Case& c, auto t) { run_multihead_attention<decltype(t)>(c); }),
      further_runner("transformer_encoder_layer",
                     [](Case& c, auto t) { run_transformer_encoder_layer<decltype(t)>(c); }),
  };
}

}  // namespace reference
