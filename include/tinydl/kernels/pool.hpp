// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>

#include <tinydl/core/pool_vector.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/threads.hpp>
#include <tinydl/kernels/simd.hpp>

namespace tinydl::kernels {

// Pooling folds windows of an image into one number each. A window is some rows crossed with some
// columns, so that it is described one axis at a time.

/// The positions begin, begin + step, ... before end of one axis.
struct Window {
  Index begin, end, step;
  Index size;  ///< how many positions a mean counts, perhaps some of them outside of the image

  friend bool operator==(const Window&, const Window&) = default;
};

using WindowList = tinydl::detail::PoolVector<Window>;

/// All windows of an image, each of the rows crossed with each of the columns.
struct Windows {
  Index height, width;  // of the image
  WindowList rows, columns;

  Index image_size() const { return height * width; }
  Index count() const { return static_cast<Index>(rows.size() * columns.size()); }
};

/// Of `kernel` positions each, `dilation` apart, beginning `stride` apart, over an axis with
/// `padding` positions before and after it. The windows see the axis alone; whether their size
/// includes the padding is to be said. All arguments must be in [0, 2^31), and the kernel must fit.
inline WindowList strided_windows(Index size, Index kernel, Index stride, Index padding,
                                  Index dilation, bool count_padding) {
  const Index reach = dilation * (kernel - 1) + 1;
  WindowList windows(static_cast<std::size_t>((size + 2 * padding - reach) / stride + 1));
  Index first = -padding;
  for (Window& window : windows) {
    const Index skipped = first < 0 ? (-first + dilation - 1) / dilation : 0;
    window.begin = first + skipped * dilation;
    window.end = std::min(first + reach, size);
    window.step = dilation;
    const Index seen = (window.end - window.begin + dilation - 1) / dilation;
    window.size = count_padding ? kernel : seen;
    first += stride;
  }
  return windows;
}

/// `count` windows that cover an axis as evenly as they can: number i has the positions from
/// floor(i size / count) up to ceil((i + 1) size / count).
inline WindowList adaptive_windows(Index size, Index count) {
  WindowList windows(static_cast<std::size_t>(count));
  Index i = 0;
  for (Window& window : windows) {
    window.begin = i * size / count;
    window.end = (++i * size + count - 1) / count;
    window.step = 1;
    window.size = window.end - window.begin;
  }
  return windows;
}

namespace detail {

/// f(plane) for each image of `size` elements, in parallel.
template <class F>
void each_plane(Index planes, Index size, F f) {
  const Index most = std::max<Index>(1, 16384 / std::max<Index>(size, 1));
  const Index grain = tinydl::detail::even_grain(planes, most);
  tinydl::detail::parallel_stretches(planes, grain, [&](Index begin, Index end) {
    for (Index plane = begin; plane < end; ++plane) f(plane);
  });
}

/// The position of the larger of two elements. Of equal ones it is the first; a NaN is larger than
/// all else, and of two the second.
template <class T>
[[gnu::always_inline]] inline Index larger(const T* image, Index first, Index second) {
  const bool better = (image[second] > image[first]) | (image[second] != image[second]);
  return first + static_cast<Index>(better) * (second - first);  // no branch to mispredict
}

/// The windows of most networks.
inline bool two_by_two(const Window& rows, const Window& columns) {
  return rows.end - rows.begin == 2 && columns.end - columns.begin == 2 && rows.step == 1 &&
         columns.step == 1;
}

/// The position of the largest element of a window; of several, and of NaNs, as in larger().
template <class T>
Index largest(const T* image, Index width, const Window& rows, const Window& columns) {
  Index best = rows.begin * width + columns.begin;
  if (two_by_two(rows, columns))
    return larger(image, larger(image, best, best + 1),
                  larger(image, best + width, best + width + 1));
  for (Index row = rows.begin; row < rows.end; row += rows.step)
    for (Index column = columns.begin; column < columns.end; column += columns.step)
      best = larger(image, best, row * width + column);
  return best;
}

/// Whether windows have two positions each, and lie side by side from the first one on.
inline bool are_pairs(const WindowList& windows) {
  Index begin = 0;
  for (const Window& w : windows) {
    if (w.begin != begin || w.end != begin + 2 || w.step != 1) return false;
    begin += 2;
  }
  return true;
}

/// The larger ones of some elements, and where they are, as larger() says; T has four bytes. Wider
/// vectors would be no faster, as it is memory that this waits for.
template <class T>
struct Largest {
  using V = Vector<T, 16>;
  using Positions = Vector<std::int32_t, 16>;
  V value;
  Positions position;

