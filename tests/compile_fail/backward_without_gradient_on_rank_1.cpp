// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: backward\(\) without a gradient is for a rank-0 Variable
#include <tinydl/tinydl.hpp>

int main() {
  const tinydl::Variable<float, 1> x(tinydl::ones({3}), {.requires_grad = true});
  (x * x).backward();
}
