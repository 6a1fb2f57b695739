// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tinydl/core/apply.hpp>

namespace tinydl {

namespace detail {

/// What a layer and all handles to it share: it stays where it is when the layer is moved.
struct LayerState : Counted {
  struct Entry {
    std::string name;
    VariableHandle variable;
  };
  using Entries = PoolVector<Entry>;
  struct Child {
    std::string name;
    Ref<LayerState> layer;
  };

  Entries parameters, buffers;
  PoolVector<Child> children;
  const char* described_type = "";  // holds "Derived = TYPE"
  std::string given_name;           // by the layer around it
  bool training = true;

  /// "Linear" of "... Derived = tinydl::Linear<float>; ...".
  [[gnu::cold]] std::string_view type() const {
    std::string_view type = described_type;
    if (const auto at = type.find("Derived = "); at != type.npos) type.remove_prefix(at + 10);
    type = type.substr(0, type.find_first_of("<;,]"));
    if (const auto scope = type.rfind("::"); scope != type.npos) type.remove_prefix(scope + 2);
    return type;
  }

  /// An error's message with the layer in front: "Linear 'l1': linear: an input of shape ...".
  [[gnu::cold]] std::string located(std::string_view message) const {
    const std::string_view own = type(), name = given_name;
    if (message.starts_with(own) && message.substr(own.size()).starts_with(": "))
      message.remove_prefix(own.size() + 2);
    return name.empty() ? text(own, ": ", message) : text(own, " '", name, "': ", message);
  }

  void set_training(bool mode) {
    training = mode;
    for (const Child& child : children) child.layer->set_training(mode);
  }

  /// The entries here and in all children, names joined by dots, each variable once.
  Entries all(Entries LayerState::*entries) const {
    Entries list;
    collect(entries, "", list);
    return list;
  }

  /// The variable takes the name on if it has none. @throws ValueError if it cannot have this name
  /// here, as in add_child().
  [[gnu::noinline]] void add(Entries& entries, std::string_view name,
                             const VariableHandle& variable) {
    if (!variable.node()) throw ValueError(text("layer: '", name, "' was moved from"));
    check_name(name);
    if (variable.node()->name.empty()) append(variable.node()->name, name);
    entries.emplace_back(text(name), variable);
  }
  [[gnu::noinline]] void add_child(std::string_view name, const Ref<LayerState>& child) {
    if (!child) throw ValueError(text("layer: '", name, "' was moved from"));
    check_name(name);
    child->given_name = text(name);
    children.emplace_back(text(name), child);
  }

 private:
  [[gnu::noinline]] void check_name(std::string_view name) const {
    if (name.empty() || name.find('.') != name.npos)
      throw ValueError(text("layer: '", name, "' is no name: it is empty or has a dot"));
    bool taken = false;
    for (const Entries* entries : {&parameters, &buffers})
      for (const auto& entry : *entries) taken = taken || entry.name == name;
    for (const Child& child : children) taken = taken || child.name == name;
    if (taken) throw ValueError(text("layer: the name '", name, "' is taken"));
  }

  [[gnu::noinline]] void collect(Entries LayerState::*entries, std::string_view prefix,
                                 Entries& list) const {
    for (const auto& [name, variable] : this->*entries) {
      bool seen = false;
      for (const Entry& entry : list) seen = seen || entry.variable.node() == variable.node();
      if (!seen) list.emplace_back(text(prefix, std::string_view(name)), variable);
    }
    for (const auto& [name, child] : children)
      child->collect(entries, text(prefix, std::string_view(name), "."), list);
  }
};

/// Sees the layers that its thread calls, from its construction to its end.
class LayerWatcher {
 public:
  LayerWatcher() : outer_(std::exchange(current(), this)) {}
  LayerWatcher(const LayerWatcher&) = delete;
  LayerWatcher& operator=(const LayerWatcher&) = delete;

  virtual void begins(const LayerState&) = 0;
  /// `result`: null if the layer returns anything but one Variable. An exception leaves it out.
  virtual void ends(const LayerState&, const VariableNode* result) = 0;

  static LayerWatcher*& current() {
    thread_local LayerWatcher* watcher = nullptr;
    return watcher;
  }

 protected:
  ~LayerWatcher() { current() = outer_; }

