// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string>

#include <tinydl/core/variable.hpp>

namespace tinydl {

struct NanGuardOptions {
  bool infinities = true;  ///< also throw for these; a mask of -infinity makes them on purpose
};

/// While it lives, the first function that makes a nan or an infinity in this thread throws:
///
///     const NanGuard guard;
///     const auto loss = softmax_cross_entropy(model(x), labels);
///     // ValueError: exp: made inf (first at (0, 3)) from operands of shapes (2, 4)
///     loss.backward();  // and in there: backward of sqrt: made nan (first at (1,)) in the ...
///
/// It sees functions of Variables, with and without NoGrad, but not those of Tensors alone. Every
/// result is read once more, so it is for the search and not for the everyday.
class [[nodiscard]] NanGuard final : detail::Watcher {
 public:
  explicit NanGuard(NanGuardOptions options = {}) : options_(options) {}

 private:
  void applied(const FunctionNode& function) override {
    for (const VariableNode* output : function.outputs()) {
      const Found made = find(*output, false);
      if (!made.kind) continue;
      for (std::size_t i = 0; i < function.inputs().size(); ++i) {
        const VariableNode& input = *function.inputs()[i];
        if (const Found had = find(input, false); had.kind)
          throw ValueError(text(function.name(), ": was given ", had.kind, had.where,
                                " in operand ", i, described(input)));
      }
      std::string shapes;
      for (const auto& input : function.inputs())
        shapes += (shapes.empty() ? "" : ", ") + shape_text(input->shape());
      throw ValueError(text(function.name(), ": made ", made.kind, made.where,
                            " from operands of shapes ", shapes));
    }
  }

  void ran_backward(const FunctionNode& function) override {
    for (std::size_t i = 0; i < function.inputs().size(); ++i) {
      if (!function.wants(i)) continue;
      const VariableNode& input = *function.inputs()[i];
      if (const Found made = find(input, true); made.kind)
        throw ValueError(text("backward of ", function.name(), ": made ", made.kind, made.where,
                              " in the gradient of operand ", i, described(input)));
    }
  }

  struct Found {
    const char* kind = nullptr;  // "nan" or "inf"
    std::string where = {};      // " (first at (0, 3))"
  };

  Found find(const VariableNode& variable, bool gradient) const {
    if (variable.element_type() == "float") return find_in<float>(variable, gradient);
    if (variable.element_type() == "double") return find_in<double>(variable, gradient);
    return {};
  }

  template <class T>
  Found find_in(const VariableNode& variable, bool gradient) const {
    const auto& data = static_cast<const detail::VariableData<T>&>(variable);
    const std::span<const T> values = gradient ? data.flow_values() : data.values();
    for (std::size_t i = 0; i < values.size(); ++i)
      if (options_.infinities ? !std::isfinite(values[i]) : std::isnan(values[i]))
        return {std::isnan(values[i]) ? "nan" : "inf",
                position(variable.shape(), static_cast<Index>(i))};
    return {};
  }

  static std::string position(std::span<const Index> shape, Index at) {
    std::vector<Index> position(shape.size());
    for (std::size_t axis = shape.size(); axis-- > 0; at /= shape[axis])
      position[axis] = at % shape[axis];
    return shape.empty() ? "" : " (first at " + shape_text(position) + ')';
  }

  static std::string described(const VariableNode& variable) {
    return text(variable.name.empty() ? "" : ", '" + variable.name + "',", " of shape ",
                shape_text(variable.shape()));
  }

  NanGuardOptions options_;
};

}  // namespace tinydl
