// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/header_node.hpp>

#include <doctest/doctest.h>

#include <onnx/headers.hpp>

namespace {

using namespace tinydl_test;

TEST_CASE("header node: constants have names that C++ takes, each its own") {
  using tinydl::onnx::detail::identifier;
  CHECK(identifier("0.weight") == "w_0_weight");
  CHECK(identifier("/8/Reshape_2__x") == "w_8_Reshape_2_x");
  CHECK(identifier("") == "w");
  HeaderGraph g;
  g.graph.initializers = {{"a.b", floats({2}, {1, 2})}, {"a_b", floats({2}, {3, 4})}};
  g.result(g.node("Add", {g.node("Mul", {"x", "a.b"}), "a_b"}));
  const std::string header = header_of(g.graph, {2});
  CHECK(header.find("w_a_b[2] = {\n    1.f, 2.f}") != std::string::npos);
  CHECK(header.find("w_a_b_2[2] = {\n    3.f, 4.f}") != std::string::npos);
}

TEST_CASE("header node: what does not depend on the input is a constant, also if nodes make it") {
  HeaderGraph g;
  const std::string shape = g.node("Shape", {"x"});
  const std::string rows = g.node("Gather", {shape, g.constant(integers({0}))});
  const std::string to =
      g.node("Concat",
             {g.node("Unsqueeze", {rows, g.constant(integers({0}))}), g.constant(integers({-1}))},
             {number("axis", 0)});
  g.result(g.node("Relu", {g.node("Reshape", {"x", to})}));
  g.graph.nodes[1].attributes = {};
  g.graph.initializers[0].value = integers({}, {0});
  const std::string header = header_of(g.graph, {2, 3, 4});
  CHECK(header.find("relu(24, input, output);") != std::string::npos);
  CHECK(header.find("output_shape[] = {2, 12}") != std::string::npos);
}

TEST_CASE("header node: its name in the file cannot end the comment that has it") {
  HeaderGraph g;
  g.result(g.node("Relu", {"x"}));
  g.graph.nodes[0].name = "a\nint injected;\\";
  const std::string header = header_of(g.graph, {2});
  CHECK(header.find("// Relu 'a int injected; ': (2,) -> (2,)\n") != std::string::npos);
}

TEST_CASE("header node: numbers other than floats are refused") {
  CHECK(header_refuses("Cast", {2}, {}, {number("to", 7)}) == "numbers that are no floats");
}

}  // namespace
