// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// A physics-informed network (Raissi et al., 2019): solves the damped oscillator
//
//     u'' + 2 damping u' + stiffness u = 0,  u(0) = 1,  u'(0) = 0
//
// by making a network that is small wherever the left side should be zero. The derivatives with
// respect to the time are taken of the network itself, and the training differentiates them again.
#include <cmath>
#include <iomanip>
#include <iostream>

#include <tinydl/tinydl.hpp>

using namespace tinydl;
using Column = Variable<double, 2>;  // (N, 1)

constexpr double damping = 1.5, stiffness = 25, duration = 2;

double exact(double t) {
  const double w = std::sqrt(stiffness - damping * damping);
  return std::exp(-damping * t) * (std::cos(w * t) + damping / w * std::sin(w * t));
}

/// N(t) with u(t) = 1 + t^2 N(t), which has both initial values right from the beginning.
struct Solution : Layer<Solution, double> {
  Linear<double> l1 = register_layer("l1", Linear<double>(1, 32));
  Linear<double> l2 = register_layer("l2", Linear<double>(32, 32));
  Linear<double> l3 = register_layer("l3", Linear<double>(32, 1));

  Column forward(const Column& t) const { return 1 + square(t) * l3(tanh(l2(tanh(l1(t))))); }
};

int main() {
  manual_seed(1);
  constexpr Index n = 64;
  Column t(reshape(arange<double>(n) * (duration / (n - 1)), {n, Index{1}}),
           {.requires_grad = true});

  const Solution u;
  constexpr Index steps = 10000;
  Adam optimizer(u.parameters());
  const Schedule lr = schedule::one_cycle(0.01, {.steps = steps});
  for (Index step = 0; step < steps; ++step) {
    const Column y = u(t);
    const Column velocity = grad(sum(y), t, {.create_graph = true});
    const Column acceleration = grad(sum(velocity), t, {.create_graph = true});
    const auto loss = mean(square(acceleration + 2 * damping * velocity + stiffness * y));
    optimizer.clear_grads();
    loss.backward();
    optimizer.set_lr(lr(step));
    optimizer.step();
    if ((step + 1) % 2000 == 0)
      std::cout << "step " << step + 1 << ", mean squared residual " << loss.item() << '\n';
  }

  double worst = 0;
  std::cout << "   t     network   exact\n" << std::fixed;
  const Tensor<double, 2> y = u(t).data();
  for (Index i = 0; i < n; ++i) {
    const double time = t.data()(i, 0);
    worst = std::max(worst, std::abs(y(i, 0) - exact(time)));
    if (i % 9 == 0)
      std::cout << std::setprecision(2) << std::setw(6) << time << std::setprecision(4)
                << std::setw(10) << y(i, 0) << std::setw(10) << exact(time) << '\n';
  }
  std::cout << "largest error " << std::setprecision(6) << worst << '\n';
}
