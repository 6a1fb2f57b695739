// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/header_loops.hpp>

#include <doctest/doctest.h>

#include <string>

// What they compute: export_header/check.sh.

namespace {

TEST_CASE("header loops: what one needs is written before it") {
  std::string before;
  for (const auto& function : tinydl::onnx::detail::header_functions)
    before += std::string(" ") + function.name + ' ';
  for (const auto& loop : tinydl::onnx::detail::header_loops) {
    CAPTURE(loop.name);
    const std::string needs = loop.needs;
    for (std::size_t at = 0; at < needs.size(); at = needs.find(' ', at) + 1)
      CHECK(before.find(' ' + needs.substr(at, needs.find(' ', at) + 1 - at)) != before.npos);
    before += std::string(" ") + loop.name + ' ';
  }
}

}  // namespace
