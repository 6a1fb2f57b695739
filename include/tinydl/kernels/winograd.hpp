// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <type_traits>

#include <tinydl/core/scratch.hpp>
#include <tinydl/kernels/conv_shape.hpp>
#include <tinydl/kernels/copy.hpp>
#include <tinydl/kernels/multiply.hpp>
#include <tinydl/kernels/reduce.hpp>
#include <tinydl/kernels/winograd_maps.hpp>

// Convolutions of 3x3 filters with a quarter of the multiplications. The result is cut into tiles
// of 4x4, each of which depends on a window of 6x6 pixels. Windows and filters are mapped to their
// values at 6x6 points, where the convolution is a product of matrices for each point,
//     (tiles, channels) (channels, filters) = (tiles, filters),
// and the products are mapped back. Channels, and filters, are innermost: they are what a vector
// holds.

namespace tinydl::kernels {

namespace detail::winograd {

inline constexpr Index matrices = points * points;

constexpr Index up(Index n, Index step) { return (n + step - 1) / step * step; }
/// Channels and filters, filled up with zeros.
constexpr Index whole_vectors(Index channels) { return up(channels, 16); }
/// From one of the 36 matrices to the next: an odd number of cache lines, as the same number of
/// each is written at once, and in a distance of a power of two they would displace each other.
constexpr Index apart(Index size) { return up(size, 32) + 16; }

/// The rows of tiles of all images. The tiles of `per_piece` rows are worked on at once.
struct TileRows {
  Index down, right, count, per_piece;

  explicit TileRows(const ConvShape& s)
      : down(up(s.height.out, results) / results),
        right(up(s.width.out, results) / results),
        count(s.images * down),
        // Few enough for the second-level cache, and many pieces of one image.
        per_piece(std::clamp<Index>(24 / right, 1, up(count, 8) / 8)) {}

  Index tiles() const { return count * right; }
  Index columns() const { return right * results; }
};

/// 36 right operands of matrix products, (rows, columns) each, cut into panels that are as wide as
/// blocks, or narrower where that makes them alike: 64 columns are two of 32, as the multiply-adds
/// of a vector alone wait for its loads.
template <class T>
struct Panels {
  Index rows, columns, width = width_for(columns);

  static Index width_for(Index columns) {
    const BlockSize block = block_size<T>();
    const Index panels = up(columns, block.columns) / block.columns;
    return up((columns + panels - 1) / panels, block.unit);
  }

  Index count() const { return up(columns, width) / width; }
  Index step() const { return rows * width; }  // from a panel to the next
  Index apart() const { return winograd::apart(count() * step()); }
  Index columns_of(Index panel) const { return std::min(width, columns - panel * width); }
};

/// c = a b, or with `add` c += a b, for 36 matrices each.
template <class T>
void multiply(MatrixView<T> a, Index a_apart, const Panels<T>& shape, const T* b, T* c,
              Index c_apart, bool add) {
  const Index height = block_size<T>().rows, whole = shape.columns / shape.width;
  for (Index m = 0; m < matrices; ++m, a.data += a_apart, b += shape.apart(), c += c_apart) {
    const Product<T> product{.a = a,
                             .b = b,
                             .panel_step = shape.step(),
                             .panel = shape.width,
                             .b_row = shape.width,
                             .edge = b + whole * shape.step(),
                             .edge_row = shape.width,
                             .n = shape.columns,
                             .c = c,
                             .c_row = shape.columns,
                             .start = add ? c : nullptr,
                             .start_row = shape.columns};
    multiply_strips(product, shape.count(), Index(0), up(a.rows, height) / height);
  }
}

template <class T>
struct Images {
  const T* data;
  Index channels, height, width;

