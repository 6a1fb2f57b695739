// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: deleted function .*Linear\(const |deleted copy constructor of .const tinydl::Linear
#include <tinydl/tinydl.hpp>

int main() {
  const tinydl::Linear<float> layer(3, 2);
  const tinydl::Linear<float> copy = layer;
}
