// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <tinydl/core/function.hpp>
#include <tinydl/core/variable.hpp>

// The record of one application of a function, which the graph is made of. What does not depend on
// the function is kept out of class Call, so that it is compiled once for each kind of variable.

namespace tinydl::detail {

template <class X>
inline constexpr bool is_vector = false;
template <class X>
inline constexpr bool is_vector<std::vector<X>> = true;

template <class X>
inline constexpr bool is_tuple = false;
template <class... X>
inline constexpr bool is_tuple<std::tuple<X...>> = true;

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

// --- inputs: a Variable, or a std::vector of Variables of one type; all are defined ---

template <class V>
using SlotOf = Slot<typename V::Scalar, V::rank>;

template <class V>
SlotOf<V>* slot(VariableNode* node) {
  return static_cast<SlotOf<V>*>(node);
}

template <class T, int Rank>
const Tensor<T, Rank>& tensors_of(const Variable<T, Rank>& x) {
  return slot<Variable<T, Rank>>(x.node())->data;
}
template <class T, int Rank>
std::vector<Tensor<T, Rank>> tensors_of(const std::vector<Variable<T, Rank>>& xs) {
  std::vector<Tensor<T, Rank>> tensors;
  for (const auto& x : xs) tensors.push_back(tensors_of(x));
  return tensors;
}

template <class X>
using TensorsOf = std::remove_cvref_t<decltype(tensors_of(std::declval<const X&>()))>;

/// A variable with its values, which perhaps only the function that saved them still has.
template <class V>
[[gnu::noinline]] V revive(VariableNode* node, const TensorsOf<V>& saved) {
  if (!slot<V>(node)->data.defined()) slot<V>(node)->data = saved;
  return V(slot<V>(node));
}

/// The inputs of a function from number `at` on, as they were when it was applied. Undefined if
/// they were not saved.
template <class X>
X revive_inputs(const FunctionNode& function, std::size_t at, bool saved, const TensorsOf<X>& x) {
  if constexpr (is_vector<X>) {
    X variables;
    if (saved)
      for (const auto& part : x)
        variables.push_back(revive<typename X::value_type>(function.inputs()[at++], part));
    return variables;
  } else {
    return saved ? revive<X>(function.inputs()[at], x) : X();
  }
}

[[noreturn, gnu::noinline, gnu::cold]] inline void wrong_gradient(const FunctionNode& function,
                                                                  std::span<const Index> shape,
                                                                  std::span<const Index> input) {
  throw ShapeError(text(function.name(), ": backward returned a gradient of shape ",
                        shape_text(shape), " for an input of shape ", shape_text(input)));
}

/// Adds a gradient, without its rank, to that of input i, if it is wanted.
template <class T, class Flow>
[[gnu::noinline]] void deliver_flow(const FunctionNode& function, std::size_t i,
                                    std::span<const Index> shape, Flow&& gradient) {
  if (!function.wants(i)) return;
  VariableNode& input = *function.inputs()[i];
  if (!std::equal(shape.data(), shape.data() + shape.size(), input.shape().data()))
    wrong_gradient(function, shape, input.shape());
  static_cast<VariableData<T>&>(input).receive(std::forward<Flow>(gradient));
}

/// The same for a Tensor or Variable; nothing if it is undefined.
template <class V, class G>
void deliver(const FunctionNode& function, std::size_t i, G& gradient) {
  using T = typename G::Scalar;
  static_assert(G::rank == V::rank && std::is_same_v<T, typename V::Scalar>,
                "the gradient of an input must have the rank and element type of the input");
  if (!gradient.defined()) return;
  if constexpr (is_tensor<G>)
    deliver_flow<T>(function, i, gradient.shape().span(), std::move(gradient).storage());
  else
    deliver_flow<T>(function, i, gradient.shape().span(),
                    static_cast<const VariableHandle&>(gradient));
}
template <class V, class G>
void deliver(const FunctionNode& function, std::size_t i, std::vector<G>& gradients) {
  for (G& gradient : gradients) deliver<typename V::value_type>(function, i++, gradient);
}

// --- outputs: a Variable, or a std::tuple of them ---

/// The gradient that has arrived at an output, `size` zeros if none has. Null: it is no longer
/// used.
template <class T>
[[gnu::noinline]] Storage<T> take_flow(VariableNode* output, Index size) {
  if (output)
    if (Storage<T> flow = static_cast<VariableData<T>*>(output)->take_flow()) return flow;
  Storage<T> zeros(static_cast<std::size_t>(size));
  std::memset(zeros.data(), 0, static_cast<std::size_t>(size) * sizeof(T));
  return zeros;
}

/// What a Call keeps of an output, and the gradient that arrives there; zeros if none does.
template <class Y>
class Output;

template <class T, int Rank>
class Output<Variable<T, Rank>> {
  using V = Variable<T, Rank>;

