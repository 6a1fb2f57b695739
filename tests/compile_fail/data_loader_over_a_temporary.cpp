// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: deleted function .*DataLoader\(const D&&|deleted constructor of .tinydl::DataLoader
#include <tinydl/tinydl.hpp>

int main() {
  tinydl::DataLoader loader(tinydl::TensorDataset(tinydl::ones({4, 2}), tinydl::ones({4})));
}
