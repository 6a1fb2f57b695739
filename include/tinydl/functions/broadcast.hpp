// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <tinydl/core/apply.hpp>
#include <tinydl/kernels/copy.hpp>
#include <tinydl/kernels/map.hpp>
#include <tinydl/kernels/reduce.hpp>

namespace tinydl {

/// The shape that two operands have together: aligned at the last axis, sizes must be equal or 1.
/// @throws ShapeError naming `operation` if they do not fit.
template <int A, int B>
Shape<std::max(A, B)> broadcast_shape(const char* operation, const Shape<A>& a, const Shape<B>& b) {
  constexpr int rank = std::max(A, B);
  Shape<rank> shape;
  for (int i = 1; i <= rank; ++i) {
    const Index in_a = i <= A ? a[A - i] : 1, in_b = i <= B ? b[B - i] : 1;
    if (in_a != in_b && in_a != 1 && in_b != 1)
      throw ShapeError(text(operation, ": shapes do not broadcast: ", a, " and ", b));
    shape[rank - i] = in_a == 1 ? in_b : in_a;
  }
  return shape;
}

namespace detail {

/// Which axes of the wider of two shapes the narrower one lacks; where nothing else is said, the
/// first ones.
template <int Wide>
struct Missing : std::array<bool, Wide> {};

template <int Wide>
constexpr Missing<Wide> first_missing(int n) {
  Missing<Wide> missing{};
  for (int i = 0; i < n; ++i) missing[i] = true;
  return missing;
}

template <Operand X, int To>
auto summed(const X& x, const Shape<To>& to, Index divisor,
            const Missing<X::rank>& missing = first_missing<X::rank>(X::rank - To));
template <Operand X, int To>
auto spread(const X& x, const Shape<To>& to, Index divisor,
            const Missing<To>& missing = first_missing<To>(To - X::rank));

template <class T>
void divide(std::span<T> values, Index divisor) {
  for (T& value : values) value /= static_cast<T>(divisor);
}

}  // namespace detail

/// Sums over axes that go and those that become 1, divided by a number: sums and means. What
/// BroadcastTo's derivative is.
template <int From, int To>
struct SumTo : Function {
  static constexpr auto name = "sum_to";
  static constexpr Needs needs{};
  Shape<From> from;
  Shape<To> to;
  Index divisor;
  detail::Missing<From> missing;  // in the result

  template <class T>
  Tensor<T, To> forward(const Tensor<T, From>& x) const {
    std::array<bool, From> folded{};
    for (int i = 0, kept = 0; i < From; ++i)
      folded[i] = missing[i] || (to[kept++] == 1 && from[i] != 1);
    Tensor<T, To> y(to);
    kernels::fold_axes(from.span(), std::span<const bool>(folded), x.data(), y.mutable_data(),
                       kernels::Sum{});
    if (divisor != 1) detail::divide(y.mutable_span(), divisor);
    return y;
  }
  template <class G>
  auto backward(const G& gy) const {
    return detail::spread(gy, from, divisor, missing);
  }
};

/// Divides by a number and repeats along axes of size 1 and new ones.
template <int From, int To>
struct BroadcastTo : Function {
  static constexpr auto name = "broadcast_to";
  static constexpr Needs needs{};
  Shape<From> from;
  Shape<To> to;
  Index divisor;
  detail::Missing<To> missing;  // in the operand

