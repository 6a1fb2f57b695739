// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/compare.hpp>
#include <tinydl/functions/math.hpp>
#include <tinydl/functions/shape.hpp>

namespace tinydl {

/// As the last argument of a reduction: the reduced axes stay, with size 1.
struct KeepDims {};
inline constexpr KeepDims keepdims;

namespace detail {

/// Which axes a reduction of an operand of shape `shape` folds.
template <int Rank>
struct Reduced {
  Missing<Rank> folded{};
  Shape<Rank> kept_shape;  // with size 1 where folded
  Index count = 1;         // elements folded into one

  Reduced(const char* operation, const Shape<Rank>& shape, std::span<const Index> axes)
      : kept_shape(shape) {
    for (Index axis : axes) {
      const int i = normalized_axis(operation, axis, Rank);
      if (std::exchange(folded[i], true))
        throw ShapeError(text(operation, ": axis ", axis, " comes twice"));
      count *= shape[i];
      kept_shape[i] = 1;
    }
  }

  template <int Kept>
  Shape<Kept> dropped_shape() const {
    Shape<Kept> shape;
    int at = 0;
    for (int i = 0; i < Rank; ++i)
      if (!folded[i]) shape[at++] = kept_shape[i];
    return shape;
  }
};

/// A result that kept its reduced axes, without them.
template <int N, Operand Y>
auto drop(const Y& y, const Reduced<Y::rank>& axes) {
  if constexpr (N <= Y::rank)
    return reshape(y, axes.template dropped_shape<Y::rank - N>());
  else
    return y;  // the caller's static_assert is the one error
}

/// x summed over N axes, which go, and divided by a number.
template <int N, Operand X>
auto summed_away(const X& x, const Reduced<X::rank>& axes, Index divisor) {
  if constexpr (N <= X::rank)
    return summed(x, axes.template dropped_shape<X::rank - N>(), divisor, axes.folded);
  else
    return plain(x);  // the caller's static_assert is the one error
}

}  // namespace detail

// Each reduction comes whole, over one axis and over several, which are dropped, or kept with size
// 1: max(x), max(x, 1), max(x, {0, 2}), max(x, {0, 2}, keepdims). Axes may be negative. All throw
// ShapeError for an axis that is not there or comes twice; max and min, where there is nothing to
// fold; var, for no more values than its correction.

// --- sum and mean ---

template <Operand X, int N>
auto sum(const X& x, const Index (&axes)[N], KeepDims) {
  return detail::summed(x, detail::Reduced<X::rank>("sum", x.shape(), axes).kept_shape, 1);
}
template <Operand X, int N>
auto sum(const X& x, const Index (&axes)[N]) {
  static_assert(N <= X::rank, "sum: more axes than the operand has");
  const detail::Reduced<X::rank> reduced("sum", x.shape(), axes);
  return detail::summed_away<N>(x, reduced, 1);
}
template <Operand X, std::integral I>
auto sum(const X& x, I axis, KeepDims) {
  const Index axes[] = {static_cast<Index>(axis)};
  return sum(x, axes, keepdims);
}
template <Operand X, std::integral I>
auto sum(const X& x, I axis) {
  const Index axes[] = {static_cast<Index>(axis)};
  return sum(x, axes);
}
template <Operand X>
auto sum(const X& x) {
  return detail::summed(x, Shape<0>(), 1);
}

template <Operand X, int N>
auto mean(const X& x, const Index (&axes)[N], KeepDims) {
  const detail::Reduced<X::rank> reduced("mean", x.shape(), axes);
  return detail::summed(x, reduced.kept_shape, reduced.count);
}
template <Operand X, int N>
auto mean(const X& x, const Index (&axes)[N]) {
  static_assert(N <= X::rank, "mean: more axes than the operand has");
  const detail::Reduced<X::rank> reduced("mean", x.shape(), axes);
  return detail::summed_away<N>(x, reduced, reduced.count);
}
template <Operand X, std::integral I>
auto mean(const X& x, I axis, KeepDims) {
  const Index axes[] = {static_cast<Index>(axis)};
  return mean(x, axes, keepdims);
}
template <Operand X, std::integral I>
auto mean(const X& x, I axis) {
  const Index axes[] = {static_cast<Index>(axis)};
  return mean(x, axes);
}
/// Not a number if x is empty.
template <Operand X>
auto mean(const X& x) {
  return detail::summed(x, Shape<0>(), x.shape().count());
}

// --- max and min ---

/// Folds with max or min, keeping the axes. Equal extremes share the gradient.
template <class Fold, int Rank>
struct FoldExtremes : Function {
  static constexpr auto name = std::is_same_v<Fold, kernels::Max> ? "max" : "min";
  static constexpr Needs needs{.output = true, .inputs = Needs::all};
  std::array<bool, Rank> folded;
  Shape<Rank> kept_shape;

