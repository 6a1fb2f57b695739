// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/sqrt.hpp>
#include <tinydl/optim/optimizer.hpp>

namespace tinydl {

struct Betas {
  double first = 0.9, second = 0.999;
};

struct AdamOptions {
  double lr = 1e-3;
  Betas betas = {};
  double eps = 1e-8;
  double weight_decay = 0;
  bool amsgrad = false;  ///< divide by the largest second moment so far (Reddi et al., 2018)

  static constexpr auto optimizer = "Adam";
  /// Calls visit(name, value) for every option.
  template <class Visit>
  void each(Visit visit) {
    visit("lr", lr);
    visit("betas.first", betas.first);
    visit("betas.second", betas.second);
    visit("eps", eps);
    visit("weight_decay", weight_decay);
    visit("amsgrad", amsgrad);
  }
};

struct AdamWOptions {
  double lr = 1e-3;
  Betas betas = {};
  double eps = 1e-8;
  double weight_decay = 0.01;
  bool amsgrad = false;

  static constexpr auto optimizer = "AdamW";
  /// Calls visit(name, value) for every option.
  template <class Visit>
  void each(Visit visit) {
    visit("lr", lr);
    visit("betas.first", betas.first);
    visit("betas.second", betas.second);
    visit("eps", eps);
    visit("weight_decay", weight_decay);
    visit("amsgrad", amsgrad);
  }
};

namespace detail {

/// One step of Adam; decay is added to the gradient, keep is what decoupled decay leaves.
template <class T>
struct AdamUpdate {
  T beta1, beta2, take1, take2, rate, scale, eps, decay, keep;
  bool amsgrad;

  /// `top` is the greatest v so far, or v once more.
  template <class V>
  [[gnu::always_inline]] void operator()(V& p, V& m, V& v, V& top, const V& g) const {
    const V d = g + decay * p;
    m = beta1 * m + take1 * d;
    v = beta2 * v + take2 * (d * d);
    if (amsgrad)
      top = top > v ? top : v;
    else
      top = v;
    V root;
    kernels::sqrt(root, top);
    p = keep * p - rate * m / (root * scale + eps);
  }
};

/// Adam, with weight decay added to the gradient or decoupled from it.
template <class T, class Options, bool decoupled>
class AdamBase : public Optimizer<T, Options> {
 protected:
  using typename Optimizer<T, Options>::Stretch;

  void check(const Options& o) const override {
    const char* name = decoupled ? "AdamW" : "Adam";
    check_option(name, "lr", o.lr, 0, INFINITY);
    check_option(name, "betas.first", o.betas.first, 0, 1);
    check_option(name, "betas.second", o.betas.second, 0, 1);
    check_option(name, "eps", o.eps, 0, INFINITY);
    check_option(name, "weight_decay", o.weight_decay, 0, INFINITY);
  }

  std::size_t companions(const Options& o) const override { return o.amsgrad ? 3 : 2; }

  void update(const Stretch& s, const Options& o) const override {
    const double t = static_cast<double>(s.steps);
    const AdamUpdate<T> descend{
        .beta1 = static_cast<T>(o.betas.first),
        .beta2 = static_cast<T>(o.betas.second),
        .take1 = static_cast<T>(1 - o.betas.first),
        .take2 = static_cast<T>(1 - o.betas.second),
        .rate = static_cast<T>(o.lr / (1 - std::pow(o.betas.first, t))),
        .scale = static_cast<T>(1 / std::sqrt(1 - std::pow(o.betas.second, t))),
        .eps = static_cast<T>(o.eps),
        .decay = decoupled ? T(0) : static_cast<T>(o.weight_decay),
        .keep = decoupled ? static_cast<T>(1 - o.lr * o.weight_decay) : T(1),
        .amsgrad = o.amsgrad};
    const auto [m, v, top] = s.companions;
    kernels::update_serial<T>(s.size, descend, s.values, m, v, o.amsgrad ? top : v, s.gradient);
  }
};

}  // namespace detail

/// Adam (Kingma and Ba, 2015): m and v are running means of g and g^2 and
/// p -= lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps).  weight_decay p is added to g.
template <class T>
class Adam : public detail::AdamBase<T, AdamOptions, false> {
 public:
  /// @throws ValueError for an option out of range, or no parameters.
  explicit Adam(const std::vector<AnyVariable<T>>& parameters, AdamOptions options = {}) {
    this->add_group(parameters, options);
  }
};

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019): p shrinks by lr weight_decay p,
/// past the moments.
template <class T>
class AdamW : public detail::AdamBase<T, AdamWOptions, true> {
 public:
  /// @throws ValueError for an option out of range, or no parameters.
  explicit AdamW(const std::vector<AnyVariable<T>>& parameters, AdamWOptions options = {}) {
    this->add_group(parameters, options);
  }
};

}  // namespace tinydl
