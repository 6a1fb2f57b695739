// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/header_shapes.hpp>

#include <doctest/doctest.h>

#include <onnx/headers.hpp>

// What they compute: export_header/check.sh.

namespace {

using namespace tinydl_test;

TEST_CASE("header shapes: what moves nothing is no call") {
  HeaderGraph g;
  const std::string flat = g.node("Flatten", {"x"});
  const std::string turned = g.node("Transpose", {flat}, {row("perm", {1, 0})});
  g.result(g.node("Relu", {turned}));
  const std::string header = header_of(g.graph, {1, 3, 4});
  CHECK(header.find("relu(12, input, output);") != std::string::npos);
  CHECK(header.find("copy(") == std::string::npos);
}

TEST_CASE("header shapes: a network that only passes its input on copies it") {
  CHECK(header_calls("Identity", {2, 3}) ==
        "copy({1, 1, 1, 6}, input, {0, 0, 0, 1}, output, {0, 0, 0, 1});");
}

TEST_CASE("header shapes: a transpose is one copy") {
  CHECK(header_calls("Transpose", {2, 3, 4}, {}, {row("perm", {1, 0, 2})}) ==
        "copy({1, 3, 2, 4}, input, {0, 4, 12, 1}, output, {0, 8, 4, 1});");
}

}  // namespace
