// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/call.hpp>

#include <tinydl/core/grad.hpp>
#include <tinydl/functions/math.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace tinydl;

namespace {

struct NamedOperation : tinydl::Function {
  static constexpr auto name = "a_name";
};
struct NamelessOperation : tinydl::Function {};

struct CountsItsEnds {
  int* ends;
  explicit CountsItsEnds(int& counter) : ends(&counter) {}
  CountsItsEnds(CountsItsEnds&& other) noexcept : ends(std::exchange(other.ends, nullptr)) {}
  ~CountsItsEnds() {
    if (ends) ++*ends;
  }
};

struct CallCounted : Function {
  static constexpr Needs needs{};
  CountsItsEnds counter;

  Tensor<double, 0> forward(const Tensor<double, 0>& x) const { return x; }
  template <class G>
  G backward(const G& gy) const {
    return gy;
  }
};

// The sum of a list of tensors, the i-th weighted by i + 1.
struct CallWeightedSum : Function {
  static constexpr auto name = "weighted_sum";
  static constexpr Needs needs{};
  std::size_t count;

  template <class T, int R>
  Tensor<T, R> forward(const std::vector<Tensor<T, R>>& x) const {
    Tensor<T, R> sum = x[0];
    for (std::size_t i = 1; i < x.size(); ++i) sum = sum + T(i + 1) * x[i];
    return sum;
  }
  template <class G>
  std::vector<G> backward(const G& gy) const {
    std::vector<G> gradients;
    for (std::size_t i = 0; i < count; ++i)
      gradients.push_back(wants(static_cast<int>(i)) ? gy * double(i + 1) : G{});
    return gradients;
  }
};

struct CallUnnamed : Function {
  static constexpr Needs needs{};
  template <class T, int R>
  Tensor<T, R> forward(const Tensor<T, R>& x) const {
    return x;
  }
  template <class G>
  G backward(const G& gy) const {
    return gy;
  }
};

Variable<double, 0> call_leaf(double value) {
  return Variable<double, 0>(value, {.requires_grad = true});
}

TEST_CASE("an application of a function shows its operation to who knows the type") {
  const auto x = call_leaf(2);
  const auto y = pow(x, 3);
  const FunctionNode& function = *y.creator();
  REQUIRE(function.operation<Pow<double>>());
  CHECK(function.operation<Pow<double>>()->exponent == 3);
  CHECK(function.operation<Pow<float>>() == nullptr);
  CHECK(function.operation<Square>() == nullptr);
  y.backward();  // which releases it
  CHECK(function.operation<Pow<double>>() == nullptr);
}

}  // namespace

TEST_CASE("name_of: a function's own name, or else that of its type") {
  CHECK(tinydl::detail::name_of<NamedOperation>() == "a_name");
  CHECK(tinydl::detail::name_of<NamelessOperation>().find("NamelessOperation") !=
        std::string_view::npos);
}

TEST_CASE("Call: an operation ends once, with the backward pass or else with the graph") {
  int ends = 0;
  {
    const auto y = apply(CallCounted{{}, CountsItsEnds(ends)}, call_leaf(1));
    CHECK(ends == 0);
    y.backward({.retain_graph = true});
    CHECK(ends == 0);
    y.backward();
    CHECK(ends == 1);
  }
  CHECK(ends == 1);
  { const auto y = apply(CallCounted{{}, CountsItsEnds(ends)}, call_leaf(1)); }
  CHECK(ends == 2);
}

TEST_CASE("Call: a function without a name goes by that of its type") {
  const auto y = apply(CallUnnamed{}, call_leaf(1));
  const std::string name(y.creator()->name());
  CHECK(name.find("CallUnnamed") != std::string::npos);
  CHECK(name.find_first_of(";]=") == std::string::npos);
}

TEST_CASE("Call: a list of variables is one argument, each with its own gradient") {
  for (bool create_graph : {false, true}) {
    const auto a = call_leaf(1), b = call_leaf(2);
    const Variable<double, 0> constant(3.0);
    const auto y = tinydl::apply(CallWeightedSum{{}, 4}, std::vector{a, b, constant, a});
    CHECK(y.item() == 1 + 4 + 9 + 4);
    const auto [ga, gb] = grad(y, std::tie(a, b), {.create_graph = create_graph});
    CHECK(ga.item() == 5);
    CHECK(gb.item() == 2);
  }
}

TEST_CASE("Call: data saved for backward survives the loss of every handle, in both modes") {
  for (bool create_graph : {false, true}) {
    CAPTURE(create_graph);
    const auto x = call_leaf(2);
    auto y = [&] {
      const auto a = x * x;        // 4
      const auto b = sqrt(a * a);  // 4 = x^2, saving its output
      return b * b;                // x^4
    }();
    const auto gx = grad(y, x, {.create_graph = create_graph});
    CHECK(gx.item() == doctest::Approx(32).epsilon(1e-14));
    if (!create_graph) continue;
    y = {};
    CHECK(grad(gx, x).item() == doctest::Approx(48).epsilon(1e-13));
  }
}

TEST_CASE("Call: results share no memory with operands that are written later") {
  const Variable x(from_values({1.0, 2.0}), {.requires_grad = true});
  const auto y = apply(CallUnnamed{}, x);
  x.mutable_data().mutable_data()[0] = 9;
  CHECK(y.data()(0) == 1);
}
