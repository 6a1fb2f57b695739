// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/eigen.hpp>

#include <tinydl/core/create.hpp>

#include <doctest/doctest.h>

using namespace tinydl;

TEST_CASE("Eigen: array() and matrix() show the elements where they lie") {
  const Tensor<double, 2> a = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  CHECK(a.array().data() == a.data());
  CHECK(a.array()[4] == 5);
  CHECK(a.matrix().data() == a.data());
  CHECK(a.matrix().rows() == 2);
  CHECK(a.matrix().cols() == 3);
  CHECK(a.matrix()(1, 0) == 4);
}

TEST_CASE("Eigen: mutable_array() and mutable_matrix() detach what is shared") {
  const Tensor<double, 2> zero = zeros<double>({2, 3});
  Tensor<double, 2> a = zero, b = zero;
  a.mutable_matrix()(1, 1) = 1;
  b.mutable_array()[4] = 1;
  for (const auto* t : {&a, &b}) {
    CHECK((*t)(1, 1) == 1);
    CHECK(t->array().sum() == 1);
  }
  CHECK(zero.array().abs().sum() == 0);
}

TEST_CASE("Eigen: a Tensor of size 0 is an empty array and matrix, and made of one") {
  const Tensor<double, 2> a(Shape(0, 3));
  CHECK(a.array().size() == 0);
  CHECK(a.matrix().cols() == 3);
  CHECK((Tensor<double, 0>().array().size() == 0));
  CHECK((Tensor<double, 2>(Eigen::MatrixXd(0, 4)).shape() == Shape(0, 4)));
}

TEST_CASE("Eigen: a Tensor takes column-major and row-major Eigen matrices as they read") {
  Eigen::MatrixXd columns(2, 3);
  columns << 1, 2, 3, 4, 5, 6;
  const Eigen::Matrix<double, 2, 3, Eigen::RowMajor> rows = columns;
  const Tensor<double, 2> a = columns, b = rows;
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 3; ++j) {
      CHECK(a(i, j) == columns(i, j));
      CHECK(b(i, j) == columns(i, j));
    }
}

TEST_CASE("Eigen: a Tensor takes Eigen expressions: products, transposes, blocks and arrays") {
  Eigen::MatrixXd m(2, 3);
  m << 1, 2, 3, 4, 5, 6;
  const Tensor<double, 2> product = m * m.transpose(), transposed = m.transpose(),
                          block = m.rightCols(2), array = m.array() * 2 + 1;
  CHECK(product.matrix() == m * m.transpose());
  CHECK(transposed.shape() == Shape(3, 2));
  CHECK(transposed(2, 0) == 3);
  CHECK(block(1, 0) == 5);
  CHECK(array(1, 2) == 13);
  Tensor<double, 2> itself = m;
  itself = itself.matrix() * itself.matrix().transpose();
  CHECK(itself(0, 1) == 32);
}

TEST_CASE("Eigen: a Tensor takes Eigen vectors, columns and rows alike, as rank 1 or 2") {
  const Eigen::VectorXd column = Eigen::VectorXd::LinSpaced(3, 1, 3);
  const Eigen::RowVectorXd row = column.transpose();
  const Tensor<double, 1> a = column, b = row;
  CHECK(a.shape() == Shape(3));
  CHECK(b(2) == 3);
  CHECK(a(0) == 1);
  CHECK((Tensor<double, 2>(column).shape() == Shape(3, 1)));
  CHECK((Tensor<double, 2>(row).shape() == Shape(1, 3)));
}
