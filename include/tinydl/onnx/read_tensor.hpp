// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tinydl/core/dtype.hpp>
#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/io/elements.hpp>
#include <tinydl/onnx/graph.hpp>
#include <tinydl/onnx/protobuf.hpp>

namespace tinydl::onnx::detail {

/// An element type of a file, and what becomes of it.
struct FileType {
  std::int64_t number;     // in the file
  std::string_view dtype;  // core/dtype.hpp
  ElementType type;
};

inline constexpr FileType file_types[] = {
    {1, "F32", ElementType::float32},  {11, "F64", ElementType::float32},
    {10, "F16", ElementType::float32}, {16, "BF16", ElementType::float32},
    {7, "I64", ElementType::int64},    {6, "I32", ElementType::int64},
    {5, "I16", ElementType::int64},    {3, "I8", ElementType::int64},
    {13, "U64", ElementType::int64},   {12, "U32", ElementType::int64},
    {4, "U16", ElementType::int64},    {2, "U8", ElementType::int64},
    {9, "BOOL", ElementType::boolean}};

inline const FileType& file_type(const protobuf::Reader& field, std::int64_t number) {
  for (const FileType& type : file_types)
    if (type.number == number) return type;
  throw field.fail("elements of type ", number, ": only floats, integers and bools are read");
}

/// A tensor in a file, by the numbers of fields in
/// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
class TensorReader {
 public:
  using Field = protobuf::Reader;

  [[gnu::cold]] static Initializer tensor(const Field& field) {
    Initializer result;
    TensorParts parts;
    std::vector<std::int64_t> sizes;
    std::int64_t number = 0;
    for (Field fields = field.message(); fields.next();) {
      switch (fields.number()) {
        case 1:
          fields.append_to(sizes);
          break;
        case 2:
          number = fields.integer();
          break;
        case 4:
          fields.append_to(parts.floats);
          break;
        case 5:
        case 7:
        case 11:
          fields.append_to(parts.integers);
          break;
        case 8:
          result.name = fields.text();
          break;
        case 9:
          parts.raw = fields.bytes();
          break;
        case 10:
          fields.append_to(parts.doubles);
          break;
        case 13:
          throw fields.fail("tensor '", result.name, "' is in another file, which is not read");
      }
    }
    const FileType& type = file_type(field, number);
    const std::size_t count = element_count(field, result.name, sizes);
    for (const std::int64_t size : sizes) result.value.shape.push_back(static_cast<Index>(size));
    const auto check = [&](std::size_t there, const char* what, std::size_t needed) {
      if (there != needed)
        throw field.fail("tensor '", result.name, "' of shape ", shape_text(result.value.shape),
                         " of ", type.dtype, " takes ", needed, " ", what, " and has ", there);
    };
    const auto width = static_cast<std::size_t>(
        tinydl::detail::dtype_bytes(type.dtype, tinydl::detail::Storable{}));
    if (parts.raw)
      check(parts.raw->size(), "bytes", count * width);
    else
      check(type.dtype == "F32"   ? parts.floats.size()
            : type.dtype == "F64" ? parts.doubles.size()
                                  : parts.integers.size(),
            "elements", count);
    if (type.type == ElementType::float32)
      result.value.elements = elements<float>(type.dtype, count, parts);
    else if (type.type == ElementType::int64)
      result.value.elements = elements<std::int64_t>(type.dtype, count, parts);
    else
      result.value.elements = elements<bool>(type.dtype, count, parts);
    return result;
  }

 private:
  /// What a file has of a tensor. Its elements are raw bytes, or numbers in one of the rows; small
  /// types stand in `integers`, a half by its bits.
  struct TensorParts {
    std::optional<std::string_view> raw = {};
    std::vector<float> floats = {};
    std::vector<double> doubles = {};
    std::vector<std::int64_t> integers = {};
  };

  /// Also if there are none, products of the other sizes do not overflow.
  [[gnu::cold]] static std::size_t element_count(const Field& field, const std::string& name,
                                                 std::span<const std::int64_t> sizes) {
    constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 8;
    std::int64_t count = 1;
    for (const std::int64_t size : sizes) {
      if (size < 0) throw field.fail("tensor '", name, "' has a size of ", size);
      if (size > 0 && count > limit / size)
        throw field.fail("tensor '", name, "' has more elements than a file can hold");
      count *= std::max<std::int64_t>(size, 1);
    }
    return std::ranges::find(sizes, 0) == sizes.end() ? static_cast<std::size_t>(count) : 0;
  }

  /// There are `count` of them.
  template <class T>
  [[gnu::cold]] static Tensor<T, 1> elements(std::string_view dtype, std::size_t count,
                                             const TensorParts& parts) {
    Tensor<T, 1> result(Shape<1>(static_cast<Index>(count)));
    const std::span<T> out = result.mutable_span();
    const auto convert = [](auto x) { return static_cast<T>(x); };
    if (parts.raw)
      tinydl::detail::convert_elements(dtype, std::as_bytes(std::span(*parts.raw)), out);
    else if (dtype == "F32")
      std::ranges::transform(parts.floats, out.begin(), convert);
    else if (dtype == "F64")
      std::ranges::transform(parts.doubles, out.begin(), convert);
    else if (dtype == "F16" || dtype == "BF16")
      std::ranges::transform(parts.integers, out.begin(), [&](std::int64_t bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        return convert(dtype == "F16" ? tinydl::detail::from_half(half)
                                      : tinydl::detail::from_bfloat16(half));
      });
    else
      std::ranges::transform(parts.integers, out.begin(), convert);
    return result;
  }
};

}  // namespace tinydl::onnx::detail
