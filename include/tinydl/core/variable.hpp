// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <ostream>
#include <string>
#include <utility>

#include <tinydl/core/create.hpp>
#include <tinydl/core/hook.hpp>
#include <tinydl/core/print.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/core/walk.hpp>

namespace tinydl {

template <class T, int Rank>
class Variable;

/// What all Variables are: a counted handle of a node, which keeps the node's values.
class VariableHandle {
 public:
  VariableHandle() = default;
  explicit VariableHandle(VariableNode* node) : node_(node) {
    if (node_) node_->add_handle();
  }
  [[gnu::noinline]] VariableHandle(const VariableHandle& other) : VariableHandle(other.node()) {}
  VariableHandle(VariableHandle&& other) noexcept = default;
  VariableHandle& operator=(const VariableHandle& other) noexcept {
    return *this = VariableHandle(other);
  }
  VariableHandle& operator=(VariableHandle&& other) noexcept {
    VariableHandle own(std::move(other));
    std::swap(node_, own.node_);
    return *this;
  }
  [[gnu::noinline]] ~VariableHandle() {
    if (node_) node_->drop_handle();
  }

  VariableNode* node() const { return node_.get(); }

 protected:
  /// @throws ValueError if there is none.
  VariableNode& checked_node() const {
    if (!node_) throw_undefined();
    return *node_;
  }

 private:
  [[noreturn, gnu::noinline, gnu::cold]] static void throw_undefined() {
    throw ValueError("variable: it is undefined");
  }

  detail::Ref<VariableNode> node_;
};

namespace detail {

/// sum += x, for n elements.
template <class T>
[[gnu::noinline]] void add_to(T* sum, const T* x, Index n) {
  constexpr Index width = 64 / sizeof(T);
  T some[width];  // which compilers keep in vectors
  Index i = 0;
  for (; i + width <= n; i += width) {
    for (Index j = 0; j < width; ++j) some[j] = sum[i + j] + x[i + j];
    for (Index j = 0; j < width; ++j) sum[i + j] = some[j];
  }
  for (; i < n; ++i) sum[i] += x[i];
}

/// The sum of two gradients, of one shape, where the walk itself is recorded.
class GradientSum final : public FunctionNode {
 public:
  GradientSum(VariableNode& a, VariableNode& b, VariableNode& sum) {
    add_input(&a, false);
    add_input(&b, false);
    add_output(sum, false);
  }

  Applied applied() const override { return {"add_gradients"}; }

  [[gnu::noinline]] static void add(VariableNode& a, VariableNode& b, VariableNode& sum) {
    if (thread_mode().watcher || (grad_enabled() && (a.requires_grad || b.requires_grad)))
      take_in(new GradientSum(a, b, sum));
  }

 private:
  void run(bool) override {
    VariableNode* const sum = outputs()[0];
    if (!sum) return;
    for (std::size_t i = 0; i < inputs().size(); ++i)
      if (wants(i)) sum->pass_flow_to(*inputs()[i]);
    if (!sum->keeps_flow()) sum->drop_flow();
  }
  void release_saved() noexcept override {}
};

/// A node that knows its element type: what optimisers and files work with. The gradient of the
/// walk at hand needs no rank.
template <class T>
class VariableData : public VariableNode {
 public:
  virtual std::span<const T> values() const = 0;
  virtual std::span<T> mutable_values() = 0;
  virtual std::span<const T> gradient() const = 0;  // empty if there is none
  virtual std::span<T> mutable_gradient() = 0;
  virtual void set_gradient(Storage<T>&& elements) = 0;

  std::string_view element_type() const override {
    if (std::is_same_v<T, float>) return "float";
    if (std::is_same_v<T, double>) return "double";
    return std::is_same_v<T, bool> ? "bool" : "integer";
  }

  Index size() const {
    Index n = 1;
    for (Index length : this->shape()) n *= length;
    return n;
  }

