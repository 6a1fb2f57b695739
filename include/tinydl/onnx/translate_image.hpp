// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <tinydl/functions/conv.hpp>
#include <tinydl/functions/pool.hpp>
#include <tinydl/functions/upsample.hpp>
#include <tinydl/onnx/translator.hpp>

namespace tinydl::onnx {

namespace detail {

/// Settings of both axes of an image; pads: before height, before width, after height, after width.
inline std::vector<Attribute> window_settings(const kernels::ConvAxis& height,
                                              const kernels::ConvAxis& width, Index below,
                                              Index right) {
  return {setting("kernel_shape", {height.kernel, width.kernel}),
          setting("strides", {height.stride, width.stride}),
          setting("dilations", {height.dilation, width.dilation}),
          setting("pads", {height.padding, width.padding, below, right})};
}

/// The padding behind the image: as much as before it, or what 'same' needs.
inline Index padding_after(const kernels::ConvAxis& axis) {
  const Index reach = (axis.kernel - 1) * axis.dilation;
  if ((axis.in + 2 * axis.padding - reach - 1) / axis.stride + 1 == axis.out) return axis.padding;
  return (axis.out - 1) * axis.stride + reach + 1 - axis.in - axis.padding;
}

inline bool translate_conv(Translator& t, const Step& step, const kernels::ConvShape& shape) {
  auto settings = window_settings(shape.height, shape.width, padding_after(shape.height),
                                  padding_after(shape.width));
  settings.push_back(setting("group", shape.groups));
  return t.result_of(step, "Conv", std::move(settings));
}

inline bool translate_conv_transpose(Translator& t, const Step& step, kernels::ConvShape shape) {
  // By how much the result is larger than it must be. That of one number has no stride.
  const auto extra = [](kernels::ConvAxis& axis) {
    const Index reach = (axis.kernel - 1) * axis.dilation;
    const Index more = axis.in - ((axis.out - 1) * axis.stride - 2 * axis.padding + reach + 1);
    if (axis.out == 1) axis.stride = std::max(axis.stride, more + 1);
    return more;
  };
  const Index below = extra(shape.height), right = extra(shape.width);
  auto settings =
      window_settings(shape.height, shape.width, shape.height.padding, shape.width.padding);
  settings.push_back(setting("output_padding", {below, right}));
  settings.push_back(setting("group", shape.groups));
  return t.result_of(step, "ConvTranspose", std::move(settings));
}

/// The kernel, stride and padding that give these windows of an axis; none if they are irregular,
/// as adaptive ones may be.
inline std::optional<kernels::ConvAxis> regular_windows(const kernels::WindowList& windows,
                                                        Index size, bool count_padding) {
  const Index count = static_cast<Index>(windows.size()), dilation = windows[0].step;
  Index least = 0;
  for (const kernels::Window& window : windows) least = std::max(least, window.size);
  for (Index kernel = least; kernel <= 2 * least; ++kernel)
    for (Index padding = 0; padding <= kernel / 2; ++padding) {
      const Index last = windows[windows.size() - 1].begin + padding;  // in strides from the first
      const Index stride = count == 1 ? size + 2 * padding : last / (count - 1);
      const Index room = size + 2 * padding - dilation * (kernel - 1) - 1;
      if (stride >= 1 && room >= 0 && room / stride + 1 == count &&
          kernels::strided_windows(size, kernel, stride, padding, dilation, count_padding) ==
              windows)
        return kernels::ConvAxis{size, count, kernel, stride, dilation, padding};
    }
  return {};
}

/// Maxima: windows count whole kernels. Means: perhaps only what they see.
inline bool translate_pool(Translator& t, const Step& step, const kernels::Windows& windows,
                           bool means) {
  for (const bool count_padding : {true, false}) {
    const auto height = regular_windows(windows.rows, windows.height, count_padding);
    const auto width = regular_windows(windows.columns, windows.width, count_padding);
    if (!height || !width) continue;
    auto settings = window_settings(*height, *width, height->padding, width->padding);
    if (means) {
      std::erase_if(settings, [](const Attribute& a) { return a.name == "dilations"; });
      settings.push_back(setting("count_include_pad", count_padding ? 1 : 0));
    }
    return t.result_of(step, means ? "AveragePool" : "MaxPool", std::move(settings));
  }
  step.refuse("its windows differ in size or distance, as the image's size is not a multiple");
}

inline bool translate_upsampling(Translator& t, const Step& step, const kernels::Blends& blends) {
  const Index height = static_cast<Index>(blends.rows.size()) / blends.height;
  const Index width = static_cast<Index>(blends.columns.size()) / blends.width;
  const auto same = [](const std::vector<kernels::Blend>& a, const std::vector<kernels::Blend>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& p, const auto& q) {
      return p.first == q.first && p.count == q.count && p.weights[0] == q.weights[0];
    });
  };
  const bool nearest = same(blends.rows, kernels::nearest_blends(blends.height, height)) &&
                       same(blends.columns, kernels::nearest_blends(blends.width, width));
  const Tensor<float, 1> scales =
      from_values({1.0f, 1.0f, static_cast<float>(height), static_cast<float>(width)});
  std::vector<Attribute> settings;
  if (nearest)
    settings = {setting("mode", "nearest"), setting("coordinate_transformation_mode", "asymmetric"),
                setting("nearest_mode", "floor")};
  else
    settings = {setting("mode", "linear"), setting("coordinate_transformation_mode", "half_pixel")};
  return t.result(step,
                  t.apply("Resize", {t.value(step, 0), "", t.initializer("scales", {{4}, scales})},
                          std::move(settings)));
}

}  // namespace detail

/// Functions of images.
inline bool translate_image(Translator& t, const Step& step) {
  if (const auto* op = step.operation<Conv2dFunction>())
    return detail::translate_conv(t, step, op->shape);
  using Part = tinydl::detail::ConvolutionPart;
  if (const auto* op = step.operation<Part>(); op && op->of == Part::Of::y)
    return detail::translate_conv(t, step, op->shape);
  if (const auto* op = step.operation<ConvTranspose2dFunction>())
    return detail::translate_conv_transpose(t, step, op->shape);
  if (const auto* op = step.operation<MaxPool>())
    return detail::translate_pool(t, step, op->windows, false);
  if (const auto* op = step.operation<AvgPool>(); op && !op->adjoint)
    return detail::translate_pool(t, step, op->windows, true);
  if (const auto* op = step.operation<Upsampling<false>>())
    return detail::translate_upsampling(t, step, op->blends);
  return false;
}

}  // namespace tinydl::onnx
