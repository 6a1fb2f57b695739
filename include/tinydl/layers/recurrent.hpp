// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <tinydl/functions/dropout.hpp>
#include <tinydl/functions/gru.hpp>
#include <tinydl/functions/lstm.hpp>
#include <tinydl/layers/init.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

struct RecurrentOptions {
  Index layers = 1;  ///< one on top of the other
  bool bias = true;
  double dropout = 0;  ///< between layers, in training
};

struct RNNOptions {
  Index layers = 1;  ///< one on top of the other
  bool bias = true;
  double dropout = 0;  ///< between layers, in training
  bool relu = false;   ///< instead of tanh
};

/// What RNN, LSTM and GRU share: their parameters, and the checks of what comes in.
template <class Derived, class T>
class Recurrent : public Layer<Derived, T> {
 public:
  /// Of one layer, (gates hidden, in), (gates hidden, hidden) and twice (gates hidden); the biases
  /// are undefined without them.
  struct Weights {
    Variable<T, 2> weight_ih, weight_hh;
    Variable<T, 1> bias_ih, bias_hh;
  };

  const std::vector<Weights>& weights() const { return weights_; }

 protected:
  // PyTorch's start: all uniform in +-1/sqrt(hidden).
  Recurrent(const char* name, Index gates, Index in, Index hidden, const RecurrentOptions& options)
      : name_(name), in_(in), hidden_(hidden), options_(options) {
    if (in < 1 || hidden < 1 || options.layers < 1)
      throw ValueError(
          text(name, ": ", in, " features to ", hidden, " in ", options.layers, " layers"));
    if (!(options.dropout >= 0 && options.dropout < 1))
      throw ValueError(text(name, ": dropout = ", options.dropout, " is not in [0, 1)"));
    const Init init = init::uniform(1 / std::sqrt(static_cast<double>(hidden)));
    const Index rows = gates * hidden;
    for (Index k = 0; k < options.layers; ++k) {
      const auto parameter = [&](const char* what, const auto& shape) {
        return this->register_parameter(text(what, "_l", k), init.template draw<T>(shape));
      };
      Weights w;
      w.weight_ih = parameter("weight_ih", Shape<2>(rows, k == 0 ? in : hidden));
      w.weight_hh = parameter("weight_hh", Shape<2>(rows, hidden));
      if (options.bias) {
        w.bias_ih = parameter("bias_ih", Shape<1>(rows));
        w.bias_hh = parameter("bias_hh", Shape<1>(rows));
      }
      weights_.push_back(w);
    }
  }

  void check_input(const Shape<3>& x) const {
    if (x[2] != in_)
      throw ShapeError(text(name_, ": an input of shape ", x, " for a layer of ", in_,
                            " features; it must be (N, L, ", in_, ")"));
    if (x[1] == 0) throw ShapeError(text(name_, ": an empty sequence: an input of shape ", x));
  }

  /// A state for each layer: the parts of one that is given, zeros if it is undefined.
  std::vector<Variable<T, 2>> states(const char* what, const Variable<T, 3>& given,
                                     Index batch) const {
    const Shape<3> shape(options_.layers, batch, hidden_);
    if (given.defined() && given.shape() != shape)
      throw ShapeError(text(name_, ": an initial ", what, " of shape ", given.shape(),
                            " for a batch of ", batch, "; it must be ", shape));
    std::vector<Variable<T, 2>> states;
    for (Index k = 0; k < options_.layers; ++k)
      states.push_back(given.defined() ? select(given, 0, k)
                                       : Variable<T, 2>(zeros<T>(Shape<2>(batch, hidden_))));
    return states;
  }

  /// x through all layers: step(weights, x, k) is layer k.
  template <class Step>
  Variable<T, 3> through_layers(Variable<T, 3> x, Step step) const {
    for (std::size_t k = 0; k < weights_.size(); ++k) {
      if (k > 0 && this->training() && options_.dropout > 0) x = dropout(x, options_.dropout);
      x = step(weights_[k], x, k);
    }
    return x;
  }

  /// What the input brings to all steps; `more` is added to the bias.
  static Variable<T, 3> project(const Variable<T, 3>& x, const Weights& w,
                                const Variable<T, 1>& more = {}) {
    if (!w.bias_ih.defined()) return linear(x, w.weight_ih);
    return linear(x, w.weight_ih, more.defined() ? w.bias_ih + more : w.bias_ih);
  }

  static Variable<T, 2> last(const Variable<T, 3>& y) { return select(y, 1, -1); }

  const char* name_;
  Index in_, hidden_;
  RecurrentOptions options_;

 private:
  std::vector<Weights> weights_;
};

/// Recurrent layers (Elman, 1990): h_t = tanh(weight_ih x_t + bias_ih + weight_hh h_(t-1) +
/// bias_hh). x: (N, L, in), output: (N, L, hidden), states: (layers, N, hidden), zeros if they are
/// undefined
///
///     const RNN rnn(10, 32);
///     auto y = rnn(x);                                   // all steps
///     Variable<float, 3> h;                              // step by step
///     while (...) { auto step = rnn.run(next, h); h = step.h; }
template <class T = float>
class RNN : public Recurrent<RNN<T>, T> {
 public:
  /// output: the last layer's states at all steps; h: all layers' states after the last step
  struct Result {
    Variable<T, 3> output, h;
  };

