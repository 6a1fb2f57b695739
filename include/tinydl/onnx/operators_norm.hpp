// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <tinydl/core/create.hpp>
#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/functions/batch_norm.hpp>
#include <tinydl/functions/group_norm.hpp>
#include <tinydl/functions/norm.hpp>
#include <tinydl/functions/shape.hpp>
#include <tinydl/onnx/operation.hpp>

// Operators that normalise.

namespace tinydl::onnx::detail {

/// (N, C, ...) as (N, C, the rest).
inline Tensor<float, 3> channels_of(const Arguments& x) {
  if (x.shape(0).size() < 2)
    throw ShapeError(text("an input (N, C, ...) is needed, not ", shape_text(x.shape(0))));
  const Around a(x.shape(0), 1);
  return x.floats(0).with_shape(Shape<3>(a.outer, a.n, a.inner));
}

/// With the mean and the variance that were found in training.
inline Operation batch_normalization(const Settings& settings) {
  settings.only("training_mode", Index{0});
  return [eps = settings.real("epsilon", 1e-5f)](const Arguments& x) -> Results {
    return one(x.shape(0),
               tinydl::flatten(batch_norm(channels_of(x), x.tensor<1>(1), x.tensor<1>(2),
                                          x.tensor<1>(3), x.tensor<1>(4), eps)));
  };
}

/// Each channel of each example by itself: a group norm of groups of one channel.
inline Operation instance_normalization(const Settings& settings) {
  return [eps = settings.real("epsilon", 1e-5f)](const Arguments& x) -> Results {
    const auto channels = channels_of(x);
    return one(x.shape(0), tinydl::flatten(group_norm(channels, channels.shape()[1], x.tensor<1>(1),
                                                      x.tensor<1>(2), eps)));
  };
}

/// Over the axes from a given one on.
inline Operation layer_normalization(const Settings& settings) {
  const Index from = settings.integer("axis", -1);
  return [from, eps = settings.real("epsilon", 1e-5f)](const Arguments& x) -> Results {
    const std::size_t axis = axis_of(from, x.shape(0).size());
    const Sizes last(x.shape(0).begin() + static_cast<Index>(axis), x.shape(0).end());
    if (x.shape(1) != last || (x.has(2) && x.shape(2) != last))
      throw ShapeError(text("a weight of shape ", shape_text(x.shape(1)), " for the last axes of ",
                            shape_text(x.shape(0))));
    const Floats& weight = x.floats(1);
    const Floats bias = x.has(2) ? x.floats(2) : zeros(weight.shape());
    if (count_of(x.shape(0)) == 0) return one(x[0]);
    const Tensor<float, 2> rows =
        x.floats(0).with_shape(Shape<2>(x.floats(0).size() / weight.size(), weight.size()));
    return one(x.shape(0), tinydl::flatten(layer_norm(rows, weight, bias, eps)));
  };
}

inline constexpr Operator norm_operators[] = {
    {"BatchNormalization", batch_normalization},
    {"InstanceNormalization", instance_normalization},
    {"LayerNormalization", layer_normalization},
};

}  // namespace tinydl::onnx::detail
