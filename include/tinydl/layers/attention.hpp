// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/attention.hpp>
#include <tinydl/functions/slice.hpp>
#include <tinydl/layers/linear.hpp>

namespace tinydl {

struct MultiHeadAttentionOptions {
  bool bias = true;
  double dropout = 0;  ///< of attention weights, in training
};

/// Attention in several heads, each with its own share of the features, between linear layers
/// (Vaswani et al., 2017).
/// q: (N, Lq, embed), k and v: (N, Lk, embed), result: (N, Lq, embed)
///
///     const MultiHeadAttention attention(64, 8);
///     auto y = attention.forward(x, {.causal = true});
template <class T = float>
class MultiHeadAttention : public Layer<MultiHeadAttention<T>, T> {
 public:
  /// @throws ValueError unless both numbers are positive, heads divides embed, and dropout is in
  /// [0, 1).
  MultiHeadAttention(Index embed, Index heads, MultiHeadAttentionOptions options = {})
      : embed_(embed),
        heads_(heads),
        options_(checked(embed, heads, options)),
        in_proj_weight(this->register_parameter(
            "in_proj_weight", init::xavier_uniform().draw<T>(Shape<2>(3 * embed, embed)))),
        out_proj_(this->register_layer(
            "out_proj",
            Linear<T>(embed, embed, {.bias = options.bias, .bias_init = init::zeros()}))) {
    if (options.bias)
      in_proj_bias = this->register_parameter("in_proj_bias", zeros<T>(Shape<1>(3 * embed)));
  }

  /// Self-attention: queries, keys and values are all made of x, (N, L, embed).
  /// @throws ShapeError for an empty sequence, or what does not fit.
  Variable<T, 3> forward(const Variable<T, 3>& x, const AttentionMasks& masks = {}) const {
    return forward(x, x, x, masks);
  }

  Variable<T, 3> forward(const Variable<T, 3>& q, const Variable<T, 3>& k, const Variable<T, 3>& v,
                         const AttentionMasks& masks = {}) const {
    check(q.shape(), k.shape(), v.shape());
    const auto y = detail::attention("MultiHeadAttention", project(q, 0), project(k, 1),
                                     project(v, 2), masks, this->training() ? options_.dropout : 0);
    return out_proj_(reshape(permute(y, {0, 2, 1, 3}), q.shape()));
  }

  MultiHeadAttention clone() const {
    return this->clone_by([&] { return MultiHeadAttention(embed_, heads_, options_); });
  }

 private:
  static MultiHeadAttentionOptions checked(Index embed, Index heads,
                                           const MultiHeadAttentionOptions& options) {
    if (embed < 1 || heads < 1 || embed % heads != 0)
      throw ValueError(
          text("MultiHeadAttention: ", heads, " heads do not divide ", embed, " features"));
    if (!(options.dropout >= 0 && options.dropout < 1))
      throw ValueError(
          text("MultiHeadAttention: dropout = ", options.dropout, " is not in [0, 1)"));
    return options;
  }

  void check(const Shape<3>& q, const Shape<3>& k, const Shape<3>& v) const {
    if (q[2] != embed_ || k[2] != embed_ || v != k || q[0] != k[0])
      throw ShapeError(text("MultiHeadAttention: queries of shape ", q, ", keys of ", k,
                            " and values of ", v, "; they must be (N, Lq, ", embed_,
                            ") and twice (N, Lk, ", embed_, ")"));
    if (q[1] == 0 || k[1] == 0)
      throw ShapeError(
          text("MultiHeadAttention: an empty sequence: queries of shape ", q, ", keys of ", k));
  }

  /// x through one third of in_proj, cut into heads: (N, heads, L, embed / heads)
  Variable<T, 4> project(const Variable<T, 3>& x, Index third) const {
    const Index from = third * embed_, to = from + embed_;
    const auto weight = slice(in_proj_weight, 0, from, to);
    const auto y =
        options_.bias ? linear(x, weight, slice(in_proj_bias, 0, from, to)) : linear(x, weight);
    return permute(reshape(y, {x.shape()[0], x.shape()[1], heads_, embed_ / heads_}), {0, 2, 1, 3});
  }

  Index embed_, heads_;
  MultiHeadAttentionOptions options_;

 public:
  Parameter<T, 2> in_proj_weight;  ///< (3 embed, embed): of queries, keys and values
  Variable<T, 1> in_proj_bias;     ///< (3 embed), undefined without a bias

 private:
  Linear<T> out_proj_;
};

}  // namespace tinydl
