// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// Not part of <tinydl/tinydl.hpp>: needs zlib (tinydl::gz in CMake).

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <zlib.h>

#include <tinydl/io/atomic_file.hpp>
#include <tinydl/io/little_endian.hpp>
#include <tinydl/io/zip_format.hpp>

namespace tinydl::detail {

/// zlib's state while it packs, without any frame.
class Deflater {
 public:
  Deflater() {
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  /// Appends to `out` what these bytes pack to; `last` if no more will follow.
  void pack(std::span<const std::byte> bytes, bool last, std::string& out) {
    std::array<Bytef, 1 << 16> buffer;
    do {
      const auto piece =
          bytes.first(std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
      bytes = bytes.subspan(piece.size());
      // zlib does not write through next_in.
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(piece.data()));
      stream_.avail_in = static_cast<uInt>(piece.size());
      do {
        stream_.next_out = buffer.data();
        stream_.avail_out = static_cast<uInt>(buffer.size());
        deflate(&stream_, last && bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
        out.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream_.avail_out);
      } while (stream_.avail_out == 0);
    } while (!bytes.empty());
  }

 private:
  z_stream stream_{};
};

/// Writes a zip archive, file by file. All numbers are those of zip64, whose readers take archives
/// of any size; there are no times in it, so that the same files make the same bytes.
class ZipWriter {
 public:
  /// @throws FileError, as all of it, if the archive cannot be written: see AtomicFile.
  explicit ZipWriter(const std::filesystem::path& path) : file_(path) {}

  /// A file of these pieces.
  void add(const std::string& name, const std::vector<std::span<const std::byte>>& pieces,
           bool compressed) {
    Entry entry{name, compressed ? zip_deflated : zip_stored, 0, 0, 0, written_};
    for (const auto piece : pieces) {
      if (piece.empty()) continue;  // without memory it would mean: begin anew
      entry.size += piece.size();
      entry.crc = crc32_z(entry.crc, reinterpret_cast<const Bytef*>(piece.data()), piece.size());
    }
    entry.packed_size = entry.size;
    std::string packed;
    if (compressed) {
      Deflater deflater;
      for (const auto piece : pieces) deflater.pack(piece, false, packed);
      deflater.pack({}, true, packed);
      entry.packed_size = packed.size();
    }
    write(local_header(entry));
    if (compressed)
      write(packed);
    else
      for (const auto piece : pieces) write(piece);
    entries_.push_back(std::move(entry));
  }

  /// The directory; the last call.
  void commit() {
    std::string directory;
    for (const Entry& entry : entries_) directory += central_header(entry);
    const std::uint64_t begin = written_, end = begin + directory.size(), count = entries_.size();

    directory += zip64_end.signature;
    append(directory, std::uint64_t{zip64_end.size - 12});  // what follows this number
    append(directory, version, version, std::uint64_t{0});  // of one part
    append(directory, count, count, end - begin, begin);

    directory += zip64_locator.signature;
    append(directory, std::uint32_t{0}, end, std::uint32_t{1});

    directory += zip_end.signature;
    append(directory, std::uint32_t{0}, zip_elsewhere16, zip_elsewhere16, zip_elsewhere,
           zip_elsewhere, std::uint16_t{0});
    write(directory);
    file_.commit();
  }

 private:
  struct Entry {
    std::string name;
    std::uint16_t method;
    uLong crc;
    std::uint64_t packed_size, size, begin;
  };

  static constexpr std::uint16_t version = 45;  // the first with zip64
  static constexpr std::uint16_t utf8_name = 1 << 11;
  static constexpr std::uint16_t time = 0, date = 1 << 5 | 1;  // the first of January 1980

  template <class... U>
  static void append(std::string& bytes, U... numbers) {
    (append_little_endian(bytes, numbers), ...);
  }

  /// What the headers of both kinds have in common, from the version to the lengths.
  static void append_common(std::string& bytes, const Entry& entry, std::size_t extra) {
    append(bytes, version, utf8_name, entry.method, time, date,
           static_cast<std::uint32_t>(entry.crc), zip_elsewhere, zip_elsewhere,
           static_cast<std::uint16_t>(entry.name.size()), static_cast<std::uint16_t>(extra));
  }

  static std::string local_header(const Entry& entry) {
    std::string bytes(zip_local.signature), extra;
    append(extra, zip64_extra, std::uint16_t{16}, entry.size, entry.packed_size);
    append_common(bytes, entry, extra.size());
    return bytes + entry.name + extra;
  }

  static std::string central_header(const Entry& entry) {
    std::string bytes(zip_central.signature), extra;
    append(extra, zip64_extra, std::uint16_t{24}, entry.size, entry.packed_size, entry.begin);
    append(bytes, version);  // it is made by
    append_common(bytes, entry, extra.size());
    // No comment, in part 0, of bytes rather than text, without attributes.
    append(bytes, std::uint16_t{0}, std::uint16_t{0}, std::uint16_t{0}, std::uint32_t{0},
           zip_elsewhere);
    return bytes + entry.name + extra;
  }

  void write(std::span<const std::byte> bytes) {
    file_.write(bytes);
    written_ += bytes.size();
  }
  void write(std::string_view bytes) { write(std::as_bytes(std::span(bytes))); }

  AtomicFile file_;
  std::uint64_t written_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace tinydl::detail
