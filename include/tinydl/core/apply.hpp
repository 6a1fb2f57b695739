// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <tinydl/core/function.hpp>
#include <tinydl/core/variable.hpp>

namespace tinydl {

namespace detail {

/// The name that a function gives itself, or else that of its type.
template <class Op>
std::string_view name_of() {
  if constexpr (requires { Op::name; }) {
    return Op::name;
  } else {
#if defined(__GNUC__)
    std::string_view name = __PRETTY_FUNCTION__;  // ... Op = NAME] or ... Op = NAME; ...]
    name.remove_prefix(name.find("Op = ") + 5);
    return name.substr(0, name.find_first_of(";]"));
#else
    return typeid(Op).name();
#endif
  }
}

// An argument of a function is a Tensor or a Variable, or a std::vector of one such type.

template <class X>
inline constexpr bool is_vector = false;
template <class X>
inline constexpr bool is_vector<std::vector<X>> = true;

template <class X>
inline constexpr bool is_tensors = is_tensor<X>;
template <class X>
inline constexpr bool is_tensors<std::vector<X>> = is_tensor<X>;

template <class X>
inline constexpr bool is_tuple = false;
template <class... X>
inline constexpr bool is_tuple<std::tuple<X...>> = true;

[[noreturn, gnu::cold]] inline void undefined_operand(std::string_view function) {
  throw ValueError(text(function, ": an operand is undefined"));
}

template <class Op, class X>
void check_defined(const X& x) {
  if constexpr (is_vector<X>) {
    for (const auto& part : x) check_defined<Op>(part);
  } else if (!x.defined()) {
    undefined_operand(name_of<Op>());
  }
}

template <class X>
auto variables_of(const X& x) {
  if constexpr (is_vector<X>) {
    std::vector<decltype(as_variable(x[0]))> variables;
    for (const auto& part : x) variables.push_back(as_variable(part));
    return variables;
  } else {
    return as_variable(x);
  }
}

template <class X>
auto tensors_of(const X& x) {
  if constexpr (is_vector<X>) {
    std::vector<std::remove_cvref_t<decltype(x[0].data())>> tensors;
    for (const auto& part : x) tensors.push_back(part.data());
    return tensors;
  } else {
    return x.data();
  }
}

template <class X>
bool any_requires_grad(const X& x) {
  if constexpr (is_vector<X>) {
    for (const auto& part : x)
      if (part.requires_grad()) return true;
    return false;
  } else {
    return x.requires_grad();
  }
}

template <class X>
auto as_tuple(X x) {
  if constexpr (is_tuple<X>)
    return x;
  else
    return std::tuple<X>(std::move(x));
}

/// Applies op to Variables alone.
template <class Op, class... V>
auto apply_to_variables(Op op, const V&... x);

/// Adds two gradients of one variable, where the walk itself is recorded.
struct AddGradients : Function {
  static constexpr auto name = "add_gradients";
  static constexpr Needs needs{};
  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& a, const Tensor<T, R>& b) const {
    Tensor<T, R> sum = a;
    sum.mutable_array() += b.array();
    return sum;
  }
  template <class X>
  std::tuple<X, X> backward(const X& gy) const {
    return {gy, gy};
  }
};

// What follows is the same for every function, so it is compiled once for each kind of variable V.

template <class V>
using SlotOf = Slot<typename V::Scalar, V::rank>;

template <class V>
SlotOf<V>* slot(VariableNode* node) {
  return static_cast<SlotOf<V>*>(node);
}

/// The gradient that has arrived at an output; zeros if none has.
template <class V>
[[gnu::noinline]] auto take_flow(VariableNode* node, const Shape<V::rank>& shape) {
  if (!node || !slot<V>(node)->flow.defined()) return zeros<typename V::Scalar>(shape);
  auto& flow = slot<V>(node)->flow;
  return node->keeps_flow() ? flow : std::exchange(flow, {});
}
template <class V>
[[gnu::noinline]] V take_flow_variable(VariableNode* node, const Shape<V::rank>& shape) {
  if (!node || !slot<V>(node)->flow_variable.defined()) return V(zeros<typename V::Scalar>(shape));
  V& flow = slot<V>(node)->flow_variable;
  return node->keeps_flow() ? flow : std::exchange(flow, {});
}

/// A variable with its values, which perhaps only the function that saved them still has.
template <class V, class S>
[[gnu::noinline]] V revive(VariableNode* node, const S& saved) {
  if (!slot<V>(node)->data.defined()) slot<V>(node)->data = saved;
  return V(slot<V>(node));
}

template <class V>
void add_flow(SlotOf<V>& input, Tensor<typename V::Scalar, V::rank>& gradient) {
  input.receive(std::move(gradient));
}
template <class V>
void add_flow(SlotOf<V>& input, const V& gradient) {
  V& flow = input.flow_variable;
  flow = flow.defined() ? apply_to_variables(AddGradients{}, flow, gradient) : gradient;
}

/// Adds a gradient, Tensor or Variable, to that of input i, if it is wanted.
template <class V, class G>
[[gnu::noinline]] void deliver(const FunctionNode& function, std::size_t i, G& gradient) {
  static_assert(G::rank == V::rank && std::is_same_v<typename G::Scalar, typename V::Scalar>,
                "the gradient of an input must have the rank and element type of the input");
  if (!function.wants(i) || !gradient.defined()) return;
  SlotOf<V>& input = *slot<V>(function.inputs()[i].get());
  if (gradient.shape() != input.sizes)
    throw ShapeError(text(function.name(), ": backward returned a gradient of shape ",
                          gradient.shape(), " for an input of shape ", input.sizes));
  add_flow<V>(input, gradient);
}

/// The record of one application of Op to the Variables X..., which made the Variables Y...;
/// `several` says whether they came as a tuple.
template <class Op, bool several, class Ys, class... X>
class Call;

template <class Op, bool several, class... Y, class... X>
class Call<Op, several, std::tuple<Y...>, X...> final : public FunctionNode {
  static_assert(sizeof...(X) == 1 || !(is_vector<X> || ...),
                "a function of a list of variables takes nothing else");
  static_assert(!(several && Op::needs.output),
                "a function of several outputs keeps what it needs of them in its members");

