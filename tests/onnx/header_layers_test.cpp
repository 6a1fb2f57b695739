// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/header_layers.hpp>

#include <doctest/doctest.h>

#include <onnx/headers.hpp>

// What they compute: export_header/check.sh.

namespace {

using namespace tinydl_test;

TEST_CASE("header layers: a matrix of constants is stored as rows of the outputs") {
  HeaderGraph g;
  g.result(g.node("MatMul", {"x", g.constant(floats({2, 3}, {1, 2, 3, 4, 5, 6}))}));
  const std::string header = header_of(g.graph, {4, 2});
  CHECK(header.find("w_c_0[6] = {\n    1.f, 4.f, 2.f, 5.f, 3.f, 6.f}") != std::string::npos);
  CHECK(header.find("dense(4, 2, 3, input, w_c_0, nullptr, output);") != std::string::npos);
}

TEST_CASE("header layers: softmax and norms work in place") {
  HeaderGraph g;
  g.result(g.node("Softmax", {g.node("Relu", {"x"})}, {number("axis", 1)}));
  CHECK(header_of(g.graph, {2, 3, 4}).find("softmax(2, 3, 4, output, output);") !=
        std::string::npos);
}

TEST_CASE("header layers: a sum over axes that are no run turns them round first") {
  CHECK(header_calls("ReduceSum", {2, 3}, {integers({1})}) == "sum(2, 3, 1, input, output);");
  CHECK(header_calls("ReduceSum", {2, 3}, {integers({0})}) ==
        "copy({1, 1, 3, 2}, input, {0, 0, 1, 3}, memory, {0, 0, 2, 1}); "
        "sum(3, 2, 1, memory, output);");
}

TEST_CASE("header layers: what is not known is refused") {
  CHECK(header_refuses("MatMul", {2}, {floats({2}, {1, 2})}) == "a vector");
  CHECK(header_refuses("Gemm", {2, 2}, {floats({2, 2}, {1, 2, 3, 4})}, {number("transA", 1)})
            .find("transA") != std::string::npos);
}

}  // namespace
