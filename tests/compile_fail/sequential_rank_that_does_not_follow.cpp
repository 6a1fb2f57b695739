// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: a layer does not take the rank or the element type that the layer before it returns
#include <tinydl/tinydl.hpp>

struct Images : tinydl::Layer<Images> {
  tinydl::Variable<float, 4> forward(const tinydl::Variable<float, 4>& x) const { return x; }
};

int main() {
  const tinydl::Sequential model(tinydl::Linear(4, 4), tinydl::Flatten(), Images());
  model(tinydl::ones({2, 4}));
}
