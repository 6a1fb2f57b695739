// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/header_images.hpp>

#include <doctest/doctest.h>

#include <onnx/headers.hpp>

// What they compute: export_header/check.sh.

namespace {

using namespace tinydl_test;

TEST_CASE("header images: a convolution with padding reads a padded copy") {
  const Value weight = counted({1, 1, 3, 3});
  CHECK(header_calls("Conv", {1, 1, 5, 6}, {weight}) ==
        "conv<1>({1, 1, 1, 5, 6, 1, 3, 4, 3, 3, 1, 1, 1}, input, w_c_0, nullptr, output);");
  CHECK(header_calls("Conv", {1, 1, 5, 6}, {weight}, {row("pads", {1, 1, 1, 1})}) ==
        "fill(56, 0, memory); "
        "copy({1, 1, 5, 6}, input, {0, 0, 6, 1}, memory + 9, {0, 0, 8, 1}); "
        "conv<1>({1, 1, 1, 7, 8, 1, 5, 6, 3, 3, 1, 1, 1}, memory, w_c_0, nullptr, output);");
}

TEST_CASE("header images: a window of one pixel takes an image as one row") {
  CHECK(header_calls("Conv", {1, 2, 5, 6}, {counted({4, 2, 1, 1})}) ==
        "conv<1>({1, 1, 2, 1, 30, 4, 1, 30, 1, 1, 1, 1, 1}, input, w_c_0, nullptr, output);");
}

TEST_CASE("header images: weights that are not constants are refused") {
  HeaderGraph g;
  g.result(g.node("Conv", {"x", "x"}));
  CHECK_THROWS_WITH_AS(header_of(g.graph, {1, 1, 3, 3}),
                       "export_header: Conv 'n0_0': weights that are not constants",
                       tinydl::ValueError);
}

}  // namespace
