// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/protobuf.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "onnx/files.hpp"

namespace {

using namespace tinydl;
using namespace std::string_literals;
using tinydl_test::onnx_says;
namespace protobuf = onnx::protobuf;

const std::string wire_file = "net.onnx";

/// What is said on the way through the fields of these bytes.
std::string wire_says(const std::string& bytes) {
  return onnx_says([&] {
    protobuf::Reader fields(bytes, wire_file);
    while (fields.next()) {
    }
  });
}

TEST_CASE("protobuf: the bytes are those of the encoding's own examples") {
  protobuf::Writer one;
  one.integer(1, 150);
  CHECK(one.bytes() == "\x08\x96\x01"s);

  protobuf::Writer word;
  word.text(2, "testing");
  CHECK(word.bytes() == "\x12\x07testing"s);

  protobuf::Writer outer;
  outer.message(3, one);
  CHECK(outer.bytes() == "\x1a\x03\x08\x96\x01"s);

  protobuf::Writer real;
  real.real(2, 1.0f);
  CHECK(real.bytes() == "\x15\0\0\x80\x3f"s);
}

TEST_CASE("protobuf: what was written is read, whatever the number") {
  constexpr std::int64_t numbers[] = {0,
                                      1,
                                      127,
                                      128,
                                      -1,
                                      std::numeric_limits<std::int64_t>::max(),
                                      std::numeric_limits<std::int64_t>::min()};
  protobuf::Writer writer;
  for (const std::int64_t number : numbers) writer.integer(2047, number);
  writer.real(3, -0.25f);
  writer.text(4, "name");

  protobuf::Reader fields(writer.bytes(), wire_file);
  for (const std::int64_t number : numbers) {
    REQUIRE(fields.next());
    CHECK(fields.number() == 2047);
    CHECK(fields.integer() == number);
  }
  REQUIRE(fields.next());
  CHECK(fields.real() == -0.25f);
  REQUIRE(fields.next());
  CHECK(fields.text() == "name");
  CHECK_FALSE(fields.next());
}

TEST_CASE("protobuf: numbers are read one by one and in rows") {
  protobuf::Writer writer;
  writer.integer(1, 5);
  writer.text(1, "\x06\xac\x02"s);
  writer.text(2, "\0\0\x80\x3f\0\0\0\x40"s);
  writer.text(3, "\0\0\0\0\0\0\xf0\x3f"s);
  std::vector<std::int64_t> integers;
  std::vector<float> floats;
  std::vector<double> doubles;
  for (protobuf::Reader fields(writer.bytes(), wire_file); fields.next();) {
    if (fields.number() == 1) fields.append_to(integers);
    if (fields.number() == 2) fields.append_to(floats);
    if (fields.number() == 3) fields.append_to(doubles);
  }
  CHECK(integers == std::vector<std::int64_t>{5, 6, 300});
  CHECK(floats == std::vector{1.0f, 2.0f});
  CHECK(doubles == std::vector{1.0});
}

TEST_CASE("protobuf: what is cut off is refused, with its place in the file") {
  CHECK(wire_says("\x08"s) == "byte 0: truncated: it takes 1 bytes and 0 are left");
  CHECK(wire_says("\x08\x01\x08\x96"s) == "byte 2: truncated: it takes 1 bytes and 0 are left");
  CHECK(wire_says("\x12\x07test"s) == "byte 0: truncated: it takes 7 bytes and 4 are left");
  CHECK(wire_says("\x15\0\0"s) == "byte 0: truncated: it takes 4 bytes and 2 are left");
  CHECK(wire_says("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s) ==
        "byte 0: truncated: it takes 18446744073709551615 bytes and 0 are left");
}

TEST_CASE("protobuf: a fault in a message within another is placed in the file") {
  const std::string bytes = "\x0a\x00\x0a\x04\x08\x01\x12\x05"s;
  CHECK(onnx_says([&] {
          protobuf::Reader outer(bytes, wire_file);
          while (outer.next())
            for (protobuf::Reader inner = outer.message(); inner.next();) {
            }
        }) == "byte 6: truncated: it takes 5 bytes and 0 are left");
  const std::string row = "\x0a\x03\x01\x02\x80"s;
  CHECK(onnx_says([&] {
          protobuf::Reader fields(row, wire_file);
          std::vector<std::int64_t> numbers;
          fields.next();
          fields.append_to(numbers);
        }) == "byte 4: truncated: it takes 1 bytes and 0 are left");
}

TEST_CASE("protobuf: what is no field is refused") {
  CHECK(wire_says("\0"s) == "byte 0: there is no field 0");
  CHECK(wire_says("\x0b"s) ==
        "byte 0: field 1 has encoding 3, which this format has not, or no longer");
  CHECK(wire_says("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s) ==
        "byte 0: an integer of more than 64 bits");
}

TEST_CASE("protobuf: a field of another encoding than is asked for is refused") {
  const std::string bytes = "\x08\x01"s;
  protobuf::Reader fields(bytes, wire_file);
  REQUIRE(fields.next());
  CHECK(fields.integer() == 1);
  CHECK(onnx_says([&] { fields.real(); }) == "byte 0: field 1 has encoding 0, not 5");
  CHECK(onnx_says([&] { fields.message(); }) == "byte 0: field 1 has encoding 0, not 2");
}

}  // namespace
