// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/core/threads.hpp>
#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/math.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/kernels/index.hpp>
#include <tinydl/kernels/map.hpp>
#include <tinydl/kernels/matmul.hpp>
#include <tinydl/kernels/reduce.hpp>
#include <tinydl/onnx/operation.hpp>
#include <tinydl/onnx/operators_math.hpp>

// Products of matrices, and sums and extremes over axes.

namespace tinydl::onnx::detail {

/// Products of the matrices in the last two axes; the axes before them broadcast. A vector is a row
/// on the left and a column on the right, which the result then lacks.
inline Results matmul(const Arguments& x) {
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
  if (y.size() == 0) return one(shape, y);
  if (count_of(b_stack) == 1) {  // one product of all rows
    multiply(y.size() / n, 0, 0, 0);
    return one(shape, y);
  }
  const kernels::Broadcast loops(stack, a_stack, b_stack);
  const auto last = static_cast<std::size_t>(loops.rank - 1);
  parallel_for(loops.outer() * loops.inner(), [&](Index i) {
    const auto [at_a, at_b] = loops.offsets(i / loops.inner());
    const Index along = i % loops.inner();
    multiply(m, (at_a + along * loops.a[last]) * m * k, (at_b + along * loops.b[last]) * k * n,
             i * m * n);
  });
  return one(shape, y);
}

/// alpha a b + beta c, where a and b may be taken transposed, and c broadcasts.
inline Operation gemm(const Settings& settings) {
  const bool transpose_a = settings.integer("transA", 0) != 0;
  const bool transpose_b = settings.integer("transB", 0) != 0;
  const float alpha = settings.real("alpha", 1), beta = settings.real("beta", 1);
  return [=](const Arguments& x) -> Results {
    const auto a = x.tensor<2>(0), b = x.tensor<2>(1);
    if (alpha == 1 && beta == 1 && !transpose_a && transpose_b && x.has(2) &&
        x.shape(2) == Sizes{b.shape()[0]})
      return one(value_of(linear(a, b, x.floats(2))));
    Tensor<float, 2> y = apply(MatMul<2>{{}, transpose_a, transpose_b}, a, b);
    if (alpha != 1) y = y * alpha;
    if (!x.has(2)) return one(value_of(y));
    const Sizes shape(y.shape().begin(), y.shape().end());
    if (broadcast_sizes(shape, x.shape(2)) != shape)
      throw ShapeError(text("a summand of shape ", shape_text(x.shape(2)), " for a product of ",
                            shape_text(shape)));
    const Floats c = beta == 1 ? x.floats(2) : x.floats(2) * beta;
    kernels::map_broadcast(kernels::Broadcast(shape, shape, x.shape(2)), y.mutable_data(),
                           tinydl::detail::plus, static_cast<const float*>(y.data()), c.data());
    return one(value_of(y));
  };
}

/// The axes that a reduction folds: an attribute or, in newer files, the second input names them;
/// all, if none does.
class Reduction {
 public:
  explicit Reduction(const Settings& settings)
      : keeps_(settings.integer("keepdims", 1) != 0),
        none_is_none_(settings.integer("noop_with_empty_axes", 0) != 0),
        named_(settings.integers("axes")) {}

  struct Axes {
    Sizes from, kept, result;  // shapes: before; after, with size 1 where folded; what is asked for
    std::array<bool, max_axes> folded = {};
    Index count = 1;  // elements folded into one
  };

  Axes axes(const Arguments& x) const {
    Axes result{x.shape(0), x.shape(0), {}};
    const std::size_t rank = result.from.size();
    count_of(result.from);
    const Sizes axes = x.has(1) ? x.sizes(1) : named_.value_or(Sizes());
    for (const Index axis : axes) result.folded[axis_of(axis, rank)] = true;
    if (axes.empty() && !none_is_none_) std::fill_n(result.folded.begin(), rank, true);
    for (std::size_t i = 0; i < rank; ++i) {
      if (result.folded[i]) result.count *= std::exchange(result.kept[i], 1);
      if (!result.folded[i] || keeps_) result.result.push_back(result.kept[i]);
    }
    return result;
  }