  /// Adds to the gradient of the walk at hand.
  [[gnu::noinline]] void receive(Storage<T>&& g) {
    if (flow) {
      flow.make_unique();
      add_to(flow.data(), g.data(), size());
    } else {
      flow = std::move(g);
    }
  }
  [[gnu::noinline, gnu::cold]] void receive(const VariableHandle& g) {
    flow_variable = flow_variable.node() ? sum(flow_variable, g) : g;
  }

  /// Gives it to who uses it last; it stays only if it outlasts the walk. Null if there is none.
  [[gnu::noinline]] Storage<T> take_flow() {
    return this->keeps_flow() ? flow : std::exchange(flow, {});
  }
  [[gnu::cold]] VariableHandle take_flow_variable() {
    return this->keeps_flow() ? flow_variable : std::exchange(flow_variable, {});
  }

  /// Its elements.
  std::span<const T> flow_values() const {
    if (flow_variable.node())
      return static_cast<const VariableData&>(*flow_variable.node()).values();
    return {flow.data(), flow ? static_cast<std::size_t>(size()) : 0};
  }

  [[gnu::cold]] void pass_flow_to(VariableNode& other) const override {
    VariableData& data = static_cast<VariableData&>(other);
    if (flow) data.receive(Storage<T>(flow));
    if (flow_variable.node()) data.receive(flow_variable);
  }
  [[gnu::noinline]] void drop_flow() noexcept override {
    flow = {};
    flow_variable = {};
  }

  /// a + b, of one shape, as the walk records it.
  [[gnu::noinline, gnu::cold]] static VariableHandle sum(const VariableHandle& a,
                                                         const VariableHandle& b) {
    const auto& in_a = static_cast<const VariableData&>(*a.node());
    const auto& in_b = static_cast<const VariableData&>(*b.node());
    Storage<T> elements(static_cast<std::size_t>(in_a.size()));
    std::copy_n(in_a.values().data(), in_a.size(), elements.data());
    add_to(elements.data(), in_b.values().data(), in_a.size());
    const VariableHandle sum = in_a.alike(std::move(elements));
    GradientSum::add(*a.node(), *b.node(), *sum.node());
    return sum;
  }

  Storage<T> flow;
  VariableHandle flow_variable;  // instead of flow, when the walk is recorded itself

 protected:
  [[gnu::noinline]] ~VariableData() override {}

 private:
  /// A new variable of this shape.
  virtual VariableHandle alike(Storage<T>&& elements) const = 0;

  bool has_flow() const override { return flow || flow_variable.node(); }
  void keep_flow() override {
    if (gradient().empty())
      set_gradient(std::move(flow));
    else
      add_to(mutable_gradient().data(), flow.data(), size());
    flow = {};
  }
};

/// A node that knows everything.
template <class T, int Rank>
class Slot final : public VariableData<T> {
 public:
  explicit Slot(Tensor<T, Rank>&& values) : data(std::move(values)), sizes(data.shape()) {}

  std::span<const Index> shape() const override { return sizes.span(); }
  std::span<const T> values() const override { return data.span(); }
  std::span<T> mutable_values() override { return mutable_data().mutable_span(); }
  std::span<const T> gradient() const override { return grad.span(); }
  std::span<T> mutable_gradient() override { return grad.mutable_span(); }
  void set_gradient(Storage<T>&& elements) override {
    grad = elements ? Tensor<T, Rank>(sizes, std::move(elements)) : Tensor<T, Rank>();
  }

  Tensor<T, Rank>& mutable_data() {
    ++this->version_;
    return data;
  }

  /// The gradient of the walk at hand, undefined if there is none.
  Variable<T, Rank> flowing() const {
    if (this->flow_variable.node())
      return Variable<T, Rank>(static_cast<Slot*>(this->flow_variable.node()));
    if (!this->flow) return {};
    return Variable<T, Rank>(Tensor<T, Rank>(sizes, Storage<T>(this->flow)));
  }

  Tensor<T, Rank> data, grad;
  const Shape<Rank> sizes;

