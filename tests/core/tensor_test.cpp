// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/tensor.hpp>

#include <tinydl/core/create.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

using namespace tinydl;

TEST_CASE("Tensor: is row-major") {
  const Tensor<double, 3> a =
      from_values<double>({2, 2, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 2; ++j)
      for (Index k = 0; k < 3; ++k) CHECK(a(i, j, k) == double(6 * i + 3 * j + k));
  CHECK(a.size() == 12);
}

TEST_CASE("Tensor: is no tensor until it is given a shape") {
  const Tensor<double, 2> none;
  CHECK_FALSE(none.defined());
  CHECK(none.size() == 0);
  CHECK(none.data() == nullptr);
  CHECK(none.span().empty());
  CHECK_FALSE(none.shares_with(none));
  CHECK(Tensor<double, 2>(Shape(1, 1)).defined());
}

TEST_CASE("Tensor: a copy shares memory until the copy is written") {
  const Tensor<double, 1> a = from_values({1.0, 2.0, 3.0});
  Tensor<double, 1> b = a;
  CHECK(b.shares_with(a));
  CHECK(b.data() == a.data());
  b.mutable_span()[1] = 20;
  CHECK_FALSE(b.shares_with(a));
  CHECK(a(1) == 2);
  CHECK(b(1) == 20);
  CHECK(b(2) == 3);
}

TEST_CASE("Tensor: a copy keeps its values when the original is written") {
  Tensor<double, 1> a = from_values({1.0, 2.0, 3.0});
  const Tensor<double, 1> b = a, c = a;
  const double* const shared = a.data();
  a.mutable_data()[0] = 10;
  CHECK(a(0) == 10);
  CHECK(b(0) == 1);
  CHECK(b.data() == shared);
  CHECK(b.shares_with(c));
}

TEST_CASE("Tensor: writing what is not shared moves no data") {
  Tensor<double, 1> a = from_values({1.0, 2.0, 3.0});
  const double* const own = a.data();
  CHECK(a.mutable_data() == own);
  { const Tensor<double, 1> b = a; }
  CHECK(a.mutable_data() == own);
  Tensor<double, 1> moved = std::move(a);
  CHECK(moved.mutable_data() == own);
}

TEST_CASE("Tensor: every mutable view detaches what is shared and writes in row-major order") {
  const Tensor<double, 2> zero = zeros<double>({2, 3});
  Tensor<double, 2> a = zero, b = zero;
  a.mutable_data()[4] = 1;
  b.mutable_span()[4] = 1;
  for (const auto* t : {&a, &b}) {
    CHECK((*t)(1, 1) == 1);
    CHECK(std::ranges::count(t->span(), 0.0) == 5);
  }
  CHECK(std::ranges::count(zero.span(), 0.0) == 6);
}

TEST_CASE("Tensor: const views show the elements where they lie") {
  const Tensor<double, 2> a = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  CHECK(a.span().data() == a.data());
  CHECK(a.span().size() == 6);
  CHECK(a.span()[4] == 5);
}

TEST_CASE("Tensor: copies that four threads write at once leave the original alone") {
  const Tensor<double, 1> original = full({100}, 1.0);
  std::atomic<int> faults{0};
  std::vector<std::thread> threads;
  for (int t = 2; t < 6; ++t)
    threads.emplace_back([&faults, mine = original, t]() mutable {
      for (int i = 0; i < 500; ++i) {
        Tensor<double, 1> copy = mine;
        for (double& x : copy.mutable_span()) x += double(t);
        if (mine(99) != 1 || copy(0) != 1 + t || copy(99) != 1 + t) ++faults;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(faults == 0);
  CHECK(std::ranges::count(original.span(), 1.0) == 100);
}

TEST_CASE("Tensor: with_shape() shares memory in the new shape, and copies it on write") {
  const Tensor<double, 2> a = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  Tensor<double, 3> b = a.with_shape(Shape(3, 1, 2));
  CHECK(b.data() == a.data());
  CHECK(b.shape() == Shape(3, 1, 2));
  CHECK(b(2, 0, 1) == 6);
  b.mutable_data()[0] = 9;
  CHECK(a(0, 0) == 1);
}

TEST_CASE("Tensor: with_shape() refuses another number of elements and names both shapes") {
  const Tensor<double, 2> a(Shape(2, 3));
  CHECK_THROWS_WITH_AS(a.with_shape(Shape(4)), "reshape: (2, 3) has 6 elements, (4,) has 4",
                       ShapeError);
  CHECK_THROWS_AS(a.with_shape(Shape<0>()), ShapeError);
}

TEST_CASE("Tensor: with_shape() refuses negative sizes and counts that overflow") {
  const Tensor<double, 1> six(Shape(6)), none(Shape(0));
  CHECK_THROWS_AS(six.with_shape(Shape(-2, -3)), ShapeError);
  CHECK_THROWS_AS(none.with_shape(Shape(Index{1} << 32, Index{1} << 32)), ShapeError);
}

TEST_CASE("Tensor: is aligned to 64 bytes, whatever its size") {
  for (Index n = 0; n < 40; ++n) {
    const Tensor<double, 1> a{Shape(n)};
    const Tensor<std::uint8_t, 1> b{Shape(n)};
    CHECK(reinterpret_cast<std::uintptr_t>(a.data()) % 64 == 0);
    CHECK(reinterpret_cast<std::uintptr_t>(b.data()) % 64 == 0);
  }
}

TEST_CASE("Tensor: refuses negative sizes and shapes that no memory could hold") {
  using Matrix = Tensor<double, 2>;
  CHECK_THROWS_WITH_AS(Matrix(Shape(2, -1)), "tensor: negative size in shape (2, -1)", ShapeError);
  CHECK_THROWS_AS(Matrix(Shape(0, -1)), ShapeError);
  CHECK_THROWS_AS(Matrix(Shape(-2, -2)), ShapeError);
  const Index large = Index{1} << 32;
  CHECK_THROWS_WITH_AS(Matrix(Shape(large, large)), doctest::Contains("too many elements"),
                       ShapeError);
  CHECK_THROWS_AS(Matrix(Shape(large, large / 16)), ShapeError);
}

TEST_CASE("Tensor: of size 0 can do all that others can") {
  Tensor<double, 2> a(Shape(0, 3));
  CHECK(a.defined());
  CHECK(a.size() == 0);
  CHECK(a.span().empty());
  const Tensor<double, 2> b = a;
  CHECK(a.mutable_span().empty());
  CHECK(b.with_shape(Shape(5, 0, 2)).shape() == Shape(5, 0, 2));
  CHECK(b.cast<float>().shape() == Shape(0, 3));
  CHECK_THROWS_AS(a(0, 0), ShapeError);
  CHECK_THROWS_AS(a.item(), ShapeError);
}

TEST_CASE("Tensor: refuses a position outside and names it and the shape") {
  const Tensor<double, 2> a = zeros<double>({2, 3});
  CHECK_THROWS_WITH_AS(a(2, 0), "tensor: position (2, 0) is outside of shape (2, 3)", ShapeError);
  CHECK_THROWS_AS(a(0, 3), ShapeError);
  CHECK_THROWS_AS(a(-1, 0), ShapeError);
  CHECK_THROWS_AS(a(0, -1), ShapeError);
  CHECK_THROWS_AS(a(Index{1} << 62, 0), ShapeError);
  CHECK(a(1, 2) == 0);
}

TEST_CASE("Tensor: item() is the only element, of any rank") {
  CHECK((Tensor<double, 0>(2.5).item()) == 2.5);
  CHECK((Tensor<double, 0>(2.5)()) == 2.5);
  CHECK(full({1, 1, 1}, 7.0).item() == 7);
  CHECK_THROWS_WITH_AS(full({2, 1}, 7.0).item(), doctest::Contains("(2, 1)"), ShapeError);
  CHECK_THROWS_AS((Tensor<double, 1>().item()), ShapeError);
}

TEST_CASE("Tensor: cast() converts every element as the language does") {
  const Tensor<double, 2> a = from_values({{-1.5, 0.0}, {2.7, 3.0}});
  const Tensor<std::int64_t, 2> integers = a.cast<std::int64_t>();
  const Tensor<bool, 2> bools = a.cast<bool>();
  CHECK(integers.shape() == Shape(2, 2));
  CHECK(integers(0, 0) == -1);
  CHECK(integers(1, 0) == 2);
  CHECK(bools(0, 0));
  CHECK_FALSE(bools(0, 1));
}
