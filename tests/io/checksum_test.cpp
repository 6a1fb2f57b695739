// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/checksum.hpp>

#include <string_view>

#include <doctest/doctest.h>

namespace {

std::uint64_t checksum_of(std::string_view first, std::string_view second = "") {
  tinydl::Checksum sum;
  sum.add(std::as_bytes(std::span(first)));
  sum.add(std::as_bytes(std::span(second)));
  return sum.value();
}

}  // namespace

TEST_CASE("Checksum: has the values that the inventors of FNV-1a publish") {
  CHECK(checksum_of("") == 0xcbf29ce484222325);
  CHECK(checksum_of("a") == 0xaf63dc4c8601ec8c);
  CHECK(checksum_of("foobar") == 0x85944171f73967e8);
}

TEST_CASE("Checksum: it does not matter where the pieces are cut") {
  CHECK(checksum_of("foo", "bar") == checksum_of("foobar"));
  CHECK(checksum_of("", "foobar") == checksum_of("foobar"));
}

TEST_CASE("Checksum: zeros and their number count") {
  CHECK(checksum_of(std::string_view("\0", 1)) != checksum_of(""));
  CHECK(checksum_of(std::string_view("\0\0", 2)) != checksum_of(std::string_view("\0", 1)));
}
