// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include <tinydl/tinydl.hpp>

// Models that are exported and compared: those that people build, and some that use every function
// that has an operator.

namespace tinydl::exported {

struct LastStep : Layer<LastStep, void> {
  Variable<float, 2> forward(const Variable<float, 3>& x) const { return select(x, 1, -1); }
};

/// A language model of one block, for indices.
struct LanguageModel : Layer<LanguageModel> {
  Embedding<> embed = register_layer("embed", Embedding(11, 8));
  TransformerEncoderLayer<> block = register_layer(
      "block",
      TransformerEncoderLayer(8, 2,
                              {.feedforward = 16,
                               .activation = TransformerEncoderLayerOptions::Activation::gelu,
                               .norm_first = true}));
  Linear<> head = register_layer("head", Linear(8, 11));

  Variable<float, 3> forward(const Variable<std::int64_t, 2>& tokens) const {
    const auto x = embed(tokens) + positional_encoding(tokens.shape()[1], 8);
    return head(block(x, AttentionMasks{.causal = true}));
  }
};

/// Both results of an LSTM that begins with the states that another one ends with.
struct TwoLstms : Layer<TwoLstms> {
  LSTM<> first = register_layer("first", LSTM(5, 6, {.bias = false}));
  LSTM<> second = register_layer("second", LSTM(5, 6, {.layers = 2}));

