// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: eigen\(\): include <tinydl/core/eigen_tensor\.hpp>
// errors: 1
#include <tinydl/tinydl.hpp>

int main() { tinydl::ones({2, 3}).eigen(); }