  static constexpr bool needs_input(std::size_t i) {
    return i < 32 && (Op::needs.inputs >> i & 1) != 0;
  }
  static constexpr auto each_output = std::index_sequence_for<Y...>();
  static constexpr auto each_input = std::index_sequence_for<X...>();

 public:
  Call(Op op, const X&... x) : op_(std::move(op)) {
    std::size_t i = 0;
    (connect(x, needs_input(i++)), ...);
    save(each_input, x...);
  }

  void add_results(const Y&... y) {
    (add_output(*y.node()), ...);
    shapes_ = {y.shape()...};
    if constexpr (Op::needs.output) saved_outputs_ = {y.data()...};
  }

  std::string_view name() const override { return name_of<Op>(); }

 private:
  struct Refused {};

  template <class V>
  void connect(const V& x, bool needed) {
    if constexpr (is_vector<V>) {
      for (const auto& part : x) connect(part, needed);
    } else {
      add_input(x.node(), needed);
    }
  }

  template <std::size_t... I>
  void save(std::index_sequence<I...>, const X&... x) {
    ((needs_input(I) ? void(std::get<I>(saved_inputs_) = tensors_of(x)) : void()), ...);
  }

  void release_saved() noexcept override {
    saved_inputs_ = {};
    saved_outputs_ = {};
    op_.reset();
  }

  void run(bool create_graph) override {
    op_->set_wanted(wanted_bits());
    if (create_graph)
      run_on_variables(each_output);
    else
      run_on_tensors(each_output);
  }

  template <std::size_t... I>
  void run_on_tensors(std::index_sequence<I...>) {
    if (!((slot<Y>(outputs()[I]) && slot<Y>(outputs()[I])->flow.defined()) || ...)) return;
    const std::tuple gy(take_flow<Y>(outputs()[I], std::get<I>(shapes_))...);
    deliver_all(call_backward(gy, saved_outputs_, saved_inputs_), each_input);
  }

  template <std::size_t... I>
  [[gnu::cold]] void run_on_variables(std::index_sequence<I...>) {
    using Result =
        decltype(call_backward(std::tuple<Y...>(), std::tuple<Y...>(), std::tuple<X...>()));
    if constexpr (std::is_same_v<Result, Refused>) {
      throw GraphError(text("grad: the derivative of ", name(),
                            " cannot be differentiated: its backward takes Tensors alone"));
    } else {
      if (!((slot<Y>(outputs()[I]) && slot<Y>(outputs()[I])->flow_variable.defined()) || ...))
        return;
      const GradMode recording(true);
      const std::tuple gy(take_flow_variable<Y>(outputs()[I], std::get<I>(shapes_))...);
      std::tuple<Y...> y;
      if constexpr (Op::needs.output) y = {revive<Y>(outputs()[I], std::get<I>(saved_outputs_))...};
      deliver_all(call_backward(gy, y, revive_inputs(each_input)), each_input);
    }
  }

