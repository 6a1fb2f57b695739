// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <tinydl/core/shape.hpp>
#include <tinydl/core/threads.hpp>

namespace tinydl::kernels {

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
template <class T, int Rank>
void copy_strided(const Shape<Rank>& shape, const T* from, const Steps<Rank>& from_steps, T* to,
                  const Steps<Rank>& to_steps) {
  if constexpr (Rank == 0) {
    *to = *from;
  } else {
    const Index inner = shape[Rank - 1], from_step = from_steps[Rank - 1],
                to_step = to_steps[Rank - 1];
    const Index rows = inner == 0 ? 0 : shape.count() / inner;
    parallel_ranges(rows, std::max<Index>(1, 32768 / std::max<Index>(inner, 1)),
                    [&](Index begin, Index end) {
                      for (Index row = begin; row < end; ++row) {
                        const T* source = from;
                        T* target = to;
                        Index rest = row;
                        for (int axis = Rank - 1; axis-- > 0;) {
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
}

}  // namespace tinydl::kernels
