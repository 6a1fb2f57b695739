// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/onnx/header_shapes.hpp>

// Convolutions, pooling and upsampling of rows (N, C, W) and images (N, C, H, W), for a generated
// header (see export_header.hpp).

namespace tinydl::onnx::detail {

/// How a window moves over an image; a row is an image of height 1.
struct HeaderWindow {
  Index channels, height, width, out_channels, out_height, out_width;
  std::array<Index, 2> kernel = {1, 1}, stride = {1, 1}, pad = {0, 0}, dilation = {1, 1};

  /// @param kernel_shape  of the last axes
  HeaderWindow(HeaderNode& node, const Sizes& kernel_shape) {
    const Sizes &in = node.x.shape(0), &out = node.out_shape();
    const std::size_t axes = in.size() - 2;
    if (in.size() < 3 || axes > 2) node.refuse(text("an input of shape ", shape_text(in)));
    channels = in[1], out_channels = out[1];
    height = axes == 2 ? in[2] : 1, out_height = axes == 2 ? out[2] : 1;
    width = in.back(), out_width = out.back();
    const auto read = [&](std::array<Index, 2>& pair, const Sizes& sizes) {
      for (std::size_t i = 0; i < axes && i < sizes.size(); ++i) pair[2 - axes + i] = sizes[i];
    };
    const auto setting = [&](const char* name) {
      return node.settings.integers(name).value_or(Sizes());
    };
    read(kernel, kernel_shape);
    read(stride, setting("strides"));
    read(dilation, setting("dilations"));
    read(pad, setting("pads"));
    node.settings.only("ceil_mode", Index{0});
    const std::string automatic = node.settings.text_of("auto_pad", "NOTSET");
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER")
      for (std::size_t i = 0; i < 2; ++i)
        pad[i] = (missing(i) + (automatic == "SAME_LOWER" ? 1 : 0)) / 2;
  }

  /// What the windows cover beyond the image, on both sides together.
  Index missing(std::size_t i) const {
    const Index in = i == 0 ? height : width, out = i == 0 ? out_height : out_width;
    return std::max<Index>(0, (out - 1) * stride[i] + (kernel[i] - 1) * dilation[i] + 1 - in);
  }
};

/// Padding, where there is any, is written around a copy of the images.
inline void write_conv(HeaderNode& node) {
  const Sizes &shape = node.x.shape(0), &weight_shape = node.x.shape(1);
  HeaderWindow w(node, Sizes(weight_shape.begin() + 2, weight_shape.end()));
  if (!node.constant(1)) node.refuse("weights that are not constants");
  const Index groups = node.settings.integer("group", 1), batch = shape[0];
  HeaderPlace x = node.in(0);
  const Index padded_height = w.height + w.missing(0), padded_width = w.width + w.missing(1);
  if (padded_height > w.height || padded_width > w.width || w.pad[0] > 0 || w.pad[1] > 0) {
    const Index planes = batch * w.channels;
    const Index high = std::max(padded_height, w.height + w.pad[0]);
    const Index wide = std::max(padded_width, w.width + w.pad[1]);
    HeaderPlace padded = node.scratch(planes * high * wide);
    node.call("fill", {std::to_string(planes * high * wide), "0", padded});
    HeaderPlace inside = padded;
    inside.offset = w.pad[0] * wide + w.pad[1];
    call_copy(node, {planes, w.height, w.width}, x, {w.height * w.width, w.width, 1}, inside,
              {high * wide, wide, 1});
    x = padded, w.height = high, w.width = wide;
  }
  if (w.kernel[0] * w.kernel[1] * w.stride[0] * w.stride[1] == 1) {  // all pixels as one row
    w.width *= std::exchange(w.height, 1);
    w.out_width *= std::exchange(w.out_height, 1);
  }
  node.call(text("conv<", w.stride[1], ">"),
            {braces(batch, groups, w.channels / groups, w.height, w.width, w.out_channels / groups,
                    w.out_height, w.out_width, w.kernel[0], w.kernel[1], w.stride[0], w.dilation[0],
                    w.dilation[1]),
             x, node.in(1), node.in_if_there(2), node.out()});
}

inline void write_conv_transpose(HeaderNode& node) {
  const Sizes &shape = node.x.shape(0), &weight_shape = node.x.shape(1);
  const HeaderWindow w(node, Sizes(weight_shape.begin() + 2, weight_shape.end()));
  node.settings.only("auto_pad", "NOTSET");
  const Index groups = node.settings.integer("group", 1), plane = w.out_height * w.out_width;
  const HeaderPlace y = node.out();
  if (node.x.has(2))
    call_copy(node, {shape[0], w.out_channels, plane}, node.in(2), {0, 1, 0}, y,
              {w.out_channels * plane, plane, 1});
  else
    node.call("fill", {std::to_string(node.out_size()), "0", y});
  node.call("conv_transpose",
            {braces(shape[0], groups, w.channels / groups, w.height, w.width,
                    w.out_channels / groups, w.out_height, w.out_width, w.kernel[0], w.kernel[1],
                    w.stride[0], w.stride[1], w.pad[0], w.pad[1], w.dilation[0], w.dilation[1]),
             node.in(0), node.in(1), y});
}

inline void write_pool(HeaderNode& node) {
  const HeaderWindow w(node, node.settings.integers("kernel_shape").value_or(Sizes()));
  const Index planes = node.x.shape(0)[0] * w.channels;
  std::vector<HeaderProgram::Argument> arguments{
      braces(planes, w.height, w.width, w.out_height, w.out_width, w.kernel[0], w.kernel[1],
             w.stride[0], w.stride[1], w.pad[0], w.pad[1], w.dilation[0], w.dilation[1])};
  if (node.node().outputs.size() > 1) node.refuse("positions as an output");
  if (node.node().op_type == "AveragePool") {
    const bool of_all = node.settings.integer("count_include_pad", 0) != 0;
    arguments.emplace_back(of_all ? "true" : "false");
  } else {
    node.settings.only("storage_order", Index{0});
  }
  arguments.insert(arguments.end(), {node.in(0), node.out()});
  node.call(node.node().op_type == "AveragePool" ? "average_pool" : "max_pool", arguments);
}

/// By whole numbers: each pixel is repeated, or those between are blended.
inline void write_resize(HeaderNode& node) {
  const Sizes &shape = node.x.shape(0), &result = node.out_shape();
  if (shape.size() != 4 || result[2] % shape[2] != 0 || result[3] % shape[3] != 0)
    node.refuse("other than images that grow by whole numbers");
  const Index planes = shape[0] * shape[1], height = shape[2], width = shape[3];
  const Index rows = result[2] / height, columns = result[3] / width;
  if (node.settings.text_of("mode", "nearest") == "linear")
    return node.call("upsample_bilinear",
                     {std::to_string(planes), std::to_string(height), std::to_string(width),
                      std::to_string(rows), std::to_string(columns), node.in(0), node.out()});
  const Sizes sizes{planes * height, rows, width, columns};
  call_copy(node, sizes, node.in(0), {width, 0, 1, 0}, node.out(), strides_of(sizes));
}

inline constexpr HeaderOperator header_images[] = {
    {"AveragePool", write_pool}, {"Conv", write_conv},     {"ConvTranspose", write_conv_transpose},
    {"MaxPool", write_pool},     {"Resize", write_resize},
};

}  // namespace tinydl::onnx::detail
