// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/conv.hpp>
#include <tinydl/kernels/matmul.hpp>

#include "library.hpp"

namespace {

using namespace benchmarks;
using namespace tinydl::kernels;

void multiply(const Product& p) {
  const auto view = [](const float* data, long rows, long columns, bool transposed) {
    return transposed ? matrix_view(data, columns, rows).transposed()
                      : matrix_view(data, rows, columns);
  };
  matmul(view(p.a, p.m, p.k, p.a_transposed), view(p.b, p.k, p.n, p.b_transposed), p.c, p.n);
}

std::function<void()> convolution(const Convolution& c) {
  const ConvAxis axis{.in = c.size, .out = c.size - 2, .kernel = 3};
  const ConvShape shape{c.images, c.channels, c.filters, 1, axis, axis};
  const auto numbers = [](long count) {
    return std::vector<float>(static_cast<std::size_t>(count), 0.5f);
  };
  return [=, pass = c.pass, x = numbers(c.images * shape.image_size()),
          w = numbers(shape.weight_size()), y = numbers(c.images * shape.result_size())]() mutable {
    switch (pass) {
      case Convolution::Pass::forward:
        return convolve<float>(shape, x.data(), w.data(), nullptr, y.data());
      case Convolution::Pass::images:
        return convolve_adjoint<float>(shape, y.data(), w.data(), nullptr, x.data());
      case Convolution::Pass::weights:
        return convolve_weights<float>(shape, x.data(), y.data(), w.data());
    }
  };
}

const Registered registered({"tinydl", tinydl::set_num_threads, multiply, convolution});

}  // namespace