 public:
  Shape<Rank> shape;
  Tensor<T, Rank> saved;

  Output(const V& y, bool saves)
      : shape(slot<V>(y.node())->sizes), saved(saves ? tensors_of(y) : Tensor<T, Rank>()) {}

  [[gnu::noinline]] Tensor<T, Rank> take(std::span<const FunctionNode::Edge> nodes) const {
    return {shape, take_flow<T>(nodes[0], shape.count())};
  }
  [[gnu::noinline]] V take_variable(std::span<const FunctionNode::Edge> nodes) const {
    VariableHandle flow;
    if (nodes[0]) flow = slot<V>(nodes[0])->take_flow_variable();
    if (!flow.node()) return V(zeros<T>(shape));
    return V(slot<V>(flow.node()));
  }
};

template <class... Y>
class Output<std::tuple<Y...>> {
  using Nodes = std::span<const FunctionNode::Edge>;
  static constexpr auto each = std::index_sequence_for<Y...>();

 public:
  std::tuple<> saved;  // nothing

  Output(const std::tuple<Y...>& y, bool)
      : parts_(std::apply([](const auto&... part) { return std::tuple(Output<Y>(part, false)...); },
                          y)) {}

  std::tuple<TensorsOf<Y>...> take(Nodes nodes) const { return take_each(nodes, each); }
  std::tuple<Y...> take_variable(Nodes nodes) const { return take_each_variable(nodes, each); }

 private:
  template <std::size_t... I>
  std::tuple<TensorsOf<Y>...> take_each(Nodes nodes, std::index_sequence<I...>) const {
    return {std::get<I>(parts_).take(nodes.subspan(I))...};
  }
  template <std::size_t... I>
  std::tuple<Y...> take_each_variable(Nodes nodes, std::index_sequence<I...>) const {
    return {std::get<I>(parts_).take_variable(nodes.subspan(I))...};
  }

