// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/broadcast.hpp>
#include <tinydl/functions/compare.hpp>
#include <tinydl/functions/math.hpp>
#include <tinydl/kernels/map.hpp>
#include <tinydl/kernels/softmax.hpp>
#include <tinydl/onnx/operation.hpp>

// Operators on each element, and softmax.

namespace tinydl::onnx::detail {

/// f of all elements at once.
template <class F>
Operation elementwise(F f) {
  return [f](const Arguments& x) -> Results { return one(x.shape(0), f(x.floats(0))); };
}

/// y = f(a, b) for pairs of elements, one after another: for integers and comparisons, of which the
/// loop is compiled once.
template <class Y, class T>
Value each_pair(const Value& a, const Value& b, const Tensor<T, 1>& p, const Tensor<T, 1>& q,
                Y (*f)(T, T)) {
  const Sizes shape = broadcast_sizes(a.shape, b.shape);
  const kernels::Broadcast loops(shape, a.shape, b.shape);
  Tensor<Y, 1> y = elements_for<Y>(shape);
  Y* out = y.mutable_data();
  const auto last = static_cast<std::size_t>(loops.rank - 1);
  for (Index row = 0; row < loops.outer(); ++row) {
    const auto [at_a, at_b] = loops.offsets(row);
    for (Index i = 0; i < loops.inner(); ++i)
      *out++ = f(p.data()[at_a + i * loops.a[last]], q.data()[at_b + i * loops.b[last]]);
  }
  return {shape, y};
}

/// y = f(a, b) for pairs of floats, in vectors.
template <class F>
Value each_pair_of_floats(const Value& a, const Value& b, const Floats& p, const Floats& q,
                          const F& f) {
  const Sizes shape = broadcast_sizes(a.shape, b.shape);
  Floats y = elements_for<float>(shape);
  kernels::map_broadcast(kernels::Broadcast(shape, a.shape, b.shape), y.mutable_data(), f, p.data(),
                         q.data());
  return {shape, y};
}

using OnIntegers = std::int64_t (*)(std::int64_t, std::int64_t);

/// f on floats, or g on integers.
template <class F>
Operation arithmetic(F f, OnIntegers g) {
  return [f, g](const Arguments& x) -> Results {
    if (std::holds_alternative<Integers>(x[0].elements))
      return one(
          each_pair(x[0], x[1], x.elements<std::int64_t>(0), x.elements<std::int64_t>(1), g));
    return one(each_pair_of_floats(x[0], x[1], x.floats(0), x.floats(1), f));
  };
}

/// Any number of floats or integers, two at a time.
template <class F>
Operation extremum(F f, OnIntegers g) {
  return [two = arithmetic(f, g)](const Arguments& x) -> Results {
    Value result = x[0];
    for (std::size_t i = 1; i < x.count(); ++i) result = two(Arguments({&result, &x[i]}))[0];
    return one(result);
  };
}

/// f(a, b) -> bool on floats, integers or bools.
template <class F>
Operation comparison(F f) {
  return [f](const Arguments& x) -> Results {
    return std::visit(
        [&]<class T>(const Tensor<T, 1>& a) {
          return one(each_pair(x[0], x[1], a, x.elements<T>(1), static_cast<bool (*)(T, T)>(f)));
        },
        x[0].elements);
  };
}

// Integers wrap around, as those of any other reader do.

inline std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
inline std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
inline std::int64_t product(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
inline std::int64_t quotient(std::int64_t a, std::int64_t b) {
  if (b == 0) throw ValueError("an integer is divided by 0");
  return b == -1 ? difference(0, a) : a / b;
}

inline Results clip(const Arguments& x) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float low = x.has(1) ? x.number(1) : -infinity, high = x.has(2) ? x.number(2) : infinity;
  return one(x.shape(0), clamp(x.floats(0), low, high));
}

template <class T>
Tensor<T, 1> chosen(const Sizes& shape, const Value& condition, const Value& a, const Value& b,
                    const Bools& mask, const Tensor<T, 1>& p, const Tensor<T, 1>& q) {
  // Of the condition and one operand, which pairs of elements meet; then the same for the other.
  const kernels::Broadcast first(shape, condition.shape, a.shape);
  const kernels::Broadcast second(shape, condition.shape, b.shape);
  Tensor<T, 1> y = elements_for<T>(shape);
  T* out = y.mutable_data();
  const auto fill = [&](const kernels::Broadcast& loops, bool where, const T* from) {
    const auto last = static_cast<std::size_t>(loops.rank - 1);
    Index at = 0;
    for (Index row = 0; row < loops.outer(); ++row) {
      const auto [at_mask, at_from] = loops.offsets(row);
      for (Index i = 0; i < loops.inner(); ++i, ++at)
        if (mask.data()[at_mask + i * loops.a[last]] == where)
          out[at] = from[at_from + i * loops.b[last]];
    }
  };
  fill(first, true, p.data());
  fill(second, false, q.data());
  return y;
}

/// The second input where the first is true, else the third.
inline Results where(const Arguments& x) {
  const Sizes shape = broadcast_sizes(broadcast_sizes(x.shape(0), x.shape(1)), x.shape(2));
  return std::visit(
      [&]<class T>(const Tensor<T, 1>& a) -> Results {
        return one(shape,
                   chosen(shape, x[0], x[1], x[2], x.elements<bool>(0), a, x.elements<T>(2)));
      },
      x[1].elements);
}

/// One element in another type.
template <class To, class From>
To converted(From x) {
  if constexpr (std::is_same_v<To, std::int64_t> && std::is_same_v<From, float>) {
    if (!(x > -0x1p63f)) return x < 0 ? std::numeric_limits<std::int64_t>::min() : 0;  // nan: 0
    if (x >= 0x1p63f) return std::numeric_limits<std::int64_t>::max();
  }
  return static_cast<To>(x);
}

template <class To>
Tensor<To, 1> cast_elements(const Value& value) {
  return std::visit(
      []<class From>(const Tensor<From, 1>& x) {
        Tensor<To, 1> y(x.shape());
        std::transform(x.data(), x.data() + x.size(), y.mutable_data(), converted<To, From>);
        return y;
      },
      value.elements);
}

/// Of floats; exponents may be integers.
inline Results power(const Arguments& x) {
  const auto f = [](float a, float b) { return b == 2 ? a * a : std::pow(a, b); };
  return one(each_pair<float, float>(x[0], x[1], x.floats(0), cast_elements<float>(x[1]), f));
}

inline Operation cast(const Settings& settings) {
  const Index to = settings.integer("to", 0);  // numbers as in onnx.proto
  return [to](const Arguments& x) -> Results {
    switch (to) {
      case 1:
      case 11:
        return one(x.shape(0), cast_elements<float>(x[0]));
      case 6:
      case 7:
        return one(x.shape(0), cast_elements<std::int64_t>(x[0]));
      case 9:
        return one(x.shape(0), cast_elements<bool>(x[0]));
    }
    throw ValueError(text("a cast to element type ", to, ", which is not known"));
  };
}

/// kernel(outer, n, inner, in, out) along an axis.
template <class K>
Operation along_axis(const Settings& settings, K kernel) {
  const Index axis = settings.integer("axis", -1);
  return [axis, kernel](const Arguments& x) -> Results {
    const Around a(x.shape(0), axis_of(axis, x.shape(0).size()));
    Floats y = elements_for<float>(x.shape(0));
    if (y.size() > 0) kernel(a.outer, a.n, a.inner, x.floats(0).data(), y.mutable_data());
    return one(x.shape(0), y);
  };
}

using Set = const Settings&;

inline constexpr Operator math_operators[] = {
    {"Abs", [](Set) { return elementwise([](const Floats& x) { return abs(x); }); }},
    {"Neg", [](Set) { return elementwise([](const Floats& x) { return -x; }); }},
    {"Exp", [](Set) { return elementwise([](const Floats& x) { return exp(x); }); }},
    {"Log", [](Set) { return elementwise([](const Floats& x) { return log(x); }); }},
    {"Sqrt", [](Set) { return elementwise([](const Floats& x) { return sqrt(x); }); }},
    {"Sin", [](Set) { return elementwise([](const Floats& x) { return sin(x); }); }},
    {"Cos", [](Set) { return elementwise([](const Floats& x) { return cos(x); }); }},
    {"Reciprocal", [](Set) { return elementwise([](const Floats& x) { return 1 / x; }); }},
    {"Erf",
     [](Set) {
       return elementwise([](const Floats& x) {
         return tinydl::detail::mapped_singly([](float a) { return std::erf(a); }, x);
       });
     }},
    {"Relu", [](Set) { return elementwise([](const Floats& x) { return relu(x); }); }},
    {"LeakyRelu",
     [](Set s) {
       const float slope = s.real("alpha", 0.01f);
       return elementwise([slope](const Floats& x) { return leaky_relu(x, slope); });
     }},
    {"Elu",
     [](Set s) {
       const float alpha = s.real("alpha", 1);
       return elementwise([alpha](const Floats& x) { return elu(x, alpha); });
     }},
    {"Sigmoid", [](Set) { return elementwise([](const Floats& x) { return sigmoid(x); }); }},
    {"Tanh", [](Set) { return elementwise([](const Floats& x) { return tanh(x); }); }},
    {"Softplus", [](Set) { return elementwise([](const Floats& x) { return softplus(x); }); }},
    {"Softmax", [](Set s) { return along_axis(s, kernels::softmax<float>); }},
    {"LogSoftmax", [](Set s) { return along_axis(s, kernels::log_softmax<float>); }},

    {"Add", [](Set) { return arithmetic(tinydl::detail::plus, sum); }},
    {"Sub", [](Set) { return arithmetic(tinydl::detail::minus, difference); }},
    {"Mul", [](Set) { return arithmetic(tinydl::detail::times, product); }},
    {"Div", [](Set) { return arithmetic(tinydl::detail::divided, quotient); }},
    {"Min",
     [](Set) {
       return extremum(Extremum<false>::formula,
                       [](std::int64_t a, std::int64_t b) { return std::min(a, b); });
     }},
    {"Max",
     [](Set) {
       return extremum(Extremum<true>::formula,
                       [](std::int64_t a, std::int64_t b) { return std::max(a, b); });
     }},
    {"Pow", [](Set) -> Operation { return power; }},
    {"Clip", [](Set) -> Operation { return clip; }},

    {"Equal", [](Set) { return comparison([](auto a, auto b) { return a == b; }); }},
    {"Less", [](Set) { return comparison([](auto a, auto b) { return a < b; }); }},
    {"LessOrEqual", [](Set) { return comparison([](auto a, auto b) { return a <= b; }); }},
    {"Greater", [](Set) { return comparison([](auto a, auto b) { return a > b; }); }},
    {"GreaterOrEqual", [](Set) { return comparison([](auto a, auto b) { return a >= b; }); }},
    {"And", [](Set) { return comparison([](auto a, auto b) { return a && b; }); }},
    {"Or", [](Set) { return comparison([](auto a, auto b) { return a || b; }); }},
    {"Not",
     [](Set) -> Operation {
       return [](const Arguments& x) -> Results {
         Bools y(x.elements<bool>(0).shape());
         std::ranges::transform(x.elements<bool>(0).span(), y.mutable_data(),
                                [](bool a) { return !a; });
         return one(x.shape(0), y);
       };
     }},
    {"Where", [](Set) -> Operation { return where; }},
    {"Cast", cast},
};

}  // namespace tinydl::onnx::detail
