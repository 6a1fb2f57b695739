// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <tinydl/core/pool_vector.hpp>
#include <tinydl/core/scratch.hpp>
#include <tinydl/kernels/conv_shape.hpp>
#include <tinydl/kernels/copy.hpp>
#include <tinydl/kernels/matmul.hpp>
#include <tinydl/kernels/reduce.hpp>

// Convolutions as matrix products without an unfolded matrix. Tap (c, k, l), one number of a
// filter, meets pixels that are a stride apart as the filter moves over an image. If the image is
// copied with its padding, and every stride-th pixel into an image of its own (a phase), then these
// pixels are a run of memory: the rows of the unfolded matrix are there already, and a table says
// where each begins. At the end of a row the filter runs on over the edge; such results are
// dropped.

namespace tinydl::kernels {

namespace detail {

using tinydl::detail::PoolVector;

/// Copies `rows` rows of n numbers, which are from_step apart, to rows that are to_step apart and
/// whose numbers are `step` apart.
template <class T>
void spread_rows(Index rows, Index n, const T* from, Index from_step, T* to, Index to_step,
                 Index step) {
  for (; rows-- > 0; from += from_step, to += to_step)
    if (step == 1)
      std::copy_n(from, n, to);
    else
      for (Index i = 0; i < n; ++i) to[i * step] = from[i];
}

/// The phases of an image's channels, one after another, and where the taps meet them.
struct Phases {
  const ConvShape& shape;
  Index row_step, plane_step;  // of one phase
  bool in_place;               // there is one phase, and it is the image

  explicit Phases(const ConvShape& s) : shape(s) {
    const auto whole = [](const ConvAxis& axis) {
      return axis.stride == 1 && axis.padding == 0 && axis.met() <= axis.in;
    };
    in_place = whole(s.height) && whole(s.width);
    row_step = in_place ? s.width.in : s.width.met();
    plane_step = row_step * (in_place ? s.height.in : s.height.met());
  }

  Index channel_step() const { return shape.height.stride * shape.width.stride * plane_step; }
  Index size() const { return in_place ? 0 : shape.channels * channel_step(); }
  /// The filter's positions, those over the edges included.
  Index positions() const { return (shape.height.out - 1) * row_step + shape.width.out; }

  /// Where the pixels that tap (c, k, l) meets begin.
  [[gnu::cold]] PoolVector<Index> offsets() const {
    const ConvAxis &height = shape.height, &width = shape.width;
    PoolVector<Index> table;
    for (Index c = 0; c < shape.group_channels(); ++c)
      for (Index k = 0; k < height.kernel; ++k)
        for (Index l = 0; l < width.kernel; ++l)
          table.push_back(c * channel_step() +
                          (height.phase(k) * width.stride + width.phase(l)) * plane_step +
                          height.shift(k) * row_step + width.shift(l));
    return table;
  }

