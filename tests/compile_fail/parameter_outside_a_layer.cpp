// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: Parameter\(.*is private within|private constructor of class .tinydl::Parameter
#include <tinydl/tinydl.hpp>

int main() { const tinydl::Parameter<float, 1> weight(tinydl::ones({3})); }
