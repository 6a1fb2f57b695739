// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/matmul.hpp>
#include <tinydl/onnx/translator.hpp>

namespace tinydl::onnx {

/// Products of matrices.
inline bool translate_matrix(Translator& t, const Step& step) {
  if (step.is<LinearFunction>()) return t.result_of(step, "Gemm", {setting("transB", 1)});
  bool transpose_a = false, transpose_b = false;
  const auto read = [&](const auto& op, const auto&) {
    transpose_a = op.transpose_a;
    transpose_b = op.transpose_b;
  };
  if (!with_operation<MatMul>(step, read)) return false;
  const std::size_t rank = step.output_sizes().size();
  if (rank == 2 && (transpose_a || transpose_b))
    return t.result_of(
        step, "Gemm",
        {setting("transA", transpose_a ? 1 : 0), setting("transB", transpose_b ? 1 : 0)});
  std::vector<std::int64_t> axes;
  for (std::size_t i = 0; i < rank; ++i) axes.push_back(static_cast<std::int64_t>(i));
  std::swap(axes[rank - 2], axes[rank - 1]);
  const auto operand = [&](std::size_t i, bool transpose) {
    const std::string x = t.value(step, i);
    return transpose ? t.apply("Transpose", {x}, {setting("perm", axes)}) : x;
  };
  const std::string a = operand(0, transpose_a), b = operand(1, transpose_b);
  return t.result(step, t.apply("MatMul", {a, b}));
}

}  // namespace tinydl::onnx
