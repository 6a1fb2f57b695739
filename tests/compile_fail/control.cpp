// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: compiles
#include <tinydl/tinydl.hpp>

int main() {
  const tinydl::Variable<float, 0> x(2.0f, {.requires_grad = true});
  (x * x).backward();
}
