// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>

namespace tinydl {

/// The mean of about `window` values around a position, half of them on either side; of those that
/// are there and finite, nan if there is none.  @throws ValueError for a window below 1.
inline double moving_average(std::span<const double> values, std::size_t position, Index window) {
  if (window < 1) throw ValueError(text("moving_average: over ", window, " values, not 1 or more"));
  const auto half = static_cast<std::size_t>(window / 2);
  const std::size_t begin = position - std::min(position, half);
  const std::size_t end = std::min(position + half + 1, values.size());
  double sum = 0, count = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (!std::isfinite(values[i])) continue;
    sum += values[i];
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

namespace detail {

/// At most `pieces` positions in a series of n, evenly spread, the last one among them.
inline std::vector<std::size_t> spread_positions(std::size_t n, std::size_t pieces) {
  std::vector<std::size_t> positions;
  pieces = std::min(n, pieces);
  for (std::size_t piece = 0; piece < pieces; ++piece)
    positions.push_back(n * (piece + 1) / pieces - 1);
  return positions;
}

/// Positions in a long series that draw the same line as all of it: the lowest and the highest
/// value of each of `pieces` pieces. All positions, if there are not more than two for a piece.
inline std::vector<std::size_t> extreme_positions(std::span<const double> values,
                                                  std::size_t pieces) {
  const std::size_t n = values.size();
  std::vector<std::size_t> positions;
  if (n <= 2 * pieces) {
    for (std::size_t i = 0; i < n; ++i) positions.push_back(i);
    return positions;
  }
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    const std::size_t begin = n * piece / pieces, end = n * (piece + 1) / pieces;
    std::size_t low = begin, high = begin;
    for (std::size_t i = begin; i < end; ++i) {
      if (!(values[i] >= values[low])) low = i;  // also leaves a nan behind
      if (!(values[i] <= values[high])) high = i;
    }
    positions.push_back(std::min(low, high));
    if (low != high) positions.push_back(std::max(low, high));
  }
  return positions;
}

/// The lowest and the highest finite number of some series.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  bool empty() const { return low > high; }

  void include(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  void include(std::span<const double> values) {
    for (const double value : values) include(value);
  }

  /// Somewhat more on either side, and never nothing; [0, 1] if there was no number.
  Range padded(double share = 0.05) const {
    if (empty()) return {0, 1};
    const double width = high - low;
    const double pad = width > 0 ? share * width : std::max(0.1 * std::abs(high), 1e-6);
    return {low - pad, high + pad};
  }
};

}  // namespace detail

}  // namespace tinydl
