// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdio>

#include <tinydl/core/eigen.hpp>
#include <tinydl/tinydl.hpp>

// Learns the two numbers of the line y = 2 x - 1.
int main() {
  using namespace tinydl;
  int unused;  // see stranger.cmake
  const Variable x(from_values({0.0f, 1.0f, 2.0f, 3.0f}));
  const Variable y(from_values({-1.0f, 1.0f, 3.0f, 5.0f}));
  const Variable<float, 0> slope(0.0f, {.requires_grad = true});
  const Variable<float, 0> intercept(0.0f, {.requires_grad = true});

  for (int step = 0; step < 300; ++step) {
    mean(square(slope * x + intercept - y)).backward();
    for (const Variable<float, 0>& number : {slope, intercept}) {
      number.mutable_data().mutable_array() -= 0.1f * number.grad().array();
      number.clear_grad();
    }
  }

  std::printf("y = %.3f x + %.3f\n", slope.item(), intercept.item());
  return std::abs(slope.item() - 2) < 0.01f && std::abs(intercept.item() + 1) < 0.01f ? 0 : 1;
}
