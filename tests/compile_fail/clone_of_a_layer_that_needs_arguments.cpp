// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: a layer whose constructor takes arguments needs a clone\(\) of its own
#include <tinydl/tinydl.hpp>

struct Net : tinydl::Layer<Net> {
  explicit Net(tinydl::Index size) : linear(register_layer("linear", tinydl::Linear(size, 2))) {}
  tinydl::Linear<float> linear;
};

int main() { Net(3).clone(); }
