// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinydl/onnx/trace.hpp>

namespace tinydl::onnx {

/// A size in both passes.
struct TracedSize {
  Index small, large;

  bool fixed() const { return small == large; }
  friend bool operator==(const TracedSize&, const TracedSize&) = default;
};
using TracedSizes = std::vector<TracedSize>;

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

}  // namespace tinydl::onnx
