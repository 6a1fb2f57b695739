// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/header_elements.hpp>

#include <doctest/doctest.h>

#include <onnx/headers.hpp>

// What they compute: export_header/check.sh.

namespace {

using namespace tinydl_test;

TEST_CASE("header elements: attributes become arguments, those that are left out too") {
  CHECK(header_calls("Elu", {2, 3}) == "elu(6, 1.f, input, output);");
  CHECK(header_calls("LeakyRelu", {3}, {}, {{"alpha", 0.25f}}) ==
        "leaky_relu(3, 0x1p-2f, input, output);");
  CHECK(header_calls("Clip", {3}, {floats({}, {-1})}) ==
        "clip(3, -1.f, std::numeric_limits<float>::infinity(), input, output);");
}

TEST_CASE("header elements: operands are repeated by strides of 0") {
  CHECK(header_calls("Add", {2, 3}, {floats({3}, {1, 2, 3})}) ==
        "add({1, 1, 2, 3}, input, {0, 0, 3, 1}, w_c_0, {0, 0, 0, 1}, output);");
  CHECK(header_calls("Mul", {2, 3}, {floats({}, {2})}) ==
        "multiply({1, 1, 1, 6}, input, {0, 0, 0, 1}, w_c_0, {0, 0, 0, 0}, output);");
}

TEST_CASE("header elements: powers other than simple ones are refused") {
  CHECK(header_calls("Pow", {3}, {floats({}, {2})}) == "square(3, input, output);");
  CHECK(header_refuses("Pow", {3}, {floats({}, {1.5f})}).starts_with("the power 1.5; 2, 3,"));
  CHECK(header_refuses("Pow", {2}, {floats({2}, {1, 2})}) == "one power for all is what is known");
}

TEST_CASE("header elements: a condition must be a constant") {
  HeaderGraph g;
  const std::string zero = g.constant(floats({}, {0}));
  g.result(g.node("Where", {g.node("Greater", {"x", zero}), "x", zero}));
  CHECK_THROWS_WITH_AS(header_of(g.graph, {3}),
                       "export_header: Greater 'n0_0': this operator cannot be in a header",
                       tinydl::ValueError);
}

}  // namespace
