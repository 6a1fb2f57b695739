// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/data/file.hpp>

namespace tinydl {

namespace detail {

/// The element types of the format; this library reads unsigned bytes.
inline const char* idx_type_name(unsigned type) {
  switch (type) {
    case 0x08:
      return "unsigned byte";
    case 0x09:
      return "signed byte";
    case 0x0B:
      return "short";
    case 0x0C:
      return "int";
    case 0x0D:
      return "float";
    case 0x0E:
      return "double";
    default:
      return nullptr;
  }
}

inline std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (char byte : bytes.substr(0, 4)) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

}  // namespace detail

/// The array of unsigned bytes in an IDX file: two zero bytes, the element type, the rank, each
/// size as four big-endian bytes, then the elements in row-major order (LeCun, Cortes and Burges,
/// "The MNIST database of handwritten digits").
/// @throws FileError if it is anything else, another rank included.
template <int Rank>
Tensor<std::uint8_t, Rank> parse_idx(const FileContent& file) {
  static_assert(Rank >= 1 && Rank <= 4, "IDX files are read with ranks 1 to 4");
  constexpr std::size_t header = 4 + 4 * Rank;
  const std::string_view bytes = file.bytes;
  const auto fail = [&](const auto&... args) { return detail::file_error(file.path, args...); };

  if (bytes.size() < 4) throw fail("an IDX file has at least 4 bytes, this one ", bytes.size());
  const std::uint32_t magic = detail::big_endian(bytes);
  const unsigned type = magic >> 8 & 0xFF, rank = magic & 0xFF;
  const char* const name = detail::idx_type_name(type);
  if (magic >> 16 != 0 || !name)
    throw fail("not an IDX file: it begins with the number ", magic, " where one of rank ", Rank,
               " begins with ", 0x0800 + Rank);
  if (type != 0x08) throw fail("its elements are of type ", name, "; only unsigned byte is read");
  if (rank != Rank) throw fail("its rank is ", rank, ", not ", Rank);
  if (bytes.size() < header)
    throw fail("truncated: ", header - bytes.size(), " bytes of the header's ", header,
               " are missing");

  Shape<Rank> shape;
  for (int i = 0; i < Rank; ++i) shape[i] = detail::big_endian(bytes.substr(4 + 4 * i));
  Index limit = std::numeric_limits<Index>::max();  // a size of 0 does not excuse the others
  for (Index size : shape)
    if (size > 0 && (limit /= size) == 0) throw fail("its sizes overflow: ", shape);
  const Index count = shape.count();
  const std::string_view elements = bytes.substr(header);
  const auto there = static_cast<Index>(elements.size());
  if (there < count)
    throw fail("truncated: its shape ", shape, " takes ", count, " bytes and ", count - there,
               " of them are missing");
  if (there > count)
    throw fail(there - count, " bytes too many after the ", count, " of its shape ", shape);

  Tensor<std::uint8_t, Rank> result(shape);
  std::copy(elements.begin(), elements.end(), result.mutable_data());
  return result;
}

/// read_idx<3>("train-images-idx3-ubyte"): (60000, 28, 28).
/// @throws FileError if the file is missing, damaged or of another rank or element type.
template <int Rank>
Tensor<std::uint8_t, Rank> read_idx(const std::filesystem::path& path) {
  return parse_idx<Rank>(read_file(path));
}

}  // namespace tinydl
