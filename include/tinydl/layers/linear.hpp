// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <tinydl/functions/matmul.hpp>
#include <tinydl/layers/init.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

struct LinearOptions {
  bool bias = true;
  /// PyTorch's default: uniform in +-1/sqrt(in).
  Init weight_init = init::kaiming_uniform(1 / std::sqrt(3.0));
  std::optional<Init> bias_init = {};  ///< if none: uniform in +-1/sqrt(in)
};

/// y = x weight^T + bias.  weight: (out, in), bias: (out), x: (..., in), y: (..., out)
template <class T = float>
class Linear : public Layer<Linear<T>, T> {
 public:
  /// @throws ValueError unless both numbers are positive.
  [[gnu::noinline]] Linear(Index in, Index out, LinearOptions options = {})
      : options_(options),
        weight(this->register_parameter(
            "weight", options.weight_init.template draw<T>(checked_shape(in, out)))) {
    if (!options.bias) return;
    const Init bias_init =
        options.bias_init.value_or(init::uniform(1 / std::sqrt(static_cast<double>(in))));
    bias = this->register_parameter("bias", bias_init.draw<T>(Shape<1>(out)));
  }

  template <int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return bias.defined() ? linear(x, weight, bias) : linear(x, weight);
  }

  Linear clone() const {
    return this->clone_by([&] { return Linear(weight.shape()[1], weight.shape()[0], options_); });
  }

 private:
  static Shape<2> checked_shape(Index in, Index out) {
    if (in < 1 || out < 1) throw ValueError(text("Linear: ", in, " features to ", out));
    return Shape<2>(out, in);
  }

  LinearOptions options_;

 public:
  Parameter<T, 2> weight;
  Variable<T, 1> bias;  ///< undefined without a bias
};

}  // namespace tinydl
