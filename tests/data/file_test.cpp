// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/data/file.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <random>
#include <thread>

namespace {

std::filesystem::path read_file_path() {
  return std::filesystem::temp_directory_path() /
         tinydl::text("tinydl_file_", std::random_device{}(), std::random_device{}());
}

void read_file_refuses(const std::filesystem::path& path, const char* why) {
  CHECK_THROWS_WITH_AS(tinydl::read_file(path), tinydl::text(path.string(), ": ", why).c_str(),
                       tinydl::FileError);
}

}  // namespace

TEST_CASE("read_file: all bytes come, with the path; a missing file is refused by it") {
  const auto path = read_file_path();
  for (const std::string& bytes : {std::string("a\0b\n\r", 5), std::string()}) {
    std::ofstream(path, std::ios::binary) << bytes;
    const tinydl::FileContent file = tinydl::read_file(path);
    CHECK(file.bytes == bytes);
    CHECK(file.path == path);
    std::filesystem::remove(path);
  }
  read_file_refuses(path, "no such file");
}

TEST_CASE("read_file: a folder and a device are refused") {
  const auto path = read_file_path();
  std::filesystem::create_directory(path);
  read_file_refuses(path, "not a regular file");
  std::filesystem::remove(path);
  if (std::filesystem::exists("/dev/null")) read_file_refuses("/dev/null", "not a regular file");
}

TEST_CASE("read_file: beside a writer that replaces the file, it is one of the files, whole") {
  if (!std::filesystem::exists("/dev/null")) return;  // Windows: an open file is not replaced
  const auto path = read_file_path(), other = read_file_path();
  const std::string files[] = {std::string(100, 'a'), std::string(5000, 'b')};
  std::ofstream(path, std::ios::binary) << files[0];
  std::atomic<bool> read = false;
  std::thread writer([&] {
    for (int i = 1; !read; ++i) {
      std::ofstream(other, std::ios::binary) << files[i % 2];
      std::filesystem::rename(other, path);
    }
  });
  std::string trouble;
  try {
    for (int i = 0; i < 2000 && trouble.empty(); ++i) {
      const std::string bytes = tinydl::read_file(path).bytes;
      if (bytes != files[0] && bytes != files[1]) trouble = tinydl::text(bytes.size(), " bytes");
    }
  } catch (const tinydl::FileError& error) {
    trouble = error.what();
  }
  read = true;
  writer.join();
  std::filesystem::remove(path);
  CHECK(trouble == "");
}
