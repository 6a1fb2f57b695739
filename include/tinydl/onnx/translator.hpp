// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <tinydl/functions/index.hpp>
#include <tinydl/onnx/graph.hpp>
#include <tinydl/onnx/trace.hpp>

// What a model did with two batches of different size becomes a Graph for batches of any size:
// sizes that differ are those of the batch.

namespace tinydl::onnx {

/// A size in both passes.
struct TracedSize {
  Index small, large;

  bool fixed() const { return small == large; }
  friend bool operator==(const TracedSize&, const TracedSize&) = default;
};
using TracedSizes = std::vector<TracedSize>;

/// A setting of a node.
template <std::integral I>
Attribute setting(const char* name, I value) {
  return {name, static_cast<std::int64_t>(value)};
}
template <std::floating_point F>
Attribute setting(const char* name, F value) {
  return {name, static_cast<float>(value)};
}
inline Attribute setting(const char* name, const char* value) { return {name, std::string(value)}; }
inline Attribute setting(const char* name, std::vector<std::int64_t> values) {
  return {name, std::move(values)};
}

/// An application of a function, as it was in both passes.
class Step {
 public:
  Step(const Application& small, const Application& large)
      : small_(&small),
        large_(&large),
        in_small_(small.function->applied()),
        in_large_(large.function->applied()) {}

  std::string_view name() const { return in_large_.name; }
  const std::string& layer() const { return large_->layer; }
  const Application& small() const { return *small_; }
  const Application& large() const { return *large_; }

  template <class Op>
  bool is() const {
    return in_large_.type == &tinydl::detail::tag_of<Op>;
  }
  /// The operation in the pass of the larger batch, or null if it is another one.
  template <class Op>
  const Op* operation() const {
    return is<Op>() ? static_cast<const Op*>(in_large_.operation) : nullptr;
  }
  template <class Op>
  const Op& in_small() const {
    return *static_cast<const Op*>(in_small_.operation);
  }

  std::size_t inputs() const { return large_->inputs.size(); }
  TracedSizes input_sizes(std::size_t i) const {
    return sizes(*small_->inputs[i].node(), *large_->inputs[i].node());
  }
  TracedSizes output_sizes(std::size_t i = 0) const {
    return sizes(*small_->outputs[i].node(), *large_->outputs[i].node());
  }

  static TracedSizes sizes(const VariableNode& small, const VariableNode& large) {
    TracedSizes result;
    for (std::size_t i = 0; i < large.shape().size(); ++i)
      result.push_back({small.shape()[i], large.shape()[i]});
    return result;
  }

  /// @throws ValueError
  [[noreturn, gnu::cold]] void refuse(std::string_view why) const {
    throw ValueError(text("export_onnx: ", name(), layer().empty() ? "" : " in layer '", layer(),
                          layer().empty() ? ": " : "': ", why));
  }

 private:
  const Application *small_, *large_;
  FunctionNode::Applied in_small_, in_large_;
};

// What depends on ranks is tried with all that there are.

inline constexpr int ranks = 7;  // 0 to 6

/// f(operation, in the pass of the smaller batch) if the step is Op<R> of some rank.
template <template <int> class Op, class F>
bool with_operation(const Step& step, F f) {
  const auto attempt = [&]<int R>(std::integral_constant<int, R>) {
    const auto* const operation = step.operation<Op<R>>();
    if (operation) f(*operation, step.in_small<Op<R>>());
    return operation != nullptr;
  };
  return [&]<int... R>(std::integer_sequence<int, R...>) {
    return (attempt(std::integral_constant<int, R>()) || ...);
  }
  (std::make_integer_sequence<int, ranks>());
}

/// f(operation) if the step is Op<A, B> of some ranks.
template <template <int, int> class Op, class F>
bool with_operation(const Step& step, F f) {
  const auto attempt = [&]<int I>(std::integral_constant<int, I>) {
    const auto* const operation = step.operation<Op<I / ranks, I % ranks>>();
    if (operation) f(*operation);
    return operation != nullptr;
  };
  return [&]<int... I>(std::integer_sequence<int, I...>) {
    return (attempt(std::integral_constant<int, I>()) || ...);
  }
  (std::make_integer_sequence<int, ranks * ranks>());
}

inline constexpr auto ignore = [](const auto&...) {};

/// Makes a Graph of two traces of one model; the functions translate_...() tell it how.
class Translator {
 public:
  using Names = std::vector<std::pair<std::string, VariableHandle>>;  // of parameters and buffers

