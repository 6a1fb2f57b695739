// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/header_walk.hpp>

#include <doctest/doctest.h>

namespace {

using tinydl::onnx::Sizes;
using tinydl::onnx::detail::broadcast_strides;
using tinydl::onnx::detail::HeaderWalk;
using tinydl::onnx::detail::strides_of;

TEST_CASE("header walk: strides are those of row-major arrays, and 0 where one is repeated") {
  CHECK(strides_of({2, 3, 4}) == Sizes{12, 4, 1});
  CHECK(broadcast_strides({3, 1}, {2, 3, 4}) == Sizes{0, 1, 0});
}

TEST_CASE("header walk: axes that are one run are one loop, those of size 1 none") {
  const HeaderWalk whole({2, 1, 3, 4}, {{12, 12, 4, 1}});
  CHECK(whole.sizes() == "{1, 1, 1, 24}");
  CHECK(whole.one_run());
  const HeaderWalk two({2, 3, 4}, {{12, 4, 1}, {0, 4, 1}});
  CHECK(two.sizes() == "{1, 1, 2, 12}");
  CHECK(two.strides(0) == "{0, 0, 12, 1}");
  CHECK(two.strides(1) == "{0, 0, 0, 1}");
  CHECK_FALSE(two.one_run());
  CHECK_FALSE(HeaderWalk({3, 2}, {{1, 3}}).one_run());
  CHECK_FALSE(HeaderWalk({3}, {{2}}).one_run());
}

TEST_CASE("header walk: more than four loops are refused") {
  const Sizes shape{2, 2, 2, 2, 2};
  CHECK_NOTHROW(HeaderWalk(shape, {strides_of(shape)}));
  CHECK_THROWS_AS(HeaderWalk(shape, {{1, 2, 4, 8, 16}}), tinydl::ValueError);
}

}  // namespace
