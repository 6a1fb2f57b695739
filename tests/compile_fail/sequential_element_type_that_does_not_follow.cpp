// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: a layer and its children must have the same element type
#include <tinydl/tinydl.hpp>

int main() {
  const tinydl::Sequential model(tinydl::Linear<float>(4, 4), tinydl::Linear<double>(4, 4));
}
