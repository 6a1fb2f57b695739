// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <tinydl/core/error.hpp>
#include <tinydl/core/memory.hpp>
#include <tinydl/core/pool_vector.hpp>
#include <tinydl/core/shape.hpp>

namespace tinydl {

class FunctionNode;
class VariableNode;

namespace detail {

/// Its address stands for a type, as a std::type_info would.
template <class X>
inline constexpr char tag_of = 0;

/// A member of the graph: reference-counted, its memory from the pool.
class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  [[gnu::noinline]] static void* operator new(std::size_t bytes) {
    return MemoryPool::instance().allocate(bytes);
  }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    MemoryPool::instance().deallocate(memory, bytes);
  }

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  [[gnu::noinline]] void release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) bury(this);
  }

 protected:
  virtual ~Counted() = default;
  /// Called before it is deleted.
  virtual void end() noexcept {}

 private:
  // A node's end may be that of the node before it, and so on for a million nodes: those that die
  // while one is being deleted wait in a list instead of on the stack.
  static void bury(Counted* node) noexcept {
    thread_local Counted* waiting = nullptr;
    thread_local bool burying = false;
    node->next_ = std::exchange(waiting, node);
    if (burying) return;
    burying = true;
    while (waiting) {
      Counted* const next = std::exchange(waiting, waiting->next_);
      next->end();
      delete next;
    }
    burying = false;
  }

  std::atomic<std::int64_t> references_{0};
  Counted* next_ = nullptr;
};

/// A counted pointer to a Counted.
template <class Node>
class Ref {
 public:
  Ref() = default;
  Ref(Node* node) noexcept : node_(node) {
    if (node_) node_->retain();
  }
  Ref(const Ref& other) noexcept : Ref(other.node_) {}
  Ref(Ref&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Ref& operator=(const Ref& other) noexcept { return *this = Ref(other); }
  Ref& operator=(Ref&& other) noexcept {
    Ref own(std::move(other));
    std::swap(node_, own.node_);
    return *this;
  }
  ~Ref() {
    if (node_) node_->release();
  }

  Node* get() const noexcept { return node_; }
  Node* operator->() const noexcept { return node_; }
  Node& operator*() const noexcept { return *node_; }
  explicit operator bool() const noexcept { return node_ != nullptr; }

 private:
  Node* node_ = nullptr;
};

/// A function that sees the gradients of a variable (core/hook.hpp); each knows the one after it.
class GradientHook : public Counted {
 public:
  /// Passes the gradient of the walk at hand through the function.
  virtual void run(VariableNode& variable, bool create_graph) = 0;

  Ref<GradientHook> next;
  bool removed = false;
  bool listed = false;  // the walk at hand runs it at its end
};

}  // namespace detail

/// What the graph knows of a variable: neither its element type nor its rank. Variable<T, Rank> is
/// the handle that users hold.
class VariableNode : public detail::Counted {
 public:
  const FunctionNode* creator() const { return creator_.get(); }
  int generation() const { return generation_; }
  bool is_leaf() const { return !creator_; }
  /// Whether its gradient outlasts the walk at hand.
  bool keeps_flow() const { return target_ || retains_grad; }
  std::uint64_t version() const { return version_; }
  virtual std::span<const Index> shape() const = 0;
  /// "float", "double", ...
  virtual std::string_view element_type() const = 0;

  /// Adds the gradient of the walk at hand to that of another variable of the same type and shape.
  virtual void pass_flow_to(VariableNode& other) const = 0;
  virtual void drop_flow() noexcept = 0;

  // Values that no handle can reach any more are kept only by the functions that saved them.
  void add_handle() noexcept { handles_.fetch_add(1, std::memory_order_relaxed); }
  [[gnu::noinline]] void drop_handle() noexcept {
    if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) drop_values();
  }

  [[gnu::noinline]] void add_hook(detail::GradientHook* hook) {
    detail::Ref<detail::GradientHook>* end = &hooks_;
    while (*end)
      if ((*end)->removed)
        *end = (*end)->next;
      else
        end = &(*end)->next;
    *end = hook;
  }

  std::string name;
  bool requires_grad = false;
  bool retains_grad = false;

 protected:
  [[gnu::noinline]] VariableNode() {}
  ~VariableNode() override;
  virtual void drop_values() noexcept = 0;

  // The gradient of the walk at hand, until it is passed on, kept or dropped.
  virtual bool has_flow() const = 0;
  virtual void keep_flow() = 0;  // adds it to the gradient that users see

  std::uint64_t version_ = 0;

 private:
  friend class FunctionNode;
  friend class Walk;

  detail::Ref<FunctionNode> creator_;
  detail::Ref<detail::GradientHook> hooks_;  // in the order of their registration
  std::atomic<int> handles_{0};
  int generation_ = 0;
  bool wanted_ = false;  // by the walk at hand: its gradient will be used
  bool target_ = false;  // of the walk at hand: its gradient is what the caller asked for
};

