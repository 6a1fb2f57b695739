// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/shape.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace tinydl;

TEST_CASE("Shape: counts elements, of which rank 0 has one") {
  CHECK(Shape<0>().count() == 1);
  CHECK(Shape(7).count() == 7);
  CHECK(Shape(2, 3, 4).count() == 24);
  CHECK(Shape(2, 0, 4).count() == 0);
}

TEST_CASE("Shape: sizes of any integer type and braces make the same shape") {
  const Index sizes[] = {2, 3};
  CHECK(Shape(2, 3) == Shape<2>(sizes));
  CHECK(Shape(std::size_t{2}, short{3}) == Shape(2, 3));
  CHECK(Shape(2, 3) != Shape(3, 2));
  static_assert(Shape(4, 5).count() == 20);
}

TEST_CASE("Shape: default sizes are 0") { CHECK(Shape<3>() == Shape(0, 0, 0)); }

TEST_CASE("Shape: messages show it as (2, 3), (4,) and ()") {
  CHECK(text(Shape(2, 3)) == "(2, 3)");
  CHECK(text(Shape(4)) == "(4,)");
  CHECK(text(Shape<0>()) == "()");
  CHECK(shape_text(std::vector<Index>{5, 6, 7}) == "(5, 6, 7)");
}

TEST_CASE("normalized_axis: counts negative axes from the back") {
  CHECK(normalized_axis("sum", 0, 3) == 0);
  CHECK(normalized_axis("sum", 2, 3) == 2);
  CHECK(normalized_axis("sum", -1, 3) == 2);
  CHECK(normalized_axis("sum", -3, 3) == 0);
}

TEST_CASE("normalized_axis: refuses an axis out of range and names operation, axis and rank") {
  CHECK_THROWS_WITH_AS(normalized_axis("sum", 3, 3), "sum: axis 3 is out of range for rank 3",
                       ShapeError);
  CHECK_THROWS_WITH_AS(normalized_axis("max", -4, 3), "max: axis -4 is out of range for rank 3",
                       ShapeError);
  CHECK_THROWS_AS(normalized_axis("sum", 0, 0), ShapeError);
  CHECK_THROWS_AS(normalized_axis("sum", Index{1} << 32, 3), ShapeError);
}

TEST_CASE("check_sizes: refuses negative sizes and numbers of bytes that overflow") {
  constexpr Index most = std::numeric_limits<Index>::max();
  CHECK_NOTHROW(check_sizes(Shape(2, 3), 8));
  CHECK_NOTHROW(check_sizes(Shape<0>(), 8));
  CHECK_NOTHROW(check_sizes(Shape(0, most, most), 8));
  CHECK_NOTHROW(check_sizes(Shape(most), 1));
  CHECK_THROWS_WITH_AS(check_sizes(Shape(2, -3), 8), doctest::Contains("(2, -3)"), ShapeError);
  CHECK_THROWS_AS(check_sizes(Shape(0, -3), 8), ShapeError);
  CHECK_THROWS_AS(check_sizes(Shape(most), 2), ShapeError);
  CHECK_THROWS_AS(check_sizes(Shape(Index{1} << 32, Index{1} << 32), 1), ShapeError);
  CHECK_THROWS_WITH_AS(check_sizes(Shape(Index{1} << 31, Index{1} << 30), 8),
                       doctest::Contains("too many elements"), ShapeError);
}
