// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// An operation that the library does not have: written, checked, and used in a network that learns
// a sine.
#include <iostream>

#include <tinydl/core/eigen.hpp>
#include <tinydl/tinydl.hpp>

using namespace tinydl;

/// x / (1 + |x|), with the derivative 1 / (1 + |x|)^2.
struct Softsign : Function {
  template <class T, int Rank>
  Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const {
    Tensor<T, Rank> y(x.shape());
    y.mutable_array() = x.array() / (1 + x.array().abs());
    return y;
  }
  template <class X>
  X backward(const X& gy, const X& x) const {
    return gy / square(1 + abs(x));
  }
};

/// For Tensors and Variables alike.
template <Operand X>
auto softsign(const X& x) {
  return apply(Softsign{}, x);
}

struct Net : Layer<Net> {
  Linear<> l1 = register_layer("l1", Linear<>(1, 20));
  Linear<> l2 = register_layer("l2", Linear<>(20, 1));
  Variable<float, 2> forward(const Variable<float, 2>& x) const { return l2(softsign(l1(x))); }
};

int main() {
  manual_seed(1);
  const auto check = gradient_check([](auto x) { return softsign(x); }, randn<double>({3, 4}));
  std::cout << check << '\n';
  if (!check) return 1;

  const auto x = reshape(arange(-3.0f, 3.0f, 0.1f), {-1, 1});
  const auto y = sin(x);
  const Net net;
  Adam optimizer(net.parameters(), {.lr = 0.02});
  for (int step = 0; step <= 1000; ++step) {
    optimizer.clear_grads();
    const auto loss = mean_squared_error(net(x), y);
    loss.backward();
    optimizer.step();
    if (step % 200 == 0) std::cout << "step " << step << ", loss " << loss << '\n';
  }
}
