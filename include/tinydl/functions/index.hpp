// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <utility>

#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/kernels/index.hpp>

namespace tinydl {

namespace detail {

/// A Tensor of integers, or a constant Variable of them.
template <class X>
concept IndexOperand =
    Operand<X> && std::integral<typename X::Scalar> && !std::same_as<typename X::Scalar, bool>;

/// @throws ValueError naming the first index that is not in [0, size), and where it stands.
template <IndexOperand X>
Labels<X::rank> checked_index(const char* operation, const X& operand, Index size) {
  const auto& index = data_of(operand);
  for (Index i = 0; i < index.size(); ++i) {
    if (std::cmp_greater_equal(index.data()[i], 0) && std::cmp_less(index.data()[i], size))
      continue;
    Shape<X::rank> position;
    Index rest = i;
    for (int axis = X::rank; axis-- > 0; rest /= index.shape()[axis])
      position[axis] = rest % index.shape()[axis];
    throw ValueError(text(operation, ": index ", index.data()[i], " at position ", position,
                          " is not in [0, ", size, ")"));
  }
  if constexpr (std::is_same_v<typename X::Scalar, std::int64_t>)
    return index;
  else
    return index.template cast<std::int64_t>();
}

}  // namespace detail

// --- single elements ---

template <int Rank>
struct ScatterAdd;

template <int Rank>
struct Gather : Function {
  static constexpr auto name = "gather";
  static constexpr Needs needs{};
  int axis;
  Labels<Rank> index;
  Shape<Rank> shape;  // of the operand

  template <class T>
  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const {
    Tensor<T, Rank> y(index.shape());
    kernels::gather({index.shape(), shape, axis}, index.data(), x.data(), y.mutable_data());
    return y;
  }
  template <class G>
  G backward(const G& gy) const {
    return apply(ScatterAdd<Rank>{{}, axis, index, shape}, gy);
  }
};

/// gather's derivative: adds its operand's elements to zeros of this shape.
template <int Rank>
struct ScatterAdd : Function {
  static constexpr auto name = "scatter_add";
  static constexpr Needs needs{};
  int axis;
  Labels<Rank> index;
  Shape<Rank> shape;  // of the result

  template <class T>
  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const {
    Tensor<T, Rank> y = zeros<T>(shape);
    kernels::scatter_add({index.shape(), shape, axis}, index.data(), x.data(), y.mutable_data());
    return y;
  }
  template <class G>
  G backward(const G& gy) const {
    return apply(Gather<Rank>{{}, axis, index, shape}, gy);
  }
};

namespace detail {

template <class X, class I>
Labels<X::rank> index_along(const char* operation, const X& x, int axis, const I& index) {
  static_assert(X::rank == I::rank, "gather, scatter_add: x and index have the same rank");
  for (int i = 0; i < X::rank; ++i)
    if (i != axis && index.shape()[i] > x.shape()[i])
      throw ShapeError(text(operation, ": an index of shape ", index.shape(),
                            " is larger than the operand, ", x.shape(), ", beyond axis ", axis));
  return checked_index(operation, index, x.shape()[axis]);
}

}  // namespace detail

/// y[..., i, ...] = x[..., index[..., i, ...], ...]: the index, of any integer type, replaces the
/// position along an axis. It has the rank of x and beyond that axis is not larger; y has its
/// shape.
///
///     gather(logits, 1, unsqueeze(labels, 1));  // (N, C), (N, 1): each row's logit of its label
///
/// @throws ShapeError if the shapes do not fit, ValueError for an index out of range.
template <Operand X, detail::IndexOperand I>
auto gather(const X& x, Index axis, const I& index) {
  static_assert(X::rank > 0, "gather: a rank-0 operand has no axis");
  const int along = normalized_axis("gather", axis, X::rank);
  return apply(
      Gather<X::rank>{{}, along, detail::index_along("gather", x, along, index), x.shape()}, x);
}

/// x, to which source[..., i, ...] is added at [..., index[..., i, ...], ...]; index and source
/// have the same shape. @throws ShapeError and ValueError as gather does.
template <Operand X, detail::IndexOperand I, Operand S>
auto scatter_add(const X& x, Index axis, const I& index, const S& source) {
  static_assert(X::rank > 0, "scatter_add: a rank-0 operand has no axis");
  static_assert(S::rank == I::rank, "scatter_add: index and source have the same rank");
  const int along = normalized_axis("scatter_add", axis, X::rank);
  if (index.shape() != source.shape())
    throw ShapeError(text("scatter_add: an index of shape ", index.shape(), " and a source of ",
                          source.shape()));
  return x + apply(
                 ScatterAdd<X::rank>{
                     {}, along, detail::index_along("scatter_add", x, along, index), x.shape()},
                 source);
}

// --- whole rows ---

template <int Rank>
struct AddRows;

/// Rows of a matrix (V, D): (...) -> (..., D)
template <int Rank>
struct TakeRows : Function {
  static constexpr auto name = "embedding";
  static constexpr Needs needs{};
  Labels<Rank> index;
  Index rows;            // V
  Labels<Rank> trained;  // the index as the derivative sees it: -1 for rows without one

