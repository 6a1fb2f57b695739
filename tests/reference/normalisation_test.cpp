// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include "reference.hpp"

// How the cases of normalisation are run.

namespace reference {
namespace {

/// weight or bias over the last W axes of x, or constants without a gradient.
template <class T, int W>
Variable<T, W> scale_or(Case& c, const char* name, T otherwise) {
  if (c.has(std::string("in.") + name)) return c.input<T, W>(name);
  const auto& sizes = c.shape("in.x");
  Shape<W> shape;
  std::copy(sizes.end() - W, sizes.end(), shape.begin());
  return Variable<T, W>(tinydl::full(shape, otherwise));
}

/// x and those of weight and bias that the case has
template <class T>
std::vector<AnyVariable<T>> given(const Case& c, const AnyVariable<T>& x,
                                  const AnyVariable<T>& weight, const AnyVariable<T>& bias) {
  std::vector<AnyVariable<T>> inputs{x};
  if (c.has("in.weight")) inputs.push_back(weight);
  if (c.has("in.bias")) inputs.push_back(bias);
  return inputs;
}

/// The axes are those of the weight, or of the attribute, or the last one.
template <class T>
void run_layer_norm(Case& c) {
  const double eps = c.attribute("eps", 1e-5);
  std::size_t axes = c.has("in.weight") ? c.rank("in.weight") : 1;
  if (c.has_attribute("normalized_shape"))
    axes = c.attribute<std::vector<Index>>("normalized_shape").size();
  with_rank<1, 4>(axes, [&]<int W>(Rank<W>) {
    const auto weight = scale_or<T, W>(c, "weight", 1), bias = scale_or<T, W>(c, "bias", 0);
    with_rank<W, 4>(c.rank("in.x"), [&]<int R>(Rank<R>) {
      const auto x = c.input<T, R>("x");
      finish<T>(c, tinydl::layer_norm(x, weight, bias, eps), given<T>(c, x, weight, bias));
    });
  });
}

template <class T>
void run_rms_norm(Case& c) {
  const double eps = c.attribute<double>("eps");
  with_rank<2, 3>(c.rank("in.x"), [&]<int R>(Rank<R>) {
    const auto x = c.input<T, R>("x");
    const auto weight = scale_or<T, 1>(c, "weight", 1);
    finish<T>(c, tinydl::rms_norm(x, weight, eps), given<T>(c, x, weight, {}));
  });
}

template <class T>
void run_group_norm(Case& c) {
  const double eps = c.attribute("eps", 1e-5);
  const Shape<1> channels(c.shape("in.x").at(1));
  const auto groups = c.attribute<Index>(c.has_attribute("groups") ? "groups" : "num_groups");
  const auto of_channels = [&](const char* name, T otherwise) {
    return c.has(std::string("in.") + name) ? c.input<T, 1>(name)
                                            : Variable<T, 1>(tinydl::full(channels, otherwise));
  };
  const auto weight = of_channels("weight", 1), bias = of_channels("bias", 0);
  with_rank<2, 4>(c.rank("in.x"), [&]<int R>(Rank<R>) {
    const auto x = c.input<T, R>("x");
    finish<T>(c, tinydl::group_norm(x, groups, weight, bias, eps), given<T>(c, x, weight, bias));
  });
}

/// A case with running statistics among its results is one of training, as is one without any;
/// they begin as those that it gives, or as 0 and 1. One that only gives them is one of eval mode.
template <class T, class BatchNorm, int R>
void run_batch_norm_layer(Case& c, Rank<R>) {
  tinydl::BatchNormOptions options{.eps = c.attribute("eps", 1e-5)};
  if (c.has_attribute("momentum")) options.momentum = c.attribute<double>("momentum");
  const BatchNorm layer(c.shape("in.x").at(1), options);
  if (c.has("in.weight")) layer.weight.mutable_data() = c.get<T, 1>("in.weight");
  if (c.has("in.bias")) layer.bias.mutable_data() = c.get<T, 1>("in.bias");
  if (c.has("running_mean")) {
    layer.running_mean.mutable_data() = c.get<T, 1>("running_mean");
    layer.running_var.mutable_data() = c.get<T, 1>("running_var");
  }
  const bool tracked = c.has("out.running_mean");
  if (!tracked && c.has("running_mean")) layer.eval();
  const auto x = c.input<T, R>("x");
  finish<T>(c, layer(x), given<T>(c, x, layer.weight, layer.bias));
  if (!tracked) return;
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
      further_runner("group_norm*", [](Case& c, auto t) { run_group_norm<decltype(t)>(c); }),
      further_runner("rms_norm*", [](Case& c, auto t) { run_rms_norm<decltype(t)>(c); }),
  };
}

}  // namespace reference
