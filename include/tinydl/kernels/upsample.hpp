// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <tinydl/core/shape.hpp>
#include <tinydl/core/threads.hpp>

namespace tinydl::kernels {

/// What one position of an upsampled axis is made of: one or two neighbours of the original.
struct Blend {
  Index first, count;
  double weights[2];  // their sum is 1
};

/// Each position repeated.
inline std::vector<Blend> nearest_blends(Index size, Index factor) {
  std::vector<Blend> blends(static_cast<std::size_t>(size * factor));
  Index i = 0;
  for (Blend& blend : blends) blend = {i++ / factor, 1, {1, 0}};
  return blends;
}

/// Straight lines between the centres of the original positions, and constants beyond the outer
/// ones.
inline std::vector<Blend> linear_blends(Index size, Index factor) {
  std::vector<Blend> blends(static_cast<std::size_t>(size * factor));
  Index i = 0;
  for (Blend& blend : blends) {
    const double centre = (static_cast<double>(i++) + 0.5) / static_cast<double>(factor) - 0.5;
    const double at = std::clamp(centre, 0.0, static_cast<double>(size - 1));
    const double weight = at - std::floor(at);
    blend = {static_cast<Index>(at), weight > 0 ? 2 : 1, {1 - weight, weight}};
  }
  return blends;
}

/// The axes of images of these sizes, upsampled.
struct Blends {
  Index height, width;
  std::vector<Blend> rows, columns;
};

namespace detail {

/// f(in, out, weight) for each pair of elements of an image and of that image upsampled of which
/// the first is part of the second; images in parallel.
template <class F>
void each_blended(Index planes, const Blends& blends, F f) {
  const Index size = blends.height * blends.width;
  const Index count = static_cast<Index>(blends.rows.size() * blends.columns.size());
  parallel_ranges(planes, std::max<Index>(1, 16384 / std::max<Index>(count, 1)),
                  [&](Index begin, Index end) {
                    Index out = begin * count;
                    for (Index plane = begin; plane < end; ++plane)
                      for (const Blend& row : blends.rows)
                        for (const Blend& column : blends.columns) {
                          const Index in = plane * size + row.first * blends.width + column.first;
                          for (Index i = 0; i < row.count; ++i)
                            for (Index j = 0; j < column.count; ++j)
                              f(in + i * blends.width + j, out, row.weights[i] * column.weights[j]);
                          ++out;
                        }
                  });
}

}  // namespace detail

/// y (planes, rows, columns) of images x (planes, height, width).
template <class T>
void upsample(Index planes, const Blends& blends, const T* x, T* y) {
  std::fill_n(y, planes * static_cast<Index>(blends.rows.size() * blends.columns.size()), T(0));
  detail::each_blended(planes, blends, [=](Index in, Index out, double weight) {
    y[out] += static_cast<T>(weight) * x[in];
  });
}

/// Its adjoint: x is zero, and every element of y adds its share to what it was made of.
template <class T>
void upsample_adjoint(Index planes, const Blends& blends, const T* y, T* x) {
  std::fill_n(x, planes * blends.height * blends.width, T(0));
  detail::each_blended(planes, blends, [=](Index in, Index out, double weight) {
    x[in] += static_cast<T>(weight) * y[out];
  });
}

}  // namespace tinydl::kernels
