// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <tinydl/optim/optimizer.hpp>

namespace tinydl {

/// Scales all gradients together so that their common norm is at most max_norm, and returns the
/// norm before. A parameter that is listed twice counts once. Gradients whose norm is not finite
/// stay as they are, so that the caller can pass over the step. @throws ValueError if max_norm is
/// not positive.
template <class T>
double clip_grad_norm(const std::vector<AnyVariable<T>>& parameters, double max_norm) {
  if (!(max_norm > 0)) throw ValueError(text("clip_grad_norm: ", max_norm, " is not positive"));
  const auto distinct = detail::distinct("clip_grad_norm", parameters);
  double squares = 0;
  for (const auto& parameter : distinct)
    for (T g : parameter.grad_span()) squares += static_cast<double>(g) * static_cast<double>(g);
  const double norm = std::sqrt(squares);
  const double scale = max_norm / (norm + 1e-6);
  if (!std::isfinite(norm) || scale >= 1) return norm;
  for (const auto& parameter : distinct)
    for (T& g : parameter.mutable_grad_span()) g *= static_cast<T>(scale);
  return norm;
}

/// Limits every element of every gradient to [-limit, limit].
/// @throws ValueError if the limit is not positive.
template <class T>
void clip_grad_value(const std::vector<AnyVariable<T>>& parameters, double limit) {
  if (!(limit > 0)) throw ValueError(text("clip_grad_value: ", limit, " is not positive"));
  const T most = static_cast<T>(limit);
  for (const auto& parameter : parameters)
    for (T& g : parameter.mutable_grad_span()) g = std::clamp(g, -most, most);
}

}  // namespace tinydl
