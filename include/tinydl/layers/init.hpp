// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <span>

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
    Tensor<T, Rank> values(shape);
    fill(values.mutable_span(), shape.span(), generator);
    return values;
  }

 private:
  template <class T>
  [[gnu::noinline]] void fill(std::span<T> values, std::span<const Index> shape,
                              Generator& generator) const {
    const T deviation = static_cast<T>(scale_ / std::sqrt(divisor(shape)));
    const T limit = deviation * std::sqrt(T(3));
    if (distribution_ == Distribution::constant)
      std::fill(values.begin(), values.end(), static_cast<T>(scale_));
    else if (distribution_ == Distribution::uniform)
      generator.fill_uniform(values, -limit, limit);
    else
      generator.fill_normal(values, T(0), deviation);
  }

  double divisor(std::span<const Index> shape) const {
    if (fan_ == Fan::none) return 1;
    Index field = 1;
    for (std::size_t i = 2; i < shape.size(); ++i) field *= shape[i];
    const double in = static_cast<double>((shape.size() > 1 ? shape[1] : shape[0]) * field);
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