  std::tuple<Output<Y>...> parts_;
};

/// The output, if it was saved.
template <class Y>
Y revive_output(const FunctionNode& function, bool saved, const Output<Y>& output) {
  if constexpr (is_tuple<Y>)
    return {};
  else
    return saved ? revive<Y>(function.outputs()[0], output.saved) : Y();
}

struct Refused {};

/// A single gradient, or a tuple of one for each input.
template <class... X, class Result, std::size_t... I>
void deliver_all(const FunctionNode& function, Result& gradients, std::index_sequence<I...>) {
  static_assert(!std::is_same_v<Result, Refused>,
                "backward does not take what its function's needs say: the gradient of the output, "
                "then the output, then the inputs");
  if constexpr (is_tuple<Result>) {
    static_assert(std::tuple_size_v<Result> == sizeof...(X),
                  "backward must return one gradient for each input");
    (deliver<X>(function, I, std::get<I>(gradients)), ...);
  } else {
    static_assert(sizeof...(X) == 1, "backward must return one gradient for each input");
    (deliver<X>(function, I, gradients), ...);
  }
}

template <class V>
void connect(FunctionNode& function, const V& x, bool read) {
  if constexpr (is_vector<V>) {
    for (const auto& part : x) function.add_input(part.node(), read);
  } else {
    function.add_input(x.node(), read);
  }
}

/// op.backward(take(), ...) of what the operation says it needs, or Refused if it does not take
/// that.
template <class Op, class Take, class Y, class... X>
auto backward_of(const Op& op, Take take, [[maybe_unused]] const Y& y,
                 [[maybe_unused]] const X&... x) {
  constexpr bool output = Op::needs.output, inputs = Op::needs.inputs != 0;
  if constexpr (output && inputs && requires { op.backward(take(), y, x...); })
    return op.backward(take(), y, x...);
  else if constexpr (output && !inputs && requires { op.backward(take(), y); })
    return op.backward(take(), y);
  else if constexpr (!output && inputs && requires { op.backward(take(), x...); })
    return op.backward(take(), x...);
  else if constexpr (!output && !inputs && requires { op.backward(take()); })
    return op.backward(take());
  else
    return Refused{};
}

/// Input number i, as it was when the function was applied, if backward reads it.
template <std::size_t i, class X>
struct SavedInput {
  TensorsOf<X> tensors;
};
template <bool read, class X>
TensorsOf<X> kept(const X& x) {
  if constexpr (read)
    return tensors_of(x);
  else
    return {};
}

/// Op applied to X..., which are numbered by Indices, with the result Y.
template <class Op, class Y, class Indices, class... X>
class Call;

template <class Op, class Y, std::size_t... I, class... X>
class Call<Op, Y, std::index_sequence<I...>, X...> final : public FunctionNode {
  static_assert(!(is_tuple<Y> && Op::needs.output),
                "a function of several outputs keeps what it needs of them in its members");
  static_assert(sizeof...(X) == 1 || !(is_vector<X> || ...),
                "a function of a list of variables takes nothing else");
  using Indices = std::index_sequence<I...>;
  template <std::size_t i>
  static constexpr bool reads = i < 32 && (Op::needs.inputs >> i & 1) != 0;

 public:
  Call(Op&& op, const Y& y, const X&... x) {
    (connect(*this, x, reads<I>), ...);
    if constexpr (is_tuple<Y>)
      std::apply([&](const auto&... part) { (add_output(*part.node(), false), ...); }, y);
    else
      add_output(*y.node(), Op::needs.output);
    new (&saved_) Saved{{kept<reads<I>>(x)}..., std::move(op), Output<Y>(y, Op::needs.output)};
  }
  ~Call() override {}  // release_saved() was called

  Applied applied() const override { return {name_of<Op>(), &tag_of<Op>, &saved_.op}; }

 private:
  void release_saved() noexcept override { saved_.~Saved(); }

  void run(bool create_graph) override {
    saved_.op.set_wanted(wanted_bits());
    if (create_graph) return run_on_variables();
    auto gx = backward_of(
        saved_.op, [this] { return saved_.output.take(outputs()); }, saved_.output.saved,
        saved_.SavedInput<I, X>::tensors...);
    deliver_all<X...>(*this, gx, Indices());
  }

  [[gnu::cold]] void run_on_variables() {
    const auto take = [this] { return saved_.output.take_variable(outputs()); };
    using Result = decltype(backward_of(saved_.op, take, std::declval<Y>(), std::declval<X>()...));
    if constexpr (std::is_same_v<Result, Refused>) {
      throw GraphError(text("grad: the derivative of ", name(),
                            " cannot be differentiated: its backward takes Tensors alone"));
    } else {
      auto gx =
          backward_of(saved_.op, take, revive_output<Y>(*this, Op::needs.output, saved_.output),
                      revive_inputs<X>(*this, I, reads<I>, saved_.SavedInput<I, X>::tensors)...);
      deliver_all<X...>(*this, gx, Indices());
    }
  }

  struct Saved : SavedInput<I, X>... {
    Op op;
    Output<Y> output;
  };
  union {
    Saved saved_;  // until it is released
  };
};

}  // namespace tinydl::detail
