// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/onnx/header_functions.hpp>

// Loops for a generated header (see export_header.hpp), as the text of plain C++17, written so that
// compilers make vectors of them. x is what is read, y what is written.

namespace tinydl::onnx::detail {

inline constexpr HeaderFunction header_loops[] = {
    {"Axes", "", R"(
/// The sizes of four axes, or the distance between neighbours along each.
struct Axes {
  Index of[4];
};
)"},
    {"copy", "Axes ", R"(
/// Numbers from and to places that strides give.
inline void copy(const Axes& n, const float* x, const Axes& from, float* y,
                 const Axes& to) noexcept {
  for (Index i = 0; i < n.of[0]; ++i)
    for (Index j = 0; j < n.of[1]; ++j)
      for (Index k = 0; k < n.of[2]; ++k) {
        const float* a = x + i * from.of[0] + j * from.of[1] + k * from.of[2];
        float* b = y + i * to.of[0] + j * to.of[1] + k * to.of[2];
        for (Index l = 0; l < n.of[3]; ++l) b[l * to.of[3]] = a[l * from.of[3]];
      }
}
)"},
    {"fill", "", R"(
inline void fill(Index n, float value, float* y) noexcept {
  for (Index i = 0; i < n; ++i) y[i] = value;
}
)"},
    {"embed", "", R"(
/// Rows of a table; an index beyond it means its first or last row.
inline void embed(Index n, Index rows, Index columns, const std::int64_t* indices,
                  const float* table, float* y) noexcept {
  for (Index i = 0; i < n; ++i) {
    const std::int64_t row = indices[i] < 0 ? 0 : indices[i] < rows ? indices[i] : rows - 1;
    for (Index k = 0; k < columns; ++k) *y++ = table[static_cast<Index>(row) * columns + k];
  }
}
)"},
    // --- rows ---
    {"dot", "", R"(
/// The sum of a[i] b[i]: in 16 parts, and those in stretches of 16 each, so that errors stay small.
inline float dot(Index n, const float* a, const float* b) noexcept {
  constexpr Index parts = 16;
  const Index whole = n - n % parts;
  float sum[parts] = {}, rest = 0;
  for (Index i = 0; i < whole;) {
    const Index end = i + 16 * parts < whole ? i + 16 * parts : whole;
    float stretch[parts] = {};
    for (; i < end; i += parts)
      for (Index l = 0; l < parts; ++l) stretch[l] += a[i + l] * b[i + l];
    for (Index l = 0; l < parts; ++l) sum[l] += stretch[l];
  }
  for (Index i = whole; i < n; ++i) rest += a[i] * b[i];
  for (Index half = parts / 2; half > 0; half /= 2)
    for (Index l = 0; l < half; ++l) sum[l] += sum[l + half];
  return sum[0] + rest;
}
)"},
    {"dense", "dot ", R"(
/// x: (rows, inputs), weight: (outputs, inputs), bias: (outputs) or none; y: (rows, outputs)
inline void dense(Index rows, Index inputs, Index outputs, const float* x, const float* weight,
                  const float* bias, float* y) noexcept {
  for (Index row = 0; row < rows; ++row)
    for (Index k = 0; k < outputs; ++k)
      y[row * outputs + k] =
          dot(inputs, x + row * inputs, weight + k * inputs) + (bias ? bias[k] : 0);
}
)"},
    {"matmul", "", R"(
/// a: (batch, rows, inner), b: (batch, inner, columns); y: (batch, rows, columns)
inline void matmul(Index batch, Index rows, Index inner, Index columns, const float* a,
                   const float* b, float* y) noexcept {
  for (Index row = 0; row < batch * rows; ++row, a += inner, y += columns) {
    const float* from = b + row / rows * inner * columns;
    for (Index j = 0; j < columns; ++j) y[j] = 0;
    for (Index k = 0; k < inner; ++k, from += columns)
      for (Index j = 0; j < columns; ++j) y[j] += a[k] * from[j];
  }
}
)"},
    {"softmax", "exp ", R"(
/// Along the middle one of three axes; y may be x.
inline void softmax(Index outer, Index n, Index inner, const float* x, float* y) noexcept {
  for (Index row = 0; row < outer * inner; ++row) {
    const Index first = row / inner * n * inner + row % inner, end = first + n * inner;
    float highest = x[first], sum = 0;
    for (Index i = first; i < end; i += inner) highest = x[i] > highest ? x[i] : highest;
    for (Index i = first; i < end; i += inner) sum += y[i] = exp(x[i] - highest);
    for (Index i = first; i < end; i += inner) y[i] /= sum;
  }
}
)"},
    {"log_softmax", "exp log ", R"(
/// Along the middle one of three axes; y may be x.
inline void log_softmax(Index outer, Index n, Index inner, const float* x, float* y) noexcept {
  for (Index row = 0; row < outer * inner; ++row) {
    const Index first = row / inner * n * inner + row % inner, end = first + n * inner;
    float highest = x[first], sum = 0;
    for (Index i = first; i < end; i += inner) highest = x[i] > highest ? x[i] : highest;
    for (Index i = first; i < end; i += inner) sum += exp(x[i] - highest);
    const float log_of_sum = log(sum);
    for (Index i = first; i < end; i += inner) y[i] = x[i] - highest - log_of_sum;
  }
}
)"},
    {"layer_norm", "sqrt ", R"(
/// Each row of n numbers less its mean, over its standard deviation, times weight, plus bias, where
/// there are such; y may be x.
inline void layer_norm(Index rows, Index n, float eps, const float* x, const float* weight,
                       const float* bias, float* y) noexcept {
  for (Index row = 0; row < rows; ++row, x += n, y += n) {
    float mean = 0, variance = 0;
    for (Index i = 0; i < n; ++i) mean += x[i];
    mean /= static_cast<float>(n);
    for (Index i = 0; i < n; ++i) variance += (x[i] - mean) * (x[i] - mean);
    const float scale = 1 / sqrt(variance / static_cast<float>(n) + eps);
    for (Index i = 0; i < n; ++i)
      y[i] = (x[i] - mean) * scale * (weight ? weight[i] : 1) + (bias ? bias[i] : 0);
  }
}
)"},
    {"scale_planes", "", R"(
/// x: (batch, channels, n), times scale, plus shift, which each channel has; y may be x.
inline void scale_planes(Index batch, Index channels, Index n, const float* x, const float* scale,
                         const float* shift, float* y) noexcept {
  for (Index plane = 0; plane < batch * channels; ++plane, x += n, y += n)
    for (Index i = 0; i < n; ++i) y[i] = x[i] * scale[plane % channels] + shift[plane % channels];
}
)"},
    // --- images ---
    {"conv", "", R"(
/// A convolution without padding. Channels and outputs are those of one group.
struct Conv {
  Index batch, groups, channels, height, width, outputs, out_height, out_width;
  Index kernel_height, kernel_width, stride, dilation_y, dilation_x;  // stride: along y
};
/// Neighbours in a row of the result, of some channels, whose sums are kept in registers.
template <int Channels, int Columns, int Stride>
inline void conv_tile(const Conv& c, const float* x, const float* weight, const float* bias,
                      float* y) noexcept {
  const Index window = c.channels * c.kernel_height * c.kernel_width;
  const Index plane = c.out_height * c.out_width;
  float sum[Channels][Columns];
  for (int k = 0; k < Channels; ++k)
    for (int l = 0; l < Columns; ++l) sum[k][l] = bias ? bias[k] : 0;
  for (Index channel = 0; channel < c.channels; ++channel)
    for (Index i = 0; i < c.kernel_height; ++i)
      for (Index j = 0; j < c.kernel_width; ++j, ++weight) {
        const float* from = x + (channel * c.height + i * c.dilation_y) * c.width;
        float row[Columns];
        for (int l = 0; l < Columns; ++l) row[l] = from[j * c.dilation_x + l * Stride];
        for (int k = 0; k < Channels; ++k) {
          const float factor = weight[k * window];
          for (int l = 0; l < Columns; ++l) sum[k][l] += factor * row[l];
        }
      }
  for (int k = 0; k < Channels; ++k)
    for (int l = 0; l < Columns; ++l) y[k * plane + l] = sum[k][l];
}
template <int Channels, int Columns, int Stride>
inline void conv_planes(const Conv& c, const float* x, const float* weight, const float* bias,
                        float* y) noexcept {
  const Index last = c.out_width - Columns;  // the last tile may share columns with the one before
  for (Index row = 0; row < c.out_height; ++row)
    for (Index column = 0; column < c.out_width; column += Columns) {
      const Index at = column < last ? column : last;
      conv_tile<Channels, Columns, Stride>(c, x + row * c.stride * c.width + at * Stride, weight,
                                           bias, y + row * c.out_width + at);
    }
}
/// x: (batch, groups, channels, height, width), weight: (groups, outputs, channels, kernel),
/// bias: (groups, outputs) or none; y: (batch, groups, outputs, out_height, out_width)
template <int Stride>
inline void conv(const Conv& c, const float* x, const float* weight, const float* bias,
                 float* y) noexcept {
  const Index window = c.channels * c.kernel_height * c.kernel_width;
  const Index plane = c.out_height * c.out_width;
  for (Index image = 0; image < c.batch; ++image)
    for (Index group = 0; group < c.groups; ++group, x += c.channels * c.height * c.width)
      for (Index k = 0; k < c.outputs;) {
        const Index channel = group * c.outputs + k;
        const bool four = c.outputs - k >= 4, wide = c.out_width >= 8;
        const auto planes = four && wide ? conv_planes<4, 8, Stride>
                            : four       ? conv_planes<4, 1, Stride>
                            : wide       ? conv_planes<1, 8, Stride>
                                         : conv_planes<1, 1, Stride>;
        planes(c, x, weight + channel * window, bias ? bias + channel : nullptr, y);
        k += four ? 4 : 1;
        y += four ? 4 * plane : plane;
      }
}
)"},
    {"conv_transpose", "", R"(
/// x: (batch, groups, channels, height, width), weight: (groups, channels, outputs, kernel),
/// y: (batch, groups, outputs, out_height, out_width), to which is added.
struct ConvTranspose {
  Index batch, groups, channels, height, width, outputs, out_height, out_width;
  Index kernel_height, kernel_width, stride_y, stride_x, pad_y, pad_x, dilation_y, dilation_x;
};
inline void conv_transpose(const ConvTranspose& c, const float* x, const float* weight,
                           float* y) noexcept {
  const Index plane = c.out_height * c.out_width, kernel = c.kernel_height * c.kernel_width;
  for (Index channel = 0; channel < c.batch * c.groups * c.channels; ++channel) {
    float* to = y + channel / c.channels * c.outputs * plane;
    const float* factors = weight + channel % (c.groups * c.channels) * c.outputs * kernel;
    for (Index row = 0; row < c.height; ++row)
      for (Index column = 0; column < c.width; ++column, ++x)
        for (Index k = 0; k < c.outputs * kernel; ++k) {
          const Index ky = k / c.kernel_width % c.kernel_height, kx = k % c.kernel_width;
          const Index i = row * c.stride_y - c.pad_y + ky * c.dilation_y;
          const Index j = column * c.stride_x - c.pad_x + kx * c.dilation_x;
          if (i >= 0 && i < c.out_height && j >= 0 && j < c.out_width)
            to[k / kernel * plane + i * c.out_width + j] += *x * factors[k];
        }
  }
}
)"},
    {"Pool", "", R"(
struct Pool {
  Index planes, height, width, out_height, out_width;
  Index kernel_height, kernel_width, stride_y, stride_x, pad_y, pad_x, dilation_y, dilation_x;
};
/// f(total, number) for the numbers in the window of a place.
template <class F>
inline float over_window(const Pool& p, const float* x, Index row, Index column, float total,
                         F f) noexcept {
  for (Index i = 0; i < p.kernel_height; ++i)
    for (Index j = 0; j < p.kernel_width; ++j) {
      const Index y = row * p.stride_y - p.pad_y + i * p.dilation_y;
      const Index at = column * p.stride_x - p.pad_x + j * p.dilation_x;
      if (y >= 0 && y < p.height && at >= 0 && at < p.width) total = f(total, x[y * p.width + at]);
    }
  return total;
}
)"},
    {"max_pool", "Pool ", R"(
/// x: (planes, height, width), y: (planes, out_height, out_width)
inline void max_pool(const Pool& p, const float* x, float* y) noexcept {
  for (Index plane = 0; plane < p.planes; ++plane, x += p.height * p.width)
    for (Index row = 0; row < p.out_height; ++row)
      for (Index column = 0; column < p.out_width; ++column)
        *y++ = over_window(p, x, row, column, -std::numeric_limits<float>::infinity(),
                           [](float highest, float a) { return a > highest ? a : highest; });
}
)"},
    {"average_pool", "Pool ", R"(
/// x: (planes, height, width), y: (planes, out_height, out_width); of all numbers in a window, or
/// of those that are not padding.
inline void average_pool(const Pool& p, bool of_all, const float* x, float* y) noexcept {
  for (Index plane = 0; plane < p.planes; ++plane, x += p.height * p.width)
    for (Index row = 0; row < p.out_height; ++row)
      for (Index column = 0; column < p.out_width; ++column) {
        const auto count = [](float n, float) { return n + 1; };
        const auto add = [](float sum, float a) { return sum + a; };
        const float n = of_all ? static_cast<float>(p.kernel_height * p.kernel_width)
                               : over_window(p, x, row, column, 0, count);
        *y++ = over_window(p, x, row, column, 0, add) / n;
      }
}
)"},
    {"upsample_bilinear", "", R"(
/// x: (planes, height, width), y: (planes, height * rows, width * columns), between the centres of
/// pixels.
inline void upsample_bilinear(Index planes, Index height, Index width, Index rows, Index columns,
                              const float* x, float* y) noexcept {
  struct Between {
    Index low, high;
    float share;  // of high
  };
  const auto between = [](Index i, Index factor, Index n) {
    const float at = (static_cast<float>(i) + 0.5f) / static_cast<float>(factor) - 0.5f;
    const Index low = at < 0 ? 0 : static_cast<Index>(at);
    return Between{low, low + 1 < n ? low + 1 : low, at < 0 ? 0 : at - static_cast<float>(low)};
  };
  for (Index plane = 0; plane < planes; ++plane, x += height * width)
    for (Index i = 0; i < height * rows; ++i)
      for (Index j = 0; j < width * columns; ++j) {
        const Between row = between(i, rows, height), column = between(j, columns, width);
        const auto along = [&](const float* line) {
          return line[column.low] + column.share * (line[column.high] - line[column.low]);
        };
        const float upper = along(x + row.low * width), lower = along(x + row.high * width);
        *y++ = upper + row.share * (lower - upper);
      }
}
)"},
};

}  // namespace tinydl::onnx::detail
