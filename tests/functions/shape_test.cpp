// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/shape.hpp>

#include "functions/check.hpp"

namespace tinydl_test {

TEST_CASE("reshape: the same elements, whose memory it shares") {
  const auto x = numbers({2, 3});
  const auto y = reshape(x, {3, 2});
  CHECK(is(y, {3, 2}, flat(x)));
  CHECK(y.data() == x.data());
  CHECK(is(reshape(x, {6, 1, 1}), {6, 1, 1}, flat(x)));
  CHECK(is(reshape(number(3), {1}), {1}, {3}));
  CHECK(is(reshape(from_values({3.0}), Shape<0>()), {}, {3}));
}

TEST_CASE("reshape: a size of -1 is what is left") {
  const auto x = numbers({2, 3, 4});
  CHECK(reshape(x, {-1}).shape() == Shape(24));
  CHECK(reshape(x, {4, -1}).shape() == Shape(4, 6));
  CHECK(reshape(x, {-1, 2, 3}).shape() == Shape(4, 2, 3));
  CHECK(reshape(x, {24, -1}).shape() == Shape(24, 1));
  CHECK(reshape(zeros<double>({0, 3}), {-1, 2}).shape() == Shape(0, 2));
}

TEST_CASE("reshape: refuses another number of elements") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] {
          reshape(x, {4, 2});
        }) == "ShapeError: reshape: (2, 3) has 6 elements, (4, 2) has 8");
  CHECK(error_of([&] { reshape(x, Shape<0>()); }) ==
        "ShapeError: reshape: (2, 3) has 6 elements, () has 1");
  CHECK(usable(x));
}

TEST_CASE("reshape: refuses a -1 for which there is no one size") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] {
          reshape(x, {4, -1});
        }) == "ShapeError: reshape: (2, 3) does not divide into (4, -1)");
  CHECK(error_of([&] {
          reshape(x, {-1, -1});
        }) ==
        "ShapeError: reshape: shape (-1, -1) has more than one size to infer, or a negative one");
  CHECK(error_of([&] {
          reshape(x, {-2, 3});
        }) ==
        "ShapeError: reshape: shape (-2, 3) has more than one size to infer, or a negative one");
  CHECK(error_of([&] {
          reshape(zeros<double>({0, 3}), {0, -1});
        }) == "ShapeError: reshape: (0, 3) does not divide into (0, -1)");
  CHECK(usable(x));
}

TEST_CASE("reshape: refuses sizes whose product overflows") {
  const Index huge = Index{1} << 32;
  CHECK(error_of([&] {
          reshape(zeros<double>({0}), {huge, huge});
        }) == "ShapeError: tensor: too many elements in shape (4294967296, 4294967296)");
}

TEST_CASE("flatten: the axes from one on as one") {
  const auto x = numbers({2, 3, 4});
  CHECK(is(flatten(x), {24}, flat(x)));
  CHECK(is(flatten<1>(x), {2, 12}, flat(x)));
  CHECK(is(flatten<2>(x), {2, 3, 4}, flat(x)));
  CHECK(is(flatten<3>(x), {2, 3, 4, 1}, flat(x)));
  CHECK(is(flatten(number(3)), {1}, {3}));
  CHECK(flatten<1>(zeros<double>({0, 3, 4})).shape() == Shape(0, 12));
}

TEST_CASE("squeeze and unsqueeze: remove and add an axis of size 1") {
  const auto x = numbers({2, 1, 3});
  CHECK(is(squeeze(x, 1), {2, 3}, flat(x)));
  CHECK(is(squeeze(x, -2), {2, 3}, flat(x)));
  const auto m = numbers({2, 3});
  CHECK(is(unsqueeze(m, 0), {1, 2, 3}, flat(m)));
  CHECK(is(unsqueeze(m, 1), {2, 1, 3}, flat(m)));
  CHECK(is(unsqueeze(m, -1), {2, 3, 1}, flat(m)));
  CHECK(is(unsqueeze(number(5), 0), {1}, {5}));
  CHECK(is(squeeze(from_values({5.0}), 0), {}, {5}));
}

TEST_CASE("squeeze: refuses an axis whose size is not 1, or that is not there") {
  const auto x = variable(numbers({2, 1}));
  CHECK(error_of([&] { squeeze(x, 0); }) ==
        "ShapeError: squeeze: axis 0 of shape (2, 1) is not of size 1");
  CHECK(error_of([&] { squeeze(x, 2); }) ==
        "ShapeError: squeeze: axis 2 is out of range for rank 2");
  CHECK(error_of([&] { unsqueeze(x, 3); }) ==
        "ShapeError: unsqueeze: axis 3 is out of range for rank 3");
  CHECK(usable(x));
}

