// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <cblas.h>

#include "library.hpp"

namespace {

using namespace benchmarks;

void multiply(const Product& p) {
  const auto how = [](bool transposed) { return transposed ? CblasTrans : CblasNoTrans; };
  const auto size = [](long n) { return static_cast<blasint>(n); };
  cblas_sgemm(CblasRowMajor, how(p.a_transposed), how(p.b_transposed), size(p.m), size(p.n),
              size(p.k), 1, p.a, size(p.a_transposed ? p.m : p.k), p.b,
              size(p.b_transposed ? p.k : p.n), 0, p.c, size(p.n));
}

const Registered registered({"OpenBLAS", openblas_set_num_threads, multiply});

}  // namespace
