// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/softmax.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

// The activation functions as layers, for a Sequential. They take any shape.

struct ReLU : Layer<ReLU, void> {
  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return relu(x);
  }
};

struct Sigmoid : Layer<Sigmoid, void> {
  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return sigmoid(x);
  }
};

struct Tanh : Layer<Tanh, void> {
  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return tanh(x);
  }
};

struct SiLU : Layer<SiLU, void> {
  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return silu(x);
  }
};

struct Softplus : Layer<Softplus, void> {
  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return softplus(x);
  }
};

class LeakyReLU : public Layer<LeakyReLU, void> {
 public:
  explicit LeakyReLU(double slope = 0.01) : slope_(slope) {}
  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return leaky_relu(x, slope_);
  }
  LeakyReLU clone() const {
    return clone_by([&] { return LeakyReLU(slope_); });
  }

 private:
  double slope_;
};

class ELU : public Layer<ELU, void> {
 public:
  explicit ELU(double alpha = 1) : alpha_(alpha) {}
  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return elu(x, alpha_);
  }
  ELU clone() const {
    return clone_by([&] { return ELU(alpha_); });
  }

 private:
  double alpha_;
};

class GELU : public Layer<GELU, void> {
 public:
  explicit GELU(GeluOptions options = {}) : options_(options) {}
  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return gelu(x, options_);
  }
  GELU clone() const {
    return clone_by([&] { return GELU(options_); });
  }

 private:
  GeluOptions options_;
};

class Softmax : public Layer<Softmax, void> {
 public:
  explicit Softmax(Index axis = -1) : axis_(axis) {}
  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return softmax(x, axis_);
  }
  Softmax clone() const {
    return clone_by([&] { return Softmax(axis_); });
  }

 private:
  Index axis_;
};

class LogSoftmax : public Layer<LogSoftmax, void> {
 public:
  explicit LogSoftmax(Index axis = -1) : axis_(axis) {}
  template <class T, int Rank>
  Variable<T, Rank> forward(const Variable<T, Rank>& x) const {
    return log_softmax(x, axis_);
  }
  LogSoftmax clone() const {
    return clone_by([&] { return LogSoftmax(axis_); });
  }

 private:
  Index axis_;
};

}  // namespace tinydl
