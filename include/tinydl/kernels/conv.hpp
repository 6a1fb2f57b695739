// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/conv_direct.hpp>
#include <tinydl/kernels/filter_cache.hpp>
#include <tinydl/kernels/winograd.hpp>

// Each way to convolve where it is the fastest, which depends on nothing but the shape.

namespace tinydl::kernels {

/// y = x convolved with w, plus bias[o] in channel o unless bias is null. With a cache, for who
/// calls again with the same w.
template <class T>
void convolve(const ConvShape& s, const T* x, const T* w, const T* bias, T* y,
              FilterCache* cache = nullptr) {
  if constexpr (has_winograd<T>)
    if (winograd_pays(s))
      return winograd_convolve(s, x, cache ? cache->filters(s, w) : winograd_filters(s, w), bias,
                               y);
  direct_convolve(s, x, w, bias, y);
}

/// The adjoint of convolve in x: each number of y adds its filter, times itself, to what that met
/// of x; plus bias[c] in channel c unless bias is null.
template <class T>
void convolve_adjoint(const ConvShape& s, const T* y, const T* w, const T* bias, T* x) {
  if constexpr (has_winograd<T>)
    if (winograd_pays(turned(s))) return winograd_convolve_adjoint(s, y, w, bias, x);
  direct_convolve_adjoint(s, y, w, bias, x);
}

/// The adjoint of convolve in w: each tap is the sum, over all images and positions, of y times the
/// pixel that it met there.
template <class T>
void convolve_weights(const ConvShape& s, const T* x, const T* y, T* w) {
  if constexpr (has_winograd<T>)
    if (winograd_weights_pay(s)) return winograd_convolve_weights(s, x, y, w);
  direct_convolve_weights(s, x, y, w);
}

}  // namespace tinydl::kernels
