// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <vector>

#include <tinydl/functions/shape.hpp>

namespace tinydl {

namespace detail {

/// How far in memory a position is from the first element.
template <int Rank>
Index offset_of(const Shape<Rank>& position, const kernels::Steps<Rank>& steps) {
  Index offset = 0;
  for (int axis = 0; axis < Rank; ++axis) offset += position[axis] * steps[axis];
  return offset;
}

}  // namespace detail

template <int Rank>
struct Pad;

/// The block of an operand that begins at `start`.
template <int Rank>
struct Slice : Function {
  static constexpr auto name = "slice";
  static constexpr Needs needs{};
  Shape<Rank> whole, start, part;  // sizes of the operand, where the block begins, its sizes

  template <class T>
  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const {
    const auto steps = kernels::steps_of(whole);
    Tensor<T, Rank> y(part);
    kernels::copy_strided(part, x.data() + detail::offset_of(start, steps), steps, y.mutable_data(),
                          kernels::steps_of(part));
    return y;
  }
  template <class G>
  G backward(const G& gy) const {
    return apply(Pad<Rank>{{}, whole, start, part}, gy);
  }
};

/// Its operand as the block that begins at `start`, in a whole of one value elsewhere: of zeros,
/// slice's derivative.
template <int Rank>
struct Pad : Function {
  static constexpr auto name = "pad";
  static constexpr Needs needs{};
  Shape<Rank> whole, start, part;  // sizes of the result, where the block begins, its sizes
  double value = 0;

  template <class T>
  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const {
    const auto steps = kernels::steps_of(whole);
    Tensor<T, Rank> y = full(whole, static_cast<T>(value));
    kernels::copy_strided(part, x.data(), kernels::steps_of(part),
                          y.mutable_data() + detail::offset_of(start, steps), steps);
    return y;
  }
  template <class G>
  G backward(const G& gy) const {
    return apply(Slice<Rank>{{}, whole, start, part}, gy);
  }
};

/// The part [start, stop) of an axis; negative ends count from the back.
/// @throws ShapeError if it reaches outside.
template <Operand X>
auto slice(const X& x, Index axis, Index start, Index stop) {
  static_assert(X::rank > 0, "slice: a rank-0 operand has no axis");
  const int along = normalized_axis("slice", axis, X::rank);
  const Index size = x.shape()[along];
  const Index from = start < 0 ? start + size : start, to = stop < 0 ? stop + size : stop;
  if (from < 0 || from > to || to > size)
    throw ShapeError(
        text("slice: [", start, ", ", stop, ") does not fit axis ", axis, " of shape ", x.shape()));
  Shape<X::rank> begin, part = x.shape();
  begin[along] = from;
  part[along] = to - from;
  return apply(Slice<X::rank>{{}, x.shape(), begin, part}, x);
}

/// One position of an axis, which the result then lacks: select(x, 0, 2) is row 2.
/// @throws ShapeError if it is outside.
template <Operand X>
auto select(const X& x, Index axis, Index position) {
  static_assert(X::rank > 0, "select: a rank-0 operand has no axis");
  const int along = normalized_axis("select", axis, X::rank);
  const Index size = x.shape()[along];
  const Index at = position < 0 ? position + size : position;
  if (at < 0 || at >= size)
    throw ShapeError(
        text("select: position ", position, " is outside of axis ", axis, " of shape ", x.shape()));
  return squeeze(slice(x, along, at, at + 1), along);
}

template <int Rank>
struct Concat : Function {
  static constexpr auto name = "concat";
  static constexpr Needs needs{};
  int axis;
  Shape<Rank> shape;          // of the result
  std::vector<Index> starts;  // of each operand, and the end of the last

  template <class T>
  Tensor<T, Rank> forward(const std::vector<Tensor<T, Rank>>& xs) const {
    const auto steps = kernels::steps_of(shape);
    Tensor<T, Rank> y(shape);
    T* out = y.mutable_data();
    for (std::size_t i = 0; i < xs.size(); ++i)
      kernels::copy_strided(xs[i].shape(), xs[i].data(), kernels::steps_of(xs[i].shape()),
                            out + starts[i] * steps[axis], steps);
    return y;
  }
  template <class G>
  std::vector<G> backward(const G& gy) const {
    std::vector<G> parts;
    for (std::size_t i = 0; i + 1 < starts.size(); ++i)
      parts.push_back(wants(static_cast<int>(i)) ? slice(gy, axis, starts[i], starts[i + 1]) : G{});
    return parts;
  }
};

/// The operands one after another along an axis; their other sizes must be equal.
/// @throws ShapeError if they are not, or there is no operand.
template <Operand X>
auto concat(const std::vector<X>& xs, Index axis) {
  static_assert(X::rank > 0, "concat: rank-0 operands have no axis: stack() them");
  if (xs.empty()) throw ShapeError("concat: no operands");
  const int along = normalized_axis("concat", axis, X::rank);
  Concat<X::rank> op{{}, along, xs[0].shape(), {0}};
  op.shape[along] = 0;
  for (const X& x : xs) {
    Shape<X::rank> expected = xs[0].shape();
    expected[along] = x.shape()[along];
    if (x.shape() != expected)
      throw ShapeError(
          text("concat: ", xs[0].shape(), " and ", x.shape(), " differ beyond axis ", axis));
    op.shape[along] += x.shape()[along];
    op.starts.push_back(op.shape[along]);
  }
  return tinydl::apply(std::move(op), xs);  // not std::apply, which a vector brings along
}
template <Operand X>
auto concat(std::initializer_list<X> xs, Index axis) {
  return concat(std::vector<X>(xs), axis);
}

/// Operands of one shape along a new axis. @throws ShapeError if their shapes differ, or there is
/// no operand.
template <Operand X>
auto stack(const std::vector<X>& xs, Index axis) {
  if (xs.empty()) throw ShapeError("stack: no operands");
  const int along = normalized_axis("stack", axis, X::rank + 1);
  std::vector<decltype(unsqueeze(xs[0], along))> parts;
  for (const X& x : xs) {
    if (x.shape() != xs[0].shape())
      throw ShapeError(text("stack: shapes differ: ", xs[0].shape(), " and ", x.shape()));
    parts.push_back(unsqueeze(x, along));
  }
  return concat(parts, along);
}
template <Operand X>
auto stack(std::initializer_list<X> xs, Index axis) {
  return stack(std::vector<X>(xs), axis);
}

}  // namespace tinydl
