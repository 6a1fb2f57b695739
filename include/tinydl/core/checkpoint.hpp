// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <optional>
#include <utility>
#include <vector>

#include <tinydl/core/call.hpp>
#include <tinydl/core/random.hpp>

// Gradient checkpointing (Chen et al., "Training deep nets with sublinear memory cost", 2016).

namespace tinydl {

struct CheckpointOptions {
  /// What the function draws from; it must outlive the backward pass.
  Generator* generator = &default_generator();
};

namespace detail {

/// Finds the variables that functions read and that want gradients. With no graph being recorded,
/// these are the ones from outside: parameters, and results of operations before.
class OutsideVariables final : public Watcher {
 public:
  std::vector<Ref<VariableNode>> found;

 private:
  void applied(const FunctionNode& function) override {
    for (const auto& input : function.inputs()) {
      bool known = !input->requires_grad;
      for (const auto& variable : found) known = known || variable.get() == input;
      if (!known) found.push_back(input.variable);
    }
  }
};

/// Keeps the functions that are recorded, in their order.
class RecordedFunctions final : public Watcher {
 public:
  std::vector<Ref<FunctionNode>> functions;

 private:
  void applied(const FunctionNode& function) override {
    const VariableNode* const output = function.outputs()[0];
    if (output->creator() == &function)
      functions.emplace_back(const_cast<FunctionNode*>(&function));
  }
};

/// Y = f(x), of which x is kept; what is between is computed again when the gradient arrives.
template <class F, class Y, class X>
class Checkpoint final : public FunctionNode {
 public:
  /// `before`: the generator as it was.
  Checkpoint(F&& f, const Y& y, const X& x, const OutsideVariables& outside, Generator& generator,
             const Generator& before)
      : f_(std::move(f)),
        output_(y, false),
        x_(x.data()),
        generator_(generator),
        before_(before),
        counter_after_(generator.counter()) {
    add_input(x.node(), true);
    for (const auto& variable : outside.found) add_input(variable.get(), true);
    add_output(*y.node(), false);
  }

  Applied applied() const override { return {"checkpoint"}; }

 private:
  void run(bool create_graph) override {
    std::vector<Ref<FunctionNode>> functions;
    const Y y = again(functions);
    if (y.shape() != output_.shape)
      throw GraphError(text("checkpoint: the function returned shape ", output_.shape,
                            " in the forward pass, and now ", y.shape()));
    if (create_graph)
      y.slot().receive(output_.take_variable(outputs()));
    else
      y.slot().receive(output_.take(outputs()).storage());
    Walk::run_recorded(functions, create_graph);
  }

  /// f(x) once more, recorded this time, with the same random numbers.
  Y again(std::vector<Ref<FunctionNode>>& functions) {
    [[maybe_unused]] const auto state = state_of(*f_);
    const GradMode recording(true);
    RecordedFunctions recorded;
    const Y y = drew_ ? drawing_again() : (*f_)(revive<X>(inputs()[0], x_));
    functions = std::move(recorded.functions);
    return y;
  }
  Y drawing_again() {
    struct Restored {
      Generator& generator;
      Generator now = generator;
      ~Restored() { generator = now; }
    } const restored{generator_};
    generator_ = before_;
    const Y y = (*f_)(revive<X>(inputs()[0], x_));
    if (generator_.counter() != counter_after_)
      throw GraphError(
          "checkpoint: the function did not draw as many random numbers as in the forward pass, or "
          "another thread drew from its generator");
    return y;
  }

  /// What puts back, when it ends, what a call of f changes, if f has such a thing.
  static auto state_of(const F& f) {
    if constexpr (requires { f.state(); })
      return f.state();
    else
      return 0;
  }

  void release_saved() noexcept override {
    x_ = {};
    f_.reset();
  }

  std::optional<F> f_;  // until it is released
  Output<Y> output_;
  Tensor<typename X::Scalar, X::rank> x_;
  Generator& generator_;
  Generator before_;
  std::uint64_t counter_after_;
  bool drew_ = counter_after_ != before_.counter();
};

}  // namespace detail

/// f(x), without keeping what backward needs of it: there, f is called once more. Costs the time
/// of a second forward pass and saves the memory of all results inside of f. x and all variables
/// that f uses receive gradients, in passes with create_graph too. They are those of f(x) to the
/// bit, unless f uses one variable in three places or more, whose gradients may be summed in
/// another order.
///
/// f must do the same both times. Random numbers that it draws from one generator, the default one
/// unless another is given, are drawn again; if it draws, no other thread may use that generator
/// meanwhile. What f changes otherwise it changes twice (but see layers/checkpoint.hpp for the
/// statistics of a BatchNorm).
/// @throws GraphError in backward(), if f did not return the same shape or drew otherwise, or if a
/// variable was written after the forward pass.
template <std::copy_constructible F, class T, int Rank>
auto checkpoint(F f, const Variable<T, Rank>& x, CheckpointOptions options = {}) {
  using X = Variable<T, Rank>;
  static_assert(std::is_invocable_v<F&, const X&>, "checkpoint takes a function of x");
  using Result = std::remove_cvref_t<std::invoke_result_t<F&, const X&>>;
  static_assert(!detail::is_tuple<Result>, "checkpoint: the function must return one Variable");
  using Y = Variable<typename Result::Scalar, Result::rank>;
  if (!grad_enabled()) return Y(f(x));

  const Generator before = *options.generator;
  Y y;
  detail::OutsideVariables outside;
  {
    const NoGrad no_grad;
    y = f(x.detach()).detach();
  }
  if (x.requires_grad() || !outside.found.empty())
    detail::take_in(
        new detail::Checkpoint<F, Y, X>(std::move(f), y, x, outside, *options.generator, before));
  return y;
}

}  // namespace tinydl