  template <class T>
  Tensor<T, Rank + 1> forward(const Tensor<T, 2>& weight) const {
    const Index n = weight.shape()[1];
    Shape<Rank + 1> shape;
    std::copy_n(index.shape().begin(), Rank, shape.begin());
    shape[Rank] = n;
    Tensor<T, Rank + 1> y(shape);
    kernels::take_rows(index.size(), n, index.data(), weight.data(), y.mutable_data());
    return y;
  }
  template <class G>
  auto backward(const G& gy) const {
    return apply(AddRows<Rank>{{}, trained, rows}, gy);
  }
};

/// embedding's derivative: (..., D) -> (V, D), rows that have the same index summed.
template <int Rank>
struct AddRows : Function {
  static constexpr auto name = "embedding_backward";
  static constexpr Needs needs{};
  Labels<Rank> index;
  Index rows;

  template <class T>
  Tensor<T, 2> forward(const Tensor<T, Rank + 1>& x) const {
    const Index n = x.shape()[Rank];
    Tensor<T, 2> y(Shape<2>(rows, n));
    kernels::add_rows(index.size(), rows, n, index.data(), x.data(), y.mutable_data());
    return y;
  }
  template <class G>
  auto backward(const G& gy) const {
    return apply(TakeRows<Rank>{{}, index, rows, index}, gy);
  }
};

struct EmbeddingOptions {
  std::optional<Index> padding_idx = {};  ///< a row that gets no gradient; negative: from the back
};

namespace detail {

/// padding_idx counted from the front. @throws ValueError if there is no such row.
inline std::optional<Index> checked_padding(const char* name, EmbeddingOptions options,
                                            Index rows) {
  if (!options.padding_idx) return {};
  const Index padding = *options.padding_idx;
  if (padding < -rows || padding >= rows)
    throw ValueError(text(name, ": padding_idx ", padding, " for ", rows, " rows"));
  return padding < 0 ? padding + rows : padding;
}

}  // namespace detail

/// The rows of a weight (V, D) that an index (...) of any integer type names: (..., D)
/// @throws ValueError for an index that is not in [0, V), or a padding_idx not in [-V, V).
template <detail::IndexOperand I, Operand W>
auto embedding(const I& index, const W& weight, EmbeddingOptions options = {}) {
  static_assert(W::rank == 2, "embedding: the weight is (V, D)");
  const Index rows = weight.shape()[0];
  const auto padding = detail::checked_padding("embedding", options, rows);
  const auto taken = detail::checked_index("embedding", index, rows);
  auto trained = taken;
  if (padding)
    for (std::int64_t& i : trained.mutable_span())
      if (i == *padding) i = -1;
  return apply(TakeRows<I::rank>{{}, taken, rows, trained}, weight);
}

// --- running sums ---

struct CumSum : Function {
  static constexpr auto name = "cumsum";
  static constexpr Needs needs{};
  int axis;
  bool reversed = false;

  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    Tensor<T, R> y(x.shape());
    Index outer = 1, inner = 1;
    for (int i = 0; i < axis; ++i) outer *= x.shape()[i];
    for (int i = axis + 1; i < R; ++i) inner *= x.shape()[i];
    kernels::cumsum(outer, x.shape()[axis], inner, reversed, x.data(), y.mutable_data());
    return y;
  }
  template <class G>
  G backward(const G& gy) const {
    return apply(CumSum{{}, axis, !reversed}, gy);
  }
};

/// y_i = x_0 + ... + x_i along an axis. @throws ShapeError if there is no such axis.
template <Operand X>
auto cumsum(const X& x, Index axis = -1) {
  static_assert(X::rank > 0, "cumsum: a rank-0 operand has no axis");
  return apply(CumSum{{}, normalized_axis("cumsum", axis, X::rank)}, x);
}

}  // namespace tinydl
