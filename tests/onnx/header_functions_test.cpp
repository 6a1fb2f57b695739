// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/header_functions.hpp>

#include <doctest/doctest.h>

#include <string>

// How accurate they are: export_header/functions.cpp.

namespace {

TEST_CASE("header functions: what one needs is written before it") {
  std::string before;
  for (const auto& function : tinydl::onnx::detail::header_functions) {
    CAPTURE(function.name);
    const std::string needs = function.needs;
    for (std::size_t at = 0; at < needs.size(); at = needs.find(' ', at) + 1)
      CHECK(before.find(' ' + needs.substr(at, needs.find(' ', at) + 1 - at)) != before.npos);
    before += std::string(" ") + function.name + ' ';
  }
}

}  // namespace
