// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/pad.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

/// Adds zeros around images: (N, C, H, W) -> (N, C, top + H + bottom, left + W + right).
///
///     ZeroPad2D(2)             // on all four sides
///     ZeroPad2D({1, 1, 2, 0})  // left, right, top, bottom
class ZeroPad2D : public Layer<ZeroPad2D, void> {
 public:
  /// @throws ValueError if an amount is negative.
  explicit ZeroPad2D(Index all) : ZeroPad2D({all, all, all, all}) {}
  explicit ZeroPad2D(const Index (&amounts)[4]) {
    for (int i = 0; i < 4; ++i) {
      if (amounts[i] < 0)
        throw ValueError(text("ZeroPad2D: ", amounts[i], " is a negative amount of padding"));
      amounts_[i] = amounts[i];
    }
  }

  template <class T>
  Variable<T, 4> forward(const Variable<T, 4>& x) const {
    return pad(x, amounts_);
  }

  ZeroPad2D clone() const {
    return clone_by([&] { return ZeroPad2D(amounts_); });
  }

 private:
  Index amounts_[4];  // left, right, top, bottom
};

}  // namespace tinydl
