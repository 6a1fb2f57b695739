// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/batch_norm.hpp>
#include <tinydl/functions/group_norm.hpp>
#include <tinydl/onnx/translator.hpp>

namespace tinydl::onnx {

namespace detail {

/// The function knows the means and 1 / sqrt(variance + eps). If the means are a layer's buffer
/// the variances are the one beside it; else they follow.
inline bool translate_batch_norm(Translator& t, const Step& step,
                                 const BatchNormFunction<float>& op) {
  if (!op.fixed) step.refuse("it normalises by the statistics of the batch, even in eval mode");
  const auto& small = step.in_small<BatchNormFunction<float>>();
  const std::string running = "running_mean";
  std::string means = t.name_of_memory(op.means.data());
  std::string variances = means.ends_with(running)
                              ? means.substr(0, means.size() - running.size()) + "running_var"
                              : "";
  const VariableNode* const buffer = t.named(variances);
  if (buffer) {
    means = t.parameter(means);
    variances = t.parameter(variances);
  } else {
    const auto variance = [&](Tensor<float, 1> rstd) {
      for (float& r : rstd.mutable_span()) r = 1 / (r * r) - op.eps;
      return value_of(rstd);
    };
    means = t.constant(step, "mean", value_of(small.means), value_of(op.means));
    variances = t.constant(step, "variance", variance(small.rstd), variance(op.rstd));
  }
  return t.result(step,
                  t.apply("BatchNormalization",
                          {t.value(step, 0), t.value(step, 1), t.value(step, 2), means, variances},
                          {setting("epsilon", op.eps)}));
}

/// There is no such operator before version 18: groups become the channels of an
/// InstanceNormalization.
inline bool translate_group_norm(Translator& t, const Step& step,
                                 const GroupNormFunction<float>& op) {
  const TracedSizes sizes = step.input_sizes(0);
  std::vector<std::int64_t> per_channel{sizes[1].small}, whole;
  for (const TracedSize size : sizes) whole.push_back(size.fixed() ? size.small : -1);
  per_channel.resize(sizes.size() - 1, 1);
  const std::string groups =
      t.apply("Reshape", {t.value(step, 0), t.integers("shape", {0, op.groups, -1})});
  const std::string normal =
      t.apply("InstanceNormalization",
              {groups, t.initializer("ones", value_of(ones(Shape<1>(op.groups)))),
               t.initializer("zeros", value_of(zeros(Shape<1>(op.groups))))},
              {setting("epsilon", op.eps)});
  const auto channel_values = [&](std::size_t i) {
    return t.apply("Reshape", {t.value(step, i), t.integers("shape", per_channel)});
  };
  const std::string back = t.apply("Reshape", {normal, t.integers("shape", whole)});
  const std::string scaled = t.apply("Mul", {back, channel_values(1)});
  return t.result(step, t.apply("Add", {scaled, channel_values(2)}));
}

inline bool translate_rms_norm(Translator& t, const Step& step, const RowNorm<float, false>& op) {
  const std::string x = t.value(step, 0);
  std::vector<std::int64_t> axes;
  for (std::size_t i = step.input_sizes(1).size(); i > 0; --i)
    axes.push_back(-static_cast<std::int64_t>(i));
  const std::string mean = t.apply("ReduceMean", {t.apply("Mul", {x, x})},
                                   {setting("axes", axes), setting("keepdims", 1)});
  const std::string root = t.apply("Sqrt", {t.apply("Add", {mean, t.number(op.eps)})});
  return t.result(step, t.apply("Mul", {t.apply("Div", {x, root}), t.value(step, 1)}));
}

}  // namespace detail

inline bool translate_norm(Translator& t, const Step& step) {
  if (const auto* op = step.operation<BatchNormFunction<float>>())
    return detail::translate_batch_norm(t, step, *op);
  if (const auto* op = step.operation<GroupNormFunction<float>>())
    return detail::translate_group_norm(t, step, *op);
  if (const auto* op = step.operation<RowNorm<float, false>>())
    return detail::translate_rms_norm(t, step, *op);
  if (const auto* op = step.operation<RowNorm<float, true>>()) {
    const auto axes = static_cast<std::int64_t>(step.input_sizes(1).size());
    return t.result_of(step, "LayerNormalization",
                       {setting("axis", -axes), setting("epsilon", op->eps)});
  }
  return false;
}

}  // namespace tinydl::onnx
