// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <span>

#include <tinydl/core/shape.hpp>
#include <tinydl/core/threads.hpp>
#include <tinydl/kernels/simd.hpp>

namespace tinydl::kernels {

/// n times the same number, which g++ -O2 would write one by one.
template <class T>
void fill(T* to, Index n, T value) {
  using V = Vector<T, 16>;
  const V v = value - V{};  // plus nothing, a negative zero would lose its sign
  Index i = 0;
  for (; i + lanes<V, T> <= n; i += lanes<V, T>) store(to + i, v);
  for (; i < n; ++i) to[i] = value;
}

/// The distances in memory between neighbours along each axis.
template <int Rank>
using Steps = Shape<Rank>;

/// Those of a row-major array.
template <int Rank>
Steps<Rank> steps_of(const Shape<Rank>& shape) {
  Steps<Rank> steps;
  Index step = 1;
  for (int axis = Rank; axis-- > 0;) {
    steps[axis] = step;
    step *= shape[axis];
  }
  return steps;
}

/// to[p] = from[p] for every position p of `shape`; neighbours along axis i are from_steps[i] and
/// to_steps[i] apart. This is how arrays are permuted, cut, joined and repeated.
template <class T>
void copy_strided(std::span<const Index> shape, const T* from, std::span<const Index> from_steps,
                  T* to, std::span<const Index> to_steps) {
  if (shape.empty()) {
    *to = *from;
    return;
  }
  const std::size_t last = shape.size() - 1;
  const Index inner = shape[last], from_step = from_steps[last], to_step = to_steps[last];
  Index rows = inner == 0 ? 0 : 1;
  for (Index size : shape.first(last)) rows *= size;
  parallel_ranges(rows, std::max<Index>(1, 32768 / std::max<Index>(inner, 1)),
                  [&](Index begin, Index end) {
                    for (Index row = begin; row < end; ++row) {
                      const T* source = from;
                      T* target = to;
                      Index rest = row;
                      for (std::size_t axis = last; axis-- > 0;) {
                        source += rest % shape[axis] * from_steps[axis];
                        target += rest % shape[axis] * to_steps[axis];
                        rest /= shape[axis];
                      }
                      if (from_step == 1 && to_step == 1)
                        std::copy_n(source, inner, target);
                      else
                        for (Index i = 0; i < inner; ++i)
                          target[i * to_step] = source[i * from_step];
                    }
                  });
}

}  // namespace tinydl::kernels