/// One application of a function: the edges of the graph. It keeps its inputs alive, its outputs
/// keep it alive.
class FunctionNode : public detail::Counted {
 public:
  /// What was applied: the operation itself, with its settings, and the address of tag_of<Op>.
  struct Applied {
    std::string_view name;
    const char* type = nullptr;
    const void* operation = nullptr;
  };
  virtual Applied applied() const = 0;
  std::string_view name() const { return applied().name; }
  /// The operation if it is of this type and its graph was not released, else null.
  template <class Op>
  const Op* operation() const {
    const Applied what = applied();
    return what.type == &detail::tag_of<Op> && !released_ ? static_cast<const Op*>(what.operation)
                                                          : nullptr;
  }
  int generation() const { return generation_; }
  /// Where a variable enters or leaves.
  struct Edge {
    VariableNode* variable;
    std::uint64_t version;  // of the values that backward reads, if it does

    operator VariableNode*() const { return variable; }
    VariableNode* operator->() const { return variable; }
  };
  std::span<const Edge> inputs() const { return {inputs_.data(), inputs_.size()}; }
  /// The outputs that are still in use; the others are null.
  std::span<const Edge> outputs() const { return {outputs_.data(), outputs_.size()}; }
  bool released() const { return released_; }

  /// `read`: whether backward will read its values, which must then stay as they are.
  [[gnu::noinline]] void add_input(VariableNode* input, bool read) {
    inputs_.push_back({input, read ? input->version_ : unread});
    input->retain();
    generation_ = std::max(generation_, input->generation_);
  }
  [[gnu::noinline]] void add_output(VariableNode& output, bool read) {
    outputs_.push_back({&output, read ? output.version_ : unread});
  }

  /// Makes this the creator of its outputs.
  void record() {
    for (VariableNode* output : outputs_) {
      output->creator_ = this;
      output->generation_ = generation_ + 1;
      output->requires_grad = true;
    }
  }

  /// Whether the walk at hand uses the gradient of input i.
  bool wants(std::size_t input) const { return inputs_[input]->wanted_; }
  /// The same for the first 32 inputs, a bit for each.
  [[gnu::noinline]] unsigned wanted_bits() const {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 32 && i < inputs_.size(); ++i)
      bits |= static_cast<unsigned>(wants(i)) << i;
    return bits;
  }

 protected:
  [[gnu::noinline]] FunctionNode() {}
  [[gnu::noinline]] ~FunctionNode() override {
    for (const Edge& input : inputs_) input->release();
  }

  /// Takes the gradients of the outputs and adds to those of the inputs that are wanted.
  virtual void run(bool create_graph) = 0;
  /// Drops all that only a backward pass needs; called once.
  virtual void release_saved() noexcept = 0;

 private:
  friend class VariableNode;
  friend class Walk;

  void end() noexcept final {
    if (!released_) release_saved();
  }

  static constexpr std::uint64_t unread = ~std::uint64_t{0};

  [[noreturn, gnu::cold]] void overwritten(const char* what, const VariableNode& variable) const {
    throw GraphError(text("backward: ", what, name(), ", of shape ", shape_text(variable.shape()),
                          ", was written after the forward pass that used it"));
  }
  void check_versions() const {
    for (const Edge& input : inputs_)
      if (input.version != unread && input.version != input->version_)
        overwritten("an input of ", *input);
    for (const Edge& output : outputs_)
      if (output.version != unread && output && output.version != output->version_)
        overwritten("the result of ", *output);
  }

  detail::PoolVector<Edge> inputs_;   // kept alive
  detail::PoolVector<Edge> outputs_;  // until they end
  int generation_ = 0;
  bool released_ = false;
  Index met_ = 0;        // the walk at hand met it as its first, second ...
  bool needed_ = false;  // by the walk at hand: it leads to something wanted
};

[[gnu::noinline]] inline VariableNode::~VariableNode() {
  if (!creator_) return;
  for (FunctionNode::Edge& output : creator_->outputs_)
    if (output == this) output.variable = nullptr;
}

}  // namespace tinydl
