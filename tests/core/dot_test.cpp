// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/dot.hpp>

#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/math.hpp>

#include <doctest/doctest.h>

using namespace tinydl;

namespace {

bool dot_has(const std::string& dot, const std::string& line) {
  return dot.find("  " + line + ";\n") != dot.npos;
}

}  // namespace

TEST_CASE("dot: a product of a parameter and a constant, as text") {
  const Variable w(ones<double>({2, 3}), {.requires_grad = true, .name = "w"});
  const Variable x(ones<double>({2, 3}), {.name = "x"});
  const auto y = w * x;
  CHECK(to_dot(y) ==
        "digraph {\n"
        "  node [style=filled, fontname=\"Helvetica\"];\n"
        "  f0 [label=\"mul\", shape=box, fillcolor=lightblue];\n"
        "  v0 [label=\"w\\n(2, 3) double\", fillcolor=orange, penwidth=3];\n"
        "  v0 -> f0;\n"
        "  v1 [label=\"x\\n(2, 3) double\", fillcolor=lightgrey];\n"
        "  v1 -> f0;\n"
        "  v2 [label=\"(2, 3) double\", fillcolor=orange, peripheries=2];\n"
        "  f0 -> v2;\n"
        "}\n");
}

TEST_CASE("dot: shapes and element types can be left out") {
  const Variable x(ones<float>({2}), {.requires_grad = true, .name = "x"});
  CHECK(dot_has(to_dot(x, {.shapes = false}),
                "v0 [label=\"x\\nfloat\", fillcolor=orange, penwidth=3, peripheries=2]"));
  CHECK(dot_has(to_dot(x, {.element_types = false}),
                "v0 [label=\"x\\n(2,)\", fillcolor=orange, penwidth=3, peripheries=2]"));
  CHECK(dot_has(to_dot(x, {.shapes = false, .element_types = false}),
                "v0 [label=\"x\", fillcolor=orange, penwidth=3, peripheries=2]"));
}

TEST_CASE("dot: a variable used twice is one node with two arrows; equal graphs have equal texts") {
  const auto draw = [] {
    const Variable<double, 0> x(2.0, {.requires_grad = true});
    const auto a = x * x;
    return to_dot(exp(a) + a);
  };
  const auto dot = draw();
  CHECK(dot == draw());
  const std::string arrow = "  v0 -> f0;\n";
  CHECK(dot.find(arrow + arrow) != dot.npos);
  CHECK(dot_has(dot, "f0 -> v1"));
  CHECK(dot_has(dot, "v1 -> f1"));
  CHECK(dot_has(dot, "v1 -> f2"));
  CHECK_FALSE(dot_has(dot, "v4 [label=\"() double\", fillcolor=orange]"));
}

TEST_CASE("dot: quotes, backslashes and line ends in names are escaped") {
  const Variable x(ones<double>({1}), {.name = "a \"b\" \\N\nc"});
  CHECK(to_dot(x, {.shapes = false, .element_types = false})
            .find("label=\"a \\\"b\\\" \\\\N\\nc\"") != std::string::npos);
}

TEST_CASE("dot: a released graph is drawn as before, a detached variable alone") {
  const Variable<double, 0> x(2.0, {.requires_grad = true});
  const auto y = exp(x * x);
  const auto before = to_dot(y);
  y.backward();
  CHECK(to_dot(y) == before);
  CHECK(to_dot(y.detach()).find("f0") == std::string::npos);
}

TEST_CASE("dot: drawing leaves the graph as it is") {
  const Variable<double, 0> x(2.0, {.requires_grad = true});
  const auto y = exp(x * x);
  CHECK(to_dot(y) == to_dot(y));
  y.backward();
  CHECK(x.grad().item() == doctest::Approx(4 * std::exp(4.0)));
}

TEST_CASE("dot: a chain of a million functions needs no deep stack") {
  const Variable<double, 0> x(0.0, {.requires_grad = true});
  Variable<double, 0> y = x;
  for (int i = 0; i < 1'000'000; ++i) y = y + 1;
  const auto dot = to_dot(y);
  CHECK(dot_has(dot, "f999999 -> v1000000"));
}

TEST_CASE("dot: an undefined variable is refused") {
  CHECK_THROWS_WITH_AS(to_dot(Variable<double, 2>()), "to_dot: the variable is undefined",
                       ValueError);
}
