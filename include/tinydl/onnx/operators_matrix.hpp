// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/core/threads.hpp>
#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/kernels/map.hpp>
#include <tinydl/kernels/matmul.hpp>
#include <tinydl/kernels/reduce.hpp>
#include <tinydl/onnx/operation.hpp>

// Products of matrices, and sums and extremes along axes.

namespace tinydl::onnx::detail {

/// Products of the matrices in the last two axes; the axes before them broadcast. A vector is a row
/// on the left and a column on the right, which the result then lacks.
inline std::vector<Value> matmul(const Arguments& x) {
  Sizes a = x.shape(0), b = x.shape(1);
  if (a.empty() || b.empty()) throw ShapeError("a product of numbers, which have no axes");
  const bool row = a.size() == 1, column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  const Index m = a.end()[-2], k = a.back(), n = b.back();
  if (b.end()[-2] != k)
    throw ShapeError(
        text("inner dimensions differ: ", shape_text(x.shape(0)), " x ", shape_text(x.shape(1))));
  const Sizes a_stack(a.begin(), a.end() - 2), b_stack(b.begin(), b.end() - 2);
  const Sizes stack = broadcast_sizes(a_stack, b_stack);
  Sizes shape = stack;
  if (!row) shape.push_back(m);
  if (!column) shape.push_back(n);
  Floats y = elements_for<float>(shape);
  const float *p = x.floats(0).data(), *q = x.floats(1).data();
  float* out = y.mutable_data();
  const auto multiply = [=](Index rows, Index at_a, Index at_b, Index at) {
    kernels::matmul(kernels::matrix_view(p + at_a, rows, k), kernels::matrix_view(q + at_b, k, n),
                    out + at, n);
  };
  if (y.size() == 0) return {{shape, y}};
  if (count_of(b_stack) == 1) {  // one product of all rows
    multiply(y.size() / n, 0, 0, 0);
    return {{shape, y}};
  }
  const kernels::Broadcast loops(stack, a_stack, b_stack);
  const auto last = static_cast<std::size_t>(loops.rank - 1);
  parallel_for(loops.outer() * loops.inner(), [&](Index i) {
    const auto [at_a, at_b] = loops.offsets(i / loops.inner());
    const Index along = i % loops.inner();
    multiply(m, (at_a + along * loops.a[last]) * m * k, (at_b + along * loops.b[last]) * k * n,
             i * m * n);
  });
  return {{shape, y}};
}

/// alpha a b + beta c, where a and b may be taken transposed, and c broadcasts.
inline Operation gemm(const Settings& settings) {
  const bool transpose_a = settings.integer("transA", 0) != 0;
  const bool transpose_b = settings.integer("transB", 0) != 0;
  const float alpha = settings.real("alpha", 1), beta = settings.real("beta", 1);
  return [=](const Arguments& x) -> std::vector<Value> {
    const auto a = x.tensor<2>(0), b = x.tensor<2>(1);
    if (alpha == 1 && beta == 1 && !transpose_a && transpose_b && x.has(2) &&
        x.shape(2) == Sizes{b.shape()[0]})
      return {value_of(linear(a, b, x.floats(2)))};
    Tensor<float, 2> y = apply(MatMul<2>{{}, transpose_a, transpose_b}, a, b);
    if (alpha != 1) y = y * alpha;
    if (!x.has(2)) return {value_of(y)};
    const Sizes shape(y.shape().begin(), y.shape().end());
    if (broadcast_sizes(shape, x.shape(2)) != shape)
      throw ShapeError(text("a summand of shape ", shape_text(x.shape(2)), " for a product of ",
                            shape_text(shape)));
    const Floats c = beta == 1 ? x.floats(2) : x.floats(2) * beta;
    kernels::map_broadcast(kernels::Broadcast(shape, shape, x.shape(2)), y.mutable_data(),
                           tinydl::detail::plus, static_cast<const float*>(y.data()), c.data());
    return {value_of(y)};
  };
}

/// Folds axes, which an attribute or, in newer files, the second input names; all, if none does.
template <class Fold>
Operation reduction(const Settings& settings, bool mean = false) {
  const bool keeps = settings.integer("keepdims", 1) != 0;
  const bool none_is_none = settings.integer("noop_with_empty_axes", 0) != 0;
  return [=, named = settings.integers("axes")](const Arguments& x) -> std::vector<Value> {
    const Sizes& from = x.shape(0);
    const Sizes axes = x.has(1) ? x.sizes(1) : named.value_or(Sizes());
    if (axes.empty() && none_is_none) return {x[0]};
    if (from.size() > max_axes) count_of(from);  // throws
    bool folded[max_axes] = {};
    for (const Index axis : axes) folded[axis_of(axis, from.size())] = true;
    if (axes.empty()) std::fill_n(folded, from.size(), true);
    Sizes shape;
    Index count = 1;
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (folded[i]) count *= from[i];
      if (!folded[i] || keeps) shape.push_back(folded[i] ? 1 : from[i]);
    }
    if (count == 0 && !std::is_same_v<Fold, kernels::Sum>)
      throw ShapeError(text("nothing to fold in ", shape_text(from)));
    Floats y = elements_for<float>(shape);
    if (y.size() > 0)
      kernels::fold_axes(std::span<const Index>(from), std::span<const bool>(folded, from.size()),
                         x.floats(0).data(), y.mutable_data(), Fold{});
    if (mean) tinydl::detail::divide(y.mutable_span(), count);
    return {{shape, y}};
  };
}

inline constexpr Operator matrix_operators[] = {
    {"MatMul", [](const Settings&) -> Operation { return matmul; }},
    {"Gemm", gemm},
    {"ReduceSum", [](const Settings& s) { return reduction<kernels::Sum>(s); }},
    {"ReduceMean", [](const Settings& s) { return reduction<kernels::Sum>(s, true); }},
    {"ReduceMax", [](const Settings& s) { return reduction<kernels::Max>(s); }},
    {"ReduceMin", [](const Settings& s) { return reduction<kernels::Min>(s); }},
};

}  // namespace tinydl::onnx::detail
