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

  /// c (m, columns) = a (m, rows) b, or with `add` c += a b, on one thread; the rows of a and c are
  /// `a_row` and `c_row` apart. A row of c does not depend on how many others there are.
  void multiply(Index m, const T* a, Index a_row, T* c, Index c_row, bool add = false) const {
    for (Index q = 0; q < panels_; ++q)
      for (Index i = 0; i < m; i += block_.rows) {
        const Index rows = std::min(block_.rows, m - i);
        const T* a_rows[detail::most_block_rows];
        for (Index r = 0; r < block_.rows; ++r) a_rows[r] = a + (i + std::min(r, rows - 1)) * a_row;
        dispatch<detail::MultiplyBlock<T>>(
            rows_, static_cast<const T* const*>(a_rows), Index(1), static_cast<const T*>(panel(q)),
            c + i * c_row + q * block_.columns, c_row, rows, width(q), add);
      }
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
