// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: a tensor of integers and a number with a fraction, which would be cut off
// errors: 8
#include <tinydl/tinydl.hpp>

// Types differ, so that each line is an error of its own.
int main() {
  const auto a = tinydl::ones<int>({3});
  const auto b = tinydl::ones<long long>({3});
  const auto c = tinydl::ones<short>({3});
  const auto d = tinydl::ones<unsigned>({3});
  a + 0.5;
  0.5f + a;
  b - 0.5;
  0.5f - b;
  c * 0.5;
  0.5f * c;
  d / 0.5;
  0.5f / d;
}
