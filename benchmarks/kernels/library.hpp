// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

// What each library is asked to do. A library that was found adds itself to the list.

namespace benchmarks {

/// c = a b.  a: (m, k), b: (k, n), c: (m, n), by rows; of a transposed operand, the columns.
struct Product {
  long m, n, k;
  bool a_transposed, b_transposed;
  const float *a, *b;
  float* c;
};

/// One pass of a layer of 3x3 filters without padding, on square images.
struct Convolution {
  enum class Pass { forward, images, weights };  // the last two: their gradients

  long images, channels, size, filters;
  Pass pass;

  double flops() const {
    return 2.0 * 9 * static_cast<double>(images * channels * filters * (size - 2) * (size - 2));
  }
};

struct Library {
  std::string name;
  void (*set_threads)(int);
  void (*multiply)(const Product&);
  /// What does it, with data of its own in the layout that suits it best; null if it cannot.
  std::function<void()> (*convolution)(const Convolution&) = nullptr;
};

inline std::vector<Library>& libraries() {
  static std::vector<Library> all;
  return all;
}

struct Registered {
  explicit Registered(const Library& library) { libraries().push_back(library); }
};

}  // namespace benchmarks
