// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include "reference.hpp"

// How the cases of the mathematical functions are run.

namespace reference {
namespace {

// --- elementwise ---

/// Functions of one operand take any shape and look at no axis, hence a vector will do.
template <class T, class F>
void run_unary(Case& c, F f) {
  const Variable<T, 1> x(c.get_flat<T>("in.a"), {.requires_grad = true});
  const auto y = f(c, x);
  c.check_values("out", y.data().span());
  y.backward(c.has("gy") ? c.get_flat<T>("gy") : tinydl::ones<T>(y.shape()));
  c.check_values("grad.a", x.grad().span());
}

template <class F>
Runner unary(const char* name, F) {
  return runner(name, [](Case& c, auto t) { run_unary<decltype(t)>(c, F{}); });
}

template <class T, class F>
void run_binary(Case& c, F f) {
  with_rank<0, 4>(c.rank("in.a"), [&]<int A>(Rank<A>) {
    with_rank<0, 4>(c.rank("in.b"), [&]<int B>(Rank<B>) {
      const auto x = c.input<T, A>("a");
      const auto y = c.input<T, B>("b");
      finish<T>(c, f(x, y), {x, y});
    });
  });
}

template <class F>
Runner binary(const char* name, F) {
  return runner(name, [](Case& c, auto t) { run_binary<decltype(t)>(c, F{}); });
}

/// An input in a rank that is at least its own: with new leading axes of size 1.
template <class T, int R>
struct Raised {
  AnyVariable<T> input;
  Variable<T, R> value;

  Raised(const Case& c, const std::string& argument) {
    with_rank<0, R>(c.rank("in." + argument), [&]<int A>(Rank<A>) {
      const auto x = c.input<T, A>(argument);
      input = x;
      value = tinydl::reshape(x, raised_shape(x.shape()));
    });
  }

