// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// Finds the lowest point of Rosenbrock's valley by Newton's method, whose second derivatives are
// exact: p -= H^-1 g. Eigen solves the linear system.
#include <iostream>

#include <Eigen/Cholesky>
#include <tinydl/core/eigen.hpp>
#include <tinydl/tinydl.hpp>

using namespace tinydl;

/// sum over i of 100 (p[i+1] - p[i]^2)^2 + (1 - p[i])^2, which is 0 where all are 1
const auto rosenbrock = [](const auto& p) {
  const Index n = p.shape()[0];
  const auto head = slice(p, 0, 0, n - 1), tail = slice(p, 0, 1, n);
  return sum(100 * square(tail - square(head)) + square(1 - head));
};

int main() {
  Tensor<double, 1> p = from_values({-1.2, 1.0, 1.0});
  for (int step = 0;; ++step) {
    const Variable x(p, {.requires_grad = true});
    const Variable y = rosenbrock(x);
    const Tensor<double, 1> g = grad(y, x).data();
    std::cout << "step " << step << ", f = " << y.item() << ", p = " << p << '\n';
    if (g.array().matrix().norm() < 1e-10) break;

    // Far from the minimum H may bend downwards: then it is made positive definite, and the step
    // is halved until it goes down.
    Eigen::MatrixXd h = hessian(rosenbrock, p).matrix();
    Eigen::LLT<Eigen::MatrixXd> factors(h);
    for (double shift = 1; factors.info() != Eigen::Success; shift *= 4)
      factors.compute(h + shift * Eigen::MatrixXd::Identity(p.size(), p.size()));
    const Tensor<double, 1> direction = Eigen::VectorXd(factors.solve(g.array().matrix()));
    double length = 1;
    while (rosenbrock(p - length * direction).item() > y.item()) length /= 2;
    p = p - length * direction;
  }
}
