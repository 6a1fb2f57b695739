// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include <tinydl/layers/layer.hpp>

namespace tinydl {

namespace detail {

/// The element type of the first layer that has one; void if none has.
template <class... Layers>
struct ScalarOf {
  using type = void;
};
template <class First, class... Rest>
struct ScalarOf<First, Rest...> {
  using type = std::conditional_t<std::is_void_v<typename First::Scalar>,
                                  typename ScalarOf<Rest...>::type, typename First::Scalar>;
};

// A std::tuple would cost the compiler as much again as the layers do.
template <std::size_t I, class L>
struct Place {
  L layer;
};
template <class Indices, class... L>
struct Places;
template <std::size_t... I, class... L>
struct Places<std::index_sequence<I...>, L...> : Place<I, L>... {};

template <std::size_t I, class L>
const L& layer_at(const Place<I, L>& place) {
  return place.layer;
}

}  // namespace detail

/// Layers one after another. Whether each takes what the one before it returns is checked by the
/// compiler. Parameters are named as PyTorch does: "0.weight", "2.weight", ...
///
///     Sequential model(Linear(784, 100), ReLU(), Dropout(0.5), Linear(100, 10));
template <class... Layers>
class Sequential : public Layer<Sequential<Layers...>, typename detail::ScalarOf<Layers...>::type> {
  using Indices = std::index_sequence_for<Layers...>;

 public:
  static constexpr std::size_t size = sizeof...(Layers);

  explicit Sequential(Layers... layers) : Sequential(Indices(), std::move(layers)...) {}

  template <class T, int Rank>
  auto forward(const Variable<T, Rank>& x) const {
    return run<0, size>(x);
  }

  /// Layers Begin to End - 1 alone, one after another.
  template <std::size_t Begin, std::size_t End, class X>
  auto run(const X& x) const {
    if constexpr (Begin == End) {
      return x;
    } else {
      constexpr bool fits = std::is_invocable_v<decltype(get<Begin>()), const X&>;
      static_assert(fits,
                    "Sequential: a layer does not take the rank or the element type that the "
                    "layer before it returns");
      if constexpr (fits)
        return run<Begin + 1, End>(get<Begin>()(x));
      else
        return x;  // so that the sentence above stands alone
    }
  }

  /// Layer I.
  template <std::size_t I>
  const auto& get() const {
    return detail::layer_at<I>(layers_);
  }

  Sequential clone() const { return clone_of(Indices()); }

 private:
  template <std::size_t... I>
  Sequential(std::index_sequence<I...>, Layers&&... layers)
      : layers_{{this->register_layer(std::to_string(I), std::move(layers))}...} {}

  template <std::size_t... I>
  Sequential clone_of(std::index_sequence<I...>) const {
    return this->clone_by([&] { return Sequential(get<I>().clone()...); });
  }

  detail::Places<Indices, Layers...> layers_;
};

}  // namespace tinydl
