// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/dropout.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

/// In training, zeroes elements with probability p and scales the others by 1 / (1 - p); in eval
/// mode, nothing. Draws from the default generator unless given one, which must outlive it.
class Dropout : public Layer<Dropout, void> {
 public:
  /// @throws ValueError unless p is in [0, 1).
  explicit Dropout(double p = 0.5, Generator& generator = default_generator())
      : p_(p), generator_(&generator) {
    detail::check_dropout(p);
  }

  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return training() && p_ > 0 ? dropout(x, p_, *generator_) : x;
  }

  Dropout clone() const {
    return clone_by([&] { return Dropout(p_, *generator_); });
  }

 private:
  double p_;
  Generator* generator_;
};

/// The same for whole channels: in training each is zeroed with probability p, or scaled by
/// 1 / (1 - p).  x: (N, C, H, W), or (N, C, ...)
class Dropout2D : public Layer<Dropout2D, void> {
 public:
  /// @throws ValueError unless p is in [0, 1).
  explicit Dropout2D(double p = 0.5, Generator& generator = default_generator())
      : p_(p), generator_(&generator) {
    detail::check_dropout(p);
  }

  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return training() && p_ > 0 ? dropout2d(x, p_, *generator_) : x;
  }

  Dropout2D clone() const {
    return clone_by([&] { return Dropout2D(p_, *generator_); });
  }

 private:
  double p_;
  Generator* generator_;
};

}  // namespace tinydl
