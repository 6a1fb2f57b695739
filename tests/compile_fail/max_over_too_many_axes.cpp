// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: max: more axes than the operand has
// errors: 1
#include <tinydl/tinydl.hpp>

int main() { tinydl::max(tinydl::ones({3, 4}), {0, 1, 2}); }