  template <class T>
  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const {
    Tensor<T, Rank> y(kept_shape);
    kernels::fold_axes(std::span<const Index>(x.shape()), std::span<const bool>(folded), x.data(),
                       y.mutable_data(), Fold{});
    return y;
  }
  template <class X>
  X backward(const X& gy, const X& y, const X& x) const {
    using T = typename X::Scalar;
    const auto hit = where(x == y, T(1), zeros<T>(x.shape()));
    return gy * (hit / sum_to(hit, kept_shape));
  }
};

namespace detail {

template <int Rank>
void check_foldable(const char* operation, Index count, const Shape<Rank>& shape) {
  if (count == 0) throw ShapeError(text(operation, ": nothing to fold in ", shape));
}

template <class Fold, Operand X>
auto extremes(const X& x, std::span<const Index> axes) {
  using Op = FoldExtremes<Fold, X::rank>;
  const Reduced<X::rank> reduced(Op::name, x.shape(), axes);
  check_foldable(Op::name, reduced.count, x.shape());
  return apply(Op{{}, reduced.folded, reduced.kept_shape}, x);
}

}  // namespace detail

template <Operand X, int N>
auto max(const X& x, const Index (&axes)[N], KeepDims) {
  return detail::extremes<kernels::Max>(x, axes);
}
template <Operand X, int N>
auto max(const X& x, const Index (&axes)[N]) {
  static_assert(N <= X::rank, "max: more axes than the operand has");
  return detail::drop<N>(max(x, axes, keepdims), detail::Reduced<X::rank>("max", x.shape(), axes));
}
template <Operand X, std::integral I>
auto max(const X& x, I axis, KeepDims) {
  const Index axes[] = {static_cast<Index>(axis)};
  return max(x, axes, keepdims);
}
template <Operand X, std::integral I>
auto max(const X& x, I axis) {
  const Index axes[] = {static_cast<Index>(axis)};
  return max(x, axes);
}
template <Operand X>
auto max(const X& x) {
  detail::check_foldable("max", x.shape().count(), x.shape());
  return max(flatten(x), 0);
}

template <Operand X, int N>
auto min(const X& x, const Index (&axes)[N], KeepDims) {
  return detail::extremes<kernels::Min>(x, axes);
}
template <Operand X, int N>
auto min(const X& x, const Index (&axes)[N]) {
  static_assert(N <= X::rank, "min: more axes than the operand has");
  return detail::drop<N>(min(x, axes, keepdims), detail::Reduced<X::rank>("min", x.shape(), axes));
}
template <Operand X, std::integral I>
auto min(const X& x, I axis, KeepDims) {
  const Index axes[] = {static_cast<Index>(axis)};
  return min(x, axes, keepdims);
}
template <Operand X, std::integral I>
auto min(const X& x, I axis) {
  const Index axes[] = {static_cast<Index>(axis)};
  return min(x, axes);
}
template <Operand X>
auto min(const X& x) {
  detail::check_foldable("min", x.shape().count(), x.shape());
  return min(flatten(x), 0);
}

// --- log(sum(exp(x))), without overflow ---

template <int Rank>
struct LogSumExp : Function {
  static constexpr auto name = "logsumexp";
  static constexpr Needs needs{.output = true, .inputs = Needs::all};
  std::array<bool, Rank> folded;
  Shape<Rank> kept_shape;

  template <class T>
  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const {
    Tensor<T, Rank> top = FoldExtremes<kernels::Max, Rank>{{}, folded, kept_shape}.forward(x);
    for (T& t : top.mutable_span())
      if (!std::isfinite(t)) t = 0;  // an infinite element must not become inf - inf
    return log(sum_to(exp(x - top), kept_shape)) + top;
  }
  template <class X>
  X backward(const X& gy, const X& y, const X& x) const {
    return gy * exp(x - y);
  }
};

template <Operand X, int N>
auto logsumexp(const X& x, const Index (&axes)[N], KeepDims) {
  const detail::Reduced<X::rank> reduced("logsumexp", x.shape(), axes);
  return apply(LogSumExp<X::rank>{{}, reduced.folded, reduced.kept_shape}, x);
}
template <Operand X, int N>
auto logsumexp(const X& x, const Index (&axes)[N]) {
  static_assert(N <= X::rank, "logsumexp: more axes than the operand has");
  return detail::drop<N>(logsumexp(x, axes, keepdims),
                         detail::Reduced<X::rank>("logsumexp", x.shape(), axes));
}
template <Operand X, std::integral I>
auto logsumexp(const X& x, I axis, KeepDims) {
  const Index axes[] = {static_cast<Index>(axis)};
  return logsumexp(x, axes, keepdims);
}
template <Operand X, std::integral I>
auto logsumexp(const X& x, I axis) {
  const Index axes[] = {static_cast<Index>(axis)};
  return logsumexp(x, axes);
}
template <Operand X>
auto logsumexp(const X& x) {
  return logsumexp(flatten(x), 0);
}

// --- variance ---

struct VarOptions {
  Index correction = 1;  ///< the sum of squares is divided by n - correction; 0: of a population
};

template <Operand X, int N>
auto var(const X& x, const Index (&axes)[N], KeepDims, VarOptions options = {}) {
  const detail::Reduced<X::rank> reduced("var", x.shape(), axes);
  if (reduced.count <= options.correction)
    throw ShapeError(
        text("var: ", reduced.count, " values and a correction of ", options.correction));
  const auto count = static_cast<typename X::Scalar>(reduced.count - options.correction);
  return sum(square(x - mean(x, axes, keepdims)), axes, keepdims) / count;
}
template <Operand X, int N>
auto var(const X& x, const Index (&axes)[N], VarOptions options = {}) {
  static_assert(N <= X::rank, "var: more axes than the operand has");
  return detail::drop<N>(var(x, axes, keepdims, options),
                         detail::Reduced<X::rank>("var", x.shape(), axes));
}
template <Operand X, std::integral I>
auto var(const X& x, I axis, KeepDims, VarOptions options = {}) {
  const Index axes[] = {static_cast<Index>(axis)};
  return var(x, axes, keepdims, options);
}
template <Operand X, std::integral I>
auto var(const X& x, I axis, VarOptions options = {}) {
  const Index axes[] = {static_cast<Index>(axis)};
  return var(x, axes, options);
}
template <Operand X>
auto var(const X& x, VarOptions options = {}) {
  return var(flatten(x), 0, options);
}

}  // namespace tinydl
