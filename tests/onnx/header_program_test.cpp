// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/header_program.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace {

using tinydl::onnx::detail::append_number;
using tinydl::onnx::detail::HeaderArray;
using tinydl::onnx::detail::HeaderPlace;
using tinydl::onnx::detail::HeaderProgram;

std::string header_number(float x) {
  std::string digits;
  append_number(digits, x);
  return digits;
}

TEST_CASE("header program: a number is written so that it is read as it was") {
  for (const float x : {0.1f, -1.0f / 3, 1e-45f, -3.4028235e38f, 1234.0f, 5e-39f})
    CHECK(std::strtof(header_number(x).c_str(), nullptr) == x);
  CHECK(header_number(0.1f) == "0x1.99999ap-4f");
  CHECK(header_number(-2) == "-2.f");
  CHECK(header_number(0) == "0.f");
  CHECK(header_number(-0.0f) == "-0.f");
  CHECK(header_number(-INFINITY) == "-std::numeric_limits<float>::infinity()");
}

TEST_CASE("header program: arrays that live at different times share their place") {
  HeaderProgram program;
  const std::size_t x = program.add(HeaderArray::input, 40);
  std::size_t last = x;
  for (const int size : {40, 20, 30, 10}) {
    const std::size_t next = program.add(HeaderArray::memory, size);
    program.call("f", {HeaderPlace{last}, HeaderPlace{next, 2}}, "");
    last = next;
  }
  program.make_output(last);
  program.plan();
  CHECK(program.memory() == 48 + 32);  // 40 and 20 numbers, rounded to cache lines
  CHECK(program.calls_text() ==
        "  f(input, memory + 2);\n"
        "  f(memory, memory + 50);\n"
        "  f(memory + 48, memory + 2);\n"
        "  f(memory, output + 2);\n");
}

TEST_CASE("header program: a call may write over what it reads last, and only then") {
  for (const bool read_again : {false, true}) {
    CAPTURE(read_again);
    HeaderProgram program;
    const std::size_t x = program.add(HeaderArray::input, 16);
    const std::size_t a = program.add(HeaderArray::memory, 16);
    const std::size_t b = program.add(HeaderArray::memory, 16);
    const std::size_t c = program.add(HeaderArray::memory, 16);
    program.call("f", {HeaderPlace{x}, HeaderPlace{a}}, "");
    program.call("g", {HeaderPlace{a}, HeaderPlace{b}}, "");
    program.may_overwrite(a, b);
    program.call("h", {HeaderPlace{read_again ? a : b}, HeaderPlace{b}, HeaderPlace{c}}, "");
    program.make_output(c);
    program.plan();
    CHECK(program.memory() == (read_again ? 32 : 16));
    CHECK((program.calls_text().find("g(memory, memory);") != std::string::npos) == !read_again);
  }
}

TEST_CASE("header program: the input and constants are not written over") {
  HeaderProgram program;
  const std::size_t x = program.add(HeaderArray::input, 16);
  const std::size_t w = program.add_constant("w", std::vector<float>(16));
  const std::size_t a = program.add(HeaderArray::memory, 16);
  const std::size_t b = program.add(HeaderArray::memory, 16);
  program.call("f", {HeaderPlace{x}, HeaderPlace{a}}, "");
  program.may_overwrite(x, a);
  program.call("g", {HeaderPlace{w}, HeaderPlace{a}, HeaderPlace{b}}, "the product");
  program.may_overwrite(w, b);
  program.make_output(b);
  program.plan();
  CHECK(program.calls_text() == "  f(input, memory);\n  // the product\n  g(w, memory, output);\n");
}

TEST_CASE(
    "header program: functions that are used are written, with what they need, and no others") {
  HeaderProgram program;
  program.call("softmax", {}, "");
  const std::string text = program.functions_text();
  CHECK(text.find("inline float exp(") != std::string::npos);
  CHECK(text.find("inline float exp(") < text.find("inline void softmax("));
  CHECK(text.find("inline float log(") == std::string::npos);
}

}  // namespace
