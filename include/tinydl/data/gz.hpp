// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// Not part of <tinydl/tinydl.hpp>: needs zlib (tinydl::gz in CMake).

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <new>
#include <string>
#include <system_error>

#include <zlib.h>

#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/data/idx.hpp>

namespace tinydl {

struct GunzipOptions {
  std::size_t max_bytes = std::size_t{1} << 30;  ///< what unpacks to more is refused
};

namespace detail {

/// zlib's state while it unpacks.
class Inflater {
 public:
  static constexpr int gzip = 16 + MAX_WBITS, bare = -MAX_WBITS;  // with its frame, or without any

  explicit Inflater(int format) {
    if (inflateInit2(&stream_, format) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  z_stream* operator->() { return &stream_; }
  int step() { return inflate(&stream_, Z_NO_FLUSH); }
  void next_member() { inflateReset(&stream_); }

 private:
  z_stream stream_{};
};

}  // namespace detail

/// Unpacks a gzip file (RFC 1952), of one member or several. The result carries the packed file's
/// path. @throws FileError if the file is missing, not gzip, damaged (its checksum included),
/// truncated or followed by something else, or if it unpacks to more than max_bytes.
inline FileContent gunzip(const FileContent& packed, GunzipOptions options = {}) {
  const std::filesystem::path& path = packed.path;
  if (!packed.bytes.starts_with("\x1f\x8b")) throw detail::file_error(path, "not a gzip file");
  FileContent unpacked{path, {}};
  detail::Inflater inflater(detail::Inflater::gzip);
  std::array<Bytef, 1 << 16> buffer;
  std::size_t at = 0;  // in the packed bytes
  int status = Z_OK;
  while (at < packed.bytes.size()) {
    const std::size_t piece = std::min<std::size_t>(packed.bytes.size() - at, 1 << 30);
    // zlib does not write through next_in.
    inflater->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.bytes.data())) + at;
    inflater->avail_in = static_cast<uInt>(piece);
    do {
      inflater->next_out = buffer.data();
      inflater->avail_out = static_cast<uInt>(buffer.size());
      status = inflater.step();
      const std::size_t made = buffer.size() - inflater->avail_out;
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        throw detail::file_error(path, "damaged: ", inflater->msg ? inflater->msg : "not gzip",
                                 " after ", unpacked.bytes.size() + made, " unpacked bytes");
      if (made > options.max_bytes - unpacked.bytes.size())
        throw detail::file_error(path, "unpacks to more than ", options.max_bytes, " bytes");
      unpacked.bytes.append(reinterpret_cast<const char*>(buffer.data()), made);
    } while (status != Z_STREAM_END && inflater->avail_out == 0);
    at += piece - inflater->avail_in;
    if (status == Z_STREAM_END) inflater.next_member();
  }
  if (status != Z_STREAM_END)
    throw detail::file_error(path, "truncated: its ", packed.bytes.size(),
                             " bytes end amid the packed data, after ", unpacked.bytes.size(),
                             " unpacked bytes");
  return unpacked;
}
inline FileContent gunzip(const std::filesystem::path& path, GunzipOptions options = {}) {
  return gunzip(read_file(path), options);
}

/// The file itself or, where there is none, the one of that name with .gz, unpacked: for
/// load_mnist(folder, {.read = read_file_or_gz}). @throws FileError as read_file and gunzip do.
inline FileContent read_file_or_gz(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path packed = path;
  packed += ".gz";
  const bool take_packed =
      !std::filesystem::exists(path, error) && std::filesystem::exists(packed, error);
  return take_packed ? gunzip(packed) : read_file(path);
}

/// read_idx for a gzip file. @throws FileError as gunzip and read_idx do.
template <int Rank>
Tensor<std::uint8_t, Rank> read_idx_gz(const std::filesystem::path& path) {
  return parse_idx<Rank>(gunzip(path));
}

}  // namespace tinydl
