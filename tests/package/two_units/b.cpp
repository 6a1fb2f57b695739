// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/tinydl.hpp>

float derivative_of_square(float at);

float derivative_of_square(float at) {
  const tinydl::Variable<float, 0> x(at, {.requires_grad = true});
  square(x).backward();
  return x.grad().item();
}
