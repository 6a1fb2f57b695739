// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: layer_norm: weight and bias have the same shape
// errors: 1
#include <tinydl/tinydl.hpp>

int main() { tinydl::layer_norm(tinydl::ones({2, 3, 4}), tinydl::ones({3, 4}), tinydl::ones({4})); }
