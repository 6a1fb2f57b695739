// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include <doctest/doctest.h>
#include <zlib.h>

#include <tinydl/io/little_endian.hpp>

#include <deflated.hpp>

namespace tinydl_test {

inline std::string zip_deflate(const std::string& bytes) { return deflated(bytes, -MAX_WBITS); }

inline std::uint32_t zip_crc(const std::string& bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

/// Bytes and little-endian numbers, one after another.
template <class... Field>
std::string zip_fields(const Field&... fields) {
  std::string bytes;
  const auto add = [&](const auto& field) {
    if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(field)>>)
      tinydl::detail::append_little_endian(bytes, field);
    else
      bytes += field;
  };
  (add(fields), ...);
  return bytes;
}

/// A plain archive of one file, as the format's first version has it, with whatever claims.
struct PlainZip {
  std::string name = "file", content = "some bytes", packed = content;
  std::uint16_t method = 0, flags = 0;
  std::uint32_t crc = zip_crc(content);
  std::uint32_t packed_size = static_cast<std::uint32_t>(packed.size());
  std::uint32_t size = static_cast<std::uint32_t>(content.size());
  std::uint32_t begin = 0;
  std::string extra = {}, comment = {}, descriptor = {};
  std::uint16_t disk = 0, count = 1;

  std::string bytes() const {
    using U16 = std::uint16_t;
    using U32 = std::uint32_t;
    const bool later = flags & 8;  // the sizes follow the file
    const auto name_size = static_cast<U16>(name.size());
    const std::string local =
        zip_fields("PK\x03\x04", U16{20}, flags, method, U32{0}, later ? U32{0} : crc,
                   later ? U32{0} : packed_size, later ? U32{0} : size, name_size, U16{0}, name) +
        packed + descriptor;
    const std::string central = zip_fields(
        "PK\x01\x02", U16{20}, U16{20}, flags, method, U32{0}, crc, packed_size, size, name_size,
        static_cast<U16>(extra.size()), U16{0}, U16{0}, U16{0}, U32{0}, begin, name, extra);
    return local + central +
           zip_fields("PK\x05\x06", disk, disk, count, count, static_cast<U32>(central.size()),
                      static_cast<U32>(local.size()), static_cast<U16>(comment.size()), comment);
  }
};

/// One whose file is deflated.
inline PlainZip deflated_zip(const std::string& content) {
  PlainZip zip{.content = content};
  zip.packed = zip_deflate(content);
  zip.method = 8;
  zip.packed_size = static_cast<std::uint32_t>(zip.packed.size());
  return zip;
}

}  // namespace tinydl_test
