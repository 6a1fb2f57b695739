// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: both operands must have the same element type: convert one with cast<T>\(\)
#include <tinydl/tinydl.hpp>

int main() {
  const auto a = tinydl::ones<float>({3});
  const auto b = tinydl::ones<double>({3});
  a + b;
}
