// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: second derivatives want an f whose result is a number: a rank-0 Variable
// errors: 1
#include <tinydl/tinydl.hpp>

int main() {
  const auto H = tinydl::hessian([](const auto& x) { return x * x; }, tinydl::ones({3}));
}
