// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// The gradients of L = sum((A B)^2) by backward() and by hand: with G = 2 A B, those are
// d(L)/d(A) = G B^T and d(L)/d(B) = A^T G.
#include <algorithm>
#include <iostream>

#include <tinydl/core/eigen.hpp>
#include <tinydl/tinydl.hpp>

using namespace tinydl;

/// Prints both and returns the largest difference.
double compare(const char* name, const Tensor<double, 2>& found,
               const Tensor<double, 2>& expected) {
  std::cout << name << " by backward():\n" << found << '\n';
  std::cout << name << " in closed form:\n" << expected << "\n\n";
  return max(abs(found - expected)).item();
}

int main() {
  manual_seed(1);
  const Variable a(randn<double>({3, 4}), {.requires_grad = true});
  const Variable b(randn<double>({4, 2}), {.requires_grad = true});
  sum(square(matmul(a, b))).backward();

  // The closed form in Eigen, so that nothing is compared with itself.
  const auto A = a.data().matrix(), B = b.data().matrix();
  const Eigen::MatrixXd G = 2 * A * B;
  const double of_a = compare("d(L)/d(A)", a.grad(), G * B.transpose());
  const double of_b = compare("d(L)/d(B)", b.grad(), A.transpose() * G);
  const double difference = std::max(of_a, of_b);
  std::cout << "largest difference: " << difference << '\n';
  return difference < 1e-12 ? 0 : 1;
}
