// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/optim/optimizer.hpp>

namespace tinydl {

struct RMSpropOptions {
  double lr = 1e-2;
  double alpha = 0.99;  ///< how much is kept of the running means
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum = 0;
  bool centered = false;  ///< divide by the deviation from the running mean (Graves, 2013)

  static constexpr auto optimizer = "RMSprop";
  /// Calls visit(name, value) for every option.
  template <class Visit>
  void each(Visit visit) {
    visit("lr", lr);
    visit("alpha", alpha);
    visit("eps", eps);
    visit("weight_decay", weight_decay);
    visit("momentum", momentum);
    visit("centered", centered);
  }
};

/// RMSprop (Hinton, 2012) as PyTorch has it: with d = g + weight_decay p,
/// v = alpha v + (1 - alpha) d^2,  b = momentum b + d / (sqrt(v) + eps),  p -= lr b.
/// Centered, v - m^2 takes the place of v, where m = alpha m + (1 - alpha) d.
template <class T>
class RMSprop : public Optimizer<T, RMSpropOptions> {
 public:
  /// @throws ValueError for an option out of range, or no parameters.
  explicit RMSprop(const std::vector<AnyVariable<T>>& parameters, RMSpropOptions options = {}) {
    this->add_group(parameters, options);
  }

 private:
  using typename Optimizer<T, RMSpropOptions>::Slot;

  void check(const RMSpropOptions& o) const override {
    detail::check_option("RMSprop", "lr", o.lr, 0, INFINITY);
    detail::check_option("RMSprop", "alpha", o.alpha, 0, 1);
    detail::check_option("RMSprop", "eps", o.eps, 0, INFINITY);
    detail::check_option("RMSprop", "weight_decay", o.weight_decay, 0, INFINITY);
    detail::check_option("RMSprop", "momentum", o.momentum, 0, 1);
  }

  void update(Slot& slot, const RMSpropOptions& o) override {
    using kernels::Each;
    const T lr = static_cast<T>(o.lr), eps = static_cast<T>(o.eps);
    const T alpha = static_cast<T>(o.alpha), take = static_cast<T>(1 - o.alpha);
    const T decay = static_cast<T>(o.weight_decay), momentum = static_cast<T>(o.momentum);
    const Index n = slot.size();
    T *p = slot.values(), *v = slot.companion(0), *b = slot.companion(1);
    T* m = slot.companion(2);  // stays 0 unless centered
    const T* g = slot.gradient();
    kernels::map(
        n, v,
        [=](auto& y, const auto& a, const auto& d, const auto& x) {
          const auto e = d + decay * x;
          y = alpha * a + take * (e * e);
        },
        Each<T>{v}, Each<T>{g}, Each<T>{p});
    if (o.centered)
      kernels::map(
          n, m,
          [=](auto& y, const auto& a, const auto& d, const auto& x) {
            y = alpha * a + take * (d + decay * x);
          },
          Each<T>{m}, Each<T>{g}, Each<T>{p});
    kernels::map(
        n, b,
        [=](auto& y, const auto& old, const auto& d, const auto& x, const auto& a,
            const auto& mean) {
          auto root = a - mean * mean;
          kernels::each_lane<T>(  // rounding may make a variance negative
              root, [](T c) { return c < 0 ? T(0) : std::sqrt(c); }, root);
          y = momentum * old + (d + decay * x) / (root + eps);
        },
        Each<T>{b}, Each<T>{g}, Each<T>{p}, Each<T>{v}, Each<T>{m});
    kernels::map(
        n, p, [=](auto& y, const auto& x, const auto& u) { y = x - lr * u; }, Each<T>{p},
        Each<T>{b});
  }
};

}  // namespace tinydl
