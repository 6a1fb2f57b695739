// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/matmul.hpp>

namespace tinydl::kernels {

/// The right operand of matrix products, packed once for many of them, each of few rows: the
/// weight of a recurrent network, which every step multiplies.
template <class T>
class PackedMatrix {
 public:
  /// `b` has at least one row.
  explicit PackedMatrix(const MatrixView<T>& b)
      : rows_(b.rows),
        columns_(b.columns),
        block_(detail::block_size<T>()),
        panels_((b.columns + block_.columns - 1) / block_.columns),
        packed_(static_cast<std::size_t>(panels_ * rows_ * block_.columns)) {
    parallel_for(panels_, [&](Index q) {
      detail::pack_columns(b, 0, rows_, q * block_.columns, width(q), block_.columns, panel(q));
    });
  }

  Index rows() const { return rows_; }
  Index columns() const { return columns_; }

  /// c (m, columns) = start + a (m, rows) b, or without start a b, on one thread; the rows of a, c
  /// and start are `a_row`, `c_row` and `start_row` apart, and start may be c. A row of c does not
  /// depend on how many others there are.
  void multiply(Index m, const T* a, Index a_row, T* c, Index c_row, const T* start = nullptr,
                Index start_row = 0) const {
    const Index whole = columns_ / block_.columns;
    const detail::Product<T> product{.a = {a, m, rows_, a_row, 1},
                                     .b = packed_.data(),
                                     .panel_step = rows_ * block_.columns,
                                     .b_row = block_.columns,
                                     .edge = panel(whole),
                                     .edge_row = block_.columns,
                                     .n = columns_,
                                     .c = c,
                                     .c_row = c_row,
                                     .start = start,
                                     .start_row = start_row};
    detail::multiply_strips(product, panels_, Index(0), (m + block_.rows - 1) / block_.rows);
  }

 private:
  T* panel(Index q) const { return packed_.data() + q * rows_ * block_.columns; }
  Index width(Index q) const { return std::min(block_.columns, columns_ - q * block_.columns); }

  Index rows_, columns_;
  detail::BlockSize block_;
  Index panels_;
  tinydl::detail::Storage<T> packed_;
};

}  // namespace tinydl::kernels
