// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/slice.hpp>

namespace tinydl {

struct PadOptions {
  double value = 0;  ///< of the elements that are added
};

/// x with elements added before and after the last axes. The amounts come in pairs, the last axis
/// first: {left, right}, {left, right, top, bottom} and so on, as in PyTorch.
///
///     pad(images, {1, 1, 2, 0})                      // (N, C, H, W) -> (N, C, H + 2, W + 2)
///     pad(images, {1, 1}, {.value = -1})             // (N, C, H, W) -> (N, C, H, W + 2)
///
/// @throws ShapeError if an amount is negative: slice() takes elements away.
template <Operand X, int N>
auto pad(const X& x, const Index (&amounts)[N], PadOptions options = {}) {
  static_assert(N % 2 == 0 && N / 2 <= X::rank,
                "pad takes an amount before and one after for each axis, from the last one on");
  Pad<X::rank> op{{}, x.shape(), {}, x.shape(), options.value};
  for (int i = 0; i < N; i += 2) {
    const int axis = X::rank - 1 - i / 2;
    const Index before = amounts[i], after = amounts[i + 1];
    constexpr Index limit = Index{1} << 60;  // their sum must not overflow
    if (before < 0 || after < 0 || before > limit || after > limit)
      throw ShapeError(text("pad: amounts ", before, " and ", after, " for axis ", axis,
                            " of shape ", x.shape()));
    op.start[axis] = before;
    op.whole[axis] += before + after;
  }
  return apply(op, x);
}

}  // namespace tinydl
