// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/little_endian.hpp>

#include <cstdint>
#include <stdexcept>

#include <doctest/doctest.h>

TEST_CASE("little_endian: the lowest byte comes first") {
  const std::string bytes = "\x01\x02\x03\xff\x05\x06\x07\x88\x09";
  CHECK(tinydl::detail::little_endian<std::uint8_t>(bytes, 3) == 0xff);
  CHECK(tinydl::detail::little_endian<std::uint16_t>(bytes, 2) == 0xff03);
  CHECK(tinydl::detail::little_endian<std::uint32_t>(bytes, 0) == 0xff030201);
  CHECK(tinydl::detail::little_endian<std::uint64_t>(bytes, 1) == 0x09880706'05ff0302);
  CHECK_THROWS_AS(tinydl::detail::little_endian<std::uint64_t>(bytes, 2), std::out_of_range);
}

TEST_CASE("append_little_endian: what it writes reads back") {
  std::string bytes;
  tinydl::detail::append_little_endian(bytes, std::uint16_t{0xff03});
  tinydl::detail::append_little_endian(bytes, std::uint64_t{0x0988070605ff0302});
  CHECK(bytes == "\x03\xff\x02\x03\xff\x05\x06\x07\x88\x09");
}
