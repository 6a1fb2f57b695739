// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// Not part of <tinydl/tinydl.hpp>: needs nlohmann/json (tinydl::io in CMake).

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <tinydl/core/error.hpp>
#include <tinydl/core/state.hpp>
#include <tinydl/data/file.hpp>
#include <tinydl/io/atomic_file.hpp>
#include <tinydl/io/checksum.hpp>
#include <tinydl/io/safetensors_reader.hpp>
#include <tinydl/io/safetensors_writer.hpp>

namespace tinydl {

namespace detail {

// A checkpoint is a .safetensors file of a State's entries, with the version in its metadata and a
// last tensor, U8 (8,): the Checksum of all bytes before it, low byte first.
constexpr std::string_view checkpoint_key = "tinydl_checkpoint", checksum_key = "tinydl_checksum";
constexpr std::string_view checkpoint_version = "1";

using ChecksumBytes = std::array<unsigned char, 8>;

inline ChecksumBytes bytes_of(const Checksum& checksum) {
  ChecksumBytes bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(checksum.value() >> 8 * i);
  return bytes;
}

}  // namespace detail

/// Writes a State as a checkpoint, which replaces another one whole or not at all: see AtomicFile.
/// @throws FileError if it cannot be written, ValueError if a name is not UTF-8.
inline void write_checkpoint(const State& state, const std::filesystem::path& path) {
  SafetensorsWriter writer;
  writer.set_metadata(std::string(detail::checkpoint_key), std::string(detail::checkpoint_version));
  for (const auto& [name, entry] : state.entries()) writer.add(name, entry);
  detail::ChecksumBytes sum;
  const Index size[] = {sum.size()};
  writer.add(std::string(detail::checksum_key), size, std::span<const unsigned char>(sum));

  SafetensorsBytes content = writer.bytes();
  content.tensors.pop_back();  // the check sum: of one byte an element, and added last
  AtomicFile file(path);
  Checksum checksum;
  const auto write = [&](std::span<const std::byte> piece) {
    checksum.add(piece);
    file.write(piece);
  };
  write(std::as_bytes(std::span(content.header)));
  for (const auto& tensor : content.tensors) write(tensor);
  sum = detail::bytes_of(checksum);
  file.write(std::as_bytes(std::span(sum)));
  file.commit();
}

/// Reads what write_checkpoint() wrote, as a whole or not at all.
/// @throws FileError if the file is missing, no checkpoint, one of another version, or damaged.
inline State read_checkpoint(FileContent content) {
  const auto path = content.path;
  const auto fail = [&](const auto&... words) { return detail::file_error(path, words...); };
  // The metadata are near the beginning: a file that cannot be read any more shows what it was.
  const bool claims =
      std::string_view(content.bytes).substr(0, 4096).find(detail::checkpoint_key) !=
      std::string_view::npos;
  std::shared_ptr<const SafetensorsFile> file;
  try {
    file = std::make_shared<const SafetensorsFile>(std::move(content));
  } catch (const FileError& error) {
    const auto reason = std::string_view(error.what()).substr(path.string().size() + 2);
    throw fail(claims ? "a damaged checkpoint: " : "no checkpoint: ", reason);
  }
  const auto version = file->metadata().find(std::string(detail::checkpoint_key));
  if (version == file->metadata().end())
    throw fail("no checkpoint: its metadata have no ", detail::checkpoint_key);
  if (version->second != detail::checkpoint_version)
    throw fail("a checkpoint of version ", version->second, "; this library reads version ",
               detail::checkpoint_version);
  const auto& entries = file->entries();
  constexpr std::size_t sum_size = std::tuple_size_v<detail::ChecksumBytes>;
  if (entries.empty() || entries.back().name != detail::checksum_key ||
      entries.back().bytes.size() != sum_size)
    throw fail("a damaged checkpoint: its check sum is missing");
  Checksum checksum;
  checksum.add(file->bytes().first(file->bytes().size() - sum_size));
  const auto sum = detail::bytes_of(checksum);
  if (!std::ranges::equal(std::as_bytes(std::span(sum)), entries.back().bytes))
    throw fail("a damaged checkpoint: its check sum is not that of its content");

  State state;
  for (const SafetensorsEntry& entry : entries)
    if (entry.name != detail::checksum_key)
      state.add(entry.name, {entry.dtype, entry.shape, entry.bytes, file});
  return state;
}
inline State read_checkpoint(const std::filesystem::path& path) {
  return read_checkpoint(read_file(path));
}

}  // namespace tinydl
