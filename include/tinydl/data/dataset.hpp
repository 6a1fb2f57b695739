// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/core/threads.hpp>

namespace tinydl {

/// A std::pair, std::tuple or std::array.
template <class B>
concept TupleLike = requires {
  std::tuple_size<std::remove_cvref_t<B>>::value;
};

/// What a DataLoader draws from: anything that knows how many examples it has, and that puts the
/// examples at the given positions together, in that order, as a tuple (inputs, targets).
///
///     struct Squares {
///       Index size() const { return 100; }
///       std::pair<Tensor<float, 1>, Tensor<float, 1>> batch(std::span<const Index> indices) const;
///     };
template <class D>
concept Dataset = requires(const D& dataset, std::span<const Index> indices) {
  { dataset.size() } -> std::convertible_to<Index>;
  { dataset.batch(indices) } -> TupleLike;
};

namespace detail {

inline void check_indices(const char* dataset, std::span<const Index> indices, Index size) {
  for (Index index : indices)
    if (index < 0 || index >= size)
      throw ValueError(
          text(dataset, ": index ", index, " is out of range for ", size, " examples"));
}

/// Elements in one entry of the first axis.
template <int Rank>
Index row_size(const Shape<Rank>& shape) {
  Index n = 1;
  for (int i = 1; i < Rank; ++i) n *= shape[i];
  return n;
}

template <class T, int Rank>
Tensor<T, Rank> gather_rows(const Tensor<T, Rank>& tensor, std::span<const Index> indices) {
  Shape<Rank> shape = tensor.shape();
  shape[0] = static_cast<Index>(indices.size());
  const Index row = row_size(shape);
  Tensor<T, Rank> result(shape);
  T* out = result.mutable_data();
  for (Index index : indices) out = std::copy_n(tensor.data() + index * row, row, out);
  return result;
}

/// Asks for what will be read next: rows in random order take twice as long without.
inline void prefetch([[maybe_unused]] const std::uint8_t* bytes, [[maybe_unused]] Index n) {
#if defined(__GNUC__)
  for (Index i = 0; i < n; i += 64) __builtin_prefetch(bytes + i);
#endif
}

}  // namespace detail

/// Tensors in memory; along the first axis of each lie the examples. A batch is a std::tuple of
/// their rows.
///
///     TensorDataset data(x, t);       // x: (N, 3), t: (N,)
///     const Index some[] = {4, 0};
///     auto [bx, bt] = data.batch(some);  // bx: (2, 3), bt: (2,)
template <class... Tensors>
class TensorDataset {
  static_assert(sizeof...(Tensors) > 0, "a TensorDataset holds at least one Tensor");
  static_assert((detail::is_tensor<Tensors> && ...), "a TensorDataset holds Tensors");
  static_assert(((Tensors::rank > 0) && ...), "a TensorDataset needs a first axis in each Tensor");

 public:
  /// @throws ShapeError if the tensors' first axes differ.
  explicit TensorDataset(Tensors... tensors) : tensors_(std::move(tensors)...) {
    const auto& first = std::get<0>(tensors_);
    size_ = first.shape()[0];
    const auto check = [&](const auto& tensor) {
      if (tensor.shape()[0] != size_)
        throw ShapeError(text("TensorDataset: the numbers of examples differ: shapes ",
                              first.shape(), " and ", tensor.shape()));
    };
    std::apply([&](const auto&... tensor) { (check(tensor), ...); }, tensors_);
  }

  Index size() const { return size_; }

  /// @throws ValueError for an index out of range.
  std::tuple<Tensors...> batch(std::span<const Index> indices) const {
    detail::check_indices("TensorDataset", indices, size_);
    return std::apply(
        [&](const auto&... tensor) {
          return std::tuple<Tensors...>(detail::gather_rows(tensor, indices)...);
        },
        tensors_);
  }

  const std::tuple<Tensors...>& tensors() const { return tensors_; }

 private:
  std::tuple<Tensors...> tensors_;
  Index size_ = 0;
};

/// How bytes become numbers: (byte / 255 - mean) / deviation. The defaults are MNIST's.
struct ImageOptions {
  double mean = 0.1307;
  double deviation = 0.3081;
};

/// Grey images and their class labels. The images stay bytes; a batch is normalised when it is
/// drawn. Rank says how a batch lies: 2 for flat rows (n, H*W), 3 for (n, H, W), 4 for
/// (n, 1, H, W). Copies share the images, so another Rank costs nothing:
/// ImageDataset<4>(flat.images(), flat.labels()).
template <int Rank = 2, std::floating_point T = float>
class ImageDataset {
  static_assert(Rank >= 2 && Rank <= 4,
                "an ImageDataset makes batches (n, H*W), (n, H, W) or (n, 1, H, W)");

 public:
  /// images: (N, H, W), labels: (N,). @throws ShapeError if the counts differ, ValueError if the
  /// deviation is not positive.
  ImageDataset(Tensor<std::uint8_t, 3> images, Labels<1> labels, ImageOptions options = {})
      : images_(std::move(images)), labels_(std::move(labels)) {
    if (images_.shape()[0] != labels_.shape()[0])
      throw ShapeError(text("ImageDataset: ", images_.shape()[0], " images and ",
                            labels_.shape()[0], " labels"));
    if (!(options.deviation > 0))
      throw ValueError(text("ImageDataset: deviation ", options.deviation, " is not positive"));
    for (int byte = 0; byte < 256; ++byte)
      value_of_[byte] = static_cast<T>((byte / 255.0 - options.mean) / options.deviation);
  }

  Index size() const { return images_.shape()[0]; }

  /// @throws ValueError for an index out of range.
  std::pair<Tensor<T, Rank>, Labels<1>> batch(std::span<const Index> indices) const {
    detail::check_indices("ImageDataset", indices, size());
    const Index pixels = detail::row_size(images_.shape());
    Tensor<T, Rank> inputs(batch_shape(static_cast<Index>(indices.size())));
    T* const out = inputs.mutable_data();
    parallel_ranges(static_cast<Index>(indices.size()), 32, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        const std::uint8_t* const row = images_.data() + indices[i] * pixels;
        if (i + 1 < end) detail::prefetch(images_.data() + indices[i + 1] * pixels, pixels);
        std::transform(row, row + pixels, out + i * pixels,
                       [this](std::uint8_t byte) { return value_of_[byte]; });
      }
    });
    return {std::move(inputs), detail::gather_rows(labels_, indices)};
  }

  const Tensor<std::uint8_t, 3>& images() const { return images_; }
  const Labels<1>& labels() const { return labels_; }

 private:
  Shape<Rank> batch_shape(Index n) const {
    const Index height = images_.shape()[1], width = images_.shape()[2];
    if constexpr (Rank == 2)
      return {n, height * width};
    else if constexpr (Rank == 3)
      return {n, height, width};
    else
      return {n, 1, height, width};
  }

  Tensor<std::uint8_t, 3> images_;
  Labels<1> labels_;
  std::array<T, 256> value_of_;
};

}  // namespace tinydl
