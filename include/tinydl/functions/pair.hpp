// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <ostream>

#include <tinydl/core/shape.hpp>

namespace tinydl {

/// A size for each axis of an image. One number stands for both: {.stride = 2} and
/// {.stride = {2, 1}}.
struct Pair {
  Index height, width;

  template <std::integral Size>
  constexpr Pair(Size both) : height(static_cast<Index>(both)), width(static_cast<Index>(both)) {}

  template <std::integral Height, std::integral Width>
  constexpr Pair(Height h, Width w) : height(static_cast<Index>(h)), width(static_cast<Index>(w)) {}

  friend constexpr bool operator==(const Pair&, const Pair&) = default;

  friend std::ostream& operator<<(std::ostream& out, const Pair& pair) {
    return out << '(' << pair.height << ", " << pair.width << ')';
  }
};

}  // namespace tinydl
