// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// Compiled with all that this processor has, and with OpenMP: both are what Eigen needs for speed.
#include <Eigen/Core>

#include "library.hpp"

namespace {

using namespace benchmarks;

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const Matrix>;

void multiply(const Product& p) {
  Eigen::Map<Matrix> c(p.c, p.m, p.n);
  const View a(p.a, p.a_transposed ? p.k : p.m, p.a_transposed ? p.m : p.k);
  const View b(p.b, p.b_transposed ? p.n : p.k, p.b_transposed ? p.k : p.n);
  if (p.a_transposed)
    c.noalias() = a.transpose() * b;
  else if (p.b_transposed)
    c.noalias() = a * b.transpose();
  else
    c.noalias() = a * b;
}

const Registered registered({"Eigen", Eigen::setNbThreads, multiply});

}  // namespace