  static constexpr const char* unseen =
      "an operand depends on the input, but not through functions of Variables";

  /// @throws ValueError if the model did different things in the two passes.
  Translator(const Trace& small, const Trace& large, Names names)
      : small_(small), large_(large), names_(std::move(names)) {
    bool same = small.applications.size() == large.applications.size();
    for (std::size_t i = 0; same && i < large.applications.size(); ++i) {
      const Application &a = small.applications[i], &b = large.applications[i];
      same = a.function->applied().type == b.function->applied().type &&
             a.inputs.size() == b.inputs.size();
      steps_.emplace_back(a, b);
    }
    if (!same) throw ValueError("export_onnx: the model does other things with other inputs");
    find_dependent();
  }

  /// The graph, of which `translate` makes each step: it returns whether it knew how.
  template <class Translate>
  Graph graph(Translate translate) {
    const VariableNode& in = *large_.input.node();
    const ElementType type =
        in.element_type() == "float" ? ElementType::float32 : ElementType::int64;
    graph_.inputs = {{"input", dimensions(Step::sizes(*small_.input.node(), in)), type}};
    bind(in, "input");
    const std::vector<bool> needed = needed_steps();
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (!needed[i]) continue;
      layer_ = steps_[i].layer();
      if (!translate(*this, steps_[i])) steps_[i].refuse("ONNX has nothing like it, or not yet");
    }
    finish();
    return std::move(graph_);
  }

  // --- what a step reads ---

  /// The name of input i: of a result before, or of a constant.
  std::string value(const Step& step, std::size_t i) {
    const VariableNode& node = *step.large().inputs[i].node();
    if (const VariableNode* source = dependent(node)) return values_.at(source);
    if (const auto known = values_.find(&node); known != values_.end()) return known->second;
    if (node.element_type() != "float") step.refuse("an operand that is not of float");
    std::string name = constant(step, name_of(step, i), constant_of(*step.small().inputs[i].node()),
                                constant_of(node));
    values_.emplace(&node, name);
    return name;
  }

  bool is_constant(const Step& step, std::size_t i) const {
    return !dependent(*step.large().inputs[i].node());
  }
  /// The elements of a constant input. @throws ValueError if it is none.
  std::span<const float> elements(const Step& step, std::size_t i) const {
    if (!is_constant(step, i))
      step.refuse("an operand that must be a constant depends on the input");
    return floats(*step.large().inputs[i].node());
  }
  /// What a parameter or buffer is called, or for a constant made of others, the first of them.
  std::string name_of(const Step& step, std::size_t i) const {
    const VariableNode* node = step.large().inputs[i].node();
    while (true) {
      for (const auto& [name, handle] : names_)
        if (handle.node() == node) return name;
      const auto made = makers_.find(node);
      if (made == makers_.end()) return node->name.empty() ? "constant" : node->name;
      node = steps_[made->second].large().inputs[0].node();
    }
  }
  /// The parameter or buffer that is, or shares the memory of, a tensor; "" if there is none.
  std::string name_of_memory(const float* data) const {
    for (const auto& [name, handle] : names_)
      if (memory(*handle.node()) == data) return name;
    return "";
  }
  const VariableNode* named(std::string_view wanted) const {
    for (const auto& [name, handle] : names_)
      if (name == wanted) return handle.node();
    return nullptr;
  }

  /// The step whose result input i is, if it depends on the model's input; else null.
  const Step* maker(const Step& step, std::size_t i) const {
    const VariableNode* const node = dependent(*step.large().inputs[i].node());
    const auto found = makers_.find(node);
    return !node || found == makers_.end() ? nullptr : &steps_[found->second];
  }

