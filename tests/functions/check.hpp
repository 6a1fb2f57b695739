// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <initializer_list>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <tinydl/core/gradient_check.hpp>
#include <tinydl/functions/reduce.hpp>
#include <tinydl/functions/slice.hpp>

#include "../correctness/notes.hpp"

/// What the tests of functions/ share. They stand in this namespace, with tinydl's names at hand.
namespace tinydl_test {

using namespace tinydl;

// --- values ---

/// The outcome of a comparison; converts to bool, and is printed where it failed.
struct Verdict {
  std::string fault = {};
  explicit operator bool() const { return fault.empty(); }
};
inline std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
  return out << (verdict ? "as expected" : verdict.fault);
}

/// The first fault of several, if there is one.
inline Verdict all(std::initializer_list<Verdict> verdicts) {
  for (const Verdict& verdict : verdicts)
    if (!verdict) return verdict;
  return {};
}

/// Whether all numbers agree, infinities and NaNs included, to `tolerance` of max(1, |expected|).
inline Verdict agree(const std::string& what, const std::vector<double>& values,
                     const std::vector<double>& expected, double tolerance = 1e-12) {
  bool same = values.size() == expected.size();
  for (std::size_t i = 0; same && i < values.size(); ++i) {
    const double a = values[i], b = expected[i];
    same = a == b || (std::isnan(a) && std::isnan(b)) ||
           std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
  }
  if (same) return {};
  std::ostringstream out;
  out.precision(17);
  out << what << " [";
  for (double x : values) out << ' ' << x;
  out << " ] instead of [";
  for (double x : expected) out << ' ' << x;
  out << " ]";
  return {out.str()};
}

template <class T, int Rank>
std::vector<double> flat(const Tensor<T, Rank>& x) {
  return std::vector<double>(x.data(), x.data() + x.size());
}

/// Whether a Tensor or Variable has this shape and these elements.
template <Operand X>
Verdict is(const X& x, const Shape<X::rank>& shape, const std::vector<double>& expected) {
  if (x.shape() != shape) return {text("shape ", x.shape(), " instead of ", shape)};
  const bool rounds_to_float = std::is_same_v<typename X::Scalar, float>;
  return agree("values", flat(data_of(x)), expected, rounds_to_float ? 1e-6 : 1e-12);
}

/// What f throws: "ShapeError: matmul: ...".
inline std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const ShapeError& error) {
    return std::string("ShapeError: ") + error.what();
  } catch (const ValueError& error) {
    return std::string("ValueError: ") + error.what();
  } catch (const GraphError& error) {
    return std::string("GraphError: ") + error.what();
  }
  return "nothing was thrown";
}

// --- operands ---

/// Fixed random numbers in [low, high), the same for a shape every time.
template <int Rank>
Tensor<double, Rank> numbers(const Index (&shape)[Rank], double low = -2, double high = 2,
                             std::uint64_t seed = 1) {
  Generator generator(seed);
  Tensor<double, Rank> x(shape);
  generator.fill_uniform(x.mutable_span(), low, high);
  return x;
}
inline Tensor<double, 0> number(double value) { return value; }

/// The same with sizes of at least 0.3, of either sign: away from a kink at 0.
template <int Rank>
Tensor<double, Rank> signed_numbers(const Index (&shape)[Rank], std::uint64_t seed = 2) {
  Tensor<double, Rank> x = numbers(shape, -1.7, 1.7, seed);
  for (double& a : x.mutable_span()) a += a < 0 ? -0.3 : 0.3;
  return x;
}

/// A Variable that wants a gradient.
template <int Rank>
Variable<double, Rank> variable(const Tensor<double, Rank>& x) {
  return Variable<double, Rank>(x, {.requires_grad = true});
}

/// Whether x still is what it was, and can be used: after an error.
template <int Rank>
Verdict usable(const Variable<double, Rank>& x) {
  x.clear_grad();
  sum(square(x)).backward();
  return is(x.grad(), x.shape(), flat(x.data() + x.data()));
}

// --- derivatives ---

/// A number that depends on a vector in which all operands lie one after another, those whose bit
/// is not in `wanted` as constants. It stands for any function of any operands, so that the checks
/// below compile once.
using NumberOf =
    std::function<Variable<double, 0>(const Variable<double, 1>& all, unsigned wanted)>;

/// What is checked, for docs/correctness.md.
inline correctness::Notes& notes() {
  static correctness::Notes notes("functions");
  return notes;
}