  /// The phases of image x, made in `memory` unless the image will do.
  template <class T>
  const T* of(const T* x, T* memory) const {
    if (in_place) return x;
    const ConvAxis &height = shape.height, &width = shape.width;
    T* to = memory;
    for (Index c = 0; c < shape.channels; ++c, x += height.in * width.in)
      for (Index p = 0; p < height.stride; ++p)
        for (Index q = 0; q < width.stride; ++q)
          for (Index i = 0; i < height.met(); ++i, to += row_step) {
            const Index row = height.position(p, i);
            const bool inside = row >= 0 && row < height.in;
            const Index first = inside ? std::min(row_step, width.first_from(q, 0)) : row_step;
            const Index end = inside ? std::min(row_step, width.first_from(q, width.in)) : row_step;
            std::fill_n(to, first, T(0));
            const T* from = inside ? x + row * width.in + width.position(q, first) : x;
            if (width.stride == 1)
              std::copy_n(from, end - first, to + first);
            else
              for (Index j = first; j < end; ++j) to[j] = from[(j - first) * width.stride];
            std::fill_n(to + end, row_step - end, T(0));
          }
    return memory;
  }
};

/// One phase of x as the result of a convolution of stride 1: of y, with zeros around it, with
/// those taps that meet this phase, back to front.
struct AdjointPhase {
  Index row, rows, column, columns;  // those numbers of the phase that are inside of x
  Index corner;                      // in x, of the first of them
  PoolVector<Index> taps = {};       // k * width.kernel + l
  PoolVector<Index> offsets = {};    // where what (filter, tap) meets begins
};

/// The sizes of what the adjoint convolves: y with as many zeros around it as the filters reach.
inline ConvShape surrounded(const ConvShape& s) {
  const auto axis = [](const ConvAxis& a) {
    return ConvAxis{
        .in = a.out, .out = a.met(), .kernel = a.most_shift() + 1, .padding = a.most_shift()};
  };
  return {s.images, s.filters, s.channels, s.groups, axis(s.height), axis(s.width)};
}

/// The phases of x that taps meet.
[[gnu::cold]] inline PoolVector<AdjointPhase> adjoint_phases(const ConvShape& s, const Phases& y) {
  const ConvAxis &height = s.height, &width = s.width;
  PoolVector<AdjointPhase> phases;
  for (Index p = 0; p < height.stride; ++p)
    for (Index q = 0; q < width.stride; ++q) {
      const Index row = height.first_from(p, 0), column = width.first_from(q, 0);
      AdjointPhase phase{row, std::min(height.met(), height.first_from(p, height.in)) - row, column,
                         std::min(width.met(), width.first_from(q, width.in)) - column,
                         height.position(p, row) * width.in + width.position(q, column)};
      for (Index k = 0; k < height.kernel; ++k)
        for (Index l = 0; l < width.kernel; ++l)
          if (height.phase(k) == p && width.phase(l) == q)
            phase.taps.push_back(k * width.kernel + l);
      if (phase.taps.empty() || phase.rows <= 0 || phase.columns <= 0) continue;
      for (Index o = 0; o < s.group_filters(); ++o)
        for (Index tap : phase.taps)
          phase.offsets.push_back(o * y.plane_step +
                                  (row + height.most_shift() - height.shift(tap / width.kernel)) *
                                      y.row_step +
                                  column + width.most_shift() - width.shift(tap % width.kernel));
      phases.push_back(std::move(phase));
    }
  return phases;
}

/// The weight in the order in which the phases need it: for each phase (channels, group_filters,
/// taps).
template <class T>
void gather_taps(const ConvShape& s, const PoolVector<AdjointPhase>& phases, const T* w, T* out) {
  const Index channels = s.group_channels(), size = s.kernel_size();
  for (const AdjointPhase& phase : phases)
    for (Index g = 0; g < s.groups; ++g)
      for (Index c = 0; c < channels; ++c)
        for (Index o = 0; o < s.group_filters(); ++o) {
          const T* filter = w + ((g * s.group_filters() + o) * channels + c) * size;
          for (Index tap : phase.taps) *out++ = filter[tap];
        }
}

}  // namespace detail

/// y = x convolved with w, plus bias[o] in channel o unless bias is null.
template <class T>
void direct_convolve(const ConvShape& s, const T* x, const T* w, const T* bias, T* y) {
  const detail::Phases phases(s);
  const detail::PoolVector<Index> offsets = phases.offsets();
  const Index depth = static_cast<Index>(offsets.size()), positions = phases.positions();
  const Index filters = s.group_filters(), out = s.height.out * s.width.out;
  const bool direct = phases.row_step == s.width.out;
  const Index packed_size = matmul_scratch<T>(depth, positions);
  const Index sums_size = direct ? 0 : filters * positions;
  const auto convolve_image = [&](Index n, Index, T* packed) {
    T* const sums = packed + packed_size;
    const T* pixels = phases.of(x + n * s.image_size(), sums + sums_size);
    for (Index g = 0; g < s.groups; ++g) {
      T* result = y + n * s.result_size() + g * filters * out;
      T* to = direct ? result : sums;
      for (Index o = 0; bias && o < filters; ++o)
        fill(to + o * positions, positions, bias[g * filters + o]);
      matmul<T>({w + g * filters * depth, filters, depth, depth, 1},
                {pixels + g * s.group_channels() * phases.channel_step(), depth, positions, 0, 1,
                 offsets.data()},
                to, positions, bias ? to : nullptr, positions, packed);
      for (Index o = 0; !direct && o < filters; ++o)
        detail::spread_rows(s.height.out, s.width.out, to + o * positions, phases.row_step,
                            result + o * out, s.width.out, 1);
    }
  };
  tinydl::detail::parallel_with_scratch<T>(s.images, 1, packed_size + sums_size + phases.size(),
                                           convolve_image);
}

/// The adjoint of direct_convolve in x: each number of y adds its filter, times itself, to what
/// that met of x; plus bias[c] in channel c unless bias is null.
template <class T>
void direct_convolve_adjoint(const ConvShape& s, const T* y, const T* w, const T* bias, T* x) {
  const ConvShape around = detail::surrounded(s);
  const detail::Phases padded(around);
  const detail::PoolVector<detail::AdjointPhase> phases = detail::adjoint_phases(s, padded);
  const tinydl::detail::Storage<T> taps(static_cast<std::size_t>(s.weight_size()));
  detail::gather_taps(s, phases, w, taps.data());
  const Index channels = s.group_channels(), plane = s.height.in * s.width.in;
  Index covered = 0, most = 0, packed_size = 0;
  for (const detail::AdjointPhase& phase : phases) {
    covered += phase.rows * phase.columns;
    const Index depth = static_cast<Index>(phase.offsets.size());
    packed_size = std::max(packed_size, matmul_scratch<T>(depth, phase.rows * padded.row_step));
    most = std::max(most, phase.rows * padded.row_step);
  }
  const bool whole = covered == plane;
  const bool direct = whole && phases.size() == 1 && padded.row_step == s.width.in;
  const Index sums_size = direct ? 0 : channels * most;
  const auto convolve_image = [&](Index n, Index, T* packed) {
    T* const sums = packed + packed_size;
    const T* pixels = padded.of(y + n * s.result_size(), sums + sums_size);
    T* image = x + n * s.image_size();
    for (Index c = 0; c < s.channels && (bias || !whole); ++c)
      fill(image + c * plane, plane, bias ? bias[c] : T(0));
    const T* weight = taps.data();
    for (const detail::AdjointPhase& phase : phases) {
      const Index depth = static_cast<Index>(phase.offsets.size());
      const Index positions = (phase.rows - 1) * padded.row_step + phase.columns;
      for (Index g = 0; g < s.groups; ++g, weight += channels * depth) {
        T* result = image + g * channels * plane;
        T* to = direct ? result : sums;
        for (Index c = 0; bias && c < channels; ++c)
          fill(to + c * positions, positions, bias[g * channels + c]);
        matmul<T>({weight, channels, depth, depth, 1},
                  {pixels + g * s.group_filters() * padded.plane_step, depth, positions, 0, 1,
                   phase.offsets.data()},
                  to, positions, bias ? to : nullptr, positions, packed);
        for (Index c = 0; !direct && c < channels; ++c)
          detail::spread_rows(phase.rows, phase.columns, to + c * positions, padded.row_step,
                              result + c * plane + phase.corner, s.height.stride * s.width.in,
                              s.width.stride);
      }
    }
  };
  tinydl::detail::parallel_with_scratch<T>(s.images, 1, packed_size + sums_size + padded.size(),
                                           convolve_image);
}

/// The adjoint of direct_convolve in w: each tap is the sum, over all images and positions, of y
/// times the pixel that it met there. The images are summed in pieces that depend on nothing but
/// the shape, and then the pieces in order.
template <class T>
void direct_convolve_weights(const ConvShape& s, const T* x, const T* y, T* w) {
  const detail::Phases phases(s);
  const detail::PoolVector<Index> offsets = phases.offsets();
  const Index depth = static_cast<Index>(offsets.size()), positions = phases.positions();
  const Index filters = s.group_filters(), out = s.height.out * s.width.out;
  const Index size = s.weight_size();
  if (s.images == 0 || size == 0) {
    std::fill_n(w, size, T(0));
    return;
  }
  constexpr Index most_sums = Index{1} << 22;  // numbers
  const Index most_pieces = std::clamp<Index>(most_sums / size, 1, 16);
  const Index per_piece = (s.images + most_pieces - 1) / most_pieces;
  const Index pieces = (s.images + per_piece - 1) / per_piece;
  // (pieces, groups, channels and kernel, filters): transposed, as the pixels' rows need no
  // packing.
  tinydl::detail::Storage<T> sums(static_cast<std::size_t>(pieces * size)),
      total(static_cast<std::size_t>(size));
  const bool spread = phases.row_step != s.width.out;
  const Index packed_size = matmul_scratch<T>(positions, filters);
  const Index wide_size = spread ? s.filters * positions : 0;
  const auto sum_piece = [&](Index piece, Index, T* packed) {
    T *const wide = packed + packed_size, *const memory = wide + wide_size;
    std::fill_n(wide, wide_size, T(0));
    const Index first = piece * per_piece;
    for (Index n = first; n < std::min(s.images, first + per_piece); ++n) {
      const T* pixels = phases.of(x + n * s.image_size(), memory);
      const T* result = y + n * s.result_size();
      for (Index o = 0; spread && o < s.filters; ++o)
        detail::spread_rows(s.height.out, s.width.out, result + o * out, s.width.out,
                            wide + o * positions, phases.row_step, 1);
      for (Index g = 0; g < s.groups; ++g) {
        T* to = sums.data() + (piece * s.groups + g) * depth * filters;
        matmul<T>(
            {pixels + g * s.group_channels() * phases.channel_step(), depth, positions, 0, 1,
             offsets.data()},
            matrix_view((spread ? wide : result) + g * filters * positions, filters, positions)
                .transposed(),
            to, filters, n > first ? to : nullptr, filters, packed);
      }
    }
  };
  tinydl::detail::parallel_with_scratch<T>(pieces, 1, packed_size + wide_size + phases.size(),
                                           sum_piece);
  fold(1, pieces, size, static_cast<const T*>(sums.data()), total.data(), Sum{});
  copy_strided(Shape<3>(s.groups, filters, depth), static_cast<const T*>(total.data()),
               Steps<3>(depth * filters, 1, filters), w, Steps<3>(filters * depth, depth, 1));
}

}  // namespace tinydl::kernels
