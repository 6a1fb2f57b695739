// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// y = x^3 - 2x at x = 2, its derivative 3x^2 - 2, and the derivative of that, 6x.
#include <iostream>

#include <tinydl/tinydl.hpp>

int main() {
  using namespace tinydl;
  const Variable x(2.0, {.requires_grad = true});
  const Variable y = pow(x, 3) - 2 * x;
  const Variable gx = grad(y, x, {.create_graph = true});
  gx.backward();
  std::cout << "y = " << y << ", y' = " << gx << ", y'' = " << x.grad() << '\n';
}