 private:
  LayerWatcher* outer_;
};

[[gnu::noinline]] inline void layer_begins(const LayerState* layer) {
  if (LayerWatcher* const watcher = LayerWatcher::current()) watcher->begins(*layer);
}
[[gnu::noinline]] inline void layer_ends(const LayerState* layer, const VariableNode* result) {
  if (LayerWatcher* const watcher = LayerWatcher::current()) watcher->ends(*layer, result);
}

}  // namespace detail

namespace detail {

/// Inside of a catch: what is wrong with operands, thrown again with the layer's name.
[[noreturn, gnu::cold]] inline void rethrow_in(const LayerState& layer) {
  try {
    throw;
  } catch (const ShapeError& error) {
    throw ShapeError(layer.located(error.what()));
  } catch (const ValueError& error) {
    throw ValueError(layer.located(error.what()));
  }
}

/// What forward() is given: a Tensor becomes a constant, what is no operand stays what it is.
template <class X>
decltype(auto) layer_argument(const X& x) {
  if constexpr (Operand<X>)
    return as_variable(x);
  else
    return (x);
}

}  // namespace detail

template <class T>
class LayerBase;

/// A Variable that a layer owns and an optimiser updates. Only a layer makes one, by
/// register_parameter, so that none can be forgotten. A handle, as every Variable.
template <class T, int Rank>
class Parameter : public Variable<T, Rank> {
 private:
  friend class LayerBase<T>;

  explicit Parameter(Tensor<T, Rank>&& values) : Variable<T, Rank>(std::move(values)) {
    this->node()->requires_grad = true;
  }
};

/// What layers do that does not depend on their own type.
template <class T>
class LayerBase {
 public:
  using Scalar = T;

  [[gnu::noinline]] explicit LayerBase(const char* described_type)
      : state_(new detail::LayerState) {
    state_->described_type = described_type;
  }
  LayerBase(LayerBase&&) noexcept = default;
  LayerBase& operator=(LayerBase&&) noexcept = default;

  /// All parameters, of this layer and those below it, in the order of their registration; one that
  /// is used in several places comes once.
  std::vector<Named<T>> named_parameters() const { return listed(&detail::LayerState::parameters); }
  [[gnu::noinline]] std::vector<AnyVariable<T>> parameters() const {
    const auto all = state_->all(&detail::LayerState::parameters);
    std::vector<AnyVariable<T>> parameters(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) parameters[i] = variable_of(all[i].variable);
    return parameters;
  }
  /// State that is saved with the parameters but not trained.
  std::vector<Named<T>> named_buffers() const { return listed(&detail::LayerState::buffers); }
  Index parameter_count() const {
    Index count = 0;
    for (const auto& parameter : parameters()) count += parameter.size();
    return count;
  }

  void train(bool mode = true) const { state_->set_training(mode); }
  void eval() const { train(false); }
  bool training() const { return state_->training; }

  void clear_grads() const {
    for (const auto& parameter : parameters()) parameter.clear_grad();
  }
  /// Whether the parameters are trained: false freezes them.
  void set_requires_grad(bool requires_grad) const {
    for (const auto& parameter : parameters()) parameter.set_requires_grad(requires_grad);
  }

  /// What the layer is made of, for tools such as summary().
  detail::LayerState* state() const { return state_.get(); }

 protected:
  template <int Rank>
  Parameter<T, Rank> register_parameter(std::string_view name, Tensor<T, Rank> values) {
    return register_parameter(name, Parameter<T, Rank>(std::move(values)));
  }

  /// A parameter of another layer, used here as well: both names mean the same.
  template <int Rank>
  Parameter<T, Rank> register_parameter(std::string_view name, Parameter<T, Rank> parameter) {
    state_->add(state_->parameters, name, parameter);
    return parameter;
  }

  template <int Rank>
  Variable<T, Rank> register_buffer(std::string_view name, Tensor<T, Rank> values) {
    Variable<T, Rank> buffer(std::move(values));
    state_->add(state_->buffers, name, buffer);
    return buffer;
  }

  template <class Child>
  Child register_layer(std::string_view name, Child&& child) {
    static_assert(std::is_rvalue_reference_v<Child&&>,
                  "register_layer takes a new layer, or one that is moved into it");
    static_assert(
        std::is_same_v<typename Child::Scalar, T> || std::is_void_v<typename Child::Scalar>,
        "a layer and its children must have the same element type");
    state_->add_child(name, child.state_);
    return std::move(child);
  }