 private:
  VariableHandle alike(Storage<T>&& elements) const override {
    return Variable<T, Rank>(Tensor<T, Rank>(sizes, std::move(elements)));
  }
  void drop_values() noexcept override { data = {}; }
};

}  // namespace detail

/// A Variable of any rank: what parameter lists hold. A handle: copies name the same variable.
template <class T>
class AnyVariable : public VariableHandle {
 public:
  AnyVariable() = default;
  explicit AnyVariable(detail::VariableData<T>* node) : VariableHandle(node) {}

  bool defined() const { return node() != nullptr; }
  Index size() const { return static_cast<Index>(any().values().size()); }
  std::span<const Index> sizes() const { return any().shape(); }
  std::span<const T> data_span() const { return any().values(); }
  std::span<T> mutable_data_span() const { return any().mutable_values(); }

  bool has_grad() const { return !any().gradient().empty(); }
  std::span<const T> grad_span() const { return any().gradient(); }
  std::span<T> mutable_grad_span() const { return any().mutable_gradient(); }
  void clear_grad() const { any().set_gradient({}); }

  const std::string& name() const { return any().name; }
  void set_name(std::string name) const { any().name = std::move(name); }

  bool requires_grad() const { return any().requires_grad; }
  /// @throws GraphError for the result of an operation: detach() it instead.
  void set_requires_grad(bool requires_grad) const {
    if (!any().is_leaf())
      throw GraphError("set_requires_grad: only of leaves; detach() the result of an operation");
    any().requires_grad = requires_grad;
  }

  /// The function whose result this is; null for a leaf.
  const FunctionNode* creator() const { return any().creator(); }
  /// 0 for leaves, else one more than its creator's.
  int generation() const { return any().generation(); }

  /// Whether both name the same variable.
  bool is(const AnyVariable& other) const { return node() == other.node(); }

 private:
  detail::VariableData<T>& any() const {
    return static_cast<detail::VariableData<T>&>(checked_node());
  }
};

struct VariableOptions {
  bool requires_grad = false;
  std::string name = {};
};

struct BackwardOptions {
  bool retain_graph = false;  ///< keep what a second backward pass over the graph would need
};

/// A tensor that remembers how it was computed. A handle: copies name the same variable.
///
///     Variable x(from_values({1.0, 2.0, 3.0}), {.requires_grad = true});
///     Variable y = sum(square(x));
///     y.backward();
///     x.grad();                       // [2, 4, 6]
template <class T, int Rank>
class Variable : public AnyVariable<T> {
 public:
  using Scalar = T;
  static constexpr int rank = Rank;

  /// No variable at all: defined() is false.
  Variable() = default;

  [[gnu::noinline]] Variable(Tensor<T, Rank>&& data)
      : AnyVariable<T>(new detail::Slot<T, Rank>(std::move(data))) {}
  Variable(const Tensor<T, Rank>& data) : Variable(Tensor<T, Rank>(data)) {}
  Variable(Tensor<T, Rank> data, VariableOptions options) : Variable(std::move(data)) {
    this->node()->requires_grad = options.requires_grad;
    this->node()->name = std::move(options.name);
  }

  Variable(T value, VariableOptions options = {}) requires(Rank == 0)
      : Variable(Tensor<T, 0>(value), std::move(options)) {}

  explicit Variable(detail::Slot<T, Rank>* slot) : AnyVariable<T>(slot) {}

  const Tensor<T, Rank>& data() const { return slot().data; }
  /// For writing in place. A graph that saved the old values can no longer be walked.
  Tensor<T, Rank>& mutable_data() const { return slot().mutable_data(); }
  const Shape<Rank>& shape() const { return slot().sizes; }
  T item() const { return data().item(); }

  /// What backward() has summed up here; undefined before.
  const Tensor<T, Rank>& grad() const { return slot().grad; }
  void set_grad(Tensor<T, Rank> grad) const {
    if (grad.defined() && grad.shape() != shape())
      throw ShapeError(text("set_grad: shape ", grad.shape(), " for a variable of ", shape()));
    slot().grad = std::move(grad);
  }
  /// Keeps the gradient of the result of an operation, too.
  void retain_grad() const { this->checked_node().retains_grad = true; }

