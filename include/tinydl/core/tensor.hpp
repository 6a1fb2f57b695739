// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>

#include <tinydl/core/error.hpp>
#include <tinydl/core/memory.hpp>
#include <tinydl/core/shape.hpp>

namespace tinydl {

namespace detail {

[[noreturn, gnu::cold]] inline void wrong_count(std::span<const Index> from, Index count,
                                                std::span<const Index> to) {
  Index asked = 1;
  for (Index size : to) asked *= size;
  throw ShapeError(text("reshape: ", shape_text(from), " has ", count, " elements, ",
                        shape_text(to), " has ", asked));
}

// What core/eigen.hpp knows of Eigen's matrices and arrays, and core/eigen_tensor.hpp of its
// tensors: views of one, and how an expression of type D becomes a Tensor.
template <class T, int Rank>
struct EigenArray;
template <class T, int Rank>
struct EigenMatrix;
template <class T, int Rank>
struct EigenTensor;
template <class T, int Rank, class D>
struct FromEigen;

/// What all of Eigen's expressions have.
template <class D>
concept EigenExpression = requires {
  typename D::StorageKind;
};

/// Bridge::of(operands...), if Bridge is known.
template <class Bridge, class... Operands>
auto by_eigen(const Operands&... operands) {
  constexpr bool known = requires { sizeof(Bridge); };
  static_assert(known,
                "for Eigen's matrices and arrays include <tinydl/core/eigen.hpp>, "
                "for its tensors <tinydl/core/eigen_tensor.hpp>");
  if constexpr (known) return Bridge::of(operands...);
}

}  // namespace detail

/// A dense row-major array of `Rank` axes: a value, whose copies share memory until one of them
/// is written. Copying, reshaping and detaching move no data.
///
/// Reading goes through const views, writing through the mutable_ ones, which first copy what is
/// shared. A mutable view is for the statement at hand: once its Tensor is copied it is invalid,
/// like an iterator into a vector that grew.
///
///     Tensor<float, 2> a = zeros({2, 3});
///     Tensor<float, 2> b = a;         // shares
///     b.mutable_span()[0] = 7;        // b has its own memory now
///     a(0, 0);                        // 0
template <class T, int Rank>
class Tensor {
  static_assert(std::is_arithmetic_v<T>, "a Tensor holds numbers or bools");

 public:
  using Scalar = T;
  static constexpr int rank = Rank;

  /// No tensor at all: defined() is false.
  Tensor() = default;

  /// Uninitialised elements. @throws ShapeError for a negative size.
  [[gnu::noinline]] explicit Tensor(const Shape<Rank>& shape)
      : storage_(static_cast<std::size_t>(check_sizes(shape.span(), sizeof(T)))), shape_(shape) {}

  /// Elements that are there, as many as the shape has.
  Tensor(const Shape<Rank>& shape, detail::Storage<T>&& elements)
      : storage_(std::move(elements)), shape_(shape) {}

  /// A rank-0 tensor is its number.
  Tensor(T value) requires(Rank == 0) : Tensor(Shape<0>{}) { *storage_.data() = value; }

  /// A copy of an expression of Eigen's: of matrices and arrays, given <tinydl/core/eigen.hpp>, or
  /// of tensors of either storage order, given <tinydl/core/eigen_tensor.hpp>.
  template <detail::EigenExpression D>
  Tensor(const D& expression)
      : Tensor(detail::by_eigen<detail::FromEigen<T, Rank, D>>(expression)) {}

  bool defined() const { return static_cast<bool>(storage_); }
  const Shape<Rank>& shape() const { return shape_; }
  Index size() const { return defined() ? shape_.count() : 0; }

  const T* data() const { return storage_.data(); }
  /// The elements without a shape: what the graph passes on.
  const detail::Storage<T>& storage() const& { return storage_; }
  detail::Storage<T>&& storage() && { return std::move(storage_); }
  std::span<const T> span() const { return {data(), static_cast<std::size_t>(size())}; }
  /// Given <tinydl/core/eigen.hpp>, all elements as an Eigen array and, for rank 2, as a matrix;
  /// given <tinydl/core/eigen_tensor.hpp>, an Eigen::TensorMap.
  auto array() const { return detail::by_eigen<detail::EigenArray<const T, Rank>>(data(), shape_); }
  auto matrix() const {
    return detail::by_eigen<detail::EigenMatrix<const T, Rank>>(data(), shape_);
  }
  auto eigen() const {
    return detail::by_eigen<detail::EigenTensor<const T, Rank>>(data(), shape_);
  }

  T* mutable_data() {
    storage_.make_unique();
    return storage_.data();
  }
  std::span<T> mutable_span() { return {mutable_data(), static_cast<std::size_t>(size())}; }
  auto mutable_array() {
    return detail::by_eigen<detail::EigenArray<T, Rank>>(mutable_data(), shape_);
  }
  auto mutable_matrix() {
    return detail::by_eigen<detail::EigenMatrix<T, Rank>>(mutable_data(), shape_);
  }
  auto mutable_eigen() {
    return detail::by_eigen<detail::EigenTensor<T, Rank>>(mutable_data(), shape_);
  }

  /// One element. @throws ShapeError for a position outside.
  template <std::integral... I>
  T operator()(I... position) const {
    static_assert(sizeof...(I) == Rank, "an element is named by one index for each axis");
    Index at = 0;
    if constexpr (Rank > 0) {
      const Index indices[] = {static_cast<Index>(position)...};
      for (int i = 0; i < Rank; ++i) {
        if (indices[i] < 0 || indices[i] >= shape_[i])
          throw ShapeError(
              text("tensor: position ", Shape<Rank>(position...), " is outside of shape ", shape_));
        at = at * shape_[i] + indices[i];
      }
    }
    return data()[at];
  }

  /// The only element. @throws ShapeError if there are more, or none.
  T item() const {
    if (size() != 1) throw ShapeError(text("item: shape ", shape_, " has not exactly one element"));
    return *data();
  }

  /// The same elements in another shape, sharing memory. The counts must be equal.
  template <int NewRank>
  Tensor<T, NewRank> with_shape(const Shape<NewRank>& shape) const {
    if (check_sizes(shape.span(), sizeof(T)) != size())
      detail::wrong_count(shape_.span(), size(), shape.span());
    Tensor<T, NewRank> result;
    result.storage_ = storage_;
    result.shape_ = shape;
    return result;
  }

  /// Every element converted to U.
  template <class U>
  Tensor<U, Rank> cast() const {
    Tensor<U, Rank> result(shape_);
    std::transform(data(), data() + size(), result.mutable_data(),
                   [](T x) { return static_cast<U>(x); });
    return result;
  }

  /// Whether no other Tensor shares its memory.
  bool unique() const { return storage_.unique(); }
  /// Whether both share their memory.
  bool shares_with(const Tensor& other) const { return defined() && data() == other.data(); }

 private:
  template <class, int>
  friend class Tensor;

  detail::Storage<T> storage_;
  Shape<Rank> shape_;
};

/// Class labels and positions.
template <int Rank>
using Labels = Tensor<std::int64_t, Rank>;

/// What comparisons return.
template <int Rank>
using Mask = Tensor<bool, Rank>;

namespace detail {

template <class X>
inline constexpr bool is_tensor = false;
template <class T, int Rank>
inline constexpr bool is_tensor<Tensor<T, Rank>> = true;

}  // namespace detail

}  // namespace tinydl
