// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: register_layer takes a new layer, or one that is moved into it
#include <tinydl/tinydl.hpp>

struct Net : tinydl::Layer<Net> {
  explicit Net(tinydl::Linear<float>& shared) { register_layer("shared", shared); }
};

int main() {
  tinydl::Linear<float> layer(3, 2);
  const Net net(layer);
}