TEST_CASE("transpose: exchanges the last two axes, or those that are named") {
  const auto x = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  CHECK(is(transpose(x), {3, 2}, {1, 4, 2, 5, 3, 6}));
  CHECK(is(transpose(x, 1, 1), {2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto cube = arange(8.0).with_shape(Shape(2, 2, 2));
  CHECK(is(transpose(cube), {2, 2, 2}, {0, 2, 1, 3, 4, 6, 5, 7}));
  CHECK(is(transpose(cube, 0, 2), {2, 2, 2}, {0, 4, 2, 6, 1, 5, 3, 7}));
  CHECK(is(transpose(zeros<double>({0, 3})), {3, 0}, {}));
}

TEST_CASE("permute: axis i of the result is axis axes[i]") {
  const auto x = arange(6.0).with_shape(Shape(1, 2, 3));
  CHECK(is(permute(x, {2, 0, 1}), {3, 1, 2}, {0, 3, 1, 4, 2, 5}));
  CHECK(is(permute(x, {-1, -3, -2}), {3, 1, 2}, {0, 3, 1, 4, 2, 5}));
  CHECK(is(permute(x, {0, 1, 2}), {1, 2, 3}, {0, 1, 2, 3, 4, 5}));
}

TEST_CASE("permute: refuses what is no permutation") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] {
          permute(x, {0, -2});
        }) == "ShapeError: permute: axis 0 comes twice in (0, -2)");
  CHECK(error_of([&] {
          permute(x, {0, 2});
        }) == "ShapeError: permute: axis 2 is out of range for rank 2");
  CHECK(error_of([&] { transpose(x, 0, -3); }) ==
        "ShapeError: transpose: axis -3 is out of range for rank 2");
  CHECK(usable(x));
}

TEST_CASE("reshape: derivatives") {
  CHECK(derivatives_agree([](auto x) { return reshape(x, {3, -1}); }, numbers({2, 3, 4})));
  CHECK(derivatives_agree([](auto x) { return reshape(x, Shape<0>()); }, numbers({1, 1})));
  CHECK(derivatives_agree([](auto x) { return reshape(x, {1, 1}); }, number(0.4)));
}

TEST_CASE("flatten: derivatives") {
  CHECK(derivatives_agree([](auto x) { return flatten<1>(x); }, numbers({2, 3, 1})));
  CHECK(derivatives_agree([](auto x) { return flatten(x); }, numbers({1, 1})));
}

TEST_CASE("squeeze: derivatives") {
  CHECK(derivatives_agree([](auto x) { return squeeze(x, 1); }, numbers({2, 1, 3})));
  CHECK(derivatives_agree([](auto x) { return squeeze(x, 0); }, numbers({1, 1})));
}

TEST_CASE("unsqueeze: derivatives") {
  CHECK(derivatives_agree([](auto x) { return unsqueeze(x, 1); }, numbers({2, 3})));
  CHECK(derivatives_agree([](auto x) { return unsqueeze(x, 0); }, numbers({1})));
}

TEST_CASE("transpose: derivatives") {
  const auto transposed = [](auto x) { return transpose(x); };
  CHECK(derivatives_agree(transposed, numbers({2, 3})));
  CHECK(derivatives_agree(transposed, numbers({1, 1})));
  CHECK(derivatives_agree(transposed, numbers({4, 1})));
  CHECK(derivatives_agree([](auto x) { return transpose(x, 0, 2); }, numbers({2, 3, 4})));
}

TEST_CASE("permute: derivatives") {
  CHECK(derivatives_agree([](auto x) { return permute(x, {1, 2, 0}); }, numbers({2, 3, 4})));
  CHECK(derivatives_agree([](auto x) { return permute(x, {3, 1, 0, 2}); }, numbers({2, 1, 3, 2})));
  CHECK(derivatives_agree([](auto x) { return permute(x, {1, 0}); }, numbers({1, 1})));
}

TEST_CASE("transpose: a product behind it differentiates twice") {
  const auto f = [](auto x) { return transpose(x * x) * reshape(x, {3, 2}); };
  CHECK(derivatives_agree(f, numbers({2, 3})));
}

}  // namespace tinydl_test
