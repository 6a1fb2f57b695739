// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/optim/optimizer.hpp>

namespace tinydl {

struct SGDOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  bool nesterov = false;
  double weight_decay = 0;

  static constexpr auto optimizer = "SGD";
  /// Calls visit(name, value) for every option.
  template <class Visit>
  void each(Visit visit) {
    visit("lr", lr);
    visit("momentum", momentum);
    visit("dampening", dampening);
    visit("nesterov", nesterov);
    visit("weight_decay", weight_decay);
  }
};

/// Stochastic gradient descent as PyTorch has it: with d = g + weight_decay p,
/// v = momentum v + (1 - dampening) d (at first v = d), p -= lr v, or with Nesterov's momentum
/// p -= lr (d + momentum v).
template <class T>
class SGD : public Optimizer<T, SGDOptions> {
 public:
  /// @throws ValueError for an option out of range, or no parameters.
  explicit SGD(const std::vector<AnyVariable<T>>& parameters, SGDOptions options = {}) {
    this->add_group(parameters, options);
  }

 private:
  using typename Optimizer<T, SGDOptions>::Stretch;

  void check(const SGDOptions& o) const override {
    detail::check_option("SGD", "lr", o.lr, 0, INFINITY);
    detail::check_option("SGD", "momentum", o.momentum, 0, 1);
    detail::check_option("SGD", "dampening", o.dampening, 0, 1);
    detail::check_option("SGD", "weight_decay", o.weight_decay, 0, INFINITY);
    if (o.nesterov && (o.momentum == 0 || o.dampening != 0))
      throw ValueError("SGD: nesterov needs a momentum and no dampening");
  }

  std::size_t companions(const SGDOptions& o) const override { return o.momentum == 0 ? 0 : 1; }

  void update(const Stretch& s, const SGDOptions& o) const override {
    const T lr = static_cast<T>(o.lr), decay = static_cast<T>(o.weight_decay);
    if (o.momentum == 0) {
      const auto descend = [=](auto& p, const auto& g) { p = p - lr * (g + decay * p); };
      kernels::update_serial<T>(s.size, descend, s.values, s.gradient);
      return;
    }
    const bool first = s.steps == 1;
    const T momentum = static_cast<T>(o.momentum);
    const T keep = first ? T(0) : momentum, take = first ? T(1) : static_cast<T>(1 - o.dampening);
    // Nesterov: the step is d + momentum v, else it is v.
    const T now = o.nesterov ? T(1) : T(0), before = o.nesterov ? momentum : T(1);
    const auto descend = [=](auto& p, auto& v, const auto& g) {
      const auto d = g + decay * p;
      v = keep * v + take * d;
      p = p - lr * (now * d + before * v);
    };
    kernels::update_serial<T>(s.size, descend, s.values, s.companions[0], s.gradient);
  }
};

}  // namespace tinydl
