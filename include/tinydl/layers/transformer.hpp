// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/activation.hpp>
#include <tinydl/layers/attention.hpp>
#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/norm.hpp>

namespace tinydl {

struct TransformerEncoderLayerOptions {
  enum class Activation { relu, gelu };

  Index feedforward = 2048;  ///< features between the two linear layers
  double dropout = 0.1;      ///< in training: of attention weights, and after each linear layer
  Activation activation = Activation::relu;
  bool norm_first = false;  ///< normalise what enters a branch instead of the sums
};

/// One block of a Transformer's encoder (Vaswani et al., 2017): self-attention, then two linear
/// layers for each position, both added to what came in.
/// x: (N, L, embed), result: the same. With causal attention it is a block of a language model.
///
///     const TransformerEncoderLayer block(64, 4, {.feedforward = 256, .norm_first = true});
///     auto y = block(x, AttentionMasks{.causal = true});
template <class T = float>
class TransformerEncoderLayer : public Layer<TransformerEncoderLayer<T>, T> {
 public:
  using Options = TransformerEncoderLayerOptions;

  /// @throws ValueError unless all sizes are positive, heads divides embed, and dropout is in
  /// [0, 1).
  TransformerEncoderLayer(Index embed, Index heads, Options options = {})
      : embed_(embed),
        heads_(heads),
        options_(checked(options)),
        self_attn_(this->register_layer(
            "self_attn", MultiHeadAttention<T>(embed, heads, {.dropout = options.dropout}))),
        linear1_(this->register_layer("linear1", Linear<T>(embed, options.feedforward))),
        linear2_(this->register_layer("linear2", Linear<T>(options.feedforward, embed))),
        norm1_(this->register_layer("norm1", LayerNorm<T>(embed))),
        norm2_(this->register_layer("norm2", LayerNorm<T>(embed))),
        dropout_(this->register_layer("dropout", Dropout(options.dropout))) {}

  /// @throws ShapeError for an empty sequence, or what does not fit.
  Variable<T, 3> forward(const Variable<T, 3>& x, const AttentionMasks& masks = {}) const {
    if (x.shape()[2] != embed_)
      throw ShapeError(text("TransformerEncoderLayer: an input of shape ", x.shape(),
                            "; it must be (N, L, ", embed_, ")"));
    if (options_.norm_first) {
      const auto y = x + attend(norm1_(x), masks);
      return y + feed_forward(norm2_(y));
    }
    const auto y = norm1_(x + attend(x, masks));
    return norm2_(y + feed_forward(y));
  }

  TransformerEncoderLayer clone() const {
    return this->clone_by([&] { return TransformerEncoderLayer(embed_, heads_, options_); });
  }

 private:
  static Options checked(const Options& options) {
    if (options.feedforward < 1)
      throw ValueError(text("TransformerEncoderLayer: feedforward = ", options.feedforward));
    if (!(options.dropout >= 0 && options.dropout < 1))
      throw ValueError(
          text("TransformerEncoderLayer: dropout = ", options.dropout, " is not in [0, 1)"));
    return options;
  }

  Variable<T, 3> attend(const Variable<T, 3>& x, const AttentionMasks& masks) const {
    return dropout_(self_attn_(x, masks));
  }
  Variable<T, 3> feed_forward(const Variable<T, 3>& x) const {
    const auto hidden = linear1_(x);
    const bool is_relu = options_.activation == Options::Activation::relu;
    return dropout_(linear2_(dropout_(is_relu ? relu(hidden) : gelu(hidden))));
  }

  Index embed_, heads_;
  Options options_;
  MultiHeadAttention<T> self_attn_;
  Linear<T> linear1_, linear2_;
  LayerNorm<T> norm1_, norm2_;
  Dropout dropout_;
};

}  // namespace tinydl