  // --- the inputs as Variables again ---

  template <class V, class S>
  V revive_input(std::size_t& at, bool needed, const S& saved) const {
    if constexpr (is_vector<V>) {
      V variables;
      for (const auto& part : saved)
        variables.push_back(revive_input<typename V::value_type>(at, needed, part));
      return variables;
    } else {
      VariableNode* node = inputs()[at++].get();
      return needed ? revive<V>(node, saved) : V();
    }
  }

  template <std::size_t... I>
  std::tuple<X...> revive_inputs(std::index_sequence<I...>) const {
    std::size_t at = 0;
    return std::tuple<X...>{revive_input<X>(at, needs_input(I), std::get<I>(saved_inputs_))...};
  }

  template <class GY, class YS, class XS>
  auto call_backward(const GY& gy, const YS& y, const XS& xs) const {
    return std::apply(
        [&](const auto&... x) {
          const auto call = [&](const auto& g) {
            if constexpr (Op::needs.output && Op::needs.inputs != 0)
              return attempt(g, std::get<0>(y), x...);
            else if constexpr (Op::needs.output)
              return attempt(g, std::get<0>(y));
            else if constexpr (Op::needs.inputs != 0)
              return attempt(g, x...);
            else
              return attempt(g);
          };
          if constexpr (several)
            return call(gy);
          else
            return call(std::get<0>(gy));
        },
        xs);
  }

  template <class... A>
  auto attempt(const A&... arguments) const {
    if constexpr (requires { op_->backward(arguments...); })
      return op_->backward(arguments...);
    else
      return Refused{};
  }

  // --- handing gradients to the inputs ---

  template <class Result, std::size_t... I>
  void deliver_all(Result result, std::index_sequence<I...>) {
    static_assert(!std::is_same_v<Result, Refused>,
                  "backward does not take what its function's needs say: the gradient of the "
                  "output, then the output, then the inputs");
    auto gradients = as_tuple(std::move(result));
    static_assert(std::tuple_size_v<decltype(gradients)> == sizeof...(X),
                  "backward must return one gradient for each input");
    std::size_t at = 0;
    (deliver_to<X>(at, std::get<I>(gradients)), ...);
  }

  template <class V, class G>
  void deliver_to(std::size_t& at, G& gradient) {
    if constexpr (is_vector<V>) {
      for (auto& part : gradient) deliver_to<typename V::value_type>(at, part);
    } else {
      deliver<V>(*this, at++, gradient);
    }
  }

  std::optional<Op> op_;
  std::tuple<decltype(tensors_of(std::declval<X>()))...> saved_inputs_;
  std::tuple<decltype(tensors_of(std::declval<Y>()))...> saved_outputs_;
  std::tuple<Shape<Y::rank>...> shapes_;
};

template <class Op, class... V>
auto apply_to_variables(Op op, const V&... x) {
  auto result = op.forward(tensors_of(x)...);
  constexpr bool several = is_tuple<decltype(result)>;
  auto outputs = std::apply([](auto... y) { return std::tuple(Variable(std::move(y))...); },
                            as_tuple(std::move(result)));
  if (grad_enabled() && (any_requires_grad(x) || ...)) {
    using Record = Call<Op, several, decltype(outputs), V...>;
    const Ref<Record> call(new Record(std::move(op), x...));
    std::apply([&](const auto&... y) { call->add_results(y...); }, outputs);
  }
  if constexpr (several)
    return outputs;
  else
    return std::get<0>(std::move(outputs));
}

}  // namespace detail

/// op.forward(x...). If one of the operands is a Variable the result is one, and the application is
/// recorded for backward(), unless nothing requires a gradient.
/// @throws ValueError if an operand is undefined.
template <class Op, class... X>
auto apply(Op op, const X&... x) {
  (detail::check_defined<Op>(x), ...);
  if constexpr ((detail::is_tensors<X> && ...))
    return op.forward(x...);
  else
    return detail::apply_to_variables(std::move(op), detail::variables_of(x)...);
}

}  // namespace tinydl