  /// Tensors of integers are no operands of functions, but members: the name of one that is the
  /// model's input, or made of it; "" if there is none.
  std::string index_value(const Value& index) const {
    const VariableNode* const source =
        dependent(std::get<Tensor<std::int64_t, 1>>(index.elements).data(), index.shape);
    return source ? values_.at(source) : "";
  }

  /// The name of a parameter or buffer, as a value of the graph.
  std::string parameter(const std::string& name) {
    const VariableNode& node = *named(name);
    const auto known = values_.find(&node);
    if (known != values_.end()) return known->second;
    return values_[&node] = initializer(name, constant_of(node));
  }

  // --- what it writes ---

  Node& node(std::string op_type, std::vector<std::string> inputs,
             std::vector<Attribute> attributes = {}, std::size_t outputs = 1) {
    while (!inputs.empty() && inputs.back().empty()) inputs.pop_back();
    std::string path = "/" + layer_;
    std::replace(path.begin(), path.end(), '.', '/');
    Node node{op_type, unique((path.size() == 1 ? path : path + "/") + op_type), std::move(inputs)};
    for (std::size_t i = 0; i < outputs; ++i)
      node.outputs.push_back(text(node.name, "_output_", i));
    node.attributes = std::move(attributes);
    graph_.nodes.push_back(std::move(node));
    return graph_.nodes.back();
  }
  /// The name of the result of a new node.
  std::string apply(std::string op_type, std::vector<std::string> inputs,
                    std::vector<Attribute> attributes = {}) {
    return node(std::move(op_type), std::move(inputs), std::move(attributes)).outputs[0];
  }
  /// Says which value output i of a step is; returns true.
  bool result(const Step& step, const std::string& value, std::size_t i = 0) {
    bind(*step.large().outputs[i].node(), value);
    return true;
  }
  /// The step as one node of all its inputs; returns true.
  bool result_of(const Step& step, std::string op_type, std::vector<Attribute> attributes = {}) {
    std::vector<std::string> inputs;
    for (std::size_t i = 0; i < step.inputs(); ++i) inputs.push_back(value(step, i));
    return result(step, apply(std::move(op_type), std::move(inputs), std::move(attributes)));
  }

  std::string number(double value) {
    return initializer("number", {{}, from_values({static_cast<float>(value)})});
  }
  std::string integers(const char* name, const std::vector<std::int64_t>& values) {
    const auto count = static_cast<Index>(values.size());
    return initializer(name, {{count}, from_values(Shape<1>(count), std::span(values))});
  }
  /// A constant. The name is made unique at the end, when it is known which are in use.
  std::string initializer(const std::string& name, Value value) {
    wanted_names_.push_back(name);
    graph_.initializers.push_back({text("constant ", wanted_names_.size()), std::move(value)});
    return graph_.initializers.back().name;
  }

  /// A tensor that should be the same in both passes, or the same for each example of the batch:
  /// then it is repeated for as many as there are.
  std::string constant(const Step& step, const std::string& name, const Value& small, Value large) {
    TracedSizes sizes;
    for (std::size_t i = 0; i < large.shape.size(); ++i)
      sizes.push_back({small.shape[i], large.shape[i]});
    const auto batch =
        std::find_if(sizes.begin(), sizes.end(), [](TracedSize s) { return !s.fixed(); });
    if (batch == sizes.end()) {
      if (!same_elements(small, large)) step.refuse(unseen);
      return initializer(name, std::move(large));
    }
    if (!(*batch == this->batch()) ||
        std::count_if(batch, sizes.end(), [](TracedSize s) { return !s.fixed(); }) > 1)
      step.refuse("an operand whose sizes depend on the batch in a way that is not known");
    const auto axis = static_cast<std::size_t>(batch - sizes.begin());
    Value one = first_along(axis, large);
    if (!same_elements(repeated(axis, one, batch->small), small) ||
        !same_elements(repeated(axis, one, batch->large), large))
      step.refuse(unseen);
    return apply("Expand", {initializer(name, std::move(one)), shape_value(step, sizes)});
  }

  /// A list of sizes, the batch's among them, as a value of the graph.
  std::string shape_value(const Step& step, const TracedSizes& sizes) {
    std::vector<std::string> parts;
    for (const TracedSize size : sizes) {
      if (!size.fixed() && !(size == batch()))
        step.refuse("a size that depends on the batch in a way that is not known");
      parts.push_back(size.fixed() ? integers("size", {size.small}) : batch_size());
    }
    return parts.size() == 1 ? parts[0] : apply("Concat", parts, {setting("axis", 0)});
  }

