// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/read_tensor.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "onnx/files.hpp"

namespace {

using namespace tinydl;
using namespace std::string_literals;
using onnx::protobuf::Reader;
using onnx::protobuf::Writer;
using tinydl_test::onnx_says;

const std::string tensor_file = "net.onnx";

/// A tensor's message up to its elements, in field 5 of another.
Writer tensor_message(std::int64_t type, std::initializer_list<std::int64_t> sizes) {
  Writer message;
  for (const std::int64_t size : sizes) message.integer(1, size);
  message.integer(2, type);
  message.text(8, "w");
  return message;
}

onnx::Initializer read_tensor(const Writer& message) {
  Writer outer;
  outer.message(5, message);
  Reader fields(outer.bytes(), tensor_file);
  fields.next();
  return onnx::detail::TensorReader::tensor(fields);
}

std::string tensor_says(const Writer& message) {
  return onnx_says([&] { read_tensor(message); });
}

template <class T>
std::vector<T> elements_of(const onnx::Initializer& tensor) {
  const auto& elements = std::get<Tensor<T, 1>>(tensor.value.elements);
  return std::vector<T>(elements.data(), elements.data() + elements.size());
}

TEST_CASE("onnx tensor: raw bytes of every type become floats, integers or bools") {
  const auto read = [](std::int64_t type, const std::string& raw) {
    Writer message = tensor_message(type, {2});
    message.text(9, raw);
    return read_tensor(message);
  };
  const std::vector<float> floats{1, -2};
  CHECK(elements_of<float>(read(1, "\0\0\x80\x3f\0\0\0\xc0"s)) == floats);
  CHECK(elements_of<float>(read(11, "\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\xc0"s)) == floats);
  CHECK(elements_of<float>(read(10, "\0\x3c\0\xc0"s)) == floats);
  CHECK(elements_of<float>(read(16, "\x80\x3f\0\xc0"s)) == floats);
  using Integers = std::vector<std::int64_t>;
  CHECK(elements_of<std::int64_t>(read(7, "\1\0\0\0\0\0\0\0"s + std::string(8, '\xff'))) ==
        Integers{1, -1});
  CHECK(elements_of<std::int64_t>(read(6, "\1\0\0\0\xff\xff\xff\xff"s)) == Integers{1, -1});
  CHECK(elements_of<std::int64_t>(read(3, "\1\xff"s)) == Integers{1, -1});
  CHECK(elements_of<std::int64_t>(read(2, "\1\xff"s)) == Integers{1, 255});
  CHECK(elements_of<bool>(read(9, "\0\1"s)) == std::vector<bool>{false, true});
  CHECK(read(1, std::string(8, '\0')).value.shape == std::vector<Index>{2});
}

TEST_CASE("onnx tensor: elements may stand in rows of numbers") {
  Writer floats = tensor_message(1, {2}), doubles = tensor_message(11, {1}),
         halves = tensor_message(10, {1}), integers = tensor_message(7, {1, 2}),
         bools = tensor_message(9, {2});
  floats.text(4, "\0\0\x80\x3f\0\0\0\xc0"s);
  doubles.text(10, "\0\0\0\0\0\0\xf0\x3f"s);
  halves.text(5, "\x80\x78"s);
  integers.text(7, "\x05\x96\x01"s);
  bools.text(5, "\1\0"s);
  CHECK(elements_of<float>(read_tensor(floats)) == std::vector<float>{1, -2});
  CHECK(elements_of<float>(read_tensor(doubles)) == std::vector<float>{1});
  CHECK(elements_of<float>(read_tensor(halves)) == std::vector<float>{1});
  CHECK(elements_of<std::int64_t>(read_tensor(integers)) == std::vector<std::int64_t>{5, 150});
  CHECK(elements_of<bool>(read_tensor(bools)) == std::vector<bool>{true, false});
}

TEST_CASE("onnx tensor: a tensor of no axes has one element, one of a size 0 none") {
  Writer scalar = tensor_message(1, {});
  scalar.real(4, 3);
  CHECK(elements_of<float>(read_tensor(scalar)) == std::vector<float>{3});
  CHECK(elements_of<float>(read_tensor(tensor_message(1, {4, 0}))).empty());
}

TEST_CASE("onnx tensor: sizes that its elements do not bear out are refused before any memory") {
  Writer few = tensor_message(1, {1'000'000, 1'000'000});
  few.text(9, "1234"s);
  CHECK(tensor_says(few) ==
        "byte 0: tensor 'w' of shape (1000000, 1000000) of F32 takes 4000000000000 bytes and has "
        "4");
  CHECK(tensor_says(tensor_message(7, {2})) ==
        "byte 0: tensor 'w' of shape (2,) of I64 takes 2 elements and has 0");
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  CHECK(tensor_says(tensor_message(1, {huge, huge})) ==
        "byte 0: tensor 'w' has more elements than a file can hold");
  CHECK(tensor_says(tensor_message(1, {0, huge, huge})) ==
        "byte 0: tensor 'w' has more elements than a file can hold");
  CHECK(tensor_says(tensor_message(1, {-1})) == "byte 0: tensor 'w' has a size of -1");
}

TEST_CASE("onnx tensor: other types and elements in other files are refused by a sentence") {
  CHECK(tensor_says(tensor_message(8, {1})) ==
        "byte 0: elements of type 8: only floats, integers and bools are read");
  Writer elsewhere = tensor_message(1, {1});
  elsewhere.text(13, "");
  CHECK(tensor_says(elsewhere) == "byte 9: tensor 'w' is in another file, which is not read");
}

}  // namespace
