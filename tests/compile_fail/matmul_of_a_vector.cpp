// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: matmul is for matrices: reshape\(\) vectors
// errors: 1
#include <tinydl/tinydl.hpp>

int main() { tinydl::matmul(tinydl::ones({2, 3}), tinydl::ones({3})); }
