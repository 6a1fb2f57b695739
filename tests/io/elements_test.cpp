// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/elements.hpp>

#include <array>
#include <cmath>

#include <doctest/doctest.h>

namespace {

/// The elements at `from`, of a type in a file, as T.
template <class T, class S, std::size_t N>
std::array<T, N> elements_as(const char* dtype, const std::array<S, N>& from) {
  std::array<T, N> to{};
  tinydl::detail::convert_elements(dtype, std::as_bytes(std::span(from)), std::span<T>(to));
  return to;
}

using ElementBits = std::array<std::uint16_t, 1>;

}  // namespace

TEST_CASE("elements: 16-bit floats are those of IEEE 754") {
  using tinydl::detail::from_half;
  CHECK(from_half(0x0000) == 0);
  CHECK(std::signbit(from_half(0x8000)));
  CHECK(from_half(0x3c00) == 1);
  CHECK(from_half(0xc000) == -2);
  CHECK(from_half(0x3555) == 0.333251953125f);
  CHECK(from_half(0x7bff) == 65504);
  CHECK(from_half(0x0400) == 0x1p-14f);  // the smallest normal one
  CHECK(from_half(0x0001) == 0x1p-24f);
  CHECK(from_half(0x83ff) == -0x1.ff8p-15f);
  CHECK(from_half(0x7c00) == std::numeric_limits<float>::infinity());
  CHECK(from_half(0xfc00) == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(from_half(0x7c01)));
  CHECK(std::isnan(from_half(0xfe00)));
}

TEST_CASE("elements: bfloat16 are the upper halves of floats") {
  using tinydl::detail::from_bfloat16;
  CHECK(from_bfloat16(0x3f80) == 1);
  CHECK(from_bfloat16(0xc049) == -3.140625f);
  CHECK(from_bfloat16(0x0001) == 0x1p-133f);
  CHECK(from_bfloat16(0x7f80) == std::numeric_limits<float>::infinity());
  CHECK(std::isnan(from_bfloat16(0x7fc0)));
}

TEST_CASE("elements: every type is converted to what is asked for") {
  CHECK(elements_as<double>("F32", std::array{0.5f, -2.f}) == std::array{0.5, -2.});
  CHECK(elements_as<float>("F64", std::array{0.1, -2.}) == std::array{0.1f, -2.f});
  CHECK(elements_as<float>("I64", std::array{std::int64_t{-3}}) == std::array{-3.f});
  CHECK(elements_as<float>("I8", std::array{std::int8_t{-128}}) == std::array{-128.f});
  CHECK(elements_as<double>("U64", std::array{~std::uint64_t{0}}) == std::array{0x1p64});
  CHECK(elements_as<float>("U16", std::array{std::uint16_t{65535}}) == std::array{65535.f});
  CHECK(elements_as<double>("F16", ElementBits{0x3c00}) == std::array{1.});
  CHECK(elements_as<float>("BF16", ElementBits{0x3f80}) == std::array{1.f});
}

TEST_CASE("elements: a byte other than 0 is a true bool, and counts as 1") {
  const std::array<std::uint8_t, 3> bytes{0, 1, 0x80};
  CHECK(elements_as<bool>("BOOL", bytes) == std::array{false, true, true});
  CHECK(elements_as<float>("BOOL", bytes) == std::array{0.f, 1.f, 1.f});
}

TEST_CASE("elements: asked for one type, another is not read") {
  const std::array from{1.f};
  std::array to{7.f};
  const auto bytes = std::as_bytes(std::span(from));
  CHECK_FALSE(tinydl::detail::read_elements<float>("F64", bytes, std::span<float>(to)));
  CHECK(to[0] == 7);
  CHECK(tinydl::detail::read_elements<float>("F32", bytes, std::span<float>(to)));
  CHECK(to[0] == 1);
}
