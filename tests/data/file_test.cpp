// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/data/file.hpp>

#include <doctest/doctest.h>

#include <random>

TEST_CASE("read_file: all bytes come, with the path; a missing file is refused by it") {
  const auto path = std::filesystem::temp_directory_path() /
                    tinydl::text("tinydl_file_", std::random_device{}(), std::random_device{}());
  const std::string bytes("a\0b\n\r", 5);
  std::ofstream(path, std::ios::binary) << bytes;
  const tinydl::FileContent file = tinydl::read_file(path);
  CHECK(file.bytes == bytes);
  CHECK(file.path == path);
  std::filesystem::remove(path);
  CHECK_THROWS_WITH_AS(tinydl::read_file(path), (path.string() + ": no such file").c_str(),
                       tinydl::FileError);
}
