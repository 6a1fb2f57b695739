// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/dtype.hpp>

#include <doctest/doctest.h>

TEST_CASE("dtype_name: every element type has the name that safetensors gives it") {
  using tinydl::detail::dtype_name;
  CHECK(dtype_name<double>() == "F64");
  CHECK(dtype_name<float>() == "F32");
  CHECK(dtype_name<std::int64_t>() == "I64");
  CHECK(dtype_name<std::int32_t>() == "I32");
  CHECK(dtype_name<std::int16_t>() == "I16");
  CHECK(dtype_name<std::int8_t>() == "I8");
  CHECK(dtype_name<std::uint64_t>() == "U64");
  CHECK(dtype_name<std::uint32_t>() == "U32");
  CHECK(dtype_name<std::uint16_t>() == "U16");
  CHECK(dtype_name<std::uint8_t>() == "U8");
  CHECK(dtype_name<bool>() == "BOOL");
}

TEST_CASE("dtype_bytes: the width of every name, and 0 for one that is unknown") {
  using tinydl::detail::dtype_bytes;
  using tinydl::detail::Storable;
  for (const char* name : {"F64", "I64", "U64"}) CHECK(dtype_bytes(name, Storable{}) == 8);
  for (const char* name : {"F32", "I32", "U32"}) CHECK(dtype_bytes(name, Storable{}) == 4);
  for (const char* name : {"F16", "BF16", "I16", "U16"}) CHECK(dtype_bytes(name, Storable{}) == 2);
  for (const char* name : {"I8", "U8", "BOOL"}) CHECK(dtype_bytes(name, Storable{}) == 1);
  for (const char* name : {"", "F31", "F8_E4M3"}) CHECK(dtype_bytes(name, Storable{}) == 0);
}
