// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/state.hpp>

#include <bit>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>

using tinydl::Index;
using tinydl::State;

TEST_CASE("State: numbers, texts, vectors and Tensors come back as what they were") {
  State state;
  state.set("index", Index{-3});
  state.set("seed", std::numeric_limits<std::uint64_t>::max());
  state.set("small", 1e-310);
  state.set("infinite", -std::numeric_limits<double>::infinity());
  state.set("yes", true);
  state.set("no", false);
  state.set("text", std::string("a\0\xff", 3));
  state.set("words", "words");
  state.set("none", std::string());
  state.set("vector", std::vector<double>{1, 2.5});
  state.set("empty", std::vector<Index>{});
  state.set("tensor", tinydl::from_values<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  state.set("number", tinydl::Tensor<double, 0>(7.));
  state.set("nothing", tinydl::zeros({0, 3}));

  CHECK(state.get<Index>("index") == -3);
  CHECK(state.get<std::uint64_t>("seed") == std::numeric_limits<std::uint64_t>::max());
  CHECK(state.get<double>("small") == 1e-310);
  CHECK(state.get<double>("infinite") == -std::numeric_limits<double>::infinity());
  CHECK(state.get<bool>("yes"));
  CHECK_FALSE(state.get<bool>("no"));
  CHECK(state.get<std::string>("text") == std::string("a\0\xff", 3));
  CHECK(state.get<std::string>("words") == "words");
  CHECK(state.get<std::string>("none").empty());
  CHECK(state.get<std::vector<double>>("vector") == std::vector<double>{1, 2.5});
  CHECK(state.get<std::vector<Index>>("empty").empty());
  const auto tensor = state.get<tinydl::Tensor<float, 2>>("tensor");
  CHECK(tensor.shape() == tinydl::Shape(2, 3));
  CHECK(tensor(1, 0) == 4);
  CHECK(state.get<tinydl::Tensor<double, 0>>("number").item() == 7);
  CHECK(state.get<tinydl::Tensor<float, 2>>("nothing").shape() == tinydl::Shape(0, 3));
}

TEST_CASE("State: numbers that are not numbers keep their bits") {
  const auto odd = std::bit_cast<double>(0x7ff8dead0000beefULL);
  State state;
  state.set("nan", odd);
  CHECK(std::bit_cast<std::uint64_t>(state.get<double>("nan")) == 0x7ff8dead0000beefULL);
}

TEST_CASE("State: keeps a Tensor as it was when it was set") {
  auto tensor = tinydl::ones<double>({2});
  State state;
  state.set("x", tensor);
  tensor.mutable_span()[0] = 5;
  CHECK(state.get<tinydl::Tensor<double, 1>>("x")(0) == 1);
}

TEST_CASE("State: refers to values that stay where they are") {
  std::vector<double> values = {1, 2};
  const Index shape[] = {2, 1};
  State state;
  state.refer("x", shape, std::span<const double>(values));
  values[1] = 9;
  CHECK(state.get<tinydl::Tensor<double, 2>>("x")(1, 0) == 9);
}

TEST_CASE("State: the State of a part is kept under its name") {
  State inner, outer;
  inner.set("x", 1);
  outer.set("part", inner);
  outer.set("part2", 2);
  outer.set("a", outer);
  CHECK(outer.contains("part/x"));
  CHECK_FALSE(outer.contains("part"));
  CHECK(outer.part("part").get<int>("x") == 1);
  CHECK(outer.part("part").entries().size() == 1);
  CHECK(outer.part("a").part("part").get<int>("x") == 1);
  CHECK(outer.part("b").empty());
  CHECK_FALSE(outer.empty());
}

TEST_CASE("State: a name that is taken, is missing or means another type is refused") {
  State state;
  state.set("x", 1.5);
  state.set("v", std::vector<float>{1, 2});
  CHECK_THROWS_WITH_AS(state.set("x", 2), "state: there are two entries 'x'", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(state.set("y", tinydl::Tensor<float, 1>()),
                       "state: 'y' is an undefined Tensor", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(state.get<double>("z"), "state: there is no 'z'", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(state.get<float>("x"), "state: 'x' is F64 (), not F32 of rank 0",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(state.get<bool>("x"), "state: 'x' is F64 (), not BOOL of rank 0",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(state.get<std::vector<double>>("x"),
                       "state: 'x' is F64 (), not F64 of rank 1", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(state.get<std::string>("v"), "state: 'v' is F32 (2,), not U8 of rank 1",
                       tinydl::ValueError);
  const auto matrix = [&] { state.get<tinydl::Tensor<float, 2>>("v"); };
  CHECK_THROWS_WITH_AS(matrix(), "state: 'v' is F32 (2,), not F32 of rank 2", tinydl::ValueError);
  CHECK(state.entries().size() == 2);
}