  /// @throws ValueError unless all sizes are positive and dropout is in [0, 1).
  RNN(Index in, Index hidden, RNNOptions options = {})
      : Recurrent<RNN, T>("RNN", 1, in, hidden, {options.layers, options.bias, options.dropout}),
        relu_(options.relu) {}

  /// @throws ShapeError for an empty sequence, or what does not fit.
  Variable<T, 3> forward(const Variable<T, 3>& x, const Variable<T, 3>& h = {}) const {
    return run(x, h).output;
  }

  Result run(const Variable<T, 3>& x, const Variable<T, 3>& h = {}) const {
    this->check_input(x.shape());
    auto hs = this->states("state", h, x.shape()[0]);
    auto y = this->through_layers(x, [&](const auto& w, const auto& from, std::size_t k) {
      auto to = rnn_sequence(this->project(from, w, w.bias_hh), w.weight_hh, hs[k], relu_);
      hs[k] = this->last(to);
      return to;
    });
    return {y, stack(hs, 0)};
  }

  RNN clone() const {
    const auto& o = this->options_;
    return this->clone_by([&] {
      return RNN(this->in_, this->hidden_, {o.layers, o.bias, o.dropout, relu_});
    });
  }

 private:
  bool relu_;
};

/// Layers of long short-term memory; gates stand in the order i, f, g, o.
/// x: (N, L, in), output: (N, L, hidden), states h and cells c: (layers, N, hidden), zeros if they
/// are undefined
template <class T = float>
class LSTM : public Recurrent<LSTM<T>, T> {
 public:
  /// output: the last layer's states at all steps; h and c: all layers' after the last step
  struct Result {
    Variable<T, 3> output, h, c;
  };

  /// @throws ValueError unless all sizes are positive and dropout is in [0, 1).
  LSTM(Index in, Index hidden, RecurrentOptions options = {})
      : Recurrent<LSTM, T>("LSTM", 4, in, hidden, options) {}

  /// @throws ShapeError for an empty sequence, or what does not fit.
  Variable<T, 3> forward(const Variable<T, 3>& x, const Variable<T, 3>& h = {},
                         const Variable<T, 3>& c = {}) const {
    return run(x, h, c).output;
  }

  Result run(const Variable<T, 3>& x, const Variable<T, 3>& h = {},
             const Variable<T, 3>& c = {}) const {
    this->check_input(x.shape());
    auto hs = this->states("state", h, x.shape()[0]), cs = this->states("cell", c, x.shape()[0]);
    auto y = this->through_layers(x, [&](const auto& w, const auto& from, std::size_t k) {
      auto [to, cells] =
          lstm_sequence(this->project(from, w, w.bias_hh), w.weight_hh, hs[k], cs[k]);
      hs[k] = this->last(to);
      cs[k] = cells;
      return to;
    });
    return {y, stack(hs, 0), stack(cs, 0)};
  }

  LSTM clone() const {
    return this->clone_by([&] { return LSTM(this->in_, this->hidden_, this->options_); });
  }
};

/// Layers of gated recurrent units; gates stand in the order r, z, n.
/// x: (N, L, in), output: (N, L, hidden), states: (layers, N, hidden), zeros if they are undefined
template <class T = float>
class GRU : public Recurrent<GRU<T>, T> {
 public:
  /// output: the last layer's states at all steps; h: all layers' states after the last step
  struct Result {
    Variable<T, 3> output, h;
  };

  /// @throws ValueError unless all sizes are positive and dropout is in [0, 1).
  GRU(Index in, Index hidden, RecurrentOptions options = {})
      : Recurrent<GRU, T>("GRU", 3, in, hidden, options) {}

  /// @throws ShapeError for an empty sequence, or what does not fit.
  Variable<T, 3> forward(const Variable<T, 3>& x, const Variable<T, 3>& h = {}) const {
    return run(x, h).output;
  }

  Result run(const Variable<T, 3>& x, const Variable<T, 3>& h = {}) const {
    this->check_input(x.shape());
    auto hs = this->states("state", h, x.shape()[0]);
    const Variable<T, 1> no_bias = zeros<T>(Shape<1>(3 * this->hidden_));
    auto y = this->through_layers(x, [&](const auto& w, const auto& from, std::size_t k) {
      auto to = gru_sequence(this->project(from, w), w.weight_hh,
                             w.bias_hh.defined() ? w.bias_hh : no_bias, hs[k]);
      hs[k] = this->last(to);
      return to;
    });
    return {y, stack(hs, 0)};
  }

  GRU clone() const {
    return this->clone_by([&] { return GRU(this->in_, this->hidden_, this->options_); });
  }
};

}  // namespace tinydl