  template <class Fold>
  static Floats fold(const Axes& axes, const Floats& x, Fold f) {
    if (axes.count == 0 && !std::is_same_v<Fold, kernels::Sum>)
      throw ShapeError(text("nothing to fold in ", shape_text(axes.from)));
    Floats y = elements_for<float>(axes.result);
    if (y.size() > 0)
      kernels::fold_axes(std::span<const Index>(axes.from),
                         std::span<const bool>(axes.folded.data(), axes.from.size()), x.data(),
                         y.mutable_data(), f);
    return y;
  }

 private:
  bool keeps_, none_is_none_;
  std::optional<Sizes> named_;
};

template <class Fold>
Operation reduction(const Settings& settings, Fold f) {
  return [r = Reduction(settings), f](const Arguments& x) -> Results {
    const auto axes = r.axes(x);
    return one(axes.result, Reduction::fold(axes, x.floats(0), f));
  };
}

/// -max(-x), so that one kernel less is compiled.
inline Operation reduce_min(const Settings& settings) {
  return [r = Reduction(settings)](const Arguments& x) -> Results {
    const auto axes = r.axes(x);
    return one(axes.result, -Reduction::fold(axes, -x.floats(0), kernels::Max{}));
  };
}

inline Operation reduce_mean(const Settings& settings) {
  return [r = Reduction(settings)](const Arguments& x) -> Results {
    const auto axes = r.axes(x);
    Floats y = Reduction::fold(axes, x.floats(0), kernels::Sum{});
    tinydl::detail::divide(y.mutable_span(), axes.count);
    return one(axes.result, y);
  };
}

/// log(sum(exp(x))), with the largest element taken out, so that nothing overflows.
inline Operation reduce_log_sum_exp(const Settings& settings) {
  return [r = Reduction(settings)](const Arguments& x) -> Results {
    const auto axes = r.axes(x);
    Floats top = Reduction::fold(axes, x.floats(0), kernels::Max{});
    for (float& t : top.mutable_span())
      if (!std::isfinite(t)) t = 0;
    const Value less =
        each_pair_of_floats(x[0], {axes.kept, top}, x.floats(0), top, tinydl::detail::minus);
    const Floats sum = Reduction::fold(axes, exp(std::get<Floats>(less.elements)), kernels::Sum{});
    return one(axes.result, log(sum) + top);
  };
}

/// Running sums along the axis that the second input names, from the end if 'reverse' says so.
inline Operation cumulative_sum(const Settings& settings) {
  settings.only("exclusive", Index{0});
  return [reversed = settings.integer("reverse", 0) != 0](const Arguments& x) -> Results {
    const Index axis = static_cast<Index>(x.elements<std::int64_t>(1).item());
    const Around a(x.shape(0), axis_of(axis, x.shape(0).size()));
    Floats y = elements_for<float>(x.shape(0));
    if (y.size() > 0)
      kernels::cumsum(a.outer, a.n, a.inner, reversed, x.floats(0).data(), y.mutable_data());
    return one(x.shape(0), y);
  };
}

inline constexpr Operator matrix_operators[] = {
    {"MatMul", [](const Settings&) -> Operation { return matmul; }},
    {"Gemm", gemm},
    {"ReduceSum", [](const Settings& s) { return reduction(s, kernels::Sum{}); }},
    {"ReduceMax", [](const Settings& s) { return reduction(s, kernels::Max{}); }},
    {"ReduceMin", reduce_min},
    {"ReduceMean", reduce_mean},
    {"ReduceLogSumExp", reduce_log_sum_exp},
    {"CumSum", cumulative_sum},
};

}  // namespace tinydl::onnx::detail
