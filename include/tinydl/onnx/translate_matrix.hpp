// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/matmul.hpp>
#include <tinydl/onnx/translator.hpp>

namespace tinydl::onnx {

/// Products of matrices.
inline bool translate_matrix(Translator& t, const Step& step) {
  if (step.is<LinearFunction>()) return t.result_of(step, "Gemm", {setting("transB", 1)});
  return with_operation<MatMul>(step, [&](const auto& op, const auto&) {
    const std::size_t rank = step.output_sizes().size();
    const bool transposed = op.transpose_a || op.transpose_b;
    if (rank == 2 && transposed) {
      t.result_of(
          step, "Gemm",
          {setting("transA", op.transpose_a ? 1 : 0), setting("transB", op.transpose_b ? 1 : 0)});
      return;
    }
    std::vector<std::int64_t> axes;
    for (std::size_t i = 0; i < rank; ++i) axes.push_back(static_cast<std::int64_t>(i));
    if (rank >= 2) std::swap(axes[rank - 2], axes[rank - 1]);
    const auto operand = [&](std::size_t i, bool transpose) {
      const std::string x = t.value(step, i);
      return transpose ? t.apply("Transpose", {x}, {setting("perm", axes)}) : x;
    };
    const std::string a = operand(0, op.transpose_a), b = operand(1, op.transpose_b);
    t.result(step, t.apply("MatMul", {a, b}));
  });
}

}  // namespace tinydl::onnx
