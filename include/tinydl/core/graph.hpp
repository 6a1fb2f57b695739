// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/memory.hpp>
#include <tinydl/core/shape.hpp>

namespace tinydl {

class FunctionNode;

namespace detail {

/// A member of the graph: reference-counted, its memory from the pool.
class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  static void* operator new(std::size_t bytes) { return MemoryPool::instance().allocate(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    MemoryPool::instance().deallocate(memory, bytes);
  }

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  [[gnu::noinline]] void release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) bury(this);
  }

 protected:
  virtual ~Counted() = default;

 private:
  // A node's end may be that of the node before it, and so on for a million nodes: those that die
  // while one is being deleted wait in a list instead of on the stack.
  static void bury(Counted* node) noexcept {
    thread_local Counted* waiting = nullptr;
    thread_local bool burying = false;
    node->next_ = std::exchange(waiting, node);
    if (burying) return;
    burying = true;
    while (waiting) delete std::exchange(waiting, waiting->next_);
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
  Ref& operator=(Ref other) noexcept {
    std::swap(node_, other.node_);
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

template <class X>
using PoolVector = std::vector<X, PoolAllocator<X>>;

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

  /// Adds the gradient of the walk at hand to those of a function's inputs of the same shape.
  virtual void pass_flow_to_inputs(const FunctionNode& function) = 0;

  // Values that no handle can reach any more are kept only by the functions that saved them.
  void add_handle() noexcept { handles_.fetch_add(1, std::memory_order_relaxed); }
  [[gnu::noinline]] void drop_handle() noexcept {
    if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) drop_values();
  }

  std::string name;
  bool requires_grad = false;
  bool retains_grad = false;

 protected:
  ~VariableNode() override;
  virtual void drop_values() noexcept = 0;

  // The gradient of the walk at hand, until it is passed on, kept or dropped.
  virtual bool has_flow() const = 0;
  virtual void keep_flow() = 0;  // adds it to the gradient that users see
  virtual void drop_flow() noexcept = 0;

  std::uint64_t version_ = 0;

 private:
  friend class FunctionNode;
  friend class Walk;

  detail::Ref<FunctionNode> creator_;
  std::atomic<int> handles_{0};
  int generation_ = 0;
  bool wanted_ = false;  // by the walk at hand: its gradient will be used
  bool target_ = false;  // of the walk at hand: its gradient is what the caller asked for
};

/// One application of a function: the edges of the graph. It keeps its inputs alive, its outputs
/// keep it alive.
class FunctionNode : public detail::Counted {
 public:
  virtual std::string_view name() const = 0;
  int generation() const { return generation_; }
  std::span<const detail::Ref<VariableNode>> inputs() const { return inputs_; }
  /// The outputs that are still in use; the others are null.
  std::span<VariableNode* const> outputs() const { return outputs_; }
  bool released() const { return released_; }

  /// Whether the walk at hand uses the gradient of input i.
  bool wants(std::size_t input) const { return inputs_[input]->wanted_; }
  /// The same for the first 32 inputs, a bit for each.
  unsigned wanted_bits() const {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 32 && i < inputs_.size(); ++i)
      bits |= static_cast<unsigned>(wants(i)) << i;
    return bits;
  }

 protected:
  [[gnu::noinline]] ~FunctionNode() override {}

  /// Takes the gradients of the outputs and adds to those of the inputs that are wanted.
  virtual void run(bool create_graph) = 0;
  virtual void release_saved() noexcept = 0;

  /// `read`: whether backward will read its values, which must then stay as they are.
  [[gnu::noinline]] void add_input(VariableNode* input, bool read) {
    inputs_.emplace_back(input);
    versions_.push_back(read ? input->version_ : unread);
    generation_ = std::max(generation_, input->generation_);
  }
  [[gnu::noinline]] void add_output(VariableNode& output, bool read) {
    outputs_.push_back(&output);
    if (read) output_version_ = output.version_;
    output.creator_ = this;
    output.generation_ = generation_ + 1;
    output.requires_grad = true;
  }

 private:
  friend class VariableNode;
  friend class Walk;

  static constexpr std::uint64_t unread = ~std::uint64_t{0};

  void check_versions() const {
    const auto overwritten = [&](const char* what, const VariableNode& variable) {
      return GraphError(text("backward: ", what, name(), ", of shape ",
                             shape_text(variable.shape()),
                             ", was written after the forward pass that used it"));
    };
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (versions_[i] != unread && versions_[i] != inputs_[i]->version_)
        throw overwritten("an input of ", *inputs_[i]);
    for (const VariableNode* output : outputs_)
      if (output_version_ != unread && output && output_version_ != output->version_)
        throw overwritten("the result of ", *output);
  }

