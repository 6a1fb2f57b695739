// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

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

/// Adam, with weight decay added to the gradient or decoupled from it.
template <class T, class Options, bool decoupled>
class AdamBase : public Optimizer<T, Options> {
 protected:
  using typename Optimizer<T, Options>::Slot;

  void check(const Options& o) const override {
    const char* name = decoupled ? "AdamW" : "Adam";
    check_option(name, "lr", o.lr, 0, INFINITY);
    check_option(name, "betas.first", o.betas.first, 0, 1);
    check_option(name, "betas.second", o.betas.second, 0, 1);
    check_option(name, "eps", o.eps, 0, INFINITY);
    check_option(name, "weight_decay", o.weight_decay, 0, INFINITY);
  }

  void update(Slot& slot, const Options& o) override {
    using kernels::Each;
    const T beta1 = static_cast<T>(o.betas.first), beta2 = static_cast<T>(o.betas.second);
    const T take1 = static_cast<T>(1 - o.betas.first), take2 = static_cast<T>(1 - o.betas.second);
    const double t = static_cast<double>(slot.steps);
    const T rate = static_cast<T>(o.lr / (1 - std::pow(o.betas.first, t)));
    const T scale = static_cast<T>(1 / std::sqrt(1 - std::pow(o.betas.second, t)));
    const T eps = static_cast<T>(o.eps);
    const T decay = decoupled ? T(0) : static_cast<T>(o.weight_decay);
    const T shrink = decoupled ? static_cast<T>(1 - o.lr * o.weight_decay) : T(1);
    const Index n = slot.size();
    T *p = slot.values(), *m = slot.companion(0), *v = slot.companion(1);
    const T* g = slot.gradient();
    kernels::map(
        n, m,
        [=](auto& y, const auto& a, const auto& d, const auto& x) {
          y = beta1 * a + take1 * (d + decay * x);
        },
        Each<T>{m}, Each<T>{g}, Each<T>{p});
    kernels::map(
        n, v,
        [=](auto& y, const auto& a, const auto& d, const auto& x) {
          const auto e = d + decay * x;
          y = beta2 * a + take2 * (e * e);
        },
        Each<T>{v}, Each<T>{g}, Each<T>{p});
    if (o.amsgrad) {
      T* top = slot.companion(2);
      kernels::map(
          n, top, [](auto& y, const auto& a, const auto& b) { y = a > b ? a : b; }, Each<T>{top},
          Each<T>{v});
      v = top;
    }
    kernels::map(
        n, p,
        [=](auto& y, const auto& x, const auto& a, const auto& b) {
          auto root = b;
          kernels::each_lane<T>(
              root, [](T c) { return std::sqrt(c); }, b);
          y = shrink * x - rate * a / (root * scale + eps);
        },
        Each<T>{p}, Each<T>{m}, Each<T>{v});
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
