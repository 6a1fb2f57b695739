// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/zip_writer.hpp>

#include <doctest/doctest.h>

#include <tinydl/io/zip_reader.hpp>

#include "io/files.hpp"

namespace {

std::span<const std::byte> zip_piece(const std::string& bytes) {
  return std::as_bytes(std::span(bytes));
}

}  // namespace

TEST_CASE("ZipWriter: what it writes, stored or deflated, in pieces or none, is read back") {
  const tinydl_test::SafetensorsFolder folder;
  std::string content;
  for (unsigned i = 0; i < 300'000; ++i) content += static_cast<char>(i * i >> 7);
  const std::string first = content.substr(0, 100'000), second = content.substr(100'000), none;
  {
    tinydl::detail::ZipWriter zip(folder.file);
    for (const bool compressed : {false, true}) {
      const std::string prefix = compressed ? "deflated " : "stored ";
      zip.add(prefix + "pieces", {zip_piece(first), {}, zip_piece(second), {}}, compressed);
      zip.add(prefix + "nothing", {}, compressed);
      zip.add(prefix + "empty", {zip_piece(none)}, compressed);
    }
    zip.commit();
  }
  const tinydl::detail::ZipFile zip(folder.file);
  REQUIRE(zip.entries().size() == 6);
  for (const auto& entry : zip.entries()) {
    CAPTURE(entry.name);
    CHECK(zip.unpack(entry) == (entry.name.ends_with("pieces") ? content : ""));
    CHECK(entry.method == (entry.name.starts_with("deflated") ? 8 : 0));
  }
  CHECK(zip.entries()[3].packed_size < content.size());
}

TEST_CASE("ZipWriter: an archive without files is one, and one not committed is none") {
  const tinydl_test::SafetensorsFolder folder;
  { tinydl::detail::ZipWriter zip(folder.file); }
  CHECK(folder.count() == 0);
  tinydl::detail::ZipWriter zip(folder.file);
  zip.commit();
  CHECK(tinydl::detail::ZipFile(folder.file).entries().empty());
}
