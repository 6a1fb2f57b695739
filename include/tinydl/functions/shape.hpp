// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <utility>

#include <tinydl/functions/broadcast.hpp>

namespace tinydl {

template <int From, int To>
struct ReshapeFunction : Function {
  static constexpr auto name = "reshape";
  static constexpr Needs needs{};
  Shape<From> from;
  Shape<To> to;

  template <class T>
  Tensor<T, To> forward(const Tensor<T, From>& x) const {
    return x.with_shape(to);
  }
  template <class G>
  auto backward(const G& gy) const {
    return reshape(gy, from);
  }
};

namespace detail {

/// Puts what is left in the place of a -1. @throws ShapeError if the sizes do not fit.
[[gnu::noinline]] inline void infer_size(std::span<const Index> from, std::span<Index> sizes) {
  const auto count_of = [](std::span<const Index> shape) {
    Index n = 1;
    for (Index size : shape) n *= size;
    return n;
  };
  Index* open = nullptr;
  const auto asked = [&] {
    if (open) *open = -1;
    return shape_text(sizes);
  };
  for (Index& size : sizes) {
    if (size >= 0) continue;
    if (size != -1 || open)
      throw ShapeError(text("reshape: shape ", asked(), " has more than one size to infer, or a ",
                            "negative one"));
    open = &size;
    size = 1;
  }
  check_sizes(sizes, 1);
  const Index count = count_of(from), known = count_of(sizes);
  if (open) {
    if (known == 0 || count % known != 0)
      throw ShapeError(text("reshape: ", shape_text(from), " does not divide into ", asked()));
    *open = count / known;
  } else if (known != count) {
    wrong_count(from, count, sizes);
  }
}

}  // namespace detail

/// The same elements in another shape; one size may be -1 and is then what is left.
/// @throws ShapeError if the numbers of elements differ.
template <Operand X, int Rank>
auto reshape(const X& x, Shape<Rank> shape) {
  detail::infer_size(x.shape(), shape);
  return apply(ReshapeFunction<X::rank, Rank>{{}, x.shape(), shape}, x);
}
template <Operand X, int Rank>
auto reshape(const X& x, const Index (&shape)[Rank]) {
  return reshape(x, Shape<Rank>(shape));
}

/// The axes from `Start` on as one: flatten(x) is a vector, flatten<1>(x) a matrix of one row for
/// each example.
template <int Start = 0, Operand X>
auto flatten(const X& x) {
  static_assert(Start >= 0 && Start <= X::rank, "flatten: there is no such axis");
  Shape<Start + 1> shape;
  shape[Start] = 1;
  for (int i = 0; i < X::rank; ++i)
    if (i < Start)
      shape[i] = x.shape()[i];
    else
      shape[Start] *= x.shape()[i];
  return reshape(x, shape);
}

/// x without an axis of size 1. @throws ShapeError if its size is another.
template <Operand X>
auto squeeze(const X& x, Index axis) {
  static_assert(X::rank > 0, "squeeze: a rank-0 operand has no axis");
  const int gone = normalized_axis("squeeze", axis, X::rank);
  if (x.shape()[gone] != 1)
    throw ShapeError(text("squeeze: axis ", axis, " of shape ", x.shape(), " is not of size 1"));
  Shape<X::rank - 1> shape;
  for (int i = 0; i < X::rank - 1; ++i) shape[i] = x.shape()[i < gone ? i : i + 1];
  return reshape(x, shape);
}

/// x with a new axis of size 1, which will be number `axis` of the result.
template <Operand X>
auto unsqueeze(const X& x, Index axis) {
  const int fresh = normalized_axis("unsqueeze", axis, X::rank + 1);
  Shape<X::rank + 1> shape;
  shape[fresh] = 1;
  for (int i = 0; i < X::rank; ++i) shape[i < fresh ? i : i + 1] = x.shape()[i];
  return reshape(x, shape);
}

template <int Rank>
struct Permute : Function {
  static constexpr auto name = "permute";
  static constexpr Needs needs{};
  Shape<Rank> axes;  // of the operand, in the order of the result

  template <class T>
  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const {
    const auto steps = kernels::steps_of(x.shape());
    Shape<Rank> shape;
    kernels::Steps<Rank> from;
    for (int i = 0; i < Rank; ++i) {
      shape[i] = x.shape()[axes[i]];
      from[i] = steps[axes[i]];
    }
    Tensor<T, Rank> y(shape);
    kernels::copy_strided(shape, x.data(), from, y.mutable_data(), kernels::steps_of(shape));
    return y;
  }
  template <class G>
  G backward(const G& gy) const {
    Permute inverse;
    for (int i = 0; i < Rank; ++i) inverse.axes[axes[i]] = i;
    return apply(inverse, gy);
  }
};

/// Axis i of the result is axis axes[i] of x. @throws ShapeError if that is no permutation.
template <Operand X>
auto permute(const X& x, Shape<X::rank> axes) {
  const Shape<X::rank> asked = axes;
  std::array<bool, X::rank> seen{};
  for (Index& axis : axes) {
    axis = normalized_axis("permute", axis, X::rank);
    if (std::exchange(seen[axis], true))
      throw ShapeError(text("permute: axis ", axis, " comes twice in ", asked));
  }
  return apply(Permute<X::rank>{{}, axes}, x);
}

/// x with two axes exchanged, the last two if none are named: a matrix transposed.
template <Operand X>
auto transpose(const X& x, Index a = -2, Index b = -1) {
  static_assert(X::rank >= 2, "transpose needs an operand of at least two axes");
  Shape<X::rank> axes;
  for (int i = 0; i < X::rank; ++i) axes[i] = i;
  std::swap(axes[normalized_axis("transpose", a, X::rank)],
            axes[normalized_axis("transpose", b, X::rank)]);
  return apply(Permute<X::rank>{{}, axes}, x);
}

}  // namespace tinydl
