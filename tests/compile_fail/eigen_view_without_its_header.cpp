// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: for Eigen's matrices and arrays include <tinydl/core/eigen\.hpp>, for its tensors
// errors: 1
#include <tinydl/tinydl.hpp>

int main() { tinydl::ones({2, 3}).array(); }
