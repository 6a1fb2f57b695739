// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: matmul: the operands must have the same rank, or the second be a matrix
// errors: 1
#include <tinydl/tinydl.hpp>

int main() { tinydl::matmul(tinydl::ones({2, 3}), tinydl::ones({4, 3, 5})); }