  /// Takes over the values and modes of a layer that was built in the same way.
  void copy_from(const LayerBase& other) const {
    if constexpr (!std::is_void_v<T>) {
      copy(other.named_parameters(), named_parameters());
      copy(other.named_buffers(), named_buffers());
    }
    copy_modes(*other.state_, *state_);
  }

 private:
  template <class>
  friend class LayerBase;

  std::vector<Named<T>> listed(detail::LayerState::Entries detail::LayerState::*entries) const {
    std::vector<Named<T>> list;
    for (const auto& [name, handle] : state_->all(entries))
      list.push_back({name, variable_of(handle)});
    return list;
  }
  static AnyVariable<T> variable_of(const VariableHandle& handle) {
    return AnyVariable<T>(static_cast<detail::VariableData<T>*>(handle.node()));
  }

  static void copy(const std::vector<Named<T>>& from, const std::vector<Named<T>>& to) {
    if (from.size() != to.size())
      throw ValueError(text("clone: the new layer has ", to.size(), " parameters or buffers, not ",
                            from.size()));
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto values = from[i].variable.data_span();
      if (from[i].name != to[i].name || values.size() != to[i].variable.data_span().size())
        throw ValueError(text("clone: '", from[i].name, "' became '", to[i].name, "'"));
      std::copy(values.begin(), values.end(), to[i].variable.mutable_data_span().begin());
      to[i].variable.set_requires_grad(from[i].variable.requires_grad());
    }
  }

  static void copy_modes(const detail::LayerState& from, detail::LayerState& to) {
    if (from.children.size() != to.children.size())
      throw ValueError(text("clone: the new layer has ", to.children.size(),
                            " layers below it, not ", from.children.size()));
    to.training = from.training;
    for (std::size_t i = 0; i < from.children.size(); ++i)
      copy_modes(*from.children[i].layer, *to.children[i].layer);
  }

  detail::Ref<detail::LayerState> state_;
};

/// The base of everything that has parameters, and of what goes between. T is the element type of
/// the parameters, void for a layer that can have none.
///
///     struct Net : Layer<Net> {
///       Linear<> l1 = register_layer("l1", Linear<>(784, 100));
///       Linear<> l2 = register_layer("l2", Linear<>(100, 10));
///       Variable<float, 2> forward(const Variable<float, 2>& x) const { return l2(relu(l1(x))); }
///     };
///
/// Layers can be moved but not copied: clone() them. Train and eval mode are set from the outside,
/// for a layer and all below it. In eval mode a forward pass writes nothing but, under a lock, what
/// it keeps for the next one, so that one model serves many threads.
template <class Derived, class T = float>
class Layer : public LayerBase<T> {
 public:
  Layer() : LayerBase<T>(described_type()) {}

  /// forward(x...); a Tensor is taken as a constant.
  /// @throws ShapeError, ValueError if an operand does not fit; the message names the layers.
  template <class... X, class Self = Derived>
  auto operator()(const X&... x) const
      -> decltype(std::declval<const Self&>().forward(detail::layer_argument(x)...)) {
    const Self& self = static_cast<const Self&>(*this);
    detail::layer_begins(this->state());
    auto y = [&] {
      try {
        return self.forward(detail::layer_argument(x)...);
      } catch (...) {
        detail::rethrow_in(*this->state());
      }
    }();
    if constexpr (std::is_convertible_v<const decltype(y)&, const VariableHandle&>)
      detail::layer_ends(this->state(), y.node());
    else
      detail::layer_ends(this->state(), nullptr);
    return y;
  }

  /// A deep copy. Layers whose constructor takes arguments have a clone() of their own.
  Derived clone() const {
    static_assert(std::is_default_constructible_v<Derived>,
                  "a layer whose constructor takes arguments needs a clone() of its own");
    return clone_by([] { return Derived(); });
  }

 protected:
  /// A deep copy of this layer: what make(), which calls the same constructor, returns, with the
  /// values and modes of this one. No random numbers are used up.
  template <class Make>
  Derived clone_by(Make make) const {
    const Generator generator = default_generator();
    Derived fresh = make();
    default_generator() = generator;
    static_cast<const Layer&>(fresh).copy_from(*this);
    return fresh;
  }

 private:
  static const char* described_type() {
#if defined(__GNUC__)
    return __PRETTY_FUNCTION__;  // ... Derived = TYPE; T = ...
#else
    return typeid(Derived).name();
#endif
  }
};

}  // namespace tinydl
