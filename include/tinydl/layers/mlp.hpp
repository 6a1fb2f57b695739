// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <tinydl/functions/accuracy.hpp>
#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/dropout.hpp>
#include <tinydl/layers/linear.hpp>

namespace tinydl {

struct MLPOptions {
  double dropout = 0;  ///< after each hidden layer, in training
  Init weight_init = LinearOptions().weight_init;
};

/// A multilayer perceptron: Linear layers l1, l2, ... with ReLU between them.
/// x: (N, in), result: (N, out), logits if it classifies
///
///     MLP model(784, {100, 100}, 10);
template <class T = float>
class MLP : public Layer<MLP<T>, T> {
 public:
  /// @throws ValueError unless all sizes are positive and dropout is in [0, 1).
  MLP(Index in, std::vector<Index> hidden, Index out, MLPOptions options = {})
      : in_(in), hidden_(std::move(hidden)), out_(out), options_(options) {
    detail::check_dropout(options.dropout);
    for (std::size_t i = 0; i <= hidden_.size(); ++i) {
      const Index to = i < hidden_.size() ? hidden_[i] : out;
      layers_.emplace_back(this->register_layer(
          text("l", i + 1), Linear<T>(in, to, {.weight_init = options.weight_init})));
      in = to;
    }
  }

  Variable<T, 2> forward(const Variable<T, 2>& x) const { return run(x, this->training()); }

  /// The class with the highest score, for each row. Never drops out, records no graph.
  Labels<1> predict(const Tensor<T, 2>& x) const {
    const NoGrad no_grad;
    return argmax(run(x, false), 1);
  }

  /// The share of the rows whose class is predicted.
  template <std::integral I>
  double accuracy(const Tensor<T, 2>& x, const Tensor<I, 1>& labels) const {
    const NoGrad no_grad;
    return tinydl::accuracy(run(x, false), labels);
  }

  MLP clone() const {
    return this->clone_by([&] { return MLP(in_, hidden_, out_, options_); });
  }

 private:
  Variable<T, 2> run(Variable<T, 2> x, bool training) const {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      x = layers_[i](x);
      if (i + 1 == layers_.size()) break;
      x = relu(x);
      if (training && options_.dropout > 0) x = dropout(x, options_.dropout);
    }
    return x;
  }

  Index in_;
  std::vector<Index> hidden_;
  Index out_;
  MLPOptions options_;
  detail::PoolVector<Linear<T>> layers_;
};

}  // namespace tinydl
