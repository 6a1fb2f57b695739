// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tinydl/onnx/dependence.hpp>
#include <tinydl/onnx/graph_builder.hpp>
#include <tinydl/onnx/step.hpp>

// What a model did with two batches of different size becomes a Graph for batches of any size:
// sizes that differ are those of the batch.

namespace tinydl::onnx {

/// Makes a Graph of two traces of one model; the functions translate_...() tell it how.
class Translator : public GraphBuilder {
 public:
  using Names = tinydl::detail::LayerState::Entries;  // of parameters and buffers

  static constexpr const char* unseen =
      "an operand depends on the input or on the batch's size, but not through functions of "
      "Variables: it is a comparison, say, or was computed outside of them";

  /// @throws ValueError if the model did different things in the two passes, or nothing with its
  /// input.
  Translator(const Trace& small, const Trace& large, Names names)
      : small_(small),
        large_(large),
        names_(std::move(names)),
        steps_(steps(small, large)),
        dependence_(large, steps_) {
    for (std::size_t i = 0; i < steps_.size(); ++i)
      for (const VariableHandle& output : steps_[i].large().outputs)
        makers_.emplace(output.node(), i);
    if (!dependence_.of(*large.output.node()))
      throw ValueError("export_onnx: what the model returns does not depend on its input");
  }
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;

  /// The graph, of which `translate` makes each step: it returns whether it knew how.
  template <class Translate>
  Graph graph(Translate translate) {
    const VariableNode &in = *large_.input.node(), &out = *large_.output.node();
    bind(in, "input");
    const std::vector<bool> needed = dependence_.needed();
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (!needed[i]) continue;
      layer = steps_[i].layer();
      if (!translate(*this, steps_[i])) steps_[i].refuse("ONNX has nothing like it, or not yet");
    }
    std::string last = values_.at(dependence_.of(out));
    if (last == "input") last = apply("Identity", {last});
    return finished({"input", dimensions(Step::sizes(*small_.input.node(), in)),
                     in.element_type() == "float" ? ElementType::float32 : ElementType::int64},
                    {"output", dimensions(Step::sizes(*small_.output.node(), out))}, last);
  }

  // --- what a step reads ---

  /// The name of input i: of a result before, or of a constant.
  std::string value(const Step& step, std::size_t i) {
    const VariableNode& node = *step.large().inputs[i].node();
    if (const VariableNode* source = dependence_.of(node)) return values_.at(source);
    if (const auto known = values_.find(&node); known != values_.end()) return known->second;
    if (node.element_type() != "float") step.refuse("an operand that is not of float");
    const VariableNode& in_small = *step.small().inputs[i].node();
    const std::string name = name_of(step, i);
    return values_[&node] = &in_small == &node
                                ? initializer(name, constant_of(node))
                                : constant(step, name, constant_of(in_small), constant_of(node));
  }

  bool is_constant(const Step& step, std::size_t i) const {
    return !dependence_.of(*step.large().inputs[i].node());
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
      if (memory_of(*handle.node()) == data) return name;
    return "";
  }
  const VariableNode* named(std::string_view wanted) const {
    for (const auto& [name, handle] : names_)
      if (name == wanted) return handle.node();
    return nullptr;
  }

  /// The step whose result input i is, if it depends on the model's input; else null.
  const Step* maker(const Step& step, std::size_t i) const {
    const VariableNode* const node = dependence_.of(*step.large().inputs[i].node());
    const auto found = makers_.find(node);
    return !node || found == makers_.end() ? nullptr : &steps_[found->second];
  }

  /// Tensors of integers are no operands of functions, but members: the name of one that is the
  /// model's input, or made of it; "" if there is none.
  std::string index_value(const Value& index) const {
    const VariableNode* const source =
        dependence_.of(std::get<Tensor<std::int64_t, 1>>(index.elements).data(), index.shape);
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
    if (!same_elements(repeated(axis, large, batch->small), small) ||
        !same_elements(repeated(axis, large, batch->large), large))
      step.refuse(unseen);
    return apply("Expand", {initializer(name, repeated(axis, large, 1)), shape_value(step, sizes)});
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
  static std::vector<Step> steps(const Trace& small, const Trace& large) {
    std::vector<Step> steps;
    bool same = small.applications.size() == large.applications.size();
    for (std::size_t i = 0; same && i < large.applications.size(); ++i) {
      const Application &a = small.applications[i], &b = large.applications[i];
      same = a.function->applied().type == b.function->applied().type &&
             a.inputs.size() == b.inputs.size();
      steps.emplace_back(a, b);
    }
    if (!same) throw ValueError("export_onnx: the model does other things with other inputs");
    return steps;
  }

  static std::span<const float> floats(const VariableNode& node) {
    return static_cast<const tinydl::detail::VariableData<float>&>(node).values();
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

  /// `from` with position 0 of an axis as often as `count` says, and none of the others.
  static Value repeated(std::size_t axis, const Value& from, Index count) {
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
            for (Index i = 0; i < count; ++i)
              out = std::copy_n(elements.data() + o * size * inner, inner, out);
          to.elements = all;
        },
        from.elements);
    return to;
  }

  // --- names ---

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

  const Trace &small_, &large_;
  const Names names_;
  const std::vector<Step> steps_;
  const Dependence dependence_;
  std::unordered_map<const VariableNode*, std::size_t> makers_;
  std::unordered_map<const VariableNode*, std::string> values_;
  std::string batch_size_;
};

}  // namespace tinydl::onnx