  detail::PoolVector<detail::Ref<VariableNode>> inputs_;
  detail::PoolVector<std::uint64_t> versions_;  // of the inputs that backward reads
  std::uint64_t output_version_ = unread;
  detail::PoolVector<VariableNode*> outputs_;
  int generation_ = 0;
  bool released_ = false;
  bool planned_ = false;  // by the walk at hand
  bool needed_ = false;   // by the walk at hand: it leads to something wanted
};

inline VariableNode::~VariableNode() {
  if (!creator_) return;
  for (VariableNode*& output : creator_->outputs_)
    if (output == this) output = nullptr;
}

/// A backward pass from one variable: first planned and checked as a whole, then run, then kept.
/// Whatever throws, the gradients that users see are as they were.
class Walk {
 public:
  /// Functions come highest generation first, so that each runs once, after everything that uses
  /// its outputs; equal ones in the order in which they are met.
  explicit Walk(VariableNode& root, bool to_targets_only = false) : root_(root) {
    const auto later = [](const Entry& a, const Entry& b) {
      return a.generation != b.generation ? a.generation < b.generation : a.met > b.met;
    };
    std::priority_queue<Entry, detail::PoolVector<Entry>, decltype(later)> queue(later);
    Index met = 0;
    const auto meet = [&](FunctionNode* function) {
      if (!function || function->planned_) return;
      function->planned_ = true;
      queue.push({function->generation_, met++, function});
    };
    meet(root.creator_.get());
    while (!queue.empty()) {
      FunctionNode* function = queue.top().function;
      queue.pop();
      plan_.push_back(function);
      for (const auto& input : function->inputs_)
        if (input->requires_grad) meet(input->creator_.get());
    }
    for (FunctionNode* function : plan_) function->planned_ = false;
    find_wanted(to_targets_only);
  }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  ~Walk() {
    root_.drop_flow();
    for (FunctionNode* function : plan_)
      for (const auto& input : function->inputs_) input->drop_flow();
  }

  /// From the root, whose gradient has been set, to everything wanted.
  /// @throws GraphError if a saved value is gone, or was overwritten since the forward pass.
  void run(bool create_graph, bool retain_graph) {
    for (const FunctionNode* function : plan_) {
      if (!function->needed_) continue;
      if (function->released_)
        throw GraphError(text("backward: the graph of ", function->name(),
                              " was released by an earlier backward pass; that one needs "
                              "{.retain_graph = true}"));
      function->check_versions();
    }
    for (FunctionNode* function : plan_) {
      if (!function->needed_) continue;
      function->run(create_graph);
      if (create_graph || retain_graph) continue;
      function->release_saved();
      function->released_ = true;
    }
  }

  /// Adds what was found to the gradients that users see: of leaves, and where asked to retain.
  void keep() {
    const auto keep = [](VariableNode& variable) {
      if (variable.has_flow() && (variable.is_leaf() || variable.retains_grad))
        variable.keep_flow();
    };
    keep(root_);
    for (FunctionNode* function : plan_)
      for (const auto& input : function->inputs_) keep(*input);
  }

  /// Marks a variable whose gradient is asked for, as long as it lives.
  class Target {
   public:
    explicit Target(VariableNode& node) : node_(node) { node_.target_ = true; }
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    ~Target() {
      node_.target_ = false;
      node_.drop_flow();
    }

   private:
    VariableNode& node_;
  };

 private:
  struct Entry {
    int generation;
    Index met;
    FunctionNode* function;
  };

  // Inputs first: a function is needed if it leads to a variable whose gradient is wanted.
  void find_wanted(bool to_targets_only) {
    for (auto function = plan_.rbegin(); function != plan_.rend(); ++function) {
      (*function)->needed_ = false;
      for (const auto& input : (*function)->inputs_) {
        const bool ends_here = input->target_ || (!to_targets_only && input->is_leaf());
        const bool leads_on = input->creator_ && input->creator_->needed_;
        input->wanted_ = input->requires_grad && (ends_here || leads_on);
        if (input->wanted_) (*function)->needed_ = true;
      }
    }
  }

  VariableNode& root_;
  detail::PoolVector<FunctionNode*> plan_;
};

/// Whether operations on Variables are recorded in this thread.
inline bool& grad_enabled() {
  thread_local bool enabled = true;
  return enabled;
}

/// Switches recording for a scope and then back to what it was, so that guards nest.
class GradMode {
 public:
  explicit GradMode(bool enabled) : previous_(std::exchange(grad_enabled(), enabled)) {}
  ~GradMode() { grad_enabled() = previous_; }
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};

/// While it lives, operations in this thread record no graph.
class [[nodiscard]] NoGrad : public GradMode {
 public:
  NoGrad() : GradMode(false) {}
};

}  // namespace tinydl
