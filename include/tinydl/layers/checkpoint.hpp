// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/core/checkpoint.hpp>
#include <tinydl/layers/sequential.hpp>

namespace tinydl {

namespace detail {

/// The buffers of a layer as they are, and again when this ends.
template <class T>
class KeptBuffers {
 public:
  explicit KeptBuffers(std::vector<Named<T>> buffers) : buffers_(std::move(buffers)) {
    for (const auto& buffer : buffers_) {
      const auto values = buffer.variable.data_span();
      values_.emplace_back(values.begin(), values.end());
    }
  }
  KeptBuffers(const KeptBuffers&) = delete;
  KeptBuffers& operator=(const KeptBuffers&) = delete;
  ~KeptBuffers() {
    for (std::size_t i = 0; i < buffers_.size(); ++i)
      std::copy(values_[i].begin(), values_[i].end(),
                buffers_[i].variable.mutable_data_span().begin());
  }

 private:
  std::vector<Named<T>> buffers_;
  std::vector<std::vector<T>> values_;
};

/// A function of x that is part of a layer, which stays where it is.
template <class L, class F>
struct PartOfLayer {
  const L* layer;
  F part;

  template <class X>
  auto operator()(const X& x) const {
    return part(*layer, x);
  }
  auto state() const {
    if constexpr (std::is_void_v<typename L::Scalar>)
      return 0;
    else
      return KeptBuffers<typename L::Scalar>(layer->named_buffers());
  }
};

}  // namespace detail

/// layer(x), computed once more in the backward pass instead of kept: see core/checkpoint.hpp. The
/// layer must stay alive, and where it is, until then. Its buffers, the statistics of a BatchNorm
/// for one, are updated once.
template <class L, class T, int Rank>
requires std::derived_from<L, LayerBase<typename L::Scalar>>
auto checkpoint(const L& layer, const Variable<T, Rank>& x, CheckpointOptions options = {}) {
  const auto call = [](const L& l, const auto& v) { return l(v); };
  return checkpoint(detail::PartOfLayer<L, decltype(call)>{&layer, call}, x, options);
}
template <class L, class T, int Rank>
requires std::derived_from<L, LayerBase<typename L::Scalar>>
void checkpoint(const L&& temporary, const Variable<T, Rank>& x, CheckpointOptions = {}) = delete;

namespace detail {

template <int Segments, int Segment, class S, class X>
auto checkpoint_segments(const S& model, const X& x, CheckpointOptions options) {
  constexpr std::size_t begin = S::size * Segment / Segments;
  constexpr std::size_t end = S::size * (Segment + 1) / Segments;
  const auto part = [](const S& m, const auto& v) { return m.template run<begin, end>(v); };
  if constexpr (Segment + 1 == Segments) {
    return part(model, x);
  } else {
    const auto y = checkpoint(PartOfLayer<S, decltype(part)>{&model, part}, x, options);
    return checkpoint_segments<Segments, Segment + 1>(model, y, options);
  }
}

}  // namespace detail

/// model(x), in segments of about as many layers each, of which only the inputs are kept; the last
/// one, which the backward pass begins with, is kept whole. As many segments as the root of the
/// number of layers need the least memory.
///
///     const auto logits = checkpoint_sequential<3>(model, x);
template <int Segments, class... Layers, class T, int Rank>
auto checkpoint_sequential(const Sequential<Layers...>& model, const Variable<T, Rank>& x,
                           CheckpointOptions options = {}) {
  static_assert(Segments >= 1 && Segments <= static_cast<int>(sizeof...(Layers)),
                "checkpoint_sequential: from one segment to as many as there are layers");
  return detail::checkpoint_segments<Segments, 0>(model, x, options);
}

}  // namespace tinydl
