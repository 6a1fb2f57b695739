// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <tinydl/core/tensor.hpp>

namespace tinydl {

namespace detail {

// Long axes show their first and last three entries once a tensor has more than 1000 elements.
inline void print_axis(std::ostream& out, std::span<const Index> shape, const std::string* cells,
                       std::size_t width, int depth, bool shorten) {
  if (shape.empty()) {
    out.width(static_cast<std::streamsize>(width));
    out << *cells;
    return;
  }
  Index stride = 1;
  for (Index size : shape.subspan(1)) stride *= size;
  out << '[';
  for (Index i = 0; i < shape[0]; ++i) {
    if (i > 0 && shape.size() == 1) out << ", ";
    if (i > 0 && shape.size() > 1)
      out << ',' << std::string(shape.size() - 1, '\n') << std::string(depth + 1, ' ');
    if (shorten && shape[0] > 6 && i == 3) {
      out << "...";
      i = shape[0] - 4;
      continue;
    }
    print_axis(out, shape.subspan(1), cells + i * stride, width, depth + 1, shorten);
  }
  out << ']';
}

}  // namespace detail

/// Nested brackets, columns aligned, six significant digits or what the stream is set to.
template <class T, int Rank>
std::ostream& operator<<(std::ostream& out, const Tensor<T, Rank>& tensor) {
  if (!tensor.defined()) return out << "(no tensor)";
  std::vector<std::string> cells;
  std::size_t width = 0;
  for (T value : tensor.span()) {
    std::ostringstream cell;
    cell.precision(out.precision());
    if constexpr (sizeof(T) == 1 && !std::is_same_v<T, bool>)
      cell << static_cast<int>(value);
    else
      cell << std::boolalpha << value;
    cells.push_back(cell.str());
    width = std::max(width, cells.back().size());
  }
  const bool shorten = tensor.size() > 1000;
  detail::print_axis(out, tensor.shape(), cells.data(), width, 0, shorten);
  return out;
}

}  // namespace tinydl