  /// The number of examples in both passes.
  TracedSize batch() const {
    return {small_.input.node()->shape()[0], large_.input.node()->shape()[0]};
  }

 private:
  // --- which variables depend on the model's input ---

  static const void* memory(const VariableNode& node) {
    if (const auto* floats = dynamic_cast<const tinydl::detail::VariableData<float>*>(&node))
      return floats->values().data();
    if (const auto* labels = dynamic_cast<const tinydl::detail::VariableData<std::int64_t>*>(&node))
      return labels->values().data();
    return nullptr;
  }
  static std::span<const float> floats(const VariableNode& node) {
    return static_cast<const tinydl::detail::VariableData<float>&>(node).values();
  }

  const VariableNode* dependent(const VariableNode& node) const {
    if (listed_.count(&node)) return &node;
    return dependent(memory(node), node.shape());
  }
  /// detach() makes a new variable of the same memory, as functions of integers do of their
  /// members.
  const VariableNode* dependent(const void* data, std::span<const Index> shape) const {
    if (!data) return nullptr;
    for (const VariableNode* node : dependent_)
      if (memory(*node) == data &&
          std::equal(shape.begin(), shape.end(), node->shape().begin(), node->shape().end()))
        return node;
    return nullptr;
  }

  void depends(const VariableNode& node) {
    dependent_.push_back(&node);
    listed_.insert(&node);
  }

  /// What a step reads of what depends on the input.
  std::vector<const VariableNode*> sources(const Step& step) const {
    std::vector<const VariableNode*> found;
    for (const VariableHandle& input : step.large().inputs)
      if (const VariableNode* source = dependent(*input.node())) found.push_back(source);
    const auto read = [&](const auto& op, const auto&) {
      if (const VariableNode* source = dependent(op.index.data(), op.index.shape()))
        found.push_back(source);
    };
    with_operation<TakeRows>(step, read);
    return found;
  }

