// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/data/file.hpp>
#include <tinydl/io/atomic_file.hpp>
#include <tinydl/io/elements.hpp>
#include <tinydl/io/npy_header.hpp>

namespace tinydl {

namespace detail {

inline void swap_bytes(std::string& bytes, std::size_t element) {
  for (std::size_t at = 0; at < bytes.size(); at += element)
    std::reverse(bytes.data() + at, bytes.data() + at + element);
}

/// Elements whose first axis varies fastest, put into the order in which the last one does.
inline std::string row_major(std::string_view bytes, std::span<const Index> shape,
                             std::size_t element) {
  std::vector<std::size_t> step, position(shape.size(), 0);
  std::size_t next = element;
  for (const Index size : shape) {
    step.push_back(next);
    next *= static_cast<std::size_t>(size);
  }
  std::string result(bytes.size(), '\0');
  std::size_t from = 0;
  for (std::size_t to = 0; to < bytes.size(); to += element) {
    std::memcpy(result.data() + to, bytes.data() + from, element);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from += step[axis];
      if (++position[axis] < static_cast<std::size_t>(shape[axis])) break;
      from -= step[axis] * position[axis];
      position[axis] = 0;
    }
  }
  return result;
}

}  // namespace detail

/// An array of NumPy's, as np.save() writes it: of either byte order and either order of axes.
///
///     NpyArray array("x.npy");
///     std::cout << array.dtype() << ' ' << shape_text(array.shape());
///     Tensor<float, 2> x = array.get<float, 2>();
class NpyArray {
 public:
  /// @throws FileError if the file is missing, damaged, or has elements that no Tensor holds.
  explicit NpyArray(const std::filesystem::path& path)
      : NpyArray(read_file(path).bytes, path.string()) {}

  /// The same for the bytes of such a file. @param where what messages begin with.
  NpyArray(std::string file, std::string where) : where_(std::move(where)) {
    header_ = detail::NpyHeaderReader(file, where_).read();
    const std::size_t there = file.size() - header_.begin;
    if (there < header_.bytes)
      throw fail("truncated: its shape ", shape_text(shape()), " of ", dtype(), " takes ",
                 header_.bytes, " bytes and ", header_.bytes - there, " of them are missing");
    if (there > header_.bytes)
      throw fail(there - header_.bytes, " bytes too many after the ", header_.bytes,
                 " of its shape ", shape_text(shape()), " of ", dtype());
    file.erase(0, header_.begin);
    elements_ = std::move(file);
    if (header_.big_endian) detail::swap_bytes(elements_, header_.element);
    if (header_.fortran_order) elements_ = detail::row_major(elements_, shape(), header_.element);
  }

  /// F64, F32, F16, I64 ... I8, U64 ... U8 or BOOL.
  const std::string& dtype() const { return header_.dtype; }
  const std::vector<Index>& shape() const { return header_.shape; }

  /// The array as it is. @throws FileError if it is of another element type or rank.
  template <class T, int Rank>
  Tensor<T, Rank> get() const {
    Tensor<T, Rank> result(shape_of<Rank>());
    if (!detail::read_elements<T>(dtype(), bytes(), result.mutable_span()))
      throw fail("its elements are ", dtype(), ", not ", detail::dtype_name<T>());
    return result;
  }

  /// An array of whatever numbers, converted. @throws FileError if it is of another rank.
  template <std::floating_point T, int Rank>
  Tensor<T, Rank> get_as() const {
    Tensor<T, Rank> result(shape_of<Rank>());
    copy_to(result.mutable_span());
    return result;
  }

  /// The same for any rank, into memory of one's own. @throws FileError if the number of elements
  /// differs.
  template <std::floating_point T>
  void copy_to(std::span<T> out) const {
    if (const std::size_t count = elements_.size() / header_.element; count != out.size())
      throw fail("it has ", count, " elements, not ", out.size());
    detail::convert_elements(dtype(), bytes(), out);
  }

 private:
  template <class... Args>
  FileError fail(const Args&... args) const {
    return FileError(text(where_, ": ", args...));
  }

  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(elements_)); }

  template <int Rank>
  Shape<Rank> shape_of() const {
    if (shape().size() != Rank)
      throw fail("its shape is ", shape_text(shape()), ", not of rank ", Rank);
    Shape<Rank> result;
    for (int i = 0; i < Rank; ++i) result[i] = shape()[i];
    return result;
  }

  std::string where_;
  detail::NpyHeader header_;
  std::string elements_;  // row-major, in this processor's order
};

/// read_npy<float, 2>("x.npy") is what np.save("x.npy", x) wrote of a matrix of np.float32.
/// @throws FileError if the file is missing, damaged, or has another element type or rank.
template <class T, int Rank>
Tensor<T, Rank> read_npy(const std::filesystem::path& path) {
  return NpyArray(path).get<T, Rank>();
}

/// Writes a file for np.load(), which replaces another one whole or not at all: see AtomicFile.
/// @throws FileError if it cannot be written, ValueError if the tensor is undefined.
template <class T, int Rank>
void save_npy(const Tensor<T, Rank>& tensor, const std::filesystem::path& path) {
  if (!tensor.defined()) throw ValueError("save_npy: the tensor is undefined");
  AtomicFile file(path);
  file.write(detail::npy_header<T>(tensor.shape()));
  file.write(std::as_bytes(tensor.span()));
  file.commit();
}

}  // namespace tinydl
