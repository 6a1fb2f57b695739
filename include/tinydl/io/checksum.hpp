// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tinydl {

/// The 64-bit hash FNV-1a (Fowler, Noll and Vo) of bytes that come in pieces. It finds every error
/// within one byte, and all others but one in about 2^64; it does not protect from those who want
/// to deceive.
class Checksum {
 public:
  void add(std::span<const std::byte> bytes) {
    for (std::byte byte : bytes)
      value_ = (value_ ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace tinydl