  Variable<float, 2> forward(const Variable<float, 3>& x) const {
    const auto a = first.run(x);
    const auto b = second.run(x, concat({a.h, a.h}, 0), concat({a.c, a.c}, 0));
    return concat({select(b.output, 1, 2), select(b.c, 0, 1)}, 1);
  }
};

/// The functions of single elements.
struct Elementwise : Layer<Elementwise, void> {
  Variable<float, 2> forward(const Variable<float, 2>& x) const {
    const auto positive = square(x) + 0.5;
    const auto mask = from_values({1.0f, -1.0f, 2.0f}) > 0;
    const std::vector<Variable<float, 2>> all = {exp(x),
                                                 log(positive),
                                                 sqrt(positive),
                                                 pow(positive, 1.5),
                                                 sin(x),
                                                 cos(x),
                                                 abs(x),
                                                 -x,
                                                 2 - x,
                                                 3 / positive,
                                                 x / 3,
                                                 x * positive,
                                                 x - positive,
                                                 x / positive,
                                                 maximum(x, sin(x)),
                                                 minimum(x, sin(x)),
                                                 clamp(x, -0.5f, 0.7f),
                                                 where(mask, x, sin(x)),
                                                 relu(x),
                                                 leaky_relu(x, 0.2),
                                                 elu(x, 0.7),
                                                 gelu(x),
                                                 gelu(x, {.approximate = true}),
                                                 silu(x),
                                                 sigmoid(x),
                                                 tanh(x),
                                                 softplus(x),
                                                 softmax(x),
                                                 log_softmax(x, 0) + 1.0f,
                                                 x * from_values({1.0f, 2.0f, 3.0f})};
    return concat(all, 1);
  }
};

/// Functions that move elements or fold them.
struct Shapes : Layer<Shapes, void> {
  Variable<float, 2> forward(const Variable<float, 3>& x) const {  // (N, 4, 6)
    const Index n = x.shape()[0];
    const auto index = full(Shape<2>(n, 2), std::int64_t{4});
    const auto first = select(x, 1, 0), second = select(x, 1, -1);  // (N, 6)
    const auto vectors = concat(
        {unsqueeze(sum(x), 0), sum(x, {0, 1}), mean(x, {0, 1}), flatten(max(x, {0, 1}, keepdims))},
        0);  // (19)
    return concat({sum(x, 1),
                   squeeze(mean(x, {1, 2}, keepdims), 2),
                   max(x, 2),
                   min(x, 1),
                   gather(first, 1, index),
                   cumsum(first, 1),
                   logsumexp(x, 2),
                   var(x, 1),
                   flatten<1>(permute(x, {0, 2, 1})),
                   flatten<1>(slice(x, 2, 1, -2)),
                   slice(first, 0, 0, n),
                   pad(first, {1, 2}, {.value = 0.5}),
                   flatten<1>(broadcast_to(unsqueeze(first, 1), Shape<3>(n, 2, 6))),
                   flatten<1>(stack({first, second}, 1)),
                   first - mean(first, 0),
                   matmul(first, matmul(transpose(first), second)),
                   first.detach(),
                   flatten<1>(matmul(x, transpose(x))),
                   first + ones({n, 6}),
                   broadcast_to(vectors, Shape<2>(n, 19))},
                  1);
  }
};

/// f("name", model, sample)
template <class F>
void each_model(F f) {
  manual_seed(3);
  f("mlp", MLP(12, {16, 8}, 5), randn({3, 12}));
  f("cnn",
    Sequential(Conv2D(1, 32, 3), ReLU(), Conv2D(32, 64, 3), ReLU(), MaxPool2D(2), Dropout(0.25),
               Flatten(), Linear(64 * 16, 128), ReLU(), Dropout(0.5), Linear(128, 10)),
    randn({3, 1, 12, 12}));
  f("lstm", Sequential(LSTM(5, 6, {.layers = 2}), LastStep(), Linear(6, 3)), randn({3, 4, 5}));
  f("gru", Sequential(GRU(5, 6), GRU(6, 4, {.bias = false}), Linear(4, 3)), randn({3, 4, 5}));
  f("rnn", Sequential(RNN(5, 6, {.layers = 2}), RNN(6, 4, {.bias = false, .relu = true})),
    randn({3, 4, 5}));
  f("transformer", TransformerEncoderLayer(8, 2, {.feedforward = 16}), randn({3, 4, 8}));

  Sequential normal(Conv2D(2, 4, 3, {.padding = 1}), BatchNorm2D(4), ReLU(), Flatten(),
                    Linear(144, 6), BatchNorm1D(6));
  for (int i = 0; i < 3; ++i) normal(2 * randn({5, 2, 6, 6}) + 1.0f);
  f("batch_norm", std::move(normal), randn({3, 2, 6, 6}));
  f("norms", Sequential(GroupNorm(2, 4), Flatten(), LayerNorm(36), Linear(36, 8), RMSNorm(8)),
    randn({3, 4, 3, 3}));
  f("images",
    Sequential(
        ZeroPad2D({1, 0, 2, 1}),
        Conv2D(4, 6, {3, 2}, {.stride = {2, 1}, .padding = {1, 0}, .groups = 2}), ELU(),
        Conv2D(6, 4, 4, {.padding = Padding::same, .dilation = 2, .bias = false}), Upsample({2, 3}),
        ConvTranspose2D(4, 6, 3, {.stride = 2, .padding = 1, .output_padding = 1, .groups = 2}),
        Upsample(2, {.mode = UpsampleMode::bilinear}),
        MaxPool2D({3, 2}, {.stride = 2, .padding = 1}), AvgPool2D(3, {.stride = 2, .padding = 1}),
        AvgPool2D(3, {.stride = 2, .padding = 1, .count_include_pad = false}),
        MaxPool2D(2, {.stride = 1, .dilation = 2}), AdaptiveMaxPool2D({2, 4}), GlobalAvgPool2D()),
    randn({3, 4, 9, 11}));
  f("language_model", LanguageModel(),
    from_values<std::int64_t>({2, 5}, {1, 4, 9, 2, 10, 0, 7, 7, 3, 5}));
  f("two_lstms", TwoLstms(), randn({3, 4, 5}));
  f("elementwise", Elementwise(), randn({4, 3}));
  f("shapes", Shapes(), randn({3, 4, 6}));
}

}  // namespace tinydl::exported
