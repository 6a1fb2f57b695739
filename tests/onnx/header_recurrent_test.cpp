// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/header_recurrent.hpp>

#include <doctest/doctest.h>

#include <onnx/headers.hpp>

// What they compute: export_header/check.sh.

namespace {

using namespace tinydl_test;

TEST_CASE("header recurrent: one product brings the input into all steps") {
  const std::string calls = header_calls(
      "LSTM", {5, 2, 3}, {counted({1, 16, 3}), counted({1, 16, 4})}, {number("hidden_size", 4)});
  CHECK(calls.starts_with("dense(10, 3, 16, input, w_c_0, w_c_0_bias, memory"));
  CHECK(calls.find("lstm(5, 2, 4, memory") != std::string::npos);
}

TEST_CASE("header recurrent: what is not known is refused") {
  CHECK(header_refuses("RNN", {5, 2, 3}, {counted({1, 4, 3}), counted({1, 4, 4})},
                       {number("hidden_size", 4), word("direction", "reverse")}) != "none");
}

}  // namespace
