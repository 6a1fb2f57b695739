// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/conv_shape.hpp>

#include <doctest/doctest.h>

using tinydl::kernels::ConvAxis;
using tinydl::kernels::ConvShape;

TEST_CASE("ConvAxis: where the taps lie") {
  const ConvAxis a{.in = 7, .out = 4, .kernel = 3, .stride = 2, .dilation = 3, .padding = 3};
  CHECK(a.phase(0) == 0);
  CHECK(a.phase(1) == 1);
  CHECK(a.shift(1) == 1);
  CHECK(a.most_shift() == 3);
  CHECK(a.met() == 7);
  // Phase 1 is at the inputs -2, 0, 2, 4, 6, 8, 10.
  CHECK(a.position(1, 0) == -2);
  CHECK(a.first_from(1, 0) == 1);
  CHECK(a.first_from(1, 7) == 5);
  CHECK(a.first_from(0, -5) == 0);
}

TEST_CASE("ConvShape: the sizes of the arrays") {
  const ConvShape s{2, 6, 9, 3, {.in = 5, .out = 3, .kernel = 3}, {.in = 7, .out = 6, .kernel = 2}};
  CHECK(s.group_channels() == 2);
  CHECK(s.group_filters() == 3);
  CHECK(s.kernel_size() == 6);
  CHECK(s.image_size() == 6 * 5 * 7);
  CHECK(s.result_size() == 9 * 3 * 6);
  CHECK(s.weight_size() == 9 * 2 * 6);
}
