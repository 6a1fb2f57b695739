// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/loss.hpp>
#include <tinydl/functions/softmax.hpp>

namespace tinydl {

/// The cross-entropy of each row's softmax and its target distribution: logits (N, C) -> (N).
template <class T>
struct SoftmaxCrossEntropy : Function {
  static constexpr auto name = "softmax_cross_entropy";
  Tensor<T, 2> target;  // (N, C)
  Tensor<T, 1> mass;    // (N): the sum of each row of target, 0 where it is ignored
  Tensor<T, 2> probabilities = {};

  Tensor<T, 1> forward(const Tensor<T, 2>& x) {
    Tensor<T, 1> losses(Shape<1>(x.shape()[0]));
    probabilities = Tensor<T, 2>(x.shape());
    kernels::cross_entropy(x.shape()[0], x.shape()[1], x.data(), target.data(), mass.data(),
                           probabilities.mutable_data(), losses.mutable_data());
    return losses;
  }

  // d(L_i)/d(x_ij) = mass_i softmax(x_i)_j - target_ij
  template <class X, class G>
  X backward(const G& gy, const X& x) const {
    if constexpr (detail::is_tensor<X>) {
      X gx(x.shape());
      kernels::cross_entropy_backward(x.shape()[0], x.shape()[1], gy.data(), mass.data(),
                                      probabilities.data(), target.data(), gx.mutable_data());
      return gx;
    } else {
      const detail::Missing<2> classes{{false, true}};
      const auto in_rows = [&](const auto& v, Index divisor) {
        return detail::spread(v, x.shape(), divisor, classes);
      };
      const auto share =
          detail::multiply_alike(X(in_rows(mass, 1)), apply(detail::SoftmaxOfRows{}, x));
      return detail::add_alike(detail::multiply_alike(in_rows(gy, 1), share),
                               detail::multiply_alike(in_rows(gy, -1), X(target)));
    }
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
  if constexpr (X::rank == 2) {
    detail::check_smoothing(options.label_smoothing);
    const Index classes = logits.shape()[1];
    const T spread = static_cast<T>(options.label_smoothing / static_cast<double>(classes));
    Tensor<T, 2> target = zeros<T>(logits.shape());
    Tensor<T, 1> mass = zeros<T>(Shape<1>(logits.shape()[0]));
    T *rows = target.mutable_data(), *masses = mass.mutable_data();
    const Index counted = detail::for_labels(
        "softmax_cross_entropy", "logits", logits.shape(), labels, options.ignore_index,
        [&](Index i, Index label) {
          if (spread != 0) std::fill_n(rows + i * classes, classes, spread);
          rows[i * classes + label] += static_cast<T>(1 - options.label_smoothing);
          masses[i] = 1;
        });
    return detail::reduced<reduction>(apply(SoftmaxCrossEntropy<T>{{}, target, mass}, logits),
                                      counted);
  } else {
    return detail::reduced<reduction>(logits);  // refused above
  }
}

/// The same for targets that are distributions over the classes: one-hot or soft, (N, C).
/// @throws ShapeError for a target of another shape, ValueError for an ignore_index or a
/// label_smoothing outside of [0, 1].
template <Reduction reduction = Reduction::mean, Operand X>
auto softmax_cross_entropy(const X& logits, const Tensor<typename X::Scalar, 2>& target,
                           CrossEntropyOptions options = {}) {
  using T = typename X::Scalar;
  static_assert(X::rank == 2, "softmax_cross_entropy: logits are (N, C)");
  if constexpr (X::rank == 2) {
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
  } else {
    return detail::reduced<reduction>(logits);  // refused above
  }
}

struct LikelihoodOptions {
  std::optional<std::int64_t> ignore_index = {};  ///< rows with this label count for nothing
};

/// Minus the label's log-probability, for log-probabilities (N, C), as log_softmax makes them, and
/// class labels (N) of any integer type. The mean is over the rows that are not ignored.
/// @throws ShapeError for a wrong number of labels, ValueError for a label outside of [0, C).
template <Reduction reduction = Reduction::mean, Operand X, std::integral I>
auto negative_log_likelihood(const X& log_p, const Tensor<I, 1>& labels,
                             LikelihoodOptions options = {}) {
  static_assert(X::rank == 2, "negative_log_likelihood: log-probabilities are (N, C)");
  if constexpr (X::rank == 2) {
    Mask<2> labelled = full(log_p.shape(), false);
    bool* hit = labelled.mutable_data();
    const Index classes = log_p.shape()[1];
    const Index counted = detail::for_labels(
        "negative_log_likelihood", "log-probabilities", log_p.shape(), labels, options.ignore_index,
        [=](Index i, Index label) { hit[i * classes + label] = true; });
    return detail::reduced<reduction>(-sum(where(labelled, log_p, 0), 1), counted);
  } else {
    return detail::reduced<reduction>(log_p);  // refused above
  }
}

}  // namespace tinydl
