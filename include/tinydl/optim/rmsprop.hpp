// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/sqrt.hpp>
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
  using typename Optimizer<T, RMSpropOptions>::Stretch;

  void check(const RMSpropOptions& o) const override {
    detail::check_option("RMSprop", "lr", o.lr, 0, INFINITY);
    detail::check_option("RMSprop", "alpha", o.alpha, 0, 1);
    detail::check_option("RMSprop", "eps", o.eps, 0, INFINITY);
    detail::check_option("RMSprop", "weight_decay", o.weight_decay, 0, INFINITY);
    detail::check_option("RMSprop", "momentum", o.momentum, 0, 1);
  }

  std::size_t companions(const RMSpropOptions&) const override { return 3; }

  struct Descend {
    T lr, eps, alpha, take, decay, momentum;
    T take_mean;  // 0 unless centered: then m stays 0

    template <class V>
    [[gnu::always_inline]] void operator()(V& p, V& v, V& b, V& m, const V& g) const {
      const V d = g + decay * p;
      v = alpha * v + take * (d * d);
      m = alpha * m + take_mean * d;
      V root = v - m * m;
      root = root < T(0) ? V{} : root;  // rounding may make a variance negative
      kernels::sqrt(root, root);
      b = momentum * b + d / (root + eps);
      p = p - lr * b;
    }
  };

  void update(const Stretch& s, const RMSpropOptions& o) const override {
    const T take = static_cast<T>(1 - o.alpha);
    const Descend descend{.lr = static_cast<T>(o.lr),
                          .eps = static_cast<T>(o.eps),
                          .alpha = static_cast<T>(o.alpha),
                          .take = take,
                          .decay = static_cast<T>(o.weight_decay),
                          .momentum = static_cast<T>(o.momentum),
                          .take_mean = o.centered ? take : T(0)};
    const auto [v, b, m] = s.companions;
    kernels::update_serial<T>(s.size, descend, s.values, v, b, m, s.gradient);
  }
};

}  // namespace tinydl
