// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/html.hpp>

#include <doctest/doctest.h>

using namespace tinydl;

TEST_CASE("html: what has a meaning in HTML is escaped, the rest is kept") {
  CHECK(detail::html_escaped("<b a=\"x\" c='y'>&amp;</b>") ==
        "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;amp;&lt;/b&gt;");
  CHECK(detail::html_escaped("\u00fc \u2713, one\ntwo\tthree") == "\u00fc \u2713, one\ntwo\tthree");
  CHECK(detail::html_escaped(std::string("a\0b\x1b", 4)) == "ab");
}

TEST_CASE("html: base64 has the values of RFC 4648") {
  const char* const pairs[][2] = {{"", ""},
                                  {"f", "Zg=="},
                                  {"fo", "Zm8="},
                                  {"foo", "Zm9v"},
                                  {"foob", "Zm9vYg=="},
                                  {"fooba", "Zm9vYmE="},
                                  {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, letters] : pairs) CHECK(detail::base64(bytes) == letters);
  CHECK(detail::base64(std::string("\0\xff\xfe\xfb\xef\xbe", 6)) == "AP/+++++");
}
