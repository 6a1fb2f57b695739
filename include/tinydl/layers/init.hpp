// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <tinydl/core/create.hpp>

namespace tinydl {

/// How a parameter's first values are drawn: one of the functions in namespace init makes it.
class Init {
 public:
  enum class Distribution { constant, uniform, normal };
  enum class Fan { none, in, average };

  Init(Distribution distribution, double scale, Fan fan = Fan::none)
      : distribution_(distribution), scale_(scale), fan_(fan) {}

  /// Values for a parameter of this shape: (out, in) or (out, in, kernel...).
  template <class T, int Rank>
  Tensor<T, Rank> draw(const Shape<Rank>& shape, Generator& generator = default_generator()) const {
    const T deviation = static_cast<T>(scale_ / std::sqrt(divisor(shape)));
    Tensor<T, Rank> values(shape);
    switch (distribution_) {
      case Distribution::constant:
        return full(shape, static_cast<T>(scale_));
      case Distribution::uniform: {
        const T limit = deviation * std::sqrt(T(3));
        generator.fill_uniform(values.mutable_span(), -limit, limit);
        break;
      }
      case Distribution::normal:
        generator.fill_normal(values.mutable_span(), T(0), deviation);
        break;
    }
    return values;
  }

 private:
  template <int Rank>
  double divisor(const Shape<Rank>& shape) const {
    if (fan_ == Fan::none) return 1;
    Index field = 1;
    for (int i = 2; i < Rank; ++i) field *= shape[i];
    const double in = static_cast<double>((Rank > 1 ? shape[1] : shape[0]) * field);
    const double out = static_cast<double>(shape[0] * field);
    return std::max(1.0, fan_ == Fan::in ? in : (in + out) / 2);
  }

  Distribution distribution_;
  double scale_;  // the value, or the standard deviation before it is divided by sqrt(fan)
  Fan fan_;
};

namespace init {

inline Init constant(double value) { return Init(Init::Distribution::constant, value); }
inline Init zeros() { return constant(0); }
/// Uniform in [-limit, limit).
inline Init uniform(double limit) {
  return Init(Init::Distribution::uniform, limit / std::sqrt(3.0));
}
inline Init normal(double deviation) { return Init(Init::Distribution::normal, deviation); }

/// Variance gain^2 / mean(fan in, fan out) (Glorot and Bengio, 2010).
inline Init xavier_uniform(double gain = 1) {
  return Init(Init::Distribution::uniform, gain, Init::Fan::average);
}
inline Init xavier_normal(double gain = 1) {
  return Init(Init::Distribution::normal, gain, Init::Fan::average);
}

/// Variance gain^2 / fan in (He et al., 2015); the gain of ReLU is sqrt(2).
inline Init kaiming_uniform(double gain = std::sqrt(2.0)) {
  return Init(Init::Distribution::uniform, gain, Init::Fan::in);
}
inline Init kaiming_normal(double gain = std::sqrt(2.0)) {
  return Init(Init::Distribution::normal, gain, Init::Fan::in);
}

}  // namespace init

}  // namespace tinydl
