// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/upsample.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

enum class UpsampleMode { nearest, bilinear };

struct UpsampleOptions {
  UpsampleMode mode = UpsampleMode::nearest;
};

/// Larger images: (N, C, H, W) -> (N, C, factor H, factor W), by upsample_nearest2d or
/// upsample_bilinear2d.
class Upsample : public Layer<Upsample, void> {
 public:
  /// @throws ValueError if a factor is below 1.
  explicit Upsample(Pair factor, UpsampleOptions options = {})
      : factor_(factor), options_(options) {
    detail::check_upsampling("Upsample", factor);
  }

  template <class T>
  Variable<T, 4> forward(const Variable<T, 4>& x) const {
    return options_.mode == UpsampleMode::nearest ? upsample_nearest2d(x, factor_)
                                                  : upsample_bilinear2d(x, factor_);
  }

  Upsample clone() const {
    return clone_by([&] { return Upsample(factor_, options_); });
  }

 private:
  Pair factor_;
  UpsampleOptions options_;
};

}  // namespace tinydl
