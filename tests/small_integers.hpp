// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

/// n numbers in -4 ... 4: their sums and products are exact in any order, so that kernels can be
/// compared without a tolerance.
template <class T>
std::vector<T> small_integers(std::ptrdiff_t n, std::uint32_t seed) {
  std::vector<T> numbers(static_cast<std::size_t>(n));
  for (T& x : numbers) {
    seed = seed * 1664525u + 1013904223u;
    x = static_cast<T>(static_cast<int>((seed >> 16) % 9) - 4);
  }
  return numbers;
}
