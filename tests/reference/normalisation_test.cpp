// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include "reference.hpp"

// How the cases of normalisation are run.

namespace reference {
namespace {

template <class T>
void run_layer_norm(Case& c) {
  const double eps = c.attribute("eps", 1e-5);
  with_rank<1, 3>(c.rank("in.weight"), [&]<int W>(Rank<W>) {
    const auto weight = c.input<T, W>("weight"), bias = c.input<T, W>("bias");
    with_rank<W, 4>(c.rank("in.x"), [&]<int R>(Rank<R>) {
      const auto x = c.input<T, R>("x");
      finish<T>(c, tinydl::layer_norm(x, weight, bias, eps), {x, weight, bias});
    });
  });
}

/// A case with running statistics among its results is one of training, from statistics 0 and 1;
/// one that gives them is one of eval mode.
template <class T, class BatchNorm, int R>
void run_batch_norm_layer(Case& c, Rank<R>) {
  tinydl::BatchNormOptions options{.eps = c.attribute("eps", 1e-5)};
  if (c.has_attribute("momentum")) options.momentum = c.attribute<double>("momentum");
  const BatchNorm layer(c.shape("in.weight").at(0), options);
  layer.weight.mutable_data() = c.get<T, 1>("in.weight");
  layer.bias.mutable_data() = c.get<T, 1>("in.bias");
  const bool training = c.has("out.running_mean");
  if (!training) {
    layer.eval();
    layer.running_mean.mutable_data() = c.get<T, 1>("running_mean");
    layer.running_var.mutable_data() = c.get<T, 1>("running_var");
  }
  const auto x = c.input<T, R>("x");
  finish<T>(c, layer(x), {x, layer.weight, layer.bias});
  if (!training) return;
  c.check("out.running_mean", layer.running_mean.data());
  c.check("out.running_var", layer.running_var.data());
}

template <class T>
void run_batch_norm(Case& c) {
  with_rank<2, 4>(c.rank("in.x"), [&]<int R>(Rank<R> rank) {
    if constexpr (R == 4)
      run_batch_norm_layer<T, tinydl::BatchNorm2D<T>>(c, rank);
    else
      run_batch_norm_layer<T, tinydl::BatchNorm1D<T>>(c, rank);
  });
}

}  // namespace

std::vector<Runner> normalisation_runners() {
  return {
      runner("layer_norm*", [](Case& c, auto t) { run_layer_norm<decltype(t)>(c); }),
      runner("batch_norm*", [](Case& c, auto t) { run_batch_norm<decltype(t)>(c); }),
  };
}

}  // namespace reference