  template <int A>
  static Shape<R> raised_shape(const Shape<A>& shape) {
    Shape<R> raised;
    raised.fill(1);
    std::copy(shape.begin(), shape.end(), raised.end() - A);
    return raised;
  }
};

template <class T>
void run_where(Case& c) {
  const std::size_t m = c.rank("in.cond");
  with_rank<0, 4>(std::max({m, c.rank("in.a"), c.rank("in.b")}), [&]<int R>(Rank<R>) {
    tinydl::Mask<R> mask;
    with_rank<0, R>(m, [&]<int M>(Rank<M>) {
      const auto narrow = c.get_exactly<bool, M>("in.cond");
      mask = tinydl::reshape(narrow, Raised<T, R>::raised_shape(narrow.shape()));
    });
    const Raised<T, R> a(c, "a"), b(c, "b");
    finish<T>(c, tinydl::where(mask, a.value, b.value), {a.input, b.input});
  });
}

// --- reductions ---

/// f(case, x, axes) and f(case, x, axes, keepdims)
template <class T, class F>
void run_reduction(Case& c, F f) {
  const auto axes = c.attribute<std::vector<Index>>("axes");
  const bool keep = c.attribute("keepdims", false);
  with_rank<1, 4>(c.rank("in.a"), [&]<int R>(Rank<R>) {
    const auto x = c.input<T, R>("a");
    with_rank<1, R>(axes.size(), [&]<int N>(Rank<N>) {
      Index list[N];
      std::copy_n(axes.begin(), N, list);
      if (keep)
        finish<T>(c, f(c, x, list, tinydl::keepdims), {x});
      else
        finish<T>(c, f(c, x, list), {x});
    });
  });
}

template <class F>
Runner reduction(const char* name, F) {
  return runner(name, [](Case& c, auto t) { run_reduction<decltype(t)>(c, F{}); });
}

// --- along an axis, and shapes ---

/// f(case, x) for an operand of rank Low to 4
template <int Low, class T, class F>
void run_ranked(Case& c, F f) {
  with_rank<Low, 4>(c.rank("in.a"), [&]<int R>(Rank<R>) {
    const auto x = c.input<T, R>("a");
    finish<T>(c, f(c, x), {x});
  });
}

template <int Low, class F>
Runner ranked(const char* name, F) {
  return runner(name, [](Case& c, auto t) { run_ranked<Low, decltype(t)>(c, F{}); });
}

template <int R>
Shape<R> shape_from(const std::vector<Index>& sizes) {
  Shape<R> shape;
  std::copy_n(sizes.begin(), R, shape.begin());
  return shape;
}

template <class T>
void run_reshape(Case& c) {
  const auto sizes = c.attribute<std::vector<Index>>("shape");
  with_rank<0, 4>(c.rank("in.a"), [&]<int A>(Rank<A>) {
    const auto x = c.input<T, A>("a");
    with_rank<0, 4>(sizes.size(), [&]<int R>(Rank<R>) {
      finish<T>(c, tinydl::reshape(x, shape_from<R>(sizes)), {x});
    });
  });
}

template <class T>
void run_broadcast_to(Case& c) {
  const auto sizes = c.attribute<std::vector<Index>>("shape");
  with_rank<0, 4>(c.rank("in.a"), [&]<int A>(Rank<A>) {
    const auto x = c.input<T, A>("a");
    with_rank<A, 4>(sizes.size(), [&]<int R>(Rank<R>) {
      finish<T>(c, tinydl::broadcast_to(x, shape_from<R>(sizes)), {x});
    });
  });
}

/// f(operands, axis) of all inputs, in the order of their names.
template <class T, class F>
void run_joined(Case& c, F f) {
  const auto inputs = c.parts("in.");
  const Index axis = c.attribute<Index>("axis");
  with_rank<1, 4>(c.rank(inputs.at(0)), [&]<int R>(Rank<R>) {
    std::vector<Variable<T, R>> xs;
    for (const std::string& input : inputs) xs.push_back(c.input<T, R>(input.substr(3)));
    finish<T>(c, f(xs, axis), {xs.begin(), xs.end()});
  });
}

// --- products ---

template <class T>
void run_matmul(Case& c) {
  with_rank<2, 4>(c.rank("in.a"), [&]<int R>(Rank<R>) {
    const auto a = c.input<T, R>("a");
    if (c.rank("in.b") == 2) {
      const auto b = c.input<T, 2>("b");
      finish<T>(c, tinydl::matmul(a, b), {a, b});
    } else {
      const auto b = c.input<T, R>("b");
      finish<T>(c, tinydl::matmul(a, b), {a, b});
    }
  });
}

template <class T>
void run_linear(Case& c) {
  const auto weight = c.input<T, 2>("weight");
  with_rank<1, 4>(c.rank("in.x"), [&]<int R>(Rank<R>) {
    const auto x = c.input<T, R>("x");
    if (c.has("in.bias")) {
      const auto bias = c.input<T, 1>("bias");
      finish<T>(c, tinydl::linear(x, weight, bias), {x, weight, bias});
    } else {
      finish<T>(c, tinydl::linear(x, weight), {x, weight});
    }
  });
}

}  // namespace

std::vector<Runner> function_runners() {
  using namespace tinydl;
  return {
      binary("add", [](const auto& a, const auto& b) { return a + b; }),
      binary("sub", [](const auto& a, const auto& b) { return a - b; }),
      binary("mul", [](const auto& a, const auto& b) { return a * b; }),
      binary("div", [](const auto& a, const auto& b) { return a / b; }),
      binary("maximum", [](const auto& a, const auto& b) { return maximum(a, b); }),
      binary("minimum", [](const auto& a, const auto& b) { return minimum(a, b); }),

      unary("neg", [](Case&, const auto& x) { return -x; }),
      unary("exp", [](Case&, const auto& x) { return exp(x); }),
      unary("log", [](Case&, const auto& x) { return log(x); }),
      unary("sqrt", [](Case&, const auto& x) { return sqrt(x); }),
      unary("square", [](Case&, const auto& x) { return square(x); }),
      unary("sin", [](Case&, const auto& x) { return sin(x); }),
      unary("cos", [](Case&, const auto& x) { return cos(x); }),
      unary("abs", [](Case&, const auto& x) { return abs(x); }),
      unary("tanh", [](Case&, const auto& x) { return tanh(x); }),
      unary("sigmoid", [](Case&, const auto& x) { return sigmoid(x); }),
      unary("relu", [](Case&, const auto& x) { return relu(x); }),
      unary("softplus", [](Case&, const auto& x) { return softplus(x); }),
      unary("silu", [](Case&, const auto& x) { return silu(x); }),
      unary("elu", [](Case& c, const auto& x) { return elu(x, c.attribute("alpha", 1.0)); }),
      unary("gelu", [](Case&, const auto& x) { return gelu(x); }),
      unary("gelu_tanh", [](Case&, const auto& x) { return gelu(x, {.approximate = true}); }),
      unary("leaky_relu",
            [](Case& c, const auto& x) {
              return leaky_relu(x, c.attribute("negative_slope", 0.01));
            }),
      unary("clamp",
            [](Case& c, const auto& x) {
              using T = typename std::remove_cvref_t<decltype(x)>::Scalar;
              const T unbounded = std::numeric_limits<T>::infinity();
              return clamp(x, c.attribute("min", -unbounded), c.attribute("max", unbounded));
            }),
      unary("pow*", [](Case& c, const auto& x) { return pow(x, c.attribute<double>("exponent")); }),

      reduction("sum", [](Case&, const auto& x, const auto& axes,
                          auto... keep) { return sum(x, axes, keep...); }),
      reduction("mean", [](Case&, const auto& x, const auto& axes,
                           auto... keep) { return mean(x, axes, keep...); }),
      reduction("amax", [](Case&, const auto& x, const auto& axes,
                           auto... keep) { return max(x, axes, keep...); }),
      reduction("amin", [](Case&, const auto& x, const auto& axes,
                           auto... keep) { return min(x, axes, keep...); }),
      reduction("logsumexp", [](Case&, const auto& x, const auto& axes,
                                auto... keep) { return logsumexp(x, axes, keep...); }),
      reduction("var",
                [](Case& c, const auto& x, const auto& axes, auto... keep) {
                  const VarOptions options{.correction = c.attribute<Index>("correction", 1)};
                  return var(x, axes, keep..., options);
                }),

      ranked<1>("softmax",
                [](Case& c, const auto& x) { return softmax(x, c.attribute<Index>("axis")); }),
      ranked<1>("log_softmax",
                [](Case& c, const auto& x) { return log_softmax(x, c.attribute<Index>("axis")); }),
      ranked<2>("transpose", [](Case&, const auto& x) { return transpose(x); }),
      ranked<1>("permute",
                [](Case& c, const auto& x) {
                  constexpr int R = std::remove_cvref_t<decltype(x)>::rank;
                  return permute(x, shape_from<R>(c.attribute<std::vector<Index>>("axes")));
                }),
      ranked<1>("slice",
                [](Case& c, const auto& x) {
                  return slice(x, c.attribute<Index>("axis"), c.attribute<Index>("start"),
                               c.attribute<Index>("stop"));
                }),
      runner("reshape*", [](Case& c, auto t) { run_reshape<decltype(t)>(c); }),
      runner("broadcast_to", [](Case& c, auto t) { run_broadcast_to<decltype(t)>(c); }),
      runner("where", [](Case& c, auto t) { run_where<decltype(t)>(c); }),
      runner("concat",
             [](Case& c, auto t) {
               run_joined<decltype(t)>(c,
                                       [](const auto& xs, Index axis) { return concat(xs, axis); });
             }),
      runner("stack",
             [](Case& c, auto t) {
               run_joined<decltype(t)>(c,
                                       [](const auto& xs, Index axis) { return stack(xs, axis); });
             }),

      runner("matmul*", [](Case& c, auto t) { run_matmul<decltype(t)>(c); }),
      runner("bmm*", [](Case& c, auto t) { run_matmul<decltype(t)>(c); }),
      runner("linear", [](Case& c, auto t) { run_linear<decltype(t)>(c); }),
  };
}

}  // namespace reference
