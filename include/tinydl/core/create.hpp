// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstring>
#include <initializer_list>
#include <span>

#include <tinydl/core/random.hpp>
#include <tinydl/core/tensor.hpp>

namespace tinydl {

/// All elements `value`: full({2, 3}, 0.5f).
template <class T, int Rank>
Tensor<T, Rank> full(const Shape<Rank>& shape, T value) {
  Tensor<T, Rank> result(shape);
  std::fill_n(result.mutable_data(), result.size(), value);
  return result;
}
template <class T, int Rank>
Tensor<T, Rank> full(const Index (&shape)[Rank], T value) {
  return full(Shape<Rank>(shape), value);
}

template <class T = float, int Rank>
Tensor<T, Rank> zeros(const Shape<Rank>& shape) {
  Tensor<T, Rank> result(shape);
  std::memset(result.mutable_data(), 0, static_cast<std::size_t>(result.size()) * sizeof(T));
  return result;
}
template <class T = float, int Rank>
Tensor<T, Rank> zeros(const Index (&shape)[Rank]) {
  return zeros<T>(Shape<Rank>(shape));
}

template <class T = float, int Rank>
Tensor<T, Rank> ones(const Shape<Rank>& shape) {
  return full(shape, T(1));
}
template <class T = float, int Rank>
Tensor<T, Rank> ones(const Index (&shape)[Rank]) {
  return full(Shape<Rank>(shape), T(1));
}

/// start, start + step, ... up to but without stop. @throws ValueError if step is 0 or not a
/// number.
template <class T = float>
Tensor<T, 1> arange(T start, T stop, T step = T(1)) {
  const double count = std::ceil((static_cast<double>(stop) - static_cast<double>(start)) /
                                 static_cast<double>(step));
  if (!(std::abs(count) < 0x1p62))
    throw ValueError(text("arange: from ", start, " to ", stop, " in steps of ", step));
  Tensor<T, 1> result(Shape<1>(static_cast<Index>(std::max(count, 0.0))));
  T* out = result.mutable_data();
  for (Index i = 0; i < result.size(); ++i)
    out[i] = static_cast<T>(start + static_cast<T>(i) * step);
  return result;
}
template <class T = float>
Tensor<T, 1> arange(T stop) {
  return arange<T>(T(0), stop);
}

/// The identity matrix of n rows.
template <class T = float>
Tensor<T, 2> eye(Index n) {
  Tensor<T, 2> result = zeros<T>(Shape<2>(n, n));
  T* out = result.mutable_data();
  for (Index i = 0; i < n; ++i) out[i * n + i] = T(1);
  return result;
}

/// Uniform in [0, 1).
template <std::floating_point T = float, int Rank>
Tensor<T, Rank> rand(const Shape<Rank>& shape, Generator& generator = default_generator()) {
  Tensor<T, Rank> result(shape);
  generator.fill_uniform(result.mutable_span());
  return result;
}
template <std::floating_point T = float, int Rank>
Tensor<T, Rank> rand(const Index (&shape)[Rank], Generator& generator = default_generator()) {
  return rand<T>(Shape<Rank>(shape), generator);
}

/// Normal, of mean 0 and variance 1.
template <std::floating_point T = float, int Rank>
Tensor<T, Rank> randn(const Shape<Rank>& shape, Generator& generator = default_generator()) {
  Tensor<T, Rank> result(shape);
  generator.fill_normal(result.mutable_span());
  return result;
}
template <std::floating_point T = float, int Rank>
Tensor<T, Rank> randn(const Index (&shape)[Rank], Generator& generator = default_generator()) {
  return randn<T>(Shape<Rank>(shape), generator);
}

/// The values in row-major order. @throws ShapeError if their number is not that of the shape.
template <class T, int Rank>
Tensor<T, Rank> from_values(const Shape<Rank>& shape, std::span<const T> values) {
  check_sizes(shape, sizeof(T));
  if (shape.count() != static_cast<Index>(values.size()))
    throw ShapeError(text("from_values: shape ", shape, " needs ", shape.count(), " values, not ",
                          values.size()));
  Tensor<T, Rank> result(shape);
  std::copy_n(values.data(), values.size(), result.mutable_data());
  return result;
}
template <class T = float, int Rank>
Tensor<T, Rank> from_values(const Index (&shape)[Rank],
                            std::initializer_list<std::type_identity_t<T>> values) {
  return from_values<T>(Shape<Rank>(shape), std::span<const T>(values.begin(), values.size()));
}

/// from_values({1.0f, 2.0f}) and from_values({{1.0, 2.0}, {3.0, 4.0}}): the braces are the shape.
template <class T, std::size_t N>
Tensor<T, 1> from_values(const T (&values)[N]) {
  return from_values<T>(Shape<1>(N), std::span<const T>(values));
}
template <class T, std::size_t M, std::size_t N>
Tensor<T, 2> from_values(const T (&values)[M][N]) {
  return from_values<T>(Shape<2>(M, N), std::span<const T>(&values[0][0], M * N));
}

}  // namespace tinydl
