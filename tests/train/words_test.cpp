// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/words.hpp>

#include <doctest/doctest.h>

using namespace tinydl;

TEST_CASE("words: letters are counted, not bytes") {
  CHECK(detail::letters("") == 0);
  CHECK(detail::letters("Coat") == 4);
  CHECK(detail::letters("Gr\u00fc\u00dfe \u2713") == 7);
}

TEST_CASE("words: text that is too long loses its end") {
  CHECK(detail::shortened("Coat", 4) == "Coat");
  CHECK(detail::shortened("Coats", 4) == "Coa\u2026");
  CHECK(detail::shortened("\u00fc\u00fc\u00fc\u00fc", 3) == "\u00fc\u00fc\u2026");
  CHECK(detail::letters(detail::shortened("a long name of a class", 12)) == 12);
}

TEST_CASE("words: or its beginning") {
  CHECK(detail::ending("l1.weight", 9) == "l1.weight");
  CHECK(detail::ending("l1.weight", 7) == "\u2026weight");
  CHECK(detail::ending("\u00fc\u00fc\u00fc\u00fc", 3) == "\u2026\u00fc\u00fc");
  CHECK(detail::letters(detail::ending("encoder.layers.0.attention.weight", 28)) == 28);
}
