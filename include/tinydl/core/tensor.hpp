// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>

#include <Eigen/Core>

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

template <class D>
concept EigenDense = std::derived_from<D, Eigen::DenseBase<D>>;

// Of Eigen's tensors, which core/eigen_tensor.hpp knows.
template <class D>
inline constexpr bool is_eigen_tensor = false;
template <class T, int Rank>
struct EigenTensors;

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

  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;

  /// No tensor at all: defined() is false.
  Tensor() = default;

  /// Uninitialised elements. @throws ShapeError for a negative size.
  [[gnu::noinline]] explicit Tensor(const Shape<Rank>& shape)
      : storage_(static_cast<std::size_t>(check_sizes(shape, sizeof(T)))), shape_(shape) {}

  /// Elements that are there, as many as the shape has, or none.
  Tensor(const Shape<Rank>& shape, detail::Storage<T>&& elements)
      : storage_(std::move(elements)), shape_(shape) {}

  /// A rank-0 tensor is its number.
  Tensor(T value) requires(Rank == 0) : Tensor(Shape<0>{}) { *storage_.data() = value; }

  /// A copy of an Eigen matrix, array or expression of them.
  template <detail::EigenDense D>
  Tensor(const D& expression) {
    static_assert(Rank == 2 || (Rank == 1 && D::IsVectorAtCompileTime),
                  "an Eigen matrix becomes a Tensor of rank 2, a vector one of rank 1 or 2");
    if constexpr (Rank == 2)
      *this = Tensor(Shape<2>(expression.rows(), expression.cols()));
    else
      *this = Tensor(Shape<1>(expression.size()));
    using Plain = Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Eigen::Map<Plain>(storage_.data(), expression.rows(), expression.cols()) =
        expression.derived().array();
  }

  /// A copy of an Eigen::Tensor or an expression of them, of either storage order, given
  /// <tinydl/core/eigen_tensor.hpp>.
  template <class D>
  requires detail::is_eigen_tensor<D> Tensor(const D& expression)
      : Tensor(detail::EigenTensors<T, Rank>::copy(expression)) {}

  bool defined() const { return static_cast<bool>(storage_); }
  const Shape<Rank>& shape() const { return shape_; }
  Index size() const { return defined() ? shape_.count() : 0; }

  const T* data() const { return storage_.data(); }
  /// The elements without a shape: what the graph passes on.
  const detail::Storage<T>& storage() const& { return storage_; }
  detail::Storage<T>&& storage() && { return std::move(storage_); }
  std::span<const T> span() const { return {data(), static_cast<std::size_t>(size())}; }
  /// An Eigen::TensorMap, given <tinydl/core/eigen_tensor.hpp>.
  auto eigen() const { return seen_by_eigen<const T>(data()); }
  Eigen::Map<const Array> array() const { return {data(), size()}; }
  Eigen::Map<const Matrix> matrix() const {
    static_assert(Rank == 2, "matrix() is for rank 2");
    return {data(), shape_[0], shape_[1]};
  }

  T* mutable_data() {
    storage_.make_unique();
    return storage_.data();
  }
  std::span<T> mutable_span() { return {mutable_data(), static_cast<std::size_t>(size())}; }
  auto mutable_eigen() { return seen_by_eigen<T>(mutable_data()); }
  Eigen::Map<Array> mutable_array() { return {mutable_data(), size()}; }
  Eigen::Map<Matrix> mutable_matrix() {
    static_assert(Rank == 2, "matrix() is for rank 2");
    return {mutable_data(), shape_[0], shape_[1]};
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
    if (check_sizes(shape, sizeof(T)) != size()) detail::wrong_count(shape_, size(), shape);
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

  template <class E>
  auto seen_by_eigen(E* elements) const {
    constexpr bool known = requires { sizeof(detail::EigenTensors<E, Rank>); };
    static_assert(known, "eigen(): include <tinydl/core/eigen_tensor.hpp>");
    if constexpr (known) return detail::EigenTensors<E, Rank>::view(elements, shape_);
  }

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
