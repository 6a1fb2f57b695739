// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/eigen_tensor.hpp>

#include <tinydl/core/create.hpp>

#include <doctest/doctest.h>

using namespace tinydl;

namespace {

// Calls f(position, i) for every position of a shape, i counting them in row-major order.
template <int Rank, class F>
void each_eigen_position(const Shape<Rank>& shape, F f) {
  for (Index i = 0; i < shape.count(); ++i) {
    Eigen::array<Index, Rank> position;
    Index rest = i;
    for (int axis = Rank; axis-- > 0;) {
      position[axis] = rest % shape[axis];
      rest /= shape[axis];
    }
    f(position, i);
  }
}

template <int Layout, int Rank>
void check_from_eigen(const Shape<Rank>& shape) {
  Eigen::Tensor<double, Rank, Layout> source;
  Eigen::array<Index, Rank> sizes;
  for (int axis = 0; axis < Rank; ++axis) sizes[axis] = shape[axis];
  source.resize(sizes);
  each_eigen_position(shape, [&](const auto& position, Index i) { source(position) = double(i); });
  const Tensor<double, Rank> copied = source, computed = source * source;
  CHECK(copied.shape() == shape);
  CHECK(computed.shape() == shape);
  each_eigen_position(shape, [&](const auto& position, Index i) {
    CHECK(copied.span()[i] == double(i));
    CHECK(computed.span()[i] == double(i * i));
    CHECK(copied.eigen()(position) == double(i));
  });
}

}  // namespace

TEST_CASE("Eigen tensors: eigen() shows the elements where they lie") {
  const Tensor<double, 2> a = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  CHECK(a.eigen().data() == a.data());
  CHECK(a.eigen().dimension(1) == 3);
  CHECK(a.eigen()(0, 2) == 3);
  CHECK(Tensor<double, 2>(Shape(0, 3)).eigen().size() == 0);
}

TEST_CASE("Eigen tensors: mutable_eigen() detaches what is shared") {
  const Tensor<double, 2> zero = zeros<double>({2, 3});
  Tensor<double, 2> a = zero;
  a.mutable_eigen()(1, 1) = 1;
  CHECK(a(1, 1) == 1);
  CHECK(zero(1, 1) == 0);
}

TEST_CASE("Eigen tensors: a Tensor takes row-major Eigen tensors and expressions of ranks 1 to 4") {
  check_from_eigen<Eigen::RowMajor>(Shape(5));
  check_from_eigen<Eigen::RowMajor>(Shape(2, 3));
  check_from_eigen<Eigen::RowMajor>(Shape(2, 3, 4));
  check_from_eigen<Eigen::RowMajor>(Shape(2, 3, 1, 5));
}

TEST_CASE(
    "Eigen tensors: a Tensor takes column-major Eigen tensors and expressions of ranks 1 to 4") {
  check_from_eigen<Eigen::ColMajor>(Shape(5));
  check_from_eigen<Eigen::ColMajor>(Shape(2, 3));
  check_from_eigen<Eigen::ColMajor>(Shape(2, 3, 4));
  check_from_eigen<Eigen::ColMajor>(Shape(2, 3, 1, 5));
}

TEST_CASE("Eigen tensors: a Tensor takes Eigen tensors of rank 0, such as whole sums") {
  const Tensor<double, 2> a = full({2, 3}, 2.0);
  const Tensor<double, 0> sum = a.eigen().sum();
  CHECK(sum.item() == 12);
}
