// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>

#include <tinydl/functions/dropout.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/functions/softmax.hpp>

namespace tinydl {

/// Which keys a query attends to: those that nothing here excludes. A query that is left without
/// any gets zeros, and no gradient flows there.
struct AttentionMasks {
  bool causal = false;            ///< query i attends to keys 0 to i alone
  Mask<2> mask = {};              ///< (Lq, Lk): true where the query may attend to the key
  Mask<2> key_padding_mask = {};  ///< (N, Lk): true where the key is padding
};

namespace detail {

/// Which keys each query may attend to: (N, Lq, Lk), an axis along which it does not matter is 1.
struct AllowedKeys {
  Mask<3> mask;        // undefined if all are allowed
  bool always = true;  // no query is left without a key
};

/// @throws ShapeError if a mask does not fit n examples of `queries` queries and `keys` keys.
inline AllowedKeys allowed_keys(const char* operation, Index n, Index queries, Index keys,
                                const AttentionMasks& masks) {
  const auto check = [&](const char* what, const Mask<2>& mask, const Shape<2>& expected) {
    if (mask.defined() && mask.shape() != expected)
      throw ShapeError(text(operation, ": a ", what, " of shape ", mask.shape(), "; for ", n,
                            " examples of ", queries, " queries and ", keys, " keys it must be ",
                            expected));
  };
  check("mask", masks.mask, Shape<2>(queries, keys));
  check("key_padding_mask", masks.key_padding_mask, Shape<2>(n, keys));

  AllowedKeys allowed;
  const bool given = masks.mask.defined(), padded = masks.key_padding_mask.defined();
  if (!given && !padded && !masks.causal) return allowed;
  const Index examples = padded ? n : 1, rows = given || masks.causal ? queries : 1;
  allowed.mask = Mask<3>(Shape<3>(examples, rows, keys));
  bool* out = allowed.mask.mutable_data();
  for (Index example = 0; example < examples; ++example)
    for (Index query = 0; query < rows; ++query) {
      bool any = false;
      for (Index key = 0; key < keys; ++key) {
        const bool may = !(masks.causal && key > query) &&
                         !(given && !masks.mask.data()[query * keys + key]) &&
                         !(padded && masks.key_padding_mask.data()[example * keys + key]);
        *out++ = may;
        any = any || may;
      }
      allowed.always = allowed.always && any;
    }
  return allowed;
}

/// The mask in the rank of the scores, with an axis of size 1 for the heads: yes where it is true.
template <class T, int Rank>
Tensor<T, Rank> mask_values(const Mask<3>& mask, T yes, T no) {
  const Shape<3>& sizes = mask.shape();
  Shape<Rank> shape;
  shape.fill(1);
  shape[0] = sizes[0];
  shape[Rank - 2] = sizes[1];
  shape[Rank - 1] = sizes[2];
  Tensor<T, Rank> values(shape);
  T* out = values.mutable_data();
  for (Index i = 0; i < mask.size(); ++i) out[i] = mask.data()[i] ? yes : no;
  return values;
}

/// For each query whether it may attend to any key.
inline Mask<3> any_key(const Mask<3>& allowed) {
  const Index keys = allowed.shape()[2];
  Mask<3> any(Shape<3>(allowed.shape()[0], allowed.shape()[1], 1));
  bool* out = any.mutable_data();
  for (Index i = 0; i < any.size(); ++i) {
    const bool* row = allowed.data() + i * keys;
    out[i] = std::find(row, row + keys, true) != row + keys;
  }
  return any;
}

template <int Rank>
void check_attention(const char* operation, const Shape<Rank>& q, const Shape<Rank>& k,
                     const Shape<Rank>& v) {
  bool fits = q[Rank - 1] == k[Rank - 1] && k[Rank - 2] == v[Rank - 2];
  for (int i = 0; i < Rank - 2; ++i) fits = fits && q[i] == k[i] && k[i] == v[i];
  if (!fits)
    throw ShapeError(text(operation, ": queries of shape ", q, ", keys of ", k, " and values of ",
                          v,
                          "; they must be (N, ..., Lq, E), (N, ..., Lk, E) and (N, ..., Lk, Ev)"));
  if (q[Rank - 2] == 0 || k[Rank - 2] == 0 || q[Rank - 1] == 0)
    throw ShapeError(text(operation, ": an empty sequence: queries of shape ", q, ", keys of ", k));
}

/// scaled_dot_product_attention, under another name in its messages.
template <Operand Q, Operand K, Operand V>
auto attention(const char* operation, const Q& q, const K& k, const V& v,
               const AttentionMasks& masks, double drop) {
  using T = typename Q::Scalar;
  constexpr int rank = Q::rank;
  check_attention(operation, q.shape(), k.shape(), v.shape());
  const AllowedKeys allowed =
      allowed_keys(operation, q.shape()[0], q.shape()[rank - 2], k.shape()[rank - 2], masks);

  const T scale = 1 / std::sqrt(static_cast<T>(q.shape()[rank - 1]));
  const auto scores = apply(MatMul<rank>{{}, false, true}, q * scale, k);
  const auto weights = [&] {
    if (!allowed.mask.defined()) return softmax(scores);
    // Very low, but finite: a row of nothing else must not become inf - inf.
    const T never = std::numeric_limits<T>::lowest() / 2;
    const auto w = softmax(scores + mask_values<T, rank>(allowed.mask, 0, never));
    return allowed.always ? w : w * mask_values<T, rank>(any_key(allowed.mask), 1, 0);
  }();
  return matmul(drop > 0 ? dropout(weights, drop) : weights, v);
}

}  // namespace detail

/// softmax(q k^T / sqrt(E)) v: for each query the mean of the values, weighted by how well their
/// keys fit it (Vaswani et al., 2017). Attention weights are dropped out with probability `drop`.
/// q: (N, Lq, E), k: (N, Lk, E), v: (N, Lk, Ev), result: (N, Lq, Ev); or all with heads,
/// (N, heads, L, E)
/// @throws ShapeError for an empty sequence, or if operands or masks do not fit.
/// @throws ValueError unless drop is in [0, 1).
template <Operand Q, Operand K, Operand V>
auto scaled_dot_product_attention(const Q& q, const K& k, const V& v,
                                  const AttentionMasks& masks = {}, double drop = 0) {
  static_assert(Q::rank == 3 || Q::rank == 4, "attention: q is (N, L, E) or (N, heads, L, E)");
  static_assert(K::rank == Q::rank && V::rank == Q::rank, "attention: q, k and v have one rank");
  detail::check_dropout(drop);
  return detail::attention("attention", q, k, v, masks, drop);
}

/// Sines and cosines by which a network can tell positions apart (Vaswani et al., 2017): at
/// position t, feature 2i is sin(t / 10000^(2i / features)), and feature 2i + 1 its cosine.
/// Result: (length, features), to be added to (N, length, features).
/// @throws ValueError unless both numbers are positive.
template <class T = float>
Tensor<T, 2> positional_encoding(Index length, Index features) {
  if (length < 1 || features < 1)
    throw ValueError(
        text("positional_encoding: ", length, " positions of ", features, " features"));
  Tensor<T, 2> encoding(Shape<2>(length, features));
  T* out = encoding.mutable_data();
  for (Index t = 0; t < length; ++t)
    for (Index j = 0; j < features; ++j) {
      const double exponent = static_cast<double>(j - j % 2) / static_cast<double>(features);
      const double angle = static_cast<double>(t) / std::pow(10000.0, exponent);
      *out++ = static_cast<T>(j % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
  return encoding;
}

}  // namespace tinydl
