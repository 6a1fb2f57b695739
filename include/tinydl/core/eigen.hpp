// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <type_traits>

#include <Eigen/Core>

#include <tinydl/core/tensor.hpp>

// Eigen's matrices and arrays, and Tensor: array(), matrix(), the mutable_ ones, and the
// constructor from Eigen's expressions. On its own, since the library does not need it and Eigen's
// header alone takes a third of a second to compile.

namespace tinydl::detail {

template <class D>
concept EigenDense = std::derived_from<D, Eigen::DenseBase<D>>;

/// Eigen's map of elements that may be const.
template <class Plain, class E>
using EigenMap = Eigen::Map<std::conditional_t<std::is_const_v<E>, const Plain, Plain>>;

template <class E, int Rank>
struct EigenArray {
  using Plain = Eigen::Array<std::remove_const_t<E>, Eigen::Dynamic, 1>;

  static EigenMap<Plain, E> of(E* elements, const Shape<Rank>& shape) {
    return {elements, elements ? shape.count() : 0};
  }
};

template <class E, int Rank>
struct EigenMatrix {
  using Plain =
      Eigen::Matrix<std::remove_const_t<E>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  static EigenMap<Plain, E> of(E* elements, const Shape<Rank>& shape) {
    static_assert(Rank == 2, "matrix() is for rank 2");
    return {elements, shape[0], shape[1]};
  }
};

template <class T, int Rank, EigenDense D>
struct FromEigen<T, Rank, D> {
  static_assert(Rank == 2 || (Rank == 1 && D::IsVectorAtCompileTime),
                "an Eigen matrix becomes a Tensor of rank 2, a vector one of rank 1 or 2");

  static Tensor<T, Rank> of(const D& expression) {
    Tensor<T, Rank> result;
    if constexpr (Rank == 2)
      result = Tensor<T, 2>(Shape<2>(expression.rows(), expression.cols()));
    else
      result = Tensor<T, 1>(Shape<1>(expression.size()));
    using Plain = Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Eigen::Map<Plain>(result.mutable_data(), expression.rows(), expression.cols()) =
        expression.derived().array();
    return result;
  }
};

}  // namespace tinydl::detail
