// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/io/little_endian.hpp>

// The wire format of Protocol Buffers: https://protobuf.dev/programming-guides/encoding/
// A message is a row of fields; each is a tag (its number, and how it is encoded) and a value.

namespace tinydl::onnx::protobuf {

enum class Encoding { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// Makes a message, field by field.
class Writer {
 public:
  void integer(std::uint32_t field, std::int64_t value) {
    tag(field, Encoding::varint);
    varint(static_cast<std::uint64_t>(value));
  }
  void real(std::uint32_t field, float value) {
    tag(field, Encoding::fixed32);
    tinydl::detail::append_little_endian(bytes_, std::bit_cast<std::uint32_t>(value));
  }
  void text(std::uint32_t field, std::string_view value) {
    tag(field, Encoding::bytes);
    varint(value.size());
    bytes_ += value;
  }
  void message(std::uint32_t field, const Writer& value) { text(field, value.bytes_); }

  const std::string& bytes() const { return bytes_; }

 private:
  void tag(std::uint32_t field, Encoding encoding) {
    varint(std::uint64_t{field} << 3 | static_cast<std::uint64_t>(encoding));
  }

  /// Seven bits a byte, the lowest first; the eighth says that more follow.
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

/// Goes through the fields of a message. Fields that nobody asks for are passed over.
///
///     for (Reader fields(bytes, "net.onnx"); fields.next();)
///       if (fields.number() == 2) name = fields.text();
///
/// @throws FileError, all of it, for what is cut off, not of the encoding that is asked for, or no
/// message at all; it names the byte of the file.
class Reader {
 public:
  /// @param where what messages begin with; it must stay.
  Reader(std::string_view message, const std::string& where) : Reader(message, where, 0) {}

  /// Goes to the next field, or says that there is none.
  bool next() {
    field_begin_ = at_;
    if (at_ == message_.size()) return false;
    const std::uint64_t tag = varint(), number = tag >> 3;
    if (number == 0 || number > 0x1FFFFFFF) throw fail("there is no field ", number);
    number_ = static_cast<std::uint32_t>(number);
    encoding_ = static_cast<Encoding>(tag & 7);
    value_ = number_of(encoding_);
    if (encoding_ == Encoding::bytes) bytes_ = take(value_);
    return true;
  }

  std::uint32_t number() const { return number_; }

  std::int64_t integer() const { return one<std::int64_t>(); }
  float real() const { return one<float>(); }
  std::string_view bytes() const {
    expect(Encoding::bytes);
    return bytes_;
  }
  std::string text() const { return std::string(bytes()); }
  Reader message() const { return Reader(bytes(), *where_, begin_ + at_ - bytes_.size()); }

  /// Adds the numbers (std::int64_t, float or double) of a field that is one, or a row of them.
  template <class T>
  void append_to(std::vector<T>& numbers) const {
    if (encoding_ != Encoding::bytes) return numbers.push_back(one<T>());
    Reader row = message();
    row.encoding_ = encoding_of<T>();
    while (row.at_ < row.message_.size()) {
      row.field_begin_ = row.at_;
      row.value_ = row.number_of(row.encoding_);
      numbers.push_back(row.one<T>());
    }
  }

  /// An error at the field at hand: "net.onnx: byte 17: ..."
  template <class... Args>
  FileError fail(const Args&... args) const {
    return FileError(tinydl::text(*where_, ": byte ", begin_ + field_begin_, ": ", args...));
  }

 private:
  Reader(std::string_view message, const std::string& where, std::size_t begin)
      : message_(message), where_(&where), begin_(begin) {}

  template <class T>
  static constexpr Encoding encoding_of() {
    if (std::is_same_v<T, std::int64_t>) return Encoding::varint;
    return sizeof(T) == 4 ? Encoding::fixed32 : Encoding::fixed64;
  }

  void expect(Encoding encoding) const {
    if (encoding_ != encoding)
      throw fail("field ", number_, " has encoding ", static_cast<int>(encoding_), ", not ",
                 static_cast<int>(encoding));
  }

  template <class T>
  T one() const {
    expect(encoding_of<T>());
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    return std::bit_cast<T>(static_cast<Bits>(value_));
  }

  std::string_view take(std::uint64_t count) {
    const std::size_t left = message_.size() - at_;
    if (count > left) throw fail("truncated: it takes ", count, " bytes and ", left, " are left");
    at_ += count;
    return message_.substr(at_ - count, count);
  }

  std::uint64_t number_of(Encoding encoding) {
    switch (encoding) {
      case Encoding::varint:
      case Encoding::bytes:
        return varint();
      case Encoding::fixed32:
        return tinydl::detail::little_endian<std::uint32_t>(take(4), 0);
      case Encoding::fixed64:
        return tinydl::detail::little_endian<std::uint64_t>(take(8), 0);
    }
    throw fail("field ", number_, " has encoding ", static_cast<int>(encoding),
               ", which this format has not, or no longer");
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    throw fail("an integer of more than 64 bits");
  }

  std::string_view message_;
  const std::string* where_;
  std::size_t begin_;  // of the message in the file
  std::size_t at_ = 0, field_begin_ = 0;
  std::uint32_t number_ = 0;
  Encoding encoding_ = Encoding::varint;
  std::uint64_t value_ = 0;
  std::string_view bytes_;
};

}  // namespace tinydl::onnx::protobuf
