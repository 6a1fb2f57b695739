// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/sqrt.hpp>
#include <tinydl/optim/optimizer.hpp>

namespace tinydl {

struct AdagradOptions {
  double lr = 1e-2;
  double lr_decay = 0;
  double weight_decay = 0;
  double initial_accumulator_value = 0;
  double eps = 1e-10;

  static constexpr auto optimizer = "Adagrad";
  /// Calls visit(name, value) for every option.
  template <class Visit>
  void each(Visit visit) {
    visit("lr", lr);
    visit("lr_decay", lr_decay);
    visit("weight_decay", weight_decay);
    visit("initial_accumulator_value", initial_accumulator_value);
    visit("eps", eps);
  }
};

/// Adagrad (Duchi et al., 2011) as PyTorch has it: with d = g + weight_decay p, s is the sum of all
/// d^2 so far, beginning at initial_accumulator_value, and in step t (from 1)
/// p -= lr / (1 + (t - 1) lr_decay) d / (sqrt(s) + eps).
template <class T>
class Adagrad : public Optimizer<T, AdagradOptions> {
 public:
  /// @throws ValueError for an option out of range, or no parameters.
  explicit Adagrad(const std::vector<AnyVariable<T>>& parameters, AdagradOptions options = {}) {
    this->add_group(parameters, options);
  }

 private:
  using typename Optimizer<T, AdagradOptions>::Stretch;

  void check(const AdagradOptions& o) const override {
    detail::check_option("Adagrad", "lr", o.lr, 0, INFINITY);
    detail::check_option("Adagrad", "lr_decay", o.lr_decay, 0, INFINITY);
    detail::check_option("Adagrad", "weight_decay", o.weight_decay, 0, INFINITY);
    detail::check_option("Adagrad", "initial_accumulator_value", o.initial_accumulator_value, 0,
                         INFINITY);
    detail::check_option("Adagrad", "eps", o.eps, 0, INFINITY);
  }

  std::size_t companions(const AdagradOptions&) const override { return 1; }

  struct Descend {
    T rate, eps, decay, start;

    template <class V>
    [[gnu::always_inline]] void operator()(V& p, V& sum, const V& g) const {
      const V d = g + decay * p;
      sum = start + sum + d * d;
      V root;
      kernels::sqrt(root, sum);
      p = p - rate * d / (root + eps);
    }
  };

  void update(const Stretch& s, const AdagradOptions& o) const override {
    const Descend descend{
        .rate = static_cast<T>(o.lr / (1 + static_cast<double>(s.steps - 1) * o.lr_decay)),
        .eps = static_cast<T>(o.eps),
        .decay = static_cast<T>(o.weight_decay),
        .start = s.steps == 1 ? static_cast<T>(o.initial_accumulator_value) : T(0)};
    kernels::update_serial<T>(s.size, descend, s.values, s.companions[0], s.gradient);
  }
};

}  // namespace tinydl