  /// Rows and columns of image n from (row, column) on, channels innermost, with zeros outside.
  /// out: (rows, columns, whole_vectors(channels))
  void channels_last(Index n, Index row, Index rows, Index column, Index columns, T* out) const {
    const Index depth = whole_vectors(channels), plane = height * width;
    const Index top = std::max<Index>(row, 0), bottom = std::min(row + rows, height);
    const Index left = std::max<Index>(column, 0), right = std::min(column + columns, width);
    const bool inside = top == row && bottom == row + rows && left == column &&
                        right == column + columns && channels == depth;
    if (!inside) std::fill_n(out, rows * columns * depth, T(0));
    if (left >= right) return;
    for (Index i = top; i < bottom; ++i)
      pack_transposed(channels, right - left, data + n * channels * plane + i * width + left, plane,
                      out + ((i - row) * columns + left - column) * depth, depth);
  }
};

/// Where the filters of a convolution are: the 3x3 taps of (filter, channel) begin at data +
/// filter * filter_step + channel * channel_step, back to front if they are `turned`.
template <class T>
struct Filters {
  const T* data;
  Index filter_step, channel_step;
  bool turned;
};

/// out: 36 matrices (channels, filters).
template <class T>
void filters_to_points(const ConvShape& s, const Filters<T>& w, const Panels<T>& shape, T* out) {
  constexpr Index some = 16, size = taps * taps;  // channels at once
  const Index width = shape.width, pieces = shape.rows / some;
  parallel_for(shape.count() * pieces, [&](Index task) {
    const Index panel = task / pieces, filter = panel * width, channel = task % pieces * some;
    T squares[some * size * Block<64>::columns<T>];  // (channels, taps, filters)
    std::fill_n(squares, some * size * width, T(0));
    const Index filters = std::min(width, s.filters - filter);
    for (Index c = 0; filters > 0 && c < std::min(some, s.channels - channel); ++c) {
      const T* from = w.data + filter * w.filter_step + (channel + c) * w.channel_step;
      T* first = squares + (c * size + (w.turned ? size - 1 : 0)) * width;
      pack_transposed(filters, size, from, w.filter_step, first, w.turned ? -width : width);
    }
    map_squares<TapsToPoints, T>(some, shape.columns_of(panel),
                                 {squares, taps * width, width, size * width},
                                 {out + panel * shape.step() + channel * width,
                                  points * shape.apart(), shape.apart(), width});
  });
}

/// How many numbers a row of windows has, pixels that two of them share once.
inline Index window_row(const TileRows& tiles, Index channels) {
  return points * (tiles.columns() + points - results) * channels;
}

/// The windows of rows of tiles, [begin, end).  out: 36 matrices (tiles, channels), filled up with
/// zeros to `rows` tiles; memory: a window_row
template <class T>
void windows_to_points(const ConvShape& s, const TileRows& tiles, const Images<T>& x, Index begin,
                       Index end, Index rows, T* out, Index out_apart, T* memory) {
  const Index depth = whole_vectors(x.channels), columns = tiles.columns() + points - results;
  for (Index r = begin; r < end; ++r, out += tiles.right * depth) {
    x.channels_last(r / tiles.down, r % tiles.down * results - s.height.padding, points,
                    -s.width.padding, columns, memory);
    map_squares<PixelsToPoints, T>(tiles.right, depth,
                                   {memory, columns * depth, depth, results * depth},
                                   {out, points * out_apart, out_apart, depth});
  }
  const Index missing = rows - (end - begin) * tiles.right;
  for (Index m = 0; m < matrices && missing > 0; ++m)
    std::fill_n(out + m * out_apart, missing * depth, T(0));
}

/// Filters at their points: right operands for the 36 products.
template <class T>
tinydl::detail::Storage<T> at_points(const ConvShape& s, const Filters<T>& w) {
  const Panels<T> shape{whole_vectors(s.channels), whole_vectors(s.filters)};
  tinydl::detail::Storage<T> u(static_cast<std::size_t>(matrices * shape.apart()));
  filters_to_points(s, w, shape, u.data());
  return u;
}

/// y = x convolved with filters that are at their points, plus bias.
template <class T>
void convolve(const ConvShape& s, const T* x, const T* u, const T* bias, T* y) {
  const TileRows tiles(s);
  const Index channels = whole_vectors(s.channels), filters = whole_vectors(s.filters);
  const Index right = tiles.right, most = up(tiles.per_piece * right, block_size<T>().rows);
  const Index v_apart = apart(most * channels), p_apart = apart(most * filters);
  const Panels<T> shape{channels, filters};
  const tinydl::detail::Storage<T> start(static_cast<std::size_t>(filters));
  std::fill_n(start.data(), filters, T(0));
  if (bias) std::copy_n(bias, s.filters, start.data());
  const Images<T> images{x, s.channels, s.height.in, s.width.in};
  const Index plane = s.height.out * s.width.out;
  const Index row_size = std::max(results * tiles.columns() * filters, window_row(tiles, channels));
  const Index memory = row_size + matrices * (v_apart + p_apart);
  const auto convolve_rows = [&](Index begin, Index end, T* v) {
    T *const p = v + matrices * v_apart, *const row = p + matrices * p_apart;
    windows_to_points(s, tiles, images, begin, end, most, v, v_apart, row);
    multiply(matrix_view<T>(v, most, channels), v_apart, shape, u, p, p_apart, false);
    for (Index r = begin; r < end; ++r) {
      map_squares<PointsToResults, T>(
          right, filters, {p + (r - begin) * right * filters, points * p_apart, p_apart, filters},
          {row, tiles.columns() * filters, filters, results * filters}, start.data());
      const Index first = r % tiles.down * results;
      T* to = y + r / tiles.down * s.result_size() + first * s.width.out;
      for (Index i = 0; i < std::min(results, s.height.out - first); ++i)
        pack_transposed(s.width.out, s.filters, row + i * tiles.columns() * filters, filters,
                        to + i * s.width.out, plane);
    }
  };
  tinydl::detail::parallel_with_scratch<T>(tiles.count, tiles.per_piece, memory, convolve_rows);
}

/// Into how many pieces the images are cut for the gradient of the weights, each of which needs
/// memory for it.
inline Index weight_pieces(const ConvShape& s) {
  constexpr Index most_sums = Index{1} << 22;  // numbers
  const Index size = matrices * whole_vectors(s.channels) * whole_vectors(s.filters);
  return std::min<Index>(most_sums / size, 16);
}

}  // namespace detail::winograd

/// Doubles are for accuracy, and stay with direct sums.
template <class T>
inline constexpr bool has_winograd = std::is_same_v<T, float>;

/// Whether this algorithm is possible and the faster one. Its rounding errors are about twice those
/// of a direct sum; relative to the largest result they are below 4e-6 for up to 256 channels.
inline bool winograd_pays(const ConvShape& s) {
  const auto plain = [](const ConvAxis& axis) {
    return axis.kernel == detail::winograd::taps && axis.stride == 1 && axis.dilation == 1;
  };
  if (s.groups != 1 || !plain(s.height) || !plain(s.width) || s.images == 0 ||
      std::min(s.channels, s.filters) < 16)
    return false;
  // The results fill at least half of the tiles, of which there are enough for the filters'
  // mapping.
  const detail::winograd::TileRows tiles(s);
  return 2 * s.height.out * s.width.out >= 16 * tiles.down * tiles.right &&
         4096 * tiles.tiles() >= s.channels * s.filters;
}

/// The same for its adjoint in w.
inline bool winograd_weights_pay(const ConvShape& s) {
  return winograd_pays(s) && detail::winograd::weight_pieces(s) >= 4;
}

/// The adjoint of a convolution of stride 1 is the convolution of its result with turned filters:
/// its sizes.
inline ConvShape turned(const ConvShape& s) {
  const auto turn = [](const ConvAxis& a) {
    return ConvAxis{.in = a.out,
                    .out = a.in,
                    .kernel = a.kernel,
                    .stride = a.stride,
                    .dilation = a.dilation,
                    .padding = a.kernel - 1 - a.padding};
  };
  return {s.images, s.filters, s.channels, s.groups, turn(s.height), turn(s.width)};
}

/// The filters w as winograd_convolve() takes them, for images of any size.
template <class T>
tinydl::detail::Storage<T> winograd_filters(const ConvShape& s, const T* w) {
  const Index taps = s.kernel_size();
  return detail::winograd::at_points<T>(s, {w, s.channels * taps, taps, false});
}

/// convolve() by Winograd's algorithm.  filters: from winograd_filters()
template <class T>
void winograd_convolve(const ConvShape& s, const T* x, const tinydl::detail::Storage<T>& filters,
                       const T* bias, T* y) {
  detail::winograd::convolve<T>(s, x, filters.data(), bias, y);
}

/// convolve_adjoint() by Winograd's algorithm.
template <class T>
void winograd_convolve_adjoint(const ConvShape& s, const T* y, const T* w, const T* bias, T* x) {
  const Index taps = s.kernel_size();
  const ConvShape t = turned(s);
  const auto filters = detail::winograd::at_points<T>(t, {w, taps, s.channels * taps, true});
  detail::winograd::convolve<T>(t, y, filters.data(), bias, x);
}

/// convolve_weights(): for each point (channels, tiles) (tiles, filters), summed over pieces of
/// rows of tiles, and then the pieces in order.
template <class T>
void winograd_convolve_weights(const ConvShape& s, const T* x, const T* y, T* w) {
  using namespace detail::winograd;
  const TileRows tiles(s);
  const Index channels = whole_vectors(s.channels), filters = whole_vectors(s.filters);
  const Index right = tiles.right, step = tiles.per_piece;
  const Index w_apart = apart(channels * filters), size = matrices * w_apart;
  const Index most_pieces = std::max<Index>(1, weight_pieces(s));
  const Index per_piece = up((tiles.count + most_pieces - 1) / most_pieces, step);
  const Index pieces = (tiles.count + per_piece - 1) / per_piece;
  const Images<T> images{x, s.channels, s.height.in, s.width.in},
      gradients{y, s.filters, s.height.out, s.width.out};
  const tinydl::detail::Storage<T> sums(static_cast<std::size_t>(pieces * size)),
      total(static_cast<std::size_t>(size));
  const Index v_apart = apart(step * right * channels);
  const Panels<T> shape{step * right, filters};
  const Index row_size = std::max(results * tiles.columns() * filters, window_row(tiles, channels));
  const Index memory = row_size + matrices * (v_apart + shape.apart());
  const auto sum_piece = [&](Index piece, Index, T* v) {
    T *const g = v + matrices * v_apart, *const row = g + matrices * shape.apart();
    const Index first = piece * per_piece, last = std::min(tiles.count, first + per_piece);
    for (Index begin = first; begin < last; begin += step) {
      const Index end = std::min(last, begin + step), some = (end - begin) * right;
      windows_to_points(s, tiles, images, begin, end, some, v, v_apart, row);
      for (Index r = begin; r < end; ++r) {
        gradients.channels_last(r / tiles.down, r % tiles.down * results, results, 0,
                                tiles.columns(), row);
        for (Index q = 0; q < shape.count(); ++q)
          map_squares<ResultsToPoints, T>(
              right, shape.columns_of(q),
              {row + q * shape.width, tiles.columns() * filters, filters, results * filters},
              {g + q * shape.step() + (r - begin) * right * shape.width, points * shape.apart(),
               shape.apart(), shape.width});
      }
      MatrixView<T> windows = matrix_view<T>(v, some, channels).transposed();
      multiply(windows, v_apart, shape, g, sums.data() + piece * size, w_apart, begin > first);
    }
  };
  tinydl::detail::parallel_with_scratch<T>(pieces, 1, memory, sum_piece);
  fold(1, pieces, size, static_cast<const T*>(sums.data()), total.data(), Sum{});
  // Of no more use, the first of the sums gives its memory: (taps, channels, filters).
  map_squares<PointsToTaps, T>(channels, filters,
                               {total.data(), points * w_apart, w_apart, filters},
                               {sums.data(), taps * w_apart, w_apart, filters});
  copy_strided(Shape<3>(s.filters, s.channels, s.kernel_size()), static_cast<const T*>(sums.data()),
               Steps<3>(1, filters, w_apart), w,
               Steps<3>(s.channels * s.kernel_size(), s.kernel_size(), 1));
}

}  // namespace tinydl::kernels
