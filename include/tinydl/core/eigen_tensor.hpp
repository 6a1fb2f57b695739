// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <type_traits>

#include <unsupported/Eigen/CXX11/Tensor>

#include <tinydl/core/tensor.hpp>

// Eigen::Tensor and Tensor: eigen(), mutable_eigen() and the constructor from Eigen's expressions
// of tensors. On its own, since Eigen's header alone takes half a second to compile.

namespace tinydl::detail {

template <class D>
concept EigenTensorExpression =
    std::derived_from<D, Eigen::TensorBase<D, Eigen::ReadOnlyAccessors>>;

template <class E, int Rank>
struct EigenTensor {
  using Plain = Eigen::Tensor<std::remove_const_t<E>, Rank, Eigen::RowMajor, Index>;

  static Eigen::TensorMap<std::conditional_t<std::is_const_v<E>, const Plain, Plain>> of(
      E* elements, const Shape<Rank>& shape) {
    Eigen::DSizes<Index, Rank> sizes;
    for (int i = 0; i < Rank; ++i) sizes[i] = shape[i];
    return {elements, sizes};
  }
};

/// An expression of either storage order.
template <class T, int Rank, EigenTensorExpression D>
struct FromEigen<T, Rank, D> {
  using Traits = Eigen::internal::traits<D>;
  static constexpr int layout = Traits::Layout;
  static_assert(Traits::NumDimensions == Rank, "the ranks of both tensors must be the same");

  static Tensor<T, Rank> of(const D& expression) {
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
