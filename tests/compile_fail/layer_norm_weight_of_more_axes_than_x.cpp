// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: layer_norm: the weight has the last axes of x, one at least
// errors: 1
#include <tinydl/tinydl.hpp>

int main() {
  const tinydl::LayerNorm<float, 3> norm({2, 3, 4});
  norm(tinydl::ones({3, 4}));
}
