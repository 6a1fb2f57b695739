// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <tinydl/core/gradient_check.hpp>
#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/reduce.hpp>
#include <tinydl/layers/layer.hpp>

#include "../correctness/notes.hpp"

namespace layer_check {

using tinydl::Index;

/// What is checked, for docs/correctness.md.
inline correctness::Notes& notes() {
  static correctness::Notes notes("layers");
  return notes;
}

/// A model as the checks see it, so that they compile once: a number, and what it depends on.
struct Checked {
  std::string layer;  // its row in docs/correctness.md, empty for one that is no part of tinydl
  std::function<tinydl::Variable<double, 0>()> loss;
  std::vector<tinydl::Named<double>> variables;  // the parameters and the input
};

/// A number for each element of each variable.
using Elements = std::vector<std::vector<double>>;

/// Whether derivatives agree, by |a - b| / max(1, |b|); notes the worst error.
inline void compare(const Checked& checked, const std::string& column, const Elements& derivatives,
                    const Elements& expected, double tolerance = 1e-6) {
  for (std::size_t k = 0; k < expected.size(); ++k)
    for (std::size_t i = 0; i < expected[k].size(); ++i) {
      const double a = derivatives[k][i], b = expected[k][i];
      const double error = std::abs(a - b) / std::max(1.0, std::abs(b));
      if (!checked.layer.empty()) notes().error(checked.layer, column, error);
      if (!(error <= tolerance))
        FAIL_CHECK(checked.layer, ": ", column, ": ", checked.variables[k].name, "[", i, "]: ", a,
                   " instead of ", b);
    }
}

inline Elements gradients(const Checked& checked) {
  Elements all;
  for (const auto& [name, x] : checked.variables)
    all.emplace_back(x.grad_span().begin(), x.grad_span().end());
  return all;
}
inline void clear_gradients(const Checked& checked) {
  for (const auto& [name, x] : checked.variables) x.clear_grad();
}

inline Elements ordinary_gradients(const Checked& checked) {
  clear_gradients(checked);
  checked.loss().backward();
  for (const auto& named : checked.variables)
    REQUIRE_MESSAGE(named.variable.has_grad(), checked.layer, ": ", named.name, " has no gradient");
  return gradients(checked);
}

/// By central differences of the loss, one element after another.
inline Elements numeric_gradients(const Checked& checked) {
  const tinydl::NoGrad no_grad;
  const double step = 1e-6;
  Elements all;
  for (const auto& named : checked.variables) {
    const tinydl::AnyVariable<double>& x = named.variable;
    auto& numeric = all.emplace_back();
    for (std::size_t i = 0; i < x.data_span().size(); ++i) {
      const double value = x.data_span()[i];
      const auto at = [&](double v) {
        x.mutable_data_span()[i] = v;
        return checked.loss().item();
      };
      numeric.push_back((at(value + step) - at(value - step)) / (2 * step));
      x.mutable_data_span()[i] = value;
    }
  }
  return all;
}

/// sum(gradient of y * direction) for one variable, recorded; `gradient` gets its values.
template <int Rank>
tinydl::Variable<double, 0> along(const tinydl::Variable<double, 0>& y,
                                  const tinydl::AnyVariable<double>& any,
                                  const std::vector<double>& direction,
                                  std::vector<double>& gradient) {
  const tinydl::Variable<double, Rank> x(
      static_cast<tinydl::detail::Slot<double, Rank>*>(any.node()));
  const auto g = tinydl::grad(y, x, {.create_graph = true});
  gradient.assign(g.data().span().begin(), g.data().span().end());
  tinydl::Tensor<double, Rank> weights(x.shape());
  std::ranges::copy(direction, weights.mutable_span().begin());
  return tinydl::sum(g * weights);
}

/// The gradients of a recorded walk, and the derivative of their product with a direction: the
/// Hessian times that direction.
inline void recorded_derivatives(const Checked& checked, const Elements& direction, Elements& first,
                                 Elements& second) {
  clear_gradients(checked);
  const auto y = checked.loss();
  tinydl::Variable<double, 0> product(0.0);
  first.resize(direction.size());
  for (std::size_t k = 0; k < direction.size(); ++k) {
    const auto& x = checked.variables[k].variable;
    const std::size_t rank = x.sizes().size();
    REQUIRE(rank >= 1);
    REQUIRE(rank <= 4);
    const auto along_rank = rank == 1   ? along<1>
                            : rank == 2 ? along<2>
                            : rank == 3 ? along<3>
                                        : along<4>;
    product = product + along_rank(y, x, direction[k], first[k]);
  }
  if (product.requires_grad()) product.backward();
  second = gradients(checked);
  for (std::size_t k = 0; k < second.size(); ++k) second[k].resize(direction[k].size());
}

/// The Hessian times a direction, by central differences of ordinary gradients.
inline Elements numeric_product(const Checked& checked, const Elements& direction) {
  const double step = 1e-6;
  const auto move = [&](double distance) {
    for (std::size_t k = 0; k < direction.size(); ++k) {
      const auto values = checked.variables[k].variable.mutable_data_span();
      for (std::size_t i = 0; i < values.size(); ++i) values[i] += distance * direction[k][i];
    }
  };
  move(step);
  Elements ahead = ordinary_gradients(checked);
  move(-2 * step);
  const Elements behind = ordinary_gradients(checked);
  move(step);
  for (std::size_t k = 0; k < ahead.size(); ++k)
    for (std::size_t i = 0; i < ahead[k].size(); ++i)
      ahead[k][i] = (ahead[k][i] - behind[k][i]) / (2 * step);
  return ahead;
}

inline void check_derivatives(const Checked& checked) {
  const Elements first = ordinary_gradients(checked);
  compare(checked, "first", first, numeric_gradients(checked));

  tinydl::Generator generator(4);
  Elements direction = first, recorded, second;
  for (auto& numbers : direction) generator.fill_uniform(std::span<double>(numbers), -1.0, 1.0);
  recorded_derivatives(checked, direction, recorded, second);
  compare(checked, "create_graph", recorded, first, 1e-12);
  compare(checked, "second", second, numeric_product(checked, direction));
  clear_gradients(checked);
}

/// "Linear" for a tinydl::Linear<double>, nothing for a layer of a test's own.
inline std::string row_of(const tinydl::detail::LayerState& layer) {
  const std::string type = layer.described_type, ours = "Derived = tinydl::";
  const std::size_t at = type.find(ours);
  if (at == type.npos) return "";
  const std::string name = type.substr(at + ours.size());
  return name.substr(0, name.find_first_of("<;,]"));
}

/// The elements and their squares, weighted: so a linear layer has second derivatives as well.
template <int Rank>
[[gnu::noinline]] tinydl::Variable<double, 0> number_of(const tinydl::Variable<double, Rank>& y) {
  tinydl::Generator generator(3);
  return tinydl::sum((y + y * y) * (tinydl::rand<double>(y.shape(), generator) + 0.5));
}

/// The derivatives of a model by its parameters, and by its input unless that is of integers: of
/// first order against differences, those of a recorded walk against them, and of second order
/// against differences. Draws of the default generator are the same each time.
template <class Model, class I, int Rank>
void check_gradients(const Model& model, const tinydl::Tensor<I, Rank>& x) {
  const tinydl::Generator before = tinydl::default_generator();
  Checked checked{.layer = row_of(*model.state()), .loss = {}, .variables = {}};
  if constexpr (!std::is_void_v<typename Model::Scalar>)
    checked.variables = model.named_parameters();

  const auto check = [&](const auto& input) {
    checked.loss = [&] {
      tinydl::manual_seed(8);
      return number_of(model(input));
    };
    check_derivatives(checked);
  };
  if constexpr (std::is_same_v<I, double>) {
    const tinydl::Variable<double, Rank> input(x, {.requires_grad = true});
    checked.variables.push_back({"input", input});
    check(input);
  } else {
    check(x);
  }

  tinydl::default_generator() = before;
  if (checked.layer.empty()) return;
  std::string shape;
  correctness::append_shape(shape, x.shape());
  notes().shapes(checked.layer, shape);
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
