// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <unsupported/Eigen/CXX11/Tensor>

#include <tinydl/core/tensor.hpp>

// Eigen::Tensor and Tensor: eigen(), mutable_eigen() and the constructor from Eigen's expressions
// of tensors. On its own, since Eigen's header alone takes a quarter of a second to compile.

namespace tinydl::detail {

template <class D>
requires std::derived_from<D, Eigen::TensorBase<D, Eigen::ReadOnlyAccessors>>
inline constexpr bool is_eigen_tensor<D> = true;

template <class T, int Rank>
struct EigenTensors {
  using Plain = Eigen::Tensor<std::remove_const_t<T>, Rank, Eigen::RowMajor, Index>;
  using View = Eigen::TensorMap<std::conditional_t<std::is_const_v<T>, const Plain, Plain>>;

  static View view(T* data, const Shape<Rank>& shape) {
    Eigen::DSizes<Index, Rank> sizes;
    for (int i = 0; i < Rank; ++i) sizes[i] = shape[i];
    return View(data, sizes);
  }

  /// A copy of an expression, of either storage order.
  template <class D>
  static Tensor<T, Rank> copy(const D& expression) {
    using Traits = Eigen::internal::traits<D>;
    static_assert(Traits::NumDimensions == Rank, "the ranks of both tensors must be the same");
    constexpr int layout = Traits::Layout;
    const Eigen::Tensor<T, Rank, layout, Index> source = expression;
    Shape<Rank> shape;
    for (int i = 0; i < Rank; ++i) shape[i] = source.dimension(i);
    Tensor<T, Rank> result(shape);
    if constexpr (layout == Eigen::RowMajor || Rank < 2) {
      std::copy_n(source.data(), result.size(), result.mutable_data());
    } else {
      Eigen::array<int, Rank> reversed;
      for (int i = 0; i < Rank; ++i) reversed[i] = Rank - 1 - i;
      result.mutable_eigen() = source.swap_layout().shuffle(reversed);
    }
    return result;
  }
};

}  // namespace tinydl::detail
