// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <optional>

#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/softmax.hpp>

namespace tinydl {

/// What a loss makes of the losses of its elements. It is a template argument, since the rank of
/// the result depends on it: mean_squared_error<Reduction::none>(x, y).
enum class Reduction { mean, sum, none };

namespace detail {

template <Reduction reduction, Operand X>
auto reduced(const X& losses) {
  if constexpr (reduction == Reduction::mean)
    return mean(losses);
  else if constexpr (reduction == Reduction::sum)
    return sum(losses);
  else
    return detail::plain(losses);
}

template <Operand X, Operand Y>
void check_same_shape(const char* loss, const X& x, const Y& y) {
  static_assert(X::rank == Y::rank, "a loss wants predictions and targets of the same rank");
  if (x.shape() != y.shape())
    throw ShapeError(
        text(loss, ": predictions of shape ", x.shape(), " and targets of shape ", y.shape()));
}

}  // namespace detail

/// The cross-entropy of each row's softmax and its target distribution: logits (N, C) -> (N).
template <class T>
struct SoftmaxCrossEntropy : Function {
  static constexpr auto name = "softmax_cross_entropy";
  Tensor<T, 2> target;  // (N, C)
  Tensor<T, 1> mass;    // (N): the sum of each row of target, 0 where it is ignored
  Tensor<T, 2> probabilities = {};

  Tensor<T, 1> forward(const Tensor<T, 2>& x) {
    const Index n = x.shape()[0], c = x.shape()[1];
    const Tensor<T, 2> log_p = log_softmax(x);
    Tensor<T, 1> losses(Shape<1>{n});
    T* out = losses.mutable_data();
    probabilities = Tensor<T, 2>(x.shape());
    T* p = probabilities.mutable_data();
    parallel_ranges(n, std::max<Index>(1, 4096 / c), [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        T loss = 0;
        for (Index j = i * c; j < (i + 1) * c; ++j) {
          // A target of 0 counts for nothing, even if the logit is minus infinity.
          if (target.data()[j] != 0) loss -= target.data()[j] * log_p.data()[j];
          p[j] = std::exp(log_p.data()[j]);
        }
        out[i] = loss;
      }
    });
    return losses;
  }

  // d(L_i)/d(x_ij) = mass_i softmax(x_i)_j - target_ij
  template <class X, class G>
  X backward(const G& gy, const X& x) const {
    if constexpr (detail::is_tensor<X>)
      return unsqueeze(gy, 1) * (unsqueeze(mass, 1) * probabilities - target);
    else
      return unsqueeze(gy, 1) * (unsqueeze(mass, 1) * softmax(x) - target);
  }
};

struct CrossEntropyOptions {
  double label_smoothing = 0;  ///< the share of the target that is spread over all classes
  std::optional<std::int64_t> ignore_index = {};  ///< rows with this label count for nothing
};

namespace detail {

inline void check_smoothing(double smoothing) {
  if (!(smoothing >= 0 && smoothing <= 1))
    throw ValueError(
        text("softmax_cross_entropy: label_smoothing ", smoothing, " is not in [0, 1]"));
}

}  // namespace detail

/// The cross-entropy between the softmax of logits (N, C) and class labels (N) of any integer type.
/// The mean is over the rows that are not ignored, and not a number if there are none.
/// @throws ShapeError for a wrong number of labels, ValueError for a label outside of [0, C) or a
/// label_smoothing outside of [0, 1].
template <Reduction reduction = Reduction::mean, Operand X, std::integral I>
auto softmax_cross_entropy(const X& logits, const Tensor<I, 1>& labels,
                           CrossEntropyOptions options = {}) {
  using T = typename X::Scalar;
  static_assert(X::rank == 2, "softmax_cross_entropy: logits are (N, C)");
  detail::check_smoothing(options.label_smoothing);
  const Index n = logits.shape()[0], classes = logits.shape()[1];
  if (labels.shape()[0] != n || classes == 0)
    throw ShapeError(text("softmax_cross_entropy: logits of shape ", logits.shape(),
                          " and labels of shape ", labels.shape()));
  const T spread = static_cast<T>(options.label_smoothing / static_cast<double>(classes));
  Tensor<T, 2> target = full(logits.shape(), spread);
  Tensor<T, 1> mass = ones<T>(Shape<1>{n});
  T* rows = target.mutable_data();
  const bool ignores = options.ignore_index.has_value();
  const std::int64_t ignored = ignores ? *options.ignore_index : 0;
  Index counted = 0;
  for (Index i = 0; i < n; ++i) {
    const auto label = static_cast<std::int64_t>(labels.data()[i]);
    if (ignores && label == ignored) {
      std::fill_n(rows + i * classes, classes, T(0));
      mass.mutable_data()[i] = 0;
      continue;
    }
    if (label < 0 || label >= classes)
      throw ValueError(text("softmax_cross_entropy: label ", label, " at position ", i,
                            " is not in [0, ", classes, ")"));
    rows[i * classes + label] += static_cast<T>(1 - options.label_smoothing);
    ++counted;
  }
  const auto losses = apply(SoftmaxCrossEntropy<T>{{}, target, mass}, logits);
  if constexpr (reduction == Reduction::mean)
    return sum(losses) / static_cast<T>(counted);
  else
    return detail::reduced<reduction>(losses);
}

/// The same for targets that are distributions over the classes: one-hot or soft, (N, C).
/// @throws ShapeError for a target of another shape, ValueError for an ignore_index or a
/// label_smoothing outside of [0, 1].
template <Reduction reduction = Reduction::mean, Operand X>
auto softmax_cross_entropy(const X& logits, const Tensor<typename X::Scalar, 2>& target,
                           CrossEntropyOptions options = {}) {
  using T = typename X::Scalar;
  static_assert(X::rank == 2, "softmax_cross_entropy: logits are (N, C)");
  detail::check_smoothing(options.label_smoothing);
  if (options.ignore_index)
    throw ValueError("softmax_cross_entropy: ignore_index is for class labels");
  if (logits.shape() != target.shape() || logits.shape()[1] == 0)
    throw ShapeError(text("softmax_cross_entropy: logits of shape ", logits.shape(),
                          " and targets of shape ", target.shape()));
  const double classes = static_cast<double>(logits.shape()[1]);
  const Tensor<T, 2> smooth =
      options.label_smoothing == 0
          ? target
          : target * (1 - options.label_smoothing) + options.label_smoothing / classes;
  return detail::reduced<reduction>(
      apply(SoftmaxCrossEntropy<T>{{}, smooth, sum(smooth, 1)}, logits));
}

/// (x - y)^2 for predictions and targets of one shape. @throws ShapeError if they differ.
template <Reduction reduction = Reduction::mean, Operand X, Operand Y>
auto mean_squared_error(const X& x, const Y& y) {
  detail::check_same_shape("mean_squared_error", x, y);
  return detail::reduced<reduction>(square(x - y));
}

/// -y log(sigmoid(x)) - (1 - y) log(1 - sigmoid(x)) for logits x and targets y in [0, 1], of one
/// shape. @throws ShapeError if they differ.
template <Reduction reduction = Reduction::mean, Operand X, Operand Y>
auto binary_cross_entropy_with_logits(const X& x, const Y& y) {
  detail::check_same_shape("binary_cross_entropy_with_logits", x, y);
  return detail::reduced<reduction>(softplus(x) - x * y);
}

}  // namespace tinydl
