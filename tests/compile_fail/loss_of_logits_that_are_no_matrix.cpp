// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: softmax_cross_entropy: logits are \(N, C\)
// errors: 1
#include <tinydl/tinydl.hpp>

int main() {
  const tinydl::Conv2D model(3, 10, 1);
  const auto labels = tinydl::from_values({1, 2});
  tinydl::softmax_cross_entropy(model(tinydl::ones({2, 3, 4, 4})), labels).backward();
}