  template <class T>
  Tensor<T, To> forward(Tensor<T, From> x) const {
    if (divisor != 1) detail::divide(x.mutable_span(), divisor);
    const auto steps = kernels::steps_of(from);
    kernels::Steps<To> repeated;
    for (int i = 0, at = 0; i < To; ++i) {
      if (missing[i]) continue;
      repeated[i] = from[at] == 1 ? 0 : steps[at];
      ++at;
    }
    Tensor<T, To> y(to);
    kernels::copy_strided<T>(to.span(), x.data(), repeated.span(), y.mutable_data(),
                             kernels::steps_of(to).span());
    return y;
  }
  template <class G>
  auto backward(const G& gy) const {
    return detail::summed(gy, from, divisor, missing);
  }
};

namespace detail {

/// x.shape() has more axes than `to`, or as many.
template <Operand X, int To>
auto summed(const X& x, const Shape<To>& to, Index divisor, const Missing<X::rank>& missing) {
  return apply(SumTo<X::rank, To>{{}, x.shape(), to, divisor, missing}, x);
}
template <Operand X, int To>
auto spread(const X& x, const Shape<To>& to, Index divisor, const Missing<To>& missing) {
  return apply(BroadcastTo<X::rank, To>{{}, x.shape(), to, divisor, missing}, x);
}

}  // namespace detail

/// The elements of x summed until they have this shape, which must broadcast to x's.
/// @throws ShapeError if it does not.
template <Operand X, int Rank>
auto sum_to(const X& x, const Shape<Rank>& shape) {
  static_assert(Rank <= X::rank, "sum_to: the new shape has more axes than the operand");
  if constexpr (X::rank == Rank) {
    if (x.shape() == shape) return detail::plain(x);
  }
  if (broadcast_shape("sum_to", x.shape(), shape) != x.shape())
    throw ShapeError(text("sum_to: ", shape, " does not broadcast to ", x.shape()));
  return detail::summed(x, shape, 1);
}

/// x repeated along axes of size 1 and new leading ones until it has this shape.
/// @throws ShapeError if it cannot.
template <Operand X, int Rank>
auto broadcast_to(const X& x, const Shape<Rank>& shape) {
  static_assert(Rank >= X::rank, "broadcast_to: the new shape has fewer axes than the operand");
  if constexpr (X::rank == Rank) {
    if (x.shape() == shape) return detail::plain(x);
  }
  if (broadcast_shape("broadcast_to", x.shape(), shape) != shape)
    throw ShapeError(text("broadcast_to: ", x.shape(), " does not broadcast to ", shape));
  return detail::spread(x, shape, 1);
}
template <Operand X, int Rank>
auto broadcast_to(const X& x, const Index (&shape)[Rank]) {
  return broadcast_to(x, Shape<Rank>(shape));
}

namespace detail {

// --- elementwise results for the forward and backward of the functions that follow ---

// Where f has no captures it is written outside of forward, so that its loops are compiled once for
// all ranks.

/// f(y, x...) on vectors of elements of operands of one shape; see kernels::map.
template <class F, class T, int Rank, class... More>
Tensor<T, Rank> mapped(const F& f, const Tensor<T, Rank>& x, const More&... more) {
  Tensor<T, Rank> y(x.shape());
  kernels::map(y.size(), y.mutable_data(), f, kernels::Each<T>{x.data()},
               kernels::Each<T>{more.data()}...);
  return y;
}

/// The same in the memory of x, if no one else holds it.
template <class F, class T, int Rank, class... More>
Tensor<T, Rank> mapped(const F& f, Tensor<T, Rank>&& x, const More&... more) {
  if (!x.unique()) return mapped(f, std::as_const(x), more...);
  T* y = x.mutable_data();
  kernels::map(x.size(), y, f, kernels::Each<T>{y}, kernels::Each<T>{more.data()}...);
  return std::move(x);
}

/// The same, for a tensor and a number.
template <class F, class T, int Rank>
Tensor<T, Rank> mapped(const F& f, const Tensor<T, Rank>& x, T number) {
  Tensor<T, Rank> y(x.shape());
  kernels::map(y.size(), y.mutable_data(), f, kernels::Each<T>{x.data()}, kernels::Same<T>{number});
  return y;
}
template <class F, class T, int Rank>
Tensor<T, Rank> mapped(const F& f, T number, const Tensor<T, Rank>& x) {
  Tensor<T, Rank> y(x.shape());
  kernels::map(y.size(), y.mutable_data(), f, kernels::Same<T>{number}, kernels::Each<T>{x.data()});
  return y;
}

/// f(x) -> y on one number at a time, for what has no vector form.
template <class F, class T>
void map_singly(Index n, const F& f, const T* x, T* y) {
  parallel_ranges(n, 4096, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) y[i] = f(x[i]);
  });
}
template <class F, class T, int Rank>
Tensor<T, Rank> mapped_singly(const F& f, const Tensor<T, Rank>& x) {
  Tensor<T, Rank> y(x.shape());
  map_singly(y.size(), f, x.data(), y.mutable_data());
  return y;
}

/// f(y, a, b) on vectors of elements of operands that broadcast.
template <class F, class T, int A, int B>
auto mapped_broadcast(const char* operation, const F& f, const Tensor<T, A>& a,
                      const Tensor<T, B>& b) {
  Tensor<T, std::max(A, B)> y(broadcast_shape(operation, a.shape(), b.shape()));
  kernels::map_broadcast(kernels::Broadcast(y.shape(), a.shape(), b.shape()), y.mutable_data(), f,
                         a.data(), b.data());
  return y;
}

}  // namespace detail

}  // namespace tinydl
