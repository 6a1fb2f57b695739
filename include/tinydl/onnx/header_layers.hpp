// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/onnx/header_shapes.hpp>

// Products, normalisation and sums along axes, for a generated header (see export_header.hpp).

namespace tinydl::onnx::detail {

/// The transpose of a matrix of this shape.
inline std::vector<float> transposed(const std::vector<float>& matrix, const Sizes& shape) {
  const auto rows = static_cast<std::size_t>(shape[0]),
             columns = static_cast<std::size_t>(shape[1]);
  std::vector<float> result(matrix.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) result[j * rows + i] = matrix[i * columns + j];
  return result;
}

/// a: (rows, inputs), b: (inputs, outputs), which batches may repeat; outputs is the last axis.
inline void write_matmul(HeaderNode& node) {
  const Sizes &a = node.x.shape(0), &b = node.x.shape(1), &result = node.out_shape();
  if (a.size() < 2 || b.size() < 2) node.refuse("a vector");
  const Index inner = a.back(), columns = b.back();
  if (b.size() == 2 && node.constant(1)) {
    const auto weight = node.add_constant(node.node().inputs[1], transposed(node.constants(1), b));
    return node.call("dense", {std::to_string(node.size(0) / inner), std::to_string(inner),
                               std::to_string(columns), node.in(0), weight, "nullptr", node.out()});
  }
  const auto whole = [&](std::size_t i) {
    Sizes shape = node.x.shape(i), all(result.begin(), result.end() - 2);
    all.insert(all.end(), shape.end() - 2, shape.end());
    if (count_of(all) == node.size(i)) return node.in(i);
    const HeaderPlace repeated = node.scratch(count_of(all));
    call_copy(node, all, node.in(i), broadcast_strides(shape, all), repeated, strides_of(all));
    return repeated;
  };
  const Index rows = a[a.size() - 2];
  const HeaderPlace left = whole(0), right = whole(1);
  node.call("matmul", {std::to_string(node.out_size() / (rows * columns)), std::to_string(rows),
                       std::to_string(inner), std::to_string(columns), left, right, node.out()});
}

inline void write_gemm(HeaderNode& node) {
  node.settings.only("transA", Index{0});
  const float alpha = node.settings.real("alpha", 1), beta = node.settings.real("beta", 1);
  const bool is_transposed = node.settings.integer("transB", 0) != 0;
  const auto scaled = [](std::vector<float> numbers, float factor) {
    if (factor != 1)
      for (float& x : numbers) x *= factor;
    return numbers;
  };
  auto weight = scaled(node.constants(1), alpha);
  if (!is_transposed) weight = transposed(weight, node.x.shape(1));
  const HeaderPlace place = node.add_constant(node.node().inputs[1], std::move(weight));
  const Index outputs = node.out_shape()[1];
  HeaderProgram::Argument bias = "nullptr";
  if (node.x.has(2)) {
    auto numbers = scaled(node.constants(2), beta);
    if (numbers.size() == 1) numbers.resize(static_cast<std::size_t>(outputs), numbers[0]);
    if (static_cast<Index>(numbers.size()) != outputs) node.refuse("a sum for each row");
    bias = node.add_constant(node.node().inputs[2], std::move(numbers));
  }
  node.call("dense", {std::to_string(node.x.shape(0)[0]), std::to_string(node.x.shape(0)[1]),
                      std::to_string(outputs), node.in(0), place, bias, node.out()});
}

inline void call_around(HeaderNode& node, const char* function, const Around& around) {
  node.call(function, {std::to_string(around.outer), std::to_string(around.n),
                       std::to_string(around.inner), node.in(0), node.out()});
}

inline void write_softmax(HeaderNode& node) {
  const Sizes& shape = node.x.shape(0);
  const bool is_log = node.node().op_type == "LogSoftmax";
  call_around(node, is_log ? "log_softmax" : "softmax",
              Around(shape, axis_of(node.settings.integer("axis", -1), shape.size())));
  node.may_overwrite(node.in(0), node.out());
}

inline void write_layer_norm(HeaderNode& node) {
  const Sizes& shape = node.x.shape(0);
  const std::size_t axis = axis_of(node.settings.integer("axis", -1), shape.size());
  const Index n = count_of(Sizes(shape.begin() + static_cast<Index>(axis), shape.end()));
  if (node.node().outputs.size() > 1) node.refuse("means as an output");
  for (std::size_t i = 1; i < 3; ++i)
    if (node.x.has(i) && node.size(i) != n) node.refuse("a weight or bias that is repeated");
  node.call("layer_norm", {std::to_string(node.size(0) / n), std::to_string(n),
                           number_text(node.settings.real("epsilon", 1e-5f)), node.in(0),
                           node.in_if_there(1), node.in_if_there(2), node.out()});
  node.may_overwrite(node.in(0), node.out());
}

/// With the statistics that training found: a scale and a shift of each channel.
inline void write_batch_norm(HeaderNode& node) {
  node.settings.only("training_mode", Index{0});
  const Sizes& shape = node.x.shape(0);
  const Around around(shape, 1);
  auto scale = node.constants(1), shift = node.constants(2);
  const auto mean = node.constants(3), variance = node.constants(4);
  const double eps = node.settings.real("epsilon", 1e-5f);
  for (std::size_t i = 0; i < scale.size(); ++i) {
    const double factor = scale[i] / std::sqrt(variance[i] + eps);
    shift[i] = static_cast<float>(shift[i] - mean[i] * factor);
    scale[i] = static_cast<float>(factor);
  }
  const HeaderPlace scales = node.add_constant(node.node().inputs[1] + "_scale", std::move(scale));
  const HeaderPlace shifts = node.add_constant(node.node().inputs[2] + "_shift", std::move(shift));
  node.call("scale_planes", {std::to_string(around.outer), std::to_string(around.n),
                             std::to_string(around.inner), node.in(0), scales, shifts, node.out()});
  node.may_overwrite(node.in(0), node.out());
}

/// Each plane by itself.
inline void write_instance_norm(HeaderNode& node) {
  const Sizes& shape = node.x.shape(0);
  const Index n = node.size(0) / (shape[0] * shape[1]);
  node.call("layer_norm", {std::to_string(shape[0] * shape[1]), std::to_string(n),
                           number_text(node.settings.real("epsilon", 1e-5f)), node.in(0), "nullptr",
                           "nullptr", node.out()});
  node.may_overwrite(node.in(0), node.out());
  node.call("scale_planes", {std::to_string(shape[0]), std::to_string(shape[1]), std::to_string(n),
                             node.out(), node.in(1), node.in(2), node.out()});
}

struct HeaderReduction {
  const char *operation, *function, *first, *step, *end;
};
inline constexpr HeaderReduction header_reductions[] = {
    {"GlobalAveragePool", "mean", "0", "total + a", "total / static_cast<float>(n)"},
    {"GlobalMaxPool", "highest", "x[first]", "a > total ? a : total", "total"},
    {"ReduceMax", "highest", "x[first]", "a > total ? a : total", "total"},
    {"ReduceMean", "mean", "0", "total + a", "total / static_cast<float>(n)"},
    {"ReduceMin", "lowest", "x[first]", "a < total ? a : total", "total"},
    {"ReduceSum", "sum", "0", "total + a", "total"},
};

inline void call_reduction(HeaderNode& node, const HeaderReduction& reduction, HeaderPlace x,
                           Index outer, Index n, Index inner) {
  node.define(
      reduction.function,
      text("\n/// Along the middle one of three axes.\n", "inline void ", reduction.function,
           "(Index outer, Index n, Index inner, const float* x, float* y) noexcept {\n",
           "  for (Index row = 0; row < outer * inner; ++row) {\n",
           "    const Index first = row / inner * n * inner + row % inner;\n",
           "    float total = ", reduction.first, ";\n", "    for (Index i = 0; i < n; ++i) {\n",
           "      const float a = x[first + i * inner];\n", "      total = ", reduction.step,
           ";\n    }\n    y[row] = ", reduction.end, ";\n  }\n}\n"));
  node.call(reduction.function,
            {std::to_string(outer), std::to_string(n), std::to_string(inner), x, node.out()});
}

/// Over axes that need not be neighbours.
inline void write_reduction(HeaderNode& node) {
  const Sizes &shape = node.x.shape(0), strides = strides_of(shape);
  const std::string& name = node.node().op_type;
  Sizes axes;
  if (name.starts_with("Global"))
    for (std::size_t i = 2; i < shape.size(); ++i) axes.push_back(static_cast<Index>(i));
  else
    axes = node.x.has(1) ? node.sizes(1) : node.settings.integers("axes").value_or(Sizes());
  std::vector<bool> reduced(shape.size(), axes.empty());
  for (const Index axis : axes) reduced[axis_of(axis, shape.size())] = true;
  if (axes.empty() && node.settings.integer("noop_with_empty_axes", 0) != 0) return node.pass_on();

  Sizes kept_sizes, kept_strides, sizes, from;  // the reduced axes last
  for (std::size_t i = 0; i < shape.size(); ++i) {
    (reduced[i] ? sizes : kept_sizes).push_back(shape[i]);
    (reduced[i] ? from : kept_strides).push_back(strides[i]);
  }
  const Index n = count_of(sizes), outer = count_of(kept_sizes);
  sizes.insert(sizes.begin(), kept_sizes.begin(), kept_sizes.end());
  from.insert(from.begin(), kept_strides.begin(), kept_strides.end());
  HeaderPlace x = node.in(0);
  if (!HeaderWalk(sizes, {from}).one_run()) {
    const HeaderPlace turned = node.scratch(node.size(0));
    call_copy(node, sizes, x, from, turned, strides_of(sizes));
    x = turned;
  }
  for (const HeaderReduction& reduction : header_reductions)
    if (name == reduction.operation) return call_reduction(node, reduction, x, outer, n, 1);
}

inline constexpr HeaderOperator header_layers[] = {
    {"BatchNormalization", write_batch_norm},
    {"Gemm", write_gemm},
    {"GlobalAveragePool", write_reduction},
    {"GlobalMaxPool", write_reduction},
    {"InstanceNormalization", write_instance_norm},
    {"LayerNormalization", write_layer_norm},
    {"LogSoftmax", write_softmax},
    {"MatMul", write_matmul},
    {"ReduceMax", write_reduction},
    {"ReduceMean", write_reduction},
    {"ReduceMin", write_reduction},
    {"ReduceSum", write_reduction},
    {"Softmax", write_softmax},
};

}  // namespace tinydl::onnx::detail
