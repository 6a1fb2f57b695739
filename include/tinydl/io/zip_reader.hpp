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
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <zlib.h>

#include <tinydl/core/error.hpp>
#include <tinydl/data/file.hpp>
#include <tinydl/data/gz.hpp>
#include <tinydl/io/little_endian.hpp>
#include <tinydl/io/zip_format.hpp>

namespace tinydl::detail {

/// A file in a zip archive, as the directory at its end describes it.
struct ZipEntry {
  std::string name;
  bool encrypted = false;
  std::uint16_t method = 0;  ///< a ZipMethod, if it is one that is read
  std::uint32_t crc = 0;
  std::uint64_t packed_size = 0, size = 0;
  std::uint64_t begin = 0;  ///< the byte of the archive at which its local header begins
};

/// A zip archive in memory, zip64 or not. What it says of itself is checked when it is opened, what
/// is packed in it when that is unpacked.
class ZipFile {
 public:
  /// @throws FileError if the file is missing or damaged.
  explicit ZipFile(const std::filesystem::path& path) : ZipFile(read_file(path)) {}
  explicit ZipFile(FileContent content) : content_(std::move(content)) { read_directory(); }

  const std::filesystem::path& path() const { return content_.path; }
  const std::vector<ZipEntry>& entries() const { return entries_; }

  /// The file that an entry describes. No more memory is taken than it unpacks to.
  /// @throws FileError if it is damaged, its check sum included, encrypted, or packed otherwise
  /// than by deflate.
  std::string unpack(const ZipEntry& entry) const {
    std::string result = unpack(entry, entry.size);
    if (result.size() != entry.size)
      throw fail(entry, "it unpacks to ", result.size(), " bytes, not ", entry.size);
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(result.data()), result.size());
    if (crc != entry.crc) throw fail(entry, "damaged: its check sum is not that of its bytes");
    return result;
  }

  /// Its first bytes, or all if there are no more; their check sum is not known.
  std::string unpack_beginning(const ZipEntry& entry, std::uint64_t bytes) const {
    return unpack(entry, std::min(bytes, entry.size));
  }

 private:
  template <class... Args>
  FileError fail(const Args&... args) const {
    return file_error(path(), args...);
  }
  template <class... Args>
  FileError fail(const ZipEntry& entry, const Args&... args) const {
    return fail("'", entry.name, "': ", args...);
  }

  /// A record's bytes.
  std::string_view record(const ZipRecord& kind, std::uint64_t at, const char* name) const {
    const std::string_view bytes = content_.bytes;
    if (at > bytes.size() || kind.size > bytes.size() - at)
      throw fail("truncated: ", name, " is said to begin at byte ", at, " of ", bytes.size());
    if (bytes.substr(at, kind.signature.size()) != kind.signature)
      throw fail("damaged: at byte ", at, " there is not ", name);
    return bytes.substr(at, kind.size);
  }

  /// Where the last record of the archive begins: before its comment, which may have any length.
  std::size_t find_end() const {
    const std::string_view bytes = content_.bytes;
    if (!bytes.starts_with("PK")) throw fail("not a zip archive: it does not begin with PK");
    constexpr std::size_t longest_comment = 0xFFFF;
    for (std::size_t comment = 0; comment <= longest_comment; ++comment) {
      if (bytes.size() < zip_end.size + comment) break;
      const std::size_t at = bytes.size() - zip_end.size - comment;
      if (bytes.substr(at, zip_end.signature.size()) == zip_end.signature &&
          little_endian<std::uint16_t>(bytes, at + 20) == comment)
        return at;
    }
    throw fail("truncated, or damaged: a zip archive's last record is missing");
  }

  void read_directory() {
    const std::size_t end_at = find_end();
    const std::string_view end = record(zip_end, end_at, "the end of the directory");
    std::uint64_t disks = little_endian<std::uint32_t>(end, 4);  // two numbers; both must be 0
    std::uint64_t count = little_endian<std::uint16_t>(end, 10);
    std::uint64_t size = little_endian<std::uint32_t>(end, 12);
    std::uint64_t begin = little_endian<std::uint32_t>(end, 16);
    std::uint64_t directory_end = end_at;
    if (end_at >= zip64_locator.size && std::string_view(content_.bytes)
                                            .substr(end_at - zip64_locator.size)
                                            .starts_with(zip64_locator.signature)) {
      const auto locator = std::string_view(content_.bytes).substr(end_at - zip64_locator.size);
      directory_end = little_endian<std::uint64_t>(locator, 8);
      const auto end64 = record(zip64_end, directory_end, "the zip64 end of the directory");
      disks = little_endian<std::uint64_t>(end64, 16);
      count = little_endian<std::uint64_t>(end64, 32);
      size = little_endian<std::uint64_t>(end64, 40);
      begin = little_endian<std::uint64_t>(end64, 48);
    }
    if (disks != 0) throw fail("one of several parts of an archive, which are not read");
    if (begin > directory_end || size != directory_end - begin)
      throw fail("damaged: its directory of ", size, " bytes at byte ", begin,
                 " does not reach to its end at byte ", directory_end);

    directory_ = begin;
    std::set<std::string> names;
    std::uint64_t at = begin;
    while (at < directory_end) {
      entries_.push_back(read_entry(at, directory_end));
      if (const std::string& name = entries_.back().name; !names.insert(name).second)
        throw fail("it has '", name, "' twice");
    }
    if (entries_.size() != count)
      throw fail("damaged: its directory lists ", entries_.size(), " files, not ", count);
  }

