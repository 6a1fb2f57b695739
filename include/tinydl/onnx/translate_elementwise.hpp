// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <numbers>

#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/softmax.hpp>
#include <tinydl/onnx/translator.hpp>

namespace tinydl::onnx {

namespace detail {

template <int Rank>
using Relu = ReluFunction<float, Rank>;

/// Functions that ONNX has as they are.
inline const char* same_operator(const Step& step) {
  if (with_operation<Add>(step, ignore)) return "Add";
  if (with_operation<Subtract>(step, ignore)) return "Sub";
  if (step.is<Multiply>()) return "Mul";
  if (step.is<Divide>()) return "Div";
  if (step.is<Negate>()) return "Neg";
  if (step.is<Exp>()) return "Exp";
  if (step.is<Log>()) return "Log";
  if (step.is<Sqrt>()) return "Sqrt";
  if (step.is<Sin>()) return "Sin";
  if (step.is<Cos>()) return "Cos";
  if (step.is<Abs>()) return "Abs";
  if (step.is<Extremum<true>>()) return "Max";
  if (step.is<Extremum<false>>()) return "Min";
  if (with_operation<Relu>(step, ignore)) return "Relu";
  if (step.is<SigmoidFunction>()) return "Sigmoid";
  if (step.is<TanhFunction>()) return "Tanh";
  if (step.is<SoftplusFunction>()) return "Softplus";
  return nullptr;
}

/// A number that the operation has, if the step is of its type; else null.
template <class Op>
const float* number_of(const Step& step, float Op::*number) {
  const Op* const operation = step.operation<Op>();
  if (!operation) return nullptr;
  const float &large = operation->*number, &small = step.in_small<Op>().*number;
  if (large != small && (large == large || small == small)) step.refuse(Translator::unseen);
  return &large;
}

/// (1 + erf(x / sqrt(2))) / 2
inline std::string normal_cdf(Translator& t, const std::string& x) {
  const auto scaled = t.apply("Mul", {x, t.number(1 / std::numbers::sqrt2)});
  const auto sum = t.apply("Add", {t.apply("Erf", {scaled}), t.number(1)});
  return t.apply("Mul", {sum, t.number(0.5)});
}

/// x sigmoid(scale (x + 0.044715 x^3))
inline std::string gelu_by_tanh(Translator& t, const std::string& x) {
  const auto cube = t.apply("Mul", {t.apply("Mul", {x, x}), x});
  const auto sum = t.apply("Add", {x, t.apply("Mul", {cube, t.number(0.044715)})});
  const auto scaled = t.apply("Mul", {sum, t.number(GeluByTanh::scale)});
  return t.apply("Mul", {x, t.apply("Sigmoid", {scaled})});
}

}  // namespace detail

/// Functions of single elements, and softmax.
inline bool translate_elementwise(Translator& t, const Step& step) {
  if (const char* name = detail::same_operator(step)) return t.result_of(step, name);

  using detail::number_of;
  const auto x = [&] { return t.value(step, 0); };
  const auto is = [&](const std::string& y) { return t.result(step, y); };
  if (const float* number = number_of(step, &AddNumber<float>::number))
    return is(t.apply("Add", {x(), t.number(*number)}));
  if (const float* number = number_of(step, &MultiplyByNumber<float>::number))
    return is(t.apply("Mul", {x(), t.number(*number)}));
  if (const float* number = number_of(step, &DivideByNumber<float>::number))
    return is(t.apply("Div", {x(), t.number(*number)}));
  if (const float* number = number_of(step, &SubtractFromNumber<float>::number))
    return is(t.apply("Sub", {t.number(*number), x()}));
  if (const float* number = number_of(step, &DivideNumber<float>::number))
    return is(t.apply("Div", {t.number(*number), x()}));
  if (const float* number = number_of(step, &Pow<float>::exponent))
    return is(t.apply("Pow", {x(), t.number(*number)}));
  if (const float* low = number_of(step, &Clamp<float>::low))
    return is(
        t.apply("Clip", {x(), t.number(*low), t.number(*number_of(step, &Clamp<float>::high))}));
  if (step.is<Square>()) return is(t.apply("Mul", {x(), x()}));

  if (const auto* op = step.operation<LeakyReluFunction<float>>())
    return t.result_of(step, "LeakyRelu", {setting("alpha", op->slope)});
  if (const auto* op = step.operation<EluFunction<float>>())
    return t.result_of(step, "Elu", {setting("alpha", op->alpha)});
  if (step.is<SiluFunction>()) return is(t.apply("Mul", {x(), t.apply("Sigmoid", {x()})}));
  if (step.is<NormalCdf>()) return is(detail::normal_cdf(t, x()));
  if (step.is<GeluFunction>()) return is(t.apply("Mul", {x(), detail::normal_cdf(t, x())}));
  if (step.is<GeluByTanh>()) return is(detail::gelu_by_tanh(t, x()));

  if (const auto* op = step.operation<SoftmaxFunction>())
    return t.result_of(step, "Softmax", {setting("axis", op->axis)});
  if (const auto* op = step.operation<LogSoftmaxFunction>())
    return t.result_of(step, "LogSoftmax", {setting("axis", op->axis)});

  Value large, small;
  const auto read = [&](const auto& op, const auto& in_small) {
    large = value_of(op.mask);
    small = value_of(in_small.mask);
  };
  if (!with_operation<Where>(step, read)) return false;
  const std::string condition = t.constant(step, "condition", small, large);
  return is(t.apply("Where", {condition, t.value(step, 0), t.value(step, 1)}));
}

}  // namespace tinydl::onnx
