// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>

#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/reduce.hpp>

namespace tinydl {

// Predictions and targets have one shape unless a loss says otherwise: nothing broadcasts. Targets
// may be Variables, too, except labels. The mean of no losses is not a number.

/// What a loss makes of the losses of its elements. It is a template argument, since the rank of
/// the result depends on it: mean_squared_error<Reduction::none>(x, y).
enum class Reduction { mean, sum, none };

namespace detail {

/// The mean is the sum divided by `counted`.
template <Reduction reduction, Operand X>
auto reduced(const X& losses, Index counted) {
  if constexpr (reduction == Reduction::mean)
    return summed(losses, Shape<0>(), counted);
  else if constexpr (reduction == Reduction::sum)
    return sum(losses);
  else
    return detail::plain(losses);
}
template <Reduction reduction, Operand X>
auto reduced(const X& losses) {
  return reduced<reduction>(losses, losses.shape().count());
}

/// y, the targets for x. @throws ShapeError if their shapes differ.
template <Operand X, Operand Y>
const auto& targets_for(const X& x, const Y& y, const char* loss) {
  static_assert(X::rank == Y::rank, "a loss wants predictions and targets of the same rank");
  if constexpr (X::rank != Y::rank) {
    return x;  // so that the sentence above stands alone
  } else {
    if (x.shape() != y.shape())
      throw ShapeError(
          text(loss, ": predictions of shape ", x.shape(), " and targets of shape ", y.shape()));
    return y;
  }
}

/// @throws ValueError unless the margin is finite.
inline void check_margin(const char* loss, double margin) {
  if (!std::isfinite(margin)) throw ValueError(text(loss, ": margin ", margin, " is not finite"));
}

/// (N, ...) -> (N): the sums of all that belongs to one sample.
template <Operand X>
auto sums_of_samples(const X& x) {
  static_assert(X::rank >= 2, "this loss wants samples of at least one axis: (N, ...)");
  if constexpr (X::rank >= 2)
    return sum(flatten<1>(x), 1);
  else
    return plain(x);  // refused above
}

/// Calls use(row, label) for the rows of predictions (N, C) whose label is not ignored, and returns
/// their number.
template <std::integral I, class F>
Index for_labels(const char* loss, const char* what, const Shape<2>& shape,
                 const Tensor<I, 1>& labels, std::optional<std::int64_t> ignored, F use) {
  const Index n = shape[0], classes = shape[1];
  if (labels.shape()[0] != n || classes == 0)
    throw ShapeError(
        text(loss, ": ", what, " of shape ", shape, " and labels of shape ", labels.shape()));
  const bool ignores = ignored.has_value();
  const std::int64_t ignored_label = ignored.value_or(0);
  Index counted = 0;
  for (Index i = 0; i < n; ++i) {
    const auto label = static_cast<std::int64_t>(labels.data()[i]);
    if (ignores && label == ignored_label) continue;
    if (label < 0 || label >= classes)
      throw ValueError(
          text(loss, ": label ", label, " at position ", i, " is not in [0, ", classes, ")"));
    use(i, static_cast<Index>(label));
    ++counted;
  }
  return counted;
}

}  // namespace detail

/// (x - y)^2 for predictions and targets of one shape. @throws ShapeError if they differ.
template <Reduction reduction = Reduction::mean, Operand X, Operand Y>
auto mean_squared_error(const X& x, const Y& y) {
  return detail::reduced<reduction>(square(x - detail::targets_for(x, y, "mean_squared_error")));
}

/// -y log(sigmoid(x)) - (1 - y) log(1 - sigmoid(x)) for logits x and targets y in [0, 1], of one
/// shape. @throws ShapeError if they differ.
template <Reduction reduction = Reduction::mean, Operand X, Operand Y>
auto binary_cross_entropy_with_logits(const X& x, const Y& y) {
  const auto& targets = detail::targets_for(x, y, "binary_cross_entropy_with_logits");
  return detail::reduced<reduction>(softplus(x) - x * targets);
}

/// |x - y|. @throws ShapeError if the shapes differ.
template <Reduction reduction = Reduction::mean, Operand X, Operand Y>
auto l1_loss(const X& x, const Y& y) {
  return detail::reduced<reduction>(abs(x - detail::targets_for(x, y, "l1_loss")));
}

namespace detail {

/// d^2 / 2 within [-delta, delta], delta (|d| - delta / 2) beyond: with c = clamp(d), both are
/// c (d - c / 2).
template <Operand X>
auto huber(const X& d, typename X::Scalar delta) {
  const auto c = clamp(d, -delta, delta);
  return c * (d - c / 2);
}

}  // namespace detail

struct HuberOptions {
  double delta = 1;
};
/// (x - y)^2 / 2 where |x - y| <= delta, else delta (|x - y| - delta / 2) (Huber, 1964).
/// @throws ShapeError if the shapes differ, ValueError if delta is not positive.
template <Reduction reduction = Reduction::mean, Operand X, Operand Y>
auto huber_loss(const X& x, const Y& y, HuberOptions options = {}) {
  const auto& targets = detail::targets_for(x, y, "huber_loss");
  if (!(options.delta > 0))
    throw ValueError(text("huber_loss: delta ", options.delta, " is not positive"));
  using T = typename X::Scalar;
  return detail::reduced<reduction>(detail::huber(x - targets, static_cast<T>(options.delta)));
}

struct SmoothL1Options {
  double beta = 1;  ///< 0: l1_loss
};
/// (x - y)^2 / (2 beta) where |x - y| <= beta, else |x - y| - beta / 2 (Girshick, 2015).
/// @throws ShapeError if the shapes differ, ValueError if beta is negative.
template <Reduction reduction = Reduction::mean, Operand X, Operand Y>
auto smooth_l1_loss(const X& x, const Y& y, SmoothL1Options options = {}) {
  const auto& targets = detail::targets_for(x, y, "smooth_l1_loss");
  if (!(options.beta >= 0))
    throw ValueError(text("smooth_l1_loss: beta ", options.beta, " is negative"));
  const auto beta = static_cast<typename X::Scalar>(options.beta);
  const auto d = x - targets;
  return detail::reduced<reduction>(beta == 0 ? abs(d) : detail::huber(d, beta) / beta);
}

struct MarginOptions {
  double margin = 1;
};
/// max(0, margin - y x) for scores x and targets y of 1 or -1.
/// @throws ShapeError if the shapes differ, ValueError for another target or a margin that is not
/// finite.
template <Reduction reduction = Reduction::mean, Operand X>
auto hinge_loss(const X& x, const Tensor<typename X::Scalar, X::rank>& y,
                MarginOptions options = {}) {
  detail::targets_for(x, y, "hinge_loss");
  detail::check_margin("hinge_loss", options.margin);
  for (Index i = 0; i < y.size(); ++i)
    if (y.data()[i] != 1 && y.data()[i] != -1)
      throw ValueError(
          text("hinge_loss: target ", y.data()[i], " at position ", i, " is neither 1 nor -1"));
  return detail::reduced<reduction>(relu(options.margin - y * x));
}

/// For scores (N, C) and class labels (N) of any integer type, (N) losses: the sum over the other
/// classes j of max(0, margin - x_label + x_j), divided by C (Crammer and Singer, 2001, have the
/// largest of them instead).
/// @throws ShapeError for a wrong number of labels, ValueError for a label outside of [0, C) or a
/// margin that is not finite.
template <Reduction reduction = Reduction::mean, Operand X, std::integral I>
auto multi_margin_loss(const X& x, const Tensor<I, 1>& labels, MarginOptions options = {}) {
  static_assert(X::rank == 2, "multi_margin_loss: scores are (N, C)");
  if constexpr (X::rank == 2) {
    detail::check_margin("multi_margin_loss", options.margin);
    Mask<2> labelled = full(x.shape(), false);
    bool* hit = labelled.mutable_data();
    const Index classes = x.shape()[1];
    detail::for_labels("multi_margin_loss", "scores", x.shape(), labels, {},
                       [=](Index i, Index label) { hit[i * classes + label] = true; });
    const auto own = sum(where(labelled, x, 0), 1, keepdims);
    const auto losses = where(labelled, 0, relu(x - own + options.margin));
    return detail::reduced<reduction>(sum(losses, 1) / classes);
  } else {
    return detail::reduced<reduction>(x);  // refused above
  }
}

/// sum(p (log p - log q)) over each sample (Kullback and Leibler, 1951), for log_q and p of shape
/// (N, ...): (N) losses, so that the mean is PyTorch's "batchmean". Where p is 0 nothing is
/// counted, whatever log_q is. @throws ShapeError if the shapes differ.
template <Reduction reduction = Reduction::mean, Operand Q, Operand P>
auto kl_divergence(const Q& log_q, const P& p) {
  const auto& targets = detail::targets_for(log_q, p, "kl_divergence");
  const auto counts = targets != 0;
  const auto safe_p = where(counts, targets, 1);  // 1 (log 1 - 0) = 0
  const auto losses = safe_p * (log(safe_p) - where(counts, log_q, 0));
  return detail::reduced<reduction>(detail::sums_of_samples(losses));
}

struct DiceOptions {
  double smooth = 1;  ///< added above and below, so that an empty mask makes sense
};
/// 1 - (2 sum(x y) + smooth) / (sum(x) + sum(y) + smooth) over each sample, for probabilities x and
/// masks y of shape (N, ...): (N) losses (after Dice, 1945, and Milletari et al., 2016).
/// @throws ShapeError if the shapes differ, ValueError if `smooth` is negative.
template <Reduction reduction = Reduction::mean, Operand X, Operand Y>
auto dice_loss(const X& x, const Y& y, DiceOptions options = {}) {
  const auto& masks = detail::targets_for(x, y, "dice_loss");
  if (!(options.smooth >= 0))
    throw ValueError(text("dice_loss: smooth ", options.smooth, " is negative"));
  const auto common = 2 * detail::sums_of_samples(x * masks) + options.smooth;
  const auto all = detail::sums_of_samples(x + masks) + options.smooth;
  return detail::reduced<reduction>(1 - common / all);
}

}  // namespace tinydl
