// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: a layer does not take the rank or the element type that the layer before it returns
// errors: 1
#include <tinydl/tinydl.hpp>

int main() {
  const tinydl::Sequential model(tinydl::Conv2D(1, 4, 3), tinydl::Flatten(),
                                 tinydl::Conv2D(4, 4, 3));
  model(tinydl::ones({2, 1, 8, 8}));
}