  /// The entry at byte `at`, which moves on to the next one.
  ZipEntry read_entry(std::uint64_t& at, std::uint64_t directory_end) const {
    const std::string_view fixed = record(zip_central, at, "an entry of the directory");
    const std::size_t name = little_endian<std::uint16_t>(fixed, 28);
    const std::size_t extra = little_endian<std::uint16_t>(fixed, 30);
    const std::size_t comment = little_endian<std::uint16_t>(fixed, 32);
    const std::uint64_t variable = at + zip_central.size;
    if (variable > directory_end || name + extra + comment > directory_end - variable)
      throw fail("damaged: the entry at byte ", at, " reaches beyond the directory");
    const auto rest = std::string_view(content_.bytes).substr(variable, name + extra);

    ZipEntry entry;
    entry.name = rest.substr(0, name);
    entry.encrypted = (little_endian<std::uint16_t>(fixed, 8) & 1) != 0;
    entry.method = little_endian<std::uint16_t>(fixed, 10);
    entry.crc = little_endian<std::uint32_t>(fixed, 16);
    entry.packed_size = little_endian<std::uint32_t>(fixed, 20);
    entry.size = little_endian<std::uint32_t>(fixed, 24);
    entry.begin = little_endian<std::uint32_t>(fixed, 42);
    read_zip64(entry, rest.substr(name));
    at = variable + name + extra + comment;
    return entry;
  }

  /// Puts in the numbers that have no room in the entry itself.
  void read_zip64(ZipEntry& entry, std::string_view extras) const {
    std::vector<std::uint64_t*> missing;
    for (std::uint64_t* number : {&entry.size, &entry.packed_size, &entry.begin})
      if (*number == zip_elsewhere) missing.push_back(number);
    while (!missing.empty() && extras.size() >= 4) {
      const auto id = little_endian<std::uint16_t>(extras, 0);
      const std::size_t size = little_endian<std::uint16_t>(extras, 2);
      if (size > extras.size() - 4) break;
      if (id == zip64_extra && size >= 8 * missing.size()) {
        for (std::size_t i = 0; i < missing.size(); ++i)
          *missing[i] = little_endian<std::uint64_t>(extras, 4 + 8 * i);
        return;
      }
      extras.remove_prefix(4 + size);
    }
    if (!missing.empty()) throw fail(entry, "damaged: its zip64 sizes are missing");
  }

  /// The packed bytes of an entry, which lie before the directory.
  std::string_view packed(const ZipEntry& entry) const {
    const auto local = record(zip_local, entry.begin, "the file of an entry");
    const std::size_t name = little_endian<std::uint16_t>(local, 26);
    const std::size_t extra = little_endian<std::uint16_t>(local, 28);
    const std::uint64_t name_at = entry.begin + zip_local.size;
    const std::uint64_t begin = name_at + name + extra;
    if (begin > directory_ || entry.packed_size > directory_ - begin)
      throw fail(entry, "truncated: ", entry.packed_size, " bytes at byte ", begin,
                 " reach into the directory at byte ", directory_);
    const std::string_view bytes = content_.bytes;
    if (bytes.substr(name_at, name) != entry.name)
      throw fail(entry, "damaged: the file at byte ", entry.begin, " has another name");
    return bytes.substr(begin, entry.packed_size);
  }

  /// At most so many bytes; never more than the entry's size. Throws if there would be more than
  /// that size.
  std::string unpack(const ZipEntry& entry, std::uint64_t bytes) const {
    if (entry.encrypted) throw fail(entry, "it is encrypted");
    const std::string_view from = packed(entry);
    if (entry.method == zip_deflated) return inflate_bytes(entry, from, bytes);
    if (entry.method != zip_stored)
      throw fail(entry, "it is packed by method ", entry.method,
                 "; stored and deflated files are read");
    if (entry.packed_size != entry.size)
      throw fail(entry, "damaged: it is stored in ", entry.packed_size, " bytes, not ", entry.size);
    return std::string(from.substr(0, bytes));
  }

  std::string inflate_bytes(const ZipEntry& entry, std::string_view from,
                            std::uint64_t bytes) const {
    std::string result;
    Inflater inflater(Inflater::bare);
    std::array<Bytef, 1 << 16> buffer;
    int status = Z_OK;
    while (status != Z_STREAM_END) {
      if (result.size() == bytes && bytes < entry.size) return result;  // as many as asked for
      if (inflater->avail_in == 0) {
        const auto piece = from.substr(0, std::numeric_limits<uInt>::max());
        from.remove_prefix(piece.size());
        // zlib does not write through next_in.
        inflater->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
        inflater->avail_in = static_cast<uInt>(piece.size());
      }
      inflater->next_out = buffer.data();
      inflater->avail_out = static_cast<uInt>(buffer.size());
      status = inflater.step();
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      if (status == Z_BUF_ERROR)
        throw fail(entry, "truncated: its packed bytes end after ", result.size(), " unpacked");
      if (status != Z_OK && status != Z_STREAM_END)
        throw fail(entry, "damaged: ", inflater->msg ? inflater->msg : "not deflated", " after ",
                   result.size(), " unpacked bytes");
      const std::size_t made = buffer.size() - inflater->avail_out;
      if (made > entry.size - result.size())
        throw fail(entry, "it unpacks to more than its ", entry.size, " bytes");
      const auto wanted = std::min<std::uint64_t>(made, bytes - result.size());
      result.append(reinterpret_cast<const char*>(buffer.data()), wanted);
    }
    if (inflater->avail_in != 0 || !from.empty())
      throw fail(entry, "damaged: something follows its packed bytes");
    return result;
  }

  FileContent content_;
  std::uint64_t directory_ = 0;  // where it begins
  std::vector<ZipEntry> entries_;
};

}  // namespace tinydl::detail
