// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

// What zip archives are made of, as PKWARE's APPNOTE.TXT 6.3.3 numbers it.

namespace tinydl::detail {

/// The bytes that a record begins with, and its size without names, extras and comments.
struct ZipRecord {
  std::string_view signature;
  std::size_t size;
};

constexpr ZipRecord zip_local{"PK\x03\x04", 30};      // 4.3.7, before each file
constexpr ZipRecord zip_central{"PK\x01\x02", 46};    // 4.3.12, one for each file: the directory
constexpr ZipRecord zip64_end{"PK\x06\x06", 56};      // 4.3.14, the end of the directory
constexpr ZipRecord zip64_locator{"PK\x06\x07", 20};  // 4.3.15, where that is
constexpr ZipRecord zip_end{"PK\x05\x06", 22};        // 4.3.16, the end of the directory and all

/// Instead of a number too large for the field: it is in the zip64 record or extra.
constexpr std::uint16_t zip_elsewhere16 = 0xFFFF;
constexpr std::uint32_t zip_elsewhere = 0xFFFFFFFF;
constexpr std::uint16_t zip64_extra = 1;  // 4.5.3

enum ZipMethod : std::uint16_t { zip_stored = 0, zip_deflated = 8 };

}  // namespace tinydl::detail
