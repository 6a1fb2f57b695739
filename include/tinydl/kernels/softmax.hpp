// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <tinydl/core/shape.hpp>
#include <tinydl/core/threads.hpp>

namespace tinydl::kernels {

/// Calls f(i, j) for each of the lines along the middle axis of an array (outer, n, inner), given
/// the position of its first element, whose neighbours are `inner` apart.
template <class F>
void each_line(Index outer, Index n, Index inner, F f) {
  parallel_ranges(outer * inner, std::max<Index>(1, 4096 / std::max<Index>(n, 1)),
                  [&](Index begin, Index end) {
                    for (Index line = begin; line < end; ++line)
                      f(line / inner * n * inner + line % inner);
                  });
}

/// out = exp(in - max) / sum along the middle axis of (outer, n, inner).
template <class T>
void softmax(Index outer, Index n, Index inner, const T* in, T* out) {
  each_line(outer, n, inner, [=](Index at) {
    T top = in[at];
    for (Index i = 1; i < n; ++i) top = std::max(top, in[at + i * inner]);
    T sum = 0;
    for (Index i = 0; i < n; ++i) sum += out[at + i * inner] = std::exp(in[at + i * inner] - top);
    const T scale = 1 / sum;
    for (Index i = 0; i < n; ++i) out[at + i * inner] *= scale;
  });
}

/// out = in - max - log(sum(exp(in - max))) along the middle axis of (outer, n, inner).
template <class T>
void log_softmax(Index outer, Index n, Index inner, const T* in, T* out) {
  each_line(outer, n, inner, [=](Index at) {
    T top = in[at];
    for (Index i = 1; i < n; ++i) top = std::max(top, in[at + i * inner]);
    T sum = 0;
    for (Index i = 0; i < n; ++i) sum += std::exp(in[at + i * inner] - top);
    const T log_sum = std::log(sum);  // not added to a large top, where its digits would be lost
    for (Index i = 0; i < n; ++i) out[at + i * inner] = in[at + i * inner] - top - log_sum;
  });
}

}  // namespace tinydl::kernels
