// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/core/create.hpp>
#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/functions/conv.hpp>
#include <tinydl/functions/pool.hpp>
#include <tinydl/functions/upsample.hpp>
#include <tinydl/onnx/operation.hpp>
#include <tinydl/onnx/operators_shape.hpp>

// Operators on images (N, C, H, W), or on rows (N, C, L), which are images of height 1.

namespace tinydl::onnx::detail {

/// x with an axis of size 1 before the last.
inline Value row_as_image(const Value& x) {
  Sizes shape = x.shape;
  shape.insert(shape.end() - 1, 1);
  return {shape, x.elements};
}

/// The sizes of an attribute, of two axes or of one, which is then the second.
inline Pair pair_of(const Sizes& sizes, Index otherwise, bool image) {
  if (sizes.size() != (image ? 2 : 1))
    throw ShapeError(text("settings ", shape_text(sizes), " for ", image ? "images" : "rows"));
  return image ? Pair(sizes[0], sizes[1]) : Pair(otherwise, sizes[0]);
}

/// What convolutions and pooling are told in the same way.
struct WindowSettings {
  Sizes kernel, strides, dilations, pads;  // empty where nothing is said
  std::string auto_pad;

  explicit WindowSettings(const Settings& s)
      : kernel(s.integers("kernel_shape").value_or(Sizes())),
        strides(s.integers("strides").value_or(Sizes())),
        dilations(s.integers("dilations").value_or(Sizes())),
        pads(s.integers("pads").value_or(Sizes())),
        auto_pad(s.text_of("auto_pad", "NOTSET")) {
    s.only("ceil_mode", Index{0});
    if (auto_pad != "NOTSET" && auto_pad != "VALID" && auto_pad != "SAME_UPPER" &&
        auto_pad != "SAME_LOWER")
      throw ValueError(text("attribute 'auto_pad' is ", auto_pad, ", which is not known"));
    if (auto_pad != "NOTSET" && std::ranges::count(pads, 0) != static_cast<Index>(pads.size()))
      throw ValueError(text("attribute 'pads' beside 'auto_pad' ", auto_pad));
  }
};

/// The same for images of a given size.
struct WindowsOnImages {
  Pair kernel, stride = 1, dilation = 1, before = 0, after = 0;

  /// @param kernel_shape of the weight, if it says so.
  WindowsOnImages(const WindowSettings& s, const Sizes& x, const Sizes& kernel_shape, bool image)
      : kernel(pair_of(kernel_shape, 1, image)) {
    if (!s.strides.empty()) stride = pair_of(s.strides, 1, image);
    if (!s.dilations.empty()) dilation = pair_of(s.dilations, 1, image);
    if (!s.pads.empty()) {
      if (s.pads.size() != kernel_shape.size() * 2)
        throw ShapeError(text("attribute 'pads' is ", shape_text(s.pads)));
      const auto half = s.pads.begin() + static_cast<Index>(kernel_shape.size());
      before = pair_of(Sizes(s.pads.begin(), half), 0, image);
      after = pair_of(Sizes(half, s.pads.end()), 0, image);
    }
    if (s.auto_pad.starts_with("SAME")) {
      const bool upper = s.auto_pad == "SAME_UPPER";
      same_size(x[2], kernel.height, stride.height, dilation.height, upper, before.height,
                after.height);
      same_size(x[3], kernel.width, stride.width, dilation.width, upper, before.width, after.width);
    }
  }

  bool symmetric() const { return before == after; }

