// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/tinydl.hpp>

float derivative_of_square(float at);

int main() {
  const tinydl::Variable<float, 0> x(3.0f, {.requires_grad = true});
  (x * x).backward();
  return x.grad().item() == derivative_of_square(3.0f) ? 0 : 1;
}
