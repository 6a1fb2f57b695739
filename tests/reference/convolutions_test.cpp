// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include "reference.hpp"

// How the cases of convolutions and pooling are run.

namespace reference {
namespace {

/// An attribute that is one number, or one for each axis of an image.
tinydl::Pair pair_attribute(Case& c, const std::string& key, tinydl::Pair otherwise) {
  if (!c.has_attribute(key)) return otherwise;
  const auto value = c.attribute<nlohmann::json>(key);
  if (value.is_array()) return {value.at(0).get<Index>(), value.at(1).get<Index>()};
  return value.get<Index>();
}

// --- convolutions ---

/// f.operator()(x, weight, bias...) with the inputs that the case has.
template <class T, class F>
void run_conv(Case& c, F f) {
  const auto x = c.input<T, 4>("x"), weight = c.input<T, 4>("weight");
  if (c.has("in.bias")) {
    const auto bias = c.input<T, 1>("bias");
    finish<T>(c, f(x, weight, bias), {x, weight, bias});
  } else {
    finish<T>(c, f(x, weight), {x, weight});
  }
}

template <class T>
void run_conv2d(Case& c) {
  tinydl::ConvOptions o{.stride = pair_attribute(c, "stride", 1),
                        .dilation = pair_attribute(c, "dilation", 1),
                        .groups = c.attribute<Index>("groups", 1)};
  const auto padding = c.attribute("padding", nlohmann::json(0));
  if (padding == "same")
    o.padding = tinydl::Padding::same;
  else if (padding != "valid")
    o.padding = pair_attribute(c, "padding", 0);
  run_conv<T>(c, [&](const auto&... inputs) { return tinydl::conv2d(inputs..., o); });
}

template <class T>
void run_conv_transpose2d(Case& c) {
  const tinydl::ConvTransposeOptions o{.stride = pair_attribute(c, "stride", 1),
                                       .padding = pair_attribute(c, "padding", 0),
                                       .output_padding = pair_attribute(c, "output_padding", 0),
                                       .dilation = pair_attribute(c, "dilation", 1),
                                       .groups = c.attribute<Index>("groups", 1)};
  run_conv<T>(c, [&](const auto&... inputs) { return tinydl::conv_transpose2d(inputs..., o); });
}

// --- pooling ---

template <class T>
void run_max_pool(Case& c) {
  const auto x = c.input<T, 4>("x");
  const auto y = tinydl::max_pool2d(x, pair_attribute(c, "kernel", 1),
                                    {.stride = pair_attribute(c, "stride", tinydl::same_as_kernel),
                                     .padding = pair_attribute(c, "padding", 0),
                                     .dilation = pair_attribute(c, "dilation", 1)});
  finish<T>(c, y, {x});
}

template <class T>
void run_avg_pool(Case& c) {
  const auto x = c.input<T, 4>("x");
  const auto y = tinydl::avg_pool2d(x, pair_attribute(c, "kernel", 1),
                                    {.stride = pair_attribute(c, "stride", tinydl::same_as_kernel),
                                     .padding = pair_attribute(c, "padding", 0),
                                     .count_include_pad = c.attribute("count_include_pad", true)});
  finish<T>(c, y, {x});
}

template <class T>
void run_global_avg_pool(Case& c) {
  const auto x = c.input<T, 4>("x");
  finish<T>(c, tinydl::global_avg_pool2d(x), {x});
}

// --- images of another size ---

/// f(x, size) with the attribute of this name, a number or a pair.
template <class T, class F>
void run_resized(Case& c, const char* attribute, F f) {
  if (!c.has_attribute(attribute))
    throw tinydl::ValueError(std::string("there is no ") + attribute);
  const auto x = c.input<T, 4>("x");
  finish<T>(c, f(x, pair_attribute(c, attribute, 1)), {x});
}

template <class F>
Runner adaptive_pool(const char* name, F) {
  return further_runner(name,
                        [](Case& c, auto t) { run_resized<decltype(t)>(c, "output_size", F{}); });
}

template <class F>
Runner upsampling(const char* name, F) {
  return further_runner(name, [](Case& c, auto t) {
    if (c.attribute("align_corners", false))
      throw tinydl::ValueError("align_corners is not in the library");
    run_resized<decltype(t)>(c, c.has_attribute("scale") ? "scale" : "scale_factor", F{});
  });
}

}  // namespace

std::vector<Runner> convolution_runners() {
  return {
      runner("conv2d", [](Case& c, auto t) { run_conv2d<decltype(t)>(c); }),
      runner("conv_transpose2d", [](Case& c, auto t) { run_conv_transpose2d<decltype(t)>(c); }),
      runner("max_pool2d", [](Case& c, auto t) { run_max_pool<decltype(t)>(c); }),
      runner("avg_pool2d", [](Case& c, auto t) { run_avg_pool<decltype(t)>(c); }),
      runner("global_avg_pool", [](Case& c, auto t) { run_global_avg_pool<decltype(t)>(c); }),
      further_runner("global_max_pool*",
                     [](Case& c, auto t) {
                       const auto x = c.input<decltype(t), 4>("x");
                       finish<decltype(t)>(c, tinydl::global_max_pool2d(x), {x});
                     }),
      adaptive_pool(
          "adaptive_avg_pool2d",
          [](const auto& x, tinydl::Pair size) { return tinydl::adaptive_avg_pool2d(x, size); }),
      adaptive_pool(
          "adaptive_max_pool2d",
          [](const auto& x, tinydl::Pair size) { return tinydl::adaptive_max_pool2d(x, size); }),
      upsampling(
          "upsample_nearest*",
          [](const auto& x, tinydl::Pair factor) { return tinydl::upsample_nearest2d(x, factor); }),
      upsampling("upsample_bilinear*",
                 [](const auto& x, tinydl::Pair factor) {
                   return tinydl::upsample_bilinear2d(x, factor);
                 }),
  };
}

}  // namespace reference