struct Checked {
  std::string function;  // its row in docs/correctness.md
  std::string shapes;    // of the operands: "2x3 3x4"
  unsigned operands;
};

/// What comes before the colon in the name of the test that is running.
inline std::string function_at_hand() {
  const std::string test = doctest::getContextOptions()->currentTest->m_name;
  return test.substr(0, test.find(':'));
}

/// The derivatives of a number against central differences; the same with create_graph, and with
/// each operand as the only one that wants a gradient; and its second derivatives.
inline Verdict number_derivatives_agree(const Checked& checked, const NumberOf& f,
                                        const Tensor<double, 1>& x) {
  const unsigned all = ~0u;
  const auto first = gradient_check([&](const auto& v) { return f(v, all); }, x);
  notes().shapes(checked.function, checked.shapes);
  notes().error(checked.function, "first", first.worst_error);
  if (!first) return {first.message};

  const auto gradient = [&](unsigned wanted) {
    const auto v = variable(x);
    f(v, wanted).backward();
    return v.grad();
  };
  const auto recorded_gradient = [&](const Variable<double, 1>& v) {
    const GradMode recording(true);  // gradient_check evaluates with it off
    return grad(f(v, all), v, {.create_graph = true});
  };
  const Tensor<double, 1> expected = gradient(all);
  const auto recorded = recorded_gradient(variable(x));
  for (Index i = 0; i < x.size(); ++i)
    notes().error(
        checked.function, "create_graph",
        std::abs(recorded.data()(i) - expected(i)) / std::max(1.0, std::abs(expected(i))));
  if (auto verdict = agree("with create_graph", flat(recorded.data()), flat(expected)); !verdict)
    return verdict;

  const unsigned operands = checked.operands;
  Tensor<double, 1> alone = zeros<double>(x.shape());
  for (unsigned i = 0; operands > 1 && i < operands; ++i) alone = alone + gradient(1u << i);
  if (auto verdict = agree("alone", flat(alone), flat(expected)); operands > 1 && !verdict)
    return verdict;

  // A first derivative may be constant; 0 times the operand keeps it part of the graph.
  const auto second =
      gradient_check([&](const auto& v) { return recorded_gradient(v) + 0 * v; }, x);
  notes().error(checked.function, "second", second.worst_error);
  return {second ? "" : "second derivatives: " + second.message};
}

/// The operand that lies at a position of the vector of all, with its shape.
template <int Rank>
[[gnu::noinline]] Variable<double, Rank> operand(const Variable<double, 1>& all, Index at,
                                                 bool wanted, const Shape<Rank>& shape) {
  const auto part = reshape(slice(all, 0, at, at + shape.count()), shape);
  return wanted ? part : part.detach();
}

/// The elements and their squares, weighted: so a linear function has second derivatives as well.
template <int Rank>
[[gnu::noinline]] Variable<double, 0> number_of(const Variable<double, Rank>& y) {
  Generator generator(5);
  return sum((y + y * y) * (rand<double>(y.shape(), generator) + 0.5));
}

/// The derivatives of a function of Tensors or Variables, of any ranks, that returns one. Both
/// kinds of operands must give the same values.
template <class F, int... Ranks>
Verdict derivatives_agree(const std::string& function, const F& f,
                          const Tensor<double, Ranks>&... x) {
  const auto y = f(x...);
  if (auto same = is(f(variable(x)...), y.shape(), flat(y)); !same) return same;
  const NumberOf number = [&](const Variable<double, 1>& all, unsigned wanted) {
    Index at = 0;
    unsigned bit = 1;
    const std::tuple operands{operand(all, std::exchange(at, at + x.size()),
                                      (wanted & std::exchange(bit, bit << 1)) != 0, x.shape())...};
    return std::apply([&](const auto&... v) { return number_of(f(v...)); }, operands);
  };
  Checked checked{.function = function, .shapes = "", .operands = sizeof...(x)};
  (correctness::append_shape(checked.shapes, x.shape()), ...);
  Verdict verdict = number_derivatives_agree(checked, number, concat({flatten(x)...}, 0));
  if (!verdict) verdict.fault += "\noperands of shape " + checked.shapes;
  return verdict;
}

/// The same of the function that the name of the test begins with.
template <class F, int... Ranks>
Verdict derivatives_agree(const F& f, const Tensor<double, Ranks>&... x) {
  return derivatives_agree(function_at_hand(), f, x...);
}

}  // namespace tinydl_test
