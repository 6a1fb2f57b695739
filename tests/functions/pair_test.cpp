// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/pair.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <type_traits>

namespace {

using tinydl::Pair;

struct PairOptions {
  Pair stride = 1, padding = {0, 2};
};

}  // namespace

TEST_CASE("Pair: one number is both sizes, two are height and width") {
  CHECK(Pair(3) == Pair(3, 3));
  CHECK(Pair(std::size_t{3}) == Pair(3, short{3}));
  CHECK_FALSE(Pair(3, 4) == Pair(4, 3));
  CHECK(Pair(3, 4).height == 3);
  CHECK(Pair(3, 4).width == 4);
}

TEST_CASE("Pair: options take a number, or two in braces") {
  CHECK(PairOptions{.stride = 2}.stride == Pair(2, 2));
  CHECK(PairOptions{.stride = {2, 1}}.stride == Pair(2, 1));
  CHECK(PairOptions{}.stride == Pair(1, 1));
  CHECK(PairOptions{}.padding == Pair(0, 2));
}

TEST_CASE("Pair: a fraction is no size") {
  static_assert(std::is_convertible_v<int, Pair>);
  static_assert(!std::is_convertible_v<double, Pair>);
  static_assert(!std::is_constructible_v<Pair, int, float>);
}

TEST_CASE("Pair: messages show it as (height, width)") {
  CHECK(tinydl::text(Pair(3, 4)) == "(3, 4)");
}
