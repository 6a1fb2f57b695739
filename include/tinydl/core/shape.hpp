// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <limits>
#include <ostream>
#include <span>

#include <tinydl/core/error.hpp>

namespace tinydl {

/// Sizes, positions and axes.
using Index = std::ptrdiff_t;

/// The sizes of a tensor's axes, outermost first; the number of axes is part of the type.
template <int Rank>
struct Shape : std::array<Index, Rank> {
  static_assert(Rank >= 0, "a rank is 0 or more");

  constexpr Shape() : std::array<Index, Rank>{} {}

  template <std::integral... Sizes>
  requires(sizeof...(Sizes) == Rank && Rank > 0) constexpr Shape(Sizes... sizes)
      : std::array<Index, Rank>{static_cast<Index>(sizes)...} {}

  constexpr Shape(const Index (&sizes)[Rank == 0 ? 1 : Rank]) requires(Rank > 0) {
    for (int i = 0; i < Rank; ++i) (*this)[i] = sizes[i];
  }

  /// The sizes, whatever the rank is. std::span's own conversion takes the compiler as long, for
  /// each rank, as a small function.
  constexpr std::span<const Index> span() const { return {this->data(), this->size()}; }

  /// The number of elements: 1 for rank 0.
  constexpr Index count() const {
    Index n = 1;
    for (Index size : *this) n *= size;
    return n;
  }
};

template <std::integral... Sizes>
Shape(Sizes...) -> Shape<static_cast<int>(sizeof...(Sizes))>;

/// Sizes the way messages show them: (2, 3), (4,) and ().
[[gnu::noinline]] inline std::string shape_text(std::span<const Index> sizes) {
  if (sizes.empty()) return "()";
  std::string out;
  for (Index size : sizes) {
    detail::append(out, out.empty() ? "(" : ", ");
    detail::append(out, size);
  }
  detail::append(out, sizes.size() == 1 ? ",)" : ")");
  return out;
}

template <int Rank>
std::ostream& operator<<(std::ostream& out, const Shape<Rank>& shape) {
  return out << shape_text(shape.span());
}

/// `axis` counted from the front; negative ones count from the back.
/// @throws ShapeError if there is no such axis.
inline int normalized_axis(const char* operation, Index axis, int rank) {
  if (axis < -rank || axis >= rank)
    throw ShapeError(text(operation, ": axis ", axis, " is out of range for rank ", rank));
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

/// The number of elements. @throws ShapeError for a negative size, or if that of bytes overflows.
inline Index check_sizes(std::span<const Index> sizes, std::size_t element_bytes) {
  const Index limit = std::numeric_limits<Index>::max() / static_cast<Index>(element_bytes);
  Index n = 1;
  for (Index size : sizes) {
    if (size < 0) throw ShapeError(text("tensor: negative size in shape ", shape_text(sizes)));
    if (size > 0 && n > limit / size)
      throw ShapeError(text("tensor: too many elements in shape ", shape_text(sizes)));
    n *= size;
  }
  return n;
}

}  // namespace tinydl