  [[gnu::always_inline]] void or_else(const V& other, const Positions& there) {
    const auto better = (other > value) | (other != other);
    value = better ? other : value;
    position = better ? there : position;
  }
  /// Of four pairs, from image[begin] on.
  [[gnu::always_inline]] void of_pairs(const T* image, Index begin) {
    V x, y;
    load(x, image + begin);
    load(y, image + begin + 4);
    load(position, lane_numbers<std::int32_t>.data());
    position = 2 * position + static_cast<std::int32_t>(begin);
    value = __builtin_shufflevector(x, y, 0, 2, 4, 6);
    or_else(__builtin_shufflevector(x, y, 1, 3, 5, 7), position + 1);
  }
};

/// The maxima of an image's windows of 2x2 side by side, (rows, columns) of them, at least four
/// columns, and where they are.
template <class T>
void max_of_squares(Index rows, Index columns, Index width, const T* image, T* y,
                    std::int32_t* at) {
  for (Index i = 0; i < rows; ++i, y += columns, at += columns)
    for (Index j = 0; j < columns; j += 4) {
      const Index first = std::min(j, columns - 4);  // the last four may overlap those before
      const Index corner = 2 * (i * width + first);
      Largest<T> top, bottom;
      top.of_pairs(image, corner);
      bottom.of_pairs(image, corner + width);
      top.or_else(bottom.value, bottom.position);
      store(y + first, top.value);
      store(at + first, top.position);
    }
}

}  // namespace detail

/// The maxima of all windows of images x (planes, height, width), and where in its image each is.
template <class T>
void max_pool(Index planes, const Windows& windows, const T* x, T* y, std::int32_t* at) {
  const Index size = windows.image_size(), count = windows.count();
  const Index down = std::ssize(windows.rows), across = std::ssize(windows.columns);
  const bool in_vectors =
      across >= 4 && detail::are_pairs(windows.rows) && detail::are_pairs(windows.columns);
  detail::each_plane(planes, size, [=, &windows](Index plane) {
    const T* image = x + plane * size;
    Index out = plane * count;
    if constexpr (lanes<Vector<T, 16>, T> == 4)
      if (in_vectors)
        return detail::max_of_squares(down, across, windows.width, image, y + out, at + out);
    for (const Window& rows : windows.rows)
      for (const Window& columns : windows.columns) {
        const Index best = detail::largest(image, windows.width, rows, columns);
        at[out] = static_cast<std::int32_t>(best);
        y[out++] = image[best];
      }
  });
}

/// y (planes, count): of each plane of x (planes, size) the elements at the given positions.
template <class T>
void gather_planes(Index planes, Index size, Index count, const std::int32_t* at, const T* x,
                   T* y) {
  detail::each_plane(planes, count, [=](Index plane) {
    for (Index i = plane * count; i < (plane + 1) * count; ++i) y[i] = x[plane * size + at[i]];
  });
}

/// Its adjoint: x (planes, size) is zero but for the elements of y, added at their positions.
template <class T>
void scatter_planes(Index planes, Index size, Index count, const std::int32_t* at, const T* y,
                    T* x) {
  detail::each_plane(planes, size, [=](Index plane) {
    std::fill_n(x + plane * size, size, T(0));
    for (Index i = plane * count; i < (plane + 1) * count; ++i) x[plane * size + at[i]] += y[i];
  });
}

/// The means over all windows of images x (planes, height, width).
template <class T>
void avg_pool(Index planes, const Windows& windows, const T* x, T* y) {
  const Index size = windows.image_size(), count = windows.count();
  detail::each_plane(planes, size, [=, &windows](Index plane) {
    const T* image = x + plane * size;
    T* out = y + plane * count;
    for (const Window& rows : windows.rows)
      for (const Window& columns : windows.columns) {
        T sum = 0;
        for (Index row = rows.begin; row < rows.end; row += rows.step)
          for (Index column = columns.begin; column < columns.end; column += columns.step)
            sum += image[row * windows.width + column];
        *out++ = sum / static_cast<T>(rows.size * columns.size);
      }
  });
}

/// Its adjoint: every window spreads its number of y evenly over its elements of x.
template <class T>
void avg_pool_adjoint(Index planes, const Windows& windows, const T* y, T* x) {
  const Index size = windows.image_size(), count = windows.count();
  detail::each_plane(planes, size, [=, &windows](Index plane) {
    T* image = x + plane * size;
    const T* in = y + plane * count;
    std::fill_n(image, size, T(0));
    for (const Window& rows : windows.rows)
      for (const Window& columns : windows.columns) {
        const T share = *in++ / static_cast<T>(rows.size * columns.size);
        for (Index row = rows.begin; row < rows.end; row += rows.step)
          for (Index column = columns.begin; column < columns.end; column += columns.step)
            image[row * windows.width + column] += share;
      }
  });
}

}  // namespace tinydl::kernels
