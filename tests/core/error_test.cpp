// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/error.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>

using namespace tinydl;

TEST_CASE("errors: a caller who knows only the standard's exceptions catches them") {
  CHECK_THROWS_AS(throw ShapeError("s"), std::invalid_argument);
  CHECK_THROWS_AS(throw ValueError("v"), std::invalid_argument);
  CHECK_THROWS_AS(throw GraphError("g"), std::logic_error);
  CHECK_THROWS_AS(throw FileError("f"), std::runtime_error);
}

TEST_CASE("errors: carry their message") {
  CHECK_THROWS_WITH_AS(throw ShapeError("matmul: no"), "matmul: no", ShapeError);
  CHECK_THROWS_WITH_AS(throw FileError("a/b: missing"), "a/b: missing", FileError);
}

TEST_CASE("text: strings its arguments together as a stream shows them") {
  CHECK(text("axis ", 3, " of ", std::string("x"), " ", 0.5) == "axis 3 of x 0.5");
}

TEST_CASE("text: integers of any type, up to the smallest and the largest") {
  CHECK(text(0, " ", -7, " ", 7u, " ", std::int8_t{-128}) == "0 -7 7 -128");
  CHECK(text(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
}

TEST_CASE("text: a character is itself and not its number") { CHECK(text("a", 'b') == "ab"); }