  void find_dependent() {
    depends(*large_.input.node());
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const bool reads = !sources(steps_[i]).empty();
      for (const VariableHandle& output : steps_[i].large().outputs) {
        if (reads) depends(*output.node());
        makers_.emplace(output.node(), i);
      }
    }
    if (!dependent(*large_.output.node()))
      throw ValueError("export_onnx: what the model returns does not depend on its input");
  }

  std::vector<bool> needed_steps() const {
    std::unordered_set<const VariableNode*> wanted{dependent(*large_.output.node())};
    std::vector<bool> needed(steps_.size());
    for (std::size_t i = steps_.size(); i-- > 0;) {
      const auto from = sources(steps_[i]);
      if (from.empty()) continue;
      for (const VariableHandle& output : steps_[i].large().outputs)
        needed[i] = needed[i] || wanted.count(output.node());
      if (needed[i]) wanted.insert(from.begin(), from.end());
    }
    return needed;
  }

  // --- constants ---

  static Value constant_of(const VariableNode& node) {
    const auto shape = node.shape();
    const std::span<const float> values = floats(node);
    return {{shape.begin(), shape.end()},
            from_values(Shape<1>(static_cast<Index>(values.size())), values)};
  }

  static bool same_elements(const Value& a, const Value& b) {
    return a.shape == b.shape &&
           std::visit(
               [](const auto& x, const auto& y) {
                 return std::equal(x.span().begin(), x.span().end(), y.span().begin(),
                                   y.span().end(),
                                   [](auto p, auto q) { return p == q || (p != p && q != q); });
               },
               a.elements, b.elements);
  }

  /// `from` with position i of an axis taken from position at(i), as often as `count` says.
  template <class At>
  static Value along(std::size_t axis, const Value& from, Index count, At at) {
    Index outer = 1, inner = 1;
    for (std::size_t i = 0; i < axis; ++i) outer *= from.shape[i];
    for (std::size_t i = axis + 1; i < from.shape.size(); ++i) inner *= from.shape[i];
    const Index size = from.shape[axis];
    Value to{from.shape, {}};
    to.shape[axis] = count;
    std::visit(
        [&]<class T>(const Tensor<T, 1>& elements) {
          Tensor<T, 1> all(Shape<1>(outer * count * inner));
          T* out = all.mutable_data();
          for (Index o = 0; o < outer; ++o)
            for (Index i = 0; i < count; ++i, out += inner)
              std::copy_n(elements.data() + (o * size + at(i)) * inner, inner, out);
          to.elements = all;
        },
        from.elements);
    return to;
  }
  static Value first_along(std::size_t axis, const Value& value) {
    return along(axis, value, 1, [](Index) { return 0; });
  }
  static Value repeated(std::size_t axis, const Value& one, Index count) {
    return along(axis, one, count, [](Index) { return 0; });
  }

  // --- names ---

  std::string unique(const std::string& name) {
    const int times = used_[name]++;
    return times == 0 ? name : unique(text(name, "_", times));
  }
  void bind(const VariableNode& node, const std::string& value) { values_[&node] = value; }

  std::string batch_size() {
    if (batch_size_.empty())
      batch_size_ = apply("Shape", {"input"}, {setting("start", 0), setting("end", 1)});
    return batch_size_;
  }

  std::vector<Dimension> dimensions(const TracedSizes& sizes) const {
    std::vector<Dimension> result;
    for (const TracedSize size : sizes)
      result.push_back(size.fixed() ? Dimension{size.small}
                                    : Dimension{-1, size == batch() ? "batch" : ""});
    return result;
  }

  // --- the end ---

  void finish() {
    const VariableNode& out = *large_.output.node();
    std::string last = values_.at(dependent(out));
    if (last == "input") last = apply("Identity", {last});
    for (Node& node : graph_.nodes)
      for (auto* names : {&node.inputs, &node.outputs})
        std::replace(names->begin(), names->end(), last, std::string("output"));
    graph_.outputs = {{"output", dimensions(Step::sizes(*small_.output.node(), out))}};
    graph_.name = "tinydl";
    drop_unused();
    name_constants();
  }

  /// Drops nodes, outputs and constants that others stand for: a recurrent layer takes in the
  /// product before it.
  void drop_unused() {
    std::unordered_set<std::string> used{"output"};
    std::vector<Node> kept;
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      Node& node = graph_.nodes[i];
      for (std::string& output : node.outputs)
        if (!used.count(output)) output.clear();
      while (!node.outputs.empty() && node.outputs.back().empty()) node.outputs.pop_back();
      if (node.outputs.empty()) continue;
      used.insert(node.inputs.begin(), node.inputs.end());
      kept.push_back(std::move(node));
    }
    graph_.nodes.assign(std::make_move_iterator(kept.rbegin()),
                        std::make_move_iterator(kept.rend()));
    for (Initializer& constant : graph_.initializers)
      if (!used.count(constant.name)) constant.name.clear();
  }

  void name_constants() {
    std::unordered_map<std::string, std::string> renamed;
    for (std::size_t i = 0; i < wanted_names_.size(); ++i) {
      std::string& name = graph_.initializers[i].name;
      if (!name.empty()) name = renamed[name] = unique(wanted_names_[i]);
    }
    std::erase_if(graph_.initializers, [](const Initializer& c) { return c.name.empty(); });
    for (Node& node : graph_.nodes)
      for (std::string& input : node.inputs)
        if (const auto found = renamed.find(input); found != renamed.end()) input = found->second;
  }

  const Trace &small_, &large_;
  const Names names_;
  std::vector<Step> steps_;
  std::vector<const VariableNode*> dependent_;      // in the pass of the larger batch
  std::unordered_set<const VariableNode*> listed_;  // the same
  std::unordered_map<const VariableNode*, std::size_t> makers_;
  std::unordered_map<const VariableNode*, std::string> values_;
  std::unordered_map<std::string, int> used_{{"input", 1}, {"output", 1}};
  std::vector<std::string> wanted_names_;  // of the graph's constants
  std::string layer_, batch_size_;
  Graph graph_;
};

}  // namespace tinydl::onnx
