// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <tinydl/core/gradient_check.hpp>
#include <tinydl/functions/reduce.hpp>
#include <tinydl/layers/layer.hpp>

namespace layer_check {

using tinydl::Index;

/// Compares the gradients of a model's parameters, and that of its input, with differences.
template <class Model, int Rank>
void check_gradients(const Model& model, const tinydl::Tensor<double, Rank>& x) {
  const auto forward = [&](const auto& v) { return model(v); };
  CHECK(tinydl::gradient_check(forward, x));

  if constexpr (!std::is_void_v<typename Model::Scalar>) {
    tinydl::Generator generator(3);
    const auto y = model(x);
    const auto weights = tinydl::rand<double>(y.shape(), generator);
    const auto loss = [&] { return tinydl::sum(model(x) * weights); };
    model.clear_grads();
    loss().backward();
    const tinydl::NoGrad no_grad;
    for (const auto& named : model.named_parameters()) {
      const auto& parameter = named.variable;
      REQUIRE_MESSAGE(parameter.has_grad(), named.name, " has no gradient");
      for (std::size_t i = 0; i < parameter.data_span().size(); ++i) {
        const double value = parameter.data_span()[i], step = 1e-6;
        const auto at = [&](double v) {
          parameter.mutable_data_span()[i] = v;
          return loss().item();
        };
        const double numeric = (at(value + step) - at(value - step)) / (2 * step);
        parameter.mutable_data_span()[i] = value;
        const double analytic = parameter.grad_span()[i];
        CHECK_MESSAGE(std::abs(analytic - numeric) <= 1e-6 * std::max(1.0, std::abs(numeric)),
                      named.name, "[", i, "]: backward gives ", analytic, ", differences ",
                      numeric);
      }
    }
    model.clear_grads();
  }
}

/// Normal numbers that depend on nothing but the shape.
template <int Rank>
tinydl::Tensor<double, Rank> normal(const tinydl::Shape<Rank>& shape) {
  tinydl::Generator generator(11);
  return tinydl::randn<double>(shape, generator);
}

template <class List>
std::vector<std::string> names_of(const List& list) {
  std::vector<std::string> names;
  for (const auto& named : list) names.push_back(named.name);
  return names;
}

template <class T, int Rank>
bool same(const tinydl::Tensor<T, Rank>& a, const tinydl::Tensor<T, Rank>& b) {
  return a.shape() == b.shape() && std::ranges::equal(a.span(), b.span());
}

}  // namespace layer_check
