// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include <tinydl/core/error.hpp>
#include <tinydl/onnx/operation.hpp>
#include <tinydl/onnx/operators_image.hpp>
#include <tinydl/onnx/operators_math.hpp>
#include <tinydl/onnx/operators_matrix.hpp>
#include <tinydl/onnx/operators_norm.hpp>
#include <tinydl/onnx/operators_recurrent.hpp>
#include <tinydl/onnx/operators_shape.hpp>

namespace tinydl::onnx {

/// What a node does. https://github.com/onnx/onnx/blob/main/docs/Operators.md has what each
/// operator means. @throws ValueError for an operator or an attribute that is not known.
inline Operation operation_of(const Node& node) {
  const std::span<const Operator> kinds[] = {detail::math_operators,   detail::shape_operators,
                                             detail::matrix_operators, detail::image_operators,
                                             detail::norm_operators,   detail::recurrent_operators};
  for (const auto& kind : kinds)
    for (const Operator& known : kind)
      if (node.op_type == known.name) return known.make(Settings(node));
  throw ValueError("the operator is not known");
}

}  // namespace tinydl::onnx