 private:
  /// Padding for size / stride results, rounded up; the odd one goes to the end if `upper`.
  static void same_size(Index size, Index kernel, Index stride, Index dilation, bool upper,
                        Index& before, Index& after) {
    constexpr Index limit = Index{1} << 24;
    if (stride < 1 || std::max({stride, kernel, dilation, size}) > limit)
      throw ValueError("sizes for automatic padding that no images have");
    const Index out = (size + stride - 1) / stride;
    const Index total = std::max<Index>(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - size);
    before = upper ? total / 2 : total - total / 2;
    after = total - before;
  }
};

/// Calls f(images, more) for images or rows, and gives its result the axes of what came.
template <class F>
Results on_images(const Arguments& x, F f) {
  const bool image = x.shape(0).size() == 4;
  if (!image && x.shape(0).size() != 3)
    throw ShapeError(
        text("images (N, C, H, W) or rows (N, C, L) are needed, not ", shape_text(x.shape(0))));
  x.floats(0);  // of another type it is refused
  Value y = value_of(f(image ? x[0] : row_as_image(x[0]), image));
  if (!image) y.shape.erase(y.shape.begin() + 2);
  return one(y);
}

inline Tensor<float, 4> images_of(const Value& x) {
  return std::get<Floats>(x.elements).with_shape(shape_of<4>(x.shape));
}

/// Images whose padding is not the same on both sides are padded themselves.
inline Tensor<float, 4> evened(const Value& x, WindowsOnImages& windows, float value) {
  if (windows.symmetric()) return images_of(x);
  const Value larger = padded(x, {0, 0, windows.before.height, windows.before.width},
                              {0, 0, windows.after.height, windows.after.width}, value);
  windows.before = windows.after = 0;
  return images_of(larger);
}

inline Value weight_of(const Arguments& x, bool image) {
  x.floats(1);
  if (x.shape(1).size() != x.shape(0).size())
    throw ShapeError(text("a weight of shape ", shape_text(x.shape(1)), " for an input of ",
                          shape_text(x.shape(0))));
  return image ? x[1] : row_as_image(x[1]);
}
inline Sizes kernel_of(const Arguments& x) {
  return Sizes(x.shape(1).begin() + 2, x.shape(1).end());
}

inline Operation conv(const Settings& settings) {
  return [s = WindowSettings(settings), groups = settings.integer("group", 1),
          cache = std::make_shared<kernels::FilterCache>()](const Arguments& x) {
    return on_images(x, [&](const Value& images, bool image) {
      const auto weight = images_of(weight_of(x, image));
      WindowsOnImages w(s, images.shape, kernel_of(x), image);
      const auto from = evened(images, w, 0);
      const ConvOptions options{
          .stride = w.stride, .padding = w.before, .dilation = w.dilation, .groups = groups};
      using tinydl::detail::cached_conv2d;
      return x.has(2) ? cached_conv2d(cache.get(), from, weight, x.tensor<1>(2), options)
                      : cached_conv2d(cache.get(), from, weight, options);
    });
  };
}

inline Operation conv_transpose(const Settings& settings) {
  settings.only("auto_pad", "NOTSET");
  if (settings.has("output_shape")) throw ValueError("attribute 'output_shape' is not known");
  return [s = WindowSettings(settings), groups = settings.integer("group", 1),
          extra = settings.integers("output_padding")](const Arguments& x) {
    return on_images(x, [&](const Value& images, bool image) {
      const auto weight = images_of(weight_of(x, image));
      const WindowsOnImages w(s, images.shape, kernel_of(x), image);
      if (!w.symmetric()) throw ValueError("padding that differs between the sides");
      const ConvTransposeOptions options{
          .stride = w.stride,
          .padding = w.before,
          .output_padding = extra ? pair_of(*extra, 0, image) : Pair(0),
          .dilation = w.dilation,
          .groups = groups};
      return x.has(2) ? conv_transpose2d(images_of(images), weight, x.tensor<1>(2), options)
                      : conv_transpose2d(images_of(images), weight, options);
    });
  };
}

inline Operation max_pool(const Settings& settings) {
  settings.only("storage_order", Index{0});
  return [s = WindowSettings(settings)](const Arguments& x) {
    return on_images(x, [&](const Value& images, bool image) {
      WindowsOnImages w(s, images.shape, s.kernel, image);
      const auto from = evened(images, w, -std::numeric_limits<float>::infinity());
      return max_pool2d(from, w.kernel,
                        {.stride = w.stride, .padding = w.before, .dilation = w.dilation});
    });
  };
}

inline Operation average_pool(const Settings& settings) {
  const bool counts_padding = settings.integer("count_include_pad", 0) != 0;
  return [s = WindowSettings(settings), counts_padding](const Arguments& x) {
    return on_images(x, [&](const Value& images, bool image) {
      WindowsOnImages w(s, images.shape, s.kernel, image);
      if (!(w.dilation == Pair(1))) throw ValueError("attribute 'dilations' is not 1");
      if (!w.symmetric() && !counts_padding)
        throw ValueError("padding that differs between the sides and is not counted");
      const auto from = evened(images, w, 0);
      return avg_pool2d(
          from, w.kernel,
          {.stride = w.stride, .padding = w.before, .count_include_pad = counts_padding});
    });
  };
}

/// The mean, or the largest element, of each image.
template <class F>
Operation of_whole_images(F f) {
  return [f](const Arguments& x) {
    return on_images(x, [&](const Value& images, bool) {
      const Tensor<float, 2> y = f(images_of(images));
      return y.with_shape(Shape<4>(y.shape()[0], y.shape()[1], 1, 1));
    });
  };
}

/// The factor by which an axis grows, by a scale or a size.
inline Index growth(const Arguments& x, std::size_t axis) {
  const Index from = x.shape(0)[axis];
  if (x.has(3) && x.elements<std::int64_t>(3).size() > 0) {
    const Sizes to = x.sizes(3);
    if (to.size() == x.shape(0).size() && from > 0 && to[axis] % from == 0) return to[axis] / from;
  } else if (x.has(2) && x.floats(2).size() == static_cast<Index>(x.shape(0).size())) {
    const float scale = x.floats(2).data()[axis];
    if (scale >= 1 && scale < 0x1p24f && scale == std::floor(scale))
      return static_cast<Index>(scale);
  }
  throw ValueError(text("shape ", shape_text(x.shape(0)), " does not grow by a whole number along ",
                        "axis ", axis));
}

inline Operation resize(const Settings& settings) {
  const std::string mode = settings.text_of("mode", "nearest");
  const std::string place = settings.text_of("coordinate_transformation_mode", "half_pixel");
  const std::string rounding = settings.text_of("nearest_mode", "round_prefer_floor");
  const bool centres = place == "half_pixel" || place == "pytorch_half_pixel";
  const bool nearest = mode == "nearest" && ((place == "asymmetric" && rounding == "floor") ||
                                             (centres && rounding == "round_prefer_floor"));
  if (!nearest && !(mode == "linear" && centres))
    throw ValueError(
        text("mode '", mode, "' with '", place, "' and '", rounding, "', which is not known"));
  settings.only("antialias", Index{0});
  return [nearest](const Arguments& x) {
    return on_images(x, [&](const Value& images, bool image) {
      if (!image || growth(x, 0) != 1 || growth(x, 1) != 1)
        throw ValueError("images that grow along other axes than height and width");
      const Pair factor(growth(x, 2), growth(x, 3));
      return nearest ? upsample_nearest2d(images_of(images), factor)
                     : upsample_bilinear2d(images_of(images), factor);
    });
  };
}

inline constexpr Operator image_operators[] = {
    {"Conv", conv},
    {"ConvTranspose", conv_transpose},
    {"MaxPool", max_pool},
    {"AveragePool", average_pool},
    {"GlobalAveragePool",
     [](const Settings&) {
       return of_whole_images([](const auto& x) { return global_avg_pool2d(x); });
     }},
    {"GlobalMaxPool",
     [](const Settings&) {
       return of_whole_images([](const auto& x) { return global_max_pool2d(x); });
     }},
    {"Resize", resize},
};

}  // namespace tinydl::onnx::detail
