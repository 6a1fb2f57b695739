// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/print.hpp>

#include <tinydl/core/create.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <iomanip>
#include <limits>
#include <sstream>

using namespace tinydl;

TEST_CASE("print: a rank-0 tensor is its number") { CHECK(text(Tensor<double, 0>(3.5)) == "3.5"); }

TEST_CASE("print: a vector is one bracket with aligned entries") {
  CHECK(text(from_values({1.0, 2.5, -3.0})) == "[  1, 2.5,  -3]");
  CHECK(text(from_values({7.0})) == "[7]");
}

TEST_CASE("print: a matrix has a line for each row, columns aligned") {
  CHECK(text(from_values({{1.0, -2.0}, {30.0, 4.0}})) == "[[ 1, -2],\n [30,  4]]");
}

TEST_CASE("print: matrices of a rank-3 tensor are an empty line apart") {
  CHECK(text(from_values<double>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})) ==
        "[[[1, 2],\n  [3, 4]],\n\n [[5, 6],\n  [7, 8]]]");
}

TEST_CASE("print: bools are words and bytes are numbers") {
  CHECK(text(from_values({true, false})) == "[ true, false]");
  CHECK(text(from_values({std::uint8_t{7}, std::uint8_t{255}})) == "[  7, 255]");
  CHECK(text(from_values({std::int64_t{-1}, std::int64_t{1} << 40})) ==
        "[           -1, 1099511627776]");
}

TEST_CASE("print: six digits, or as many as the stream is set to") {
  const auto pi = from_values({3.14159265, 0.1});
  CHECK(text(pi) == "[3.14159,     0.1]");
  std::ostringstream out;
  out << std::setprecision(3) << pi;
  CHECK(out.str() == "[3.14,  0.1]");
}

TEST_CASE("print: infinities and what is not a number") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(text(from_values({infinity, -infinity})) == "[ inf, -inf]");
  CHECK(text(from_values({std::numeric_limits<double>::quiet_NaN()})) == "[nan]");
}

TEST_CASE("print: a vector of more than 1000 elements shows its first and last three") {
  CHECK(text(arange<double>(1001)) == "[   0,    1,    2, ...,  998,  999, 1000]");
  const std::string whole = text(arange<double>(1000));
  CHECK(whole.find("...") == std::string::npos);
  CHECK(whole.find("500") != std::string::npos);
}

TEST_CASE("print: a long matrix is shortened along its long axes alone") {
  CHECK(text(full({600, 2}, 1.0)) ==
        "[[1, 1],\n [1, 1],\n [1, 1],\n ...,\n [1, 1],\n [1, 1],\n [1, 1]]");
  CHECK(text(full({2, 600}, 1.0)) == "[[1, 1, 1, ..., 1, 1, 1],\n [1, 1, 1, ..., 1, 1, 1]]");
}

TEST_CASE("print: empty tensors and none at all") {
  CHECK(text(zeros<double>({0})) == "[]");
  CHECK(text(zeros<double>({2, 0})) == "[[],\n []]");
  CHECK(text(Tensor<double, 2>()) == "(no tensor)");
}