  /// Calls f with every gradient of this variable, once it is complete: in a backward pass, before
  /// it is passed on, kept or returned. f takes it as a Variable, in every kind of pass (recorded
  /// under create_graph, else a constant), and may return another of its shape to put in its
  /// place. Hooks run in the order of their registration; what one throws ends the pass, and leaves
  /// all gradients as they were. A hook runs no other pass over the same variables.
  template <class F>
  HookHandle register_hook(F f) const {
    auto* const hook = new detail::TypedHook<Variable, detail::Slot<T, Rank>, F>(std::move(f));
    HookHandle handle(hook);
    this->checked_node().add_hook(hook);
    return handle;
  }

  /// The same values without a history; no data is copied.
  Variable detach() const { return Variable(data()); }

  /// Adds the derivatives of this number to the grad() of every leaf that requires one.
  /// @throws GraphError if there is no graph, or it was released, or its values were overwritten.
  void backward(BackwardOptions options = {}) const {
    static_assert(
        Rank == 0,
        "backward() without a gradient is for a rank-0 Variable (a loss): sum() or mean() "
        "it, or call backward(gradient)");
    backward(Tensor<T, Rank>(T(1)), options);
  }

  /// The same for any rank, given the derivatives of the loss with respect to this.
  /// @throws ShapeError if the gradient's shape is not this one's.
  void backward(Tensor<T, Rank> gradient, BackwardOptions options = {}) const {
    if (!gradient.defined()) throw ValueError("backward: the gradient is undefined");
    if (gradient.shape() != shape())
      throw ShapeError(text("backward: a gradient of shape ", gradient.shape(),
                            " for a variable of shape ", shape()));
    if (!this->requires_grad())
      throw GraphError(
          "backward: this variable does not depend on anything that requires a "
          "gradient");
    Walk walk(*this->node());
    slot().receive(std::move(gradient).storage());
    walk.run(false, options.retain_graph);
    walk.keep();
  }

  detail::Slot<T, Rank>& slot() const {
    return static_cast<detail::Slot<T, Rank>&>(this->checked_node());
  }
};

template <class T, int Rank>
Variable(Tensor<T, Rank>) -> Variable<T, Rank>;
template <class T, int Rank>
Variable(Tensor<T, Rank>, VariableOptions) -> Variable<T, Rank>;
template <class T>
requires std::is_arithmetic_v<T> Variable(T, VariableOptions)
->Variable<T, 0>;

namespace detail {

template <class X>
concept IsVariable = std::derived_from<X, Variable<typename X::Scalar, X::rank>>;

}  // namespace detail

/// What mathematical functions take: a Tensor, or a Variable when derivatives are wanted.
template <class X>
concept Operand = detail::is_tensor<X> || detail::IsVariable<X>;

/// A Tensor as a constant, a Variable as itself.
template <class T, int Rank>
Variable<T, Rank> as_variable(Tensor<T, Rank> tensor) {
  return Variable<T, Rank>(std::move(tensor));
}
template <class T, int Rank>
Variable<T, Rank> as_variable(Variable<T, Rank> variable) {
  return variable;
}

namespace detail {

/// An operand without what a class derived from Variable adds.
template <class T, int Rank>
const Tensor<T, Rank>& plain(const Tensor<T, Rank>& tensor) {
  return tensor;
}
template <class T, int Rank>
const Variable<T, Rank>& plain(const Variable<T, Rank>& variable) {
  return variable;
}

}  // namespace detail

/// The Tensor in either.
template <class T, int Rank>
const Tensor<T, Rank>& data_of(const Tensor<T, Rank>& tensor) {
  return tensor;
}
template <class T, int Rank>
const Tensor<T, Rank>& data_of(const Variable<T, Rank>& variable) {
  return variable.data();
}

/// A variable under the name by which lists and files know it: "l1.weight".
template <class T>
struct Named {
  std::string name;
  AnyVariable<T> variable;
};

template <class T, int Rank>
std::ostream& operator<<(std::ostream& out, const Variable<T, Rank>& variable) {
  if (!variable.defined()) return out << "(no variable)";
  if (!variable.name().empty()) out << variable.name() << " = ";
  return out << variable.data();
}

}  // namespace tinydl
