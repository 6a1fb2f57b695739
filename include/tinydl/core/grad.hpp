// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tuple>
#include <utility>

#include <tinydl/core/apply.hpp>

namespace tinydl {

struct GradOptions {
  bool create_graph = false;  ///< record the walk, so that its results can be differentiated
  bool retain_graph = false;  ///< keep what another walk over the graph would need
};

/// The derivatives of y with respect to the variables x..., which need not be leaves; nothing's
/// grad() is touched. For a y of higher rank, those of sum(y * gy). Zeros where y does not depend
/// on x.
///
///     auto [gx, gw] = grad(y, std::tie(x, w), {.create_graph = true});
///
/// @throws GraphError as backward() does, and, with create_graph, if a function on the way has a
/// backward for Tensors alone.
template <class T, int Rank, class... X>
std::tuple<X...> grad(const Variable<T, Rank>& y, const Tensor<T, Rank>& gy,
                      const std::tuple<X&...>& x, GradOptions options = {}) {
  if (!gy.defined()) throw ValueError("grad: the gradient of y is undefined");
  if (gy.shape() != y.shape())
    throw ShapeError(
        text("grad: a gradient of shape ", gy.shape(), " for a variable of shape ", y.shape()));
  if (!y.requires_grad())
    throw GraphError("grad: y does not depend on anything that requires a gradient");
  return std::apply(
      [&](const auto&... variable) {
        const std::tuple<decltype((void(variable), Walk::Target(variable.slot())))...> targets(
            variable.slot()...);
        Walk walk(y.slot(), true);
        if (options.create_graph)
          y.slot().flow_variable = Variable<T, Rank>(gy);
        else
          y.slot().receive(detail::Storage<T>(gy.storage()));
        walk.run(options.create_graph, options.retain_graph);
        const auto found = [](const auto& v) {
          using V = std::remove_cvref_t<decltype(v)>;
          V flowing = v.slot().flowing();
          if (!flowing.defined()) flowing = V(zeros<typename V::Scalar>(v.shape()));
          return flowing;
        };
        return std::tuple<X...>(found(variable)...);
      },
      x);
}

/// The same for a number.
template <class T, class... X>
std::tuple<X...> grad(const Variable<T, 0>& y, const std::tuple<X&...>& x,
                      GradOptions options = {}) {
  return grad(y, Tensor<T, 0>(T(1)), x, options);
}

/// The same for one variable.
template <class T, int Rank>
Variable<T, Rank> grad(const Variable<T, 0>& y, const Variable<T, Rank>& x,
                       GradOptions options = {}) {
  return std::get<0>(grad(y, std::tie(x), options));
}

}  // namespace tinydl
