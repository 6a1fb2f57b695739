// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include <tinydl/core/memory.hpp>
#include <tinydl/kernels/map.hpp>

namespace tinydl::kernels {

// --- along an axis ---

/// Two row-major arrays: the positions of `a`, line by line along an axis, and the same lines of
/// `b`, which is at least as large beyond that axis.
struct Lines {
  std::span<const Index> a_shape, b_shape;
  int axis;

  Index length() const { return a_shape[static_cast<std::size_t>(axis)]; }
  static Index step(std::span<const Index> shape, int axis) {
    Index step = 1;
    for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < shape.size(); ++i)
      step *= shape[i];
    return step;
  }

  /// Calls f(at_a, at_b) with where each line begins, on several threads.
  template <class F>
  void each(F f) const {
    Index lines = 1;
    for (std::size_t i = 0; i < a_shape.size(); ++i)
      if (static_cast<int>(i) != axis) lines *= a_shape[i];
    parallel_ranges(lines, std::max<Index>(1, 8192 / std::max<Index>(length(), 1)),
                    [&](Index begin, Index end) {
                      for (Index line = begin; line < end; ++line) {
                        Index rest = line, at_a = 0, at_b = 0, a_step = 1, b_step = 1;
                        for (std::size_t i = a_shape.size(); i-- > 0;) {
                          if (static_cast<int>(i) != axis) {
                            at_a += rest % a_shape[i] * a_step;
                            at_b += rest % a_shape[i] * b_step;
                            rest /= a_shape[i];
                          }
                          a_step *= a_shape[i];
                          b_step *= b_shape[i];
                        }
                        f(at_a, at_b);
                      }
                    });
  }
};

/// out[..., i, ...] = in[..., index[..., i, ...], ...] along lines.axis; a is the shape of index
/// and out, b that of in.
template <class T>
void gather(const Lines& lines, const std::int64_t* index, const T* in, T* out) {
  const Index n = lines.length(), a_step = Lines::step(lines.a_shape, lines.axis),
              b_step = Lines::step(lines.b_shape, lines.axis);
  lines.each([=](Index a, Index b) {
    for (Index i = 0; i < n; ++i) out[a + i * a_step] = in[b + index[a + i * a_step] * b_step];
  });
}

/// gather's adjoint: out[..., index[..., i, ...], ...] += in[..., i, ...]. Lines do not meet, so
/// the order of the sums is always the same.
template <class T>
void scatter_add(const Lines& lines, const std::int64_t* index, const T* in, T* out) {
  const Index n = lines.length(), a_step = Lines::step(lines.a_shape, lines.axis),
              b_step = Lines::step(lines.b_shape, lines.axis);
  lines.each([=](Index a, Index b) {
    for (Index i = 0; i < n; ++i) out[b + index[a + i * a_step] * b_step] += in[a + i * a_step];
  });
}

/// out[:, i] = in[:, 0] + ... + in[:, i] of an array (outer, n, inner); from the end if reversed.
template <class T>
void cumsum(Index outer, Index n, Index inner, bool reversed, const T* in, T* out) {
  constexpr Index columns = 256;
  const Index blocks = (inner + columns - 1) / columns;
  const Index work = std::max<Index>(n * std::min(inner, columns), 1);
  parallel_ranges(outer * blocks, std::max<Index>(1, 16384 / work), [=](Index begin, Index end) {
    for (Index block = begin; block < end; ++block) {
      const Index column = block % blocks * columns, width = std::min(columns, inner - column);
      for (Index k = 0; k < n; ++k) {
        const Index row = block / blocks * n + (reversed ? n - 1 - k : k);
        const Index at = row * inner + column, before = at + (reversed ? inner : -inner);
        for (Index i = 0; i < width; ++i)
          out[at + i] = k == 0 ? in[at + i] : out[before + i] + in[at + i];
      }
    }
  });
}

// --- rows of a matrix; a negative index names none ---

/// Row i of out (count, n) is row index[i] of in (..., n), or zero.
template <class T>
void take_rows(Index count, Index n, const std::int64_t* index, const T* in, T* out) {
  parallel_ranges(count, std::max<Index>(1, 16384 / std::max<Index>(n, 1)),
                  [=](Index begin, Index end) {
                    for (Index i = begin; i < end; ++i)
                      if (index[i] < 0)
                        std::fill_n(out + i * n, n, T(0));
                      else
                        std::copy_n(in + index[i] * n, n, out + i * n);
                  });
}

/// take_rows' adjoint: row r of out (rows, n) is the sum of the rows i of in (count, n) for which
/// index[i] is r, in their order.
template <class T>
void add_rows(Index count, Index rows, Index n, const std::int64_t* index, const T* in, T* out) {
  // The positions are sorted by the rows that they name: those of row r end where row r + 1 begins.
  tinydl::detail::Storage<Index> ends(static_cast<std::size_t>(rows + 1)),
      positions(static_cast<std::size_t>(count));
  Index *end_of = ends.data(), *position = positions.data();
  std::fill_n(end_of, rows + 1, Index(0));
  for (Index i = 0; i < count; ++i)
    if (index[i] >= 0) ++end_of[index[i] + 1];
  for (Index r = 0; r < rows; ++r) end_of[r + 1] += end_of[r];
  for (Index i = 0; i < count; ++i)
    if (index[i] >= 0) position[end_of[index[i]]++] = i;

  constexpr auto add = [](auto& y, const auto& a, const auto& b) { y = a + b; };
  parallel_ranges(rows, std::max<Index>(1, 16384 / std::max<Index>(n, 1)),
                  [=](Index begin, Index end) {
                    for (Index r = begin; r < end; ++r) {
                      T* row = out + r * n;
                      std::fill_n(row, n, T(0));
                      for (Index i = r == 0 ? 0 : end_of[r - 1]; i < end_of[r]; ++i)
                        map_serial(n, row, add, Each<T>{row}, Each<T>{in + position[i] * n});
                    }
                  });
}

}  // namespace tinydl::kernels
