// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/atomic_file.hpp>

#include <atomic>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "io/files.hpp"

using tinydl::AtomicFile;
using tinydl_test::safetensors_says;
using tinydl_test::SafetensorsFolder;

namespace {

std::string atomic_content(const SafetensorsFolder& folder) {
  return tinydl::read_file(folder.file).bytes;
}

void atomic_write(const std::filesystem::path& path, const std::string& text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace

TEST_CASE("AtomicFile: what was there stays until all is written, then it is replaced") {
  const SafetensorsFolder folder;
  folder.write("old");
  AtomicFile file(folder.file);
  file.write("ne");
  file.write("w");
  CHECK(atomic_content(folder) == "old");
  file.commit();
  CHECK(atomic_content(folder) == "new");
  CHECK(folder.count() == 1);
}

TEST_CASE("AtomicFile: one that is not committed leaves nothing behind") {
  const SafetensorsFolder folder;
  folder.write("old");
  { AtomicFile(folder.file).write("half"); }
  CHECK(atomic_content(folder) == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("AtomicFile: the .part that a crash left is taken over, longer or not") {
  const SafetensorsFolder folder;
  std::ofstream(folder.file.string() + ".part") << "left by a crash, and longer";
  atomic_write(folder.file, "new");
  CHECK(atomic_content(folder) == "new");
  CHECK(folder.count() == 1);
}

TEST_CASE("AtomicFile: writes to the working folder too") {
  const SafetensorsFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path);
  atomic_write("file.safetensors", "here");
  std::filesystem::current_path(before);
  CHECK(atomic_content(folder) == "here");
}

TEST_CASE("AtomicFile: writers of one file take turns, and each of them writes it whole") {
  const SafetensorsFolder folder;
  std::atomic<bool> whole = true;
  const auto write = [&](char letter) {
    for (int i = 0; i < 20; ++i) {
      atomic_write(folder.file, std::string(10000, letter));
      const std::string now = atomic_content(folder);
      if (now.size() != 10000 || now != std::string(10000, now[0])) whole = false;
    }
  };
  std::thread other([&] { write('b'); });
  write('a');
  other.join();
  CHECK(whole);
  CHECK(folder.count() == 1);
}

TEST_CASE("AtomicFile: a full disk is reported, the old file kept, and the new one removed") {
  const SafetensorsFolder folder;
  folder.write("old");
  {
    const tinydl_test::FileSizeLimit limit(1000);
    CHECK(safetensors_says(folder, [&] { atomic_write(folder.file, std::string(5000, 'x')); }) ==
          "cannot be written: File too large");
  }
  CHECK(atomic_content(folder) == "old");
  CHECK(folder.count() == 1);
  atomic_write(folder.file, std::string(5000, 'x'));
  CHECK(atomic_content(folder).size() == 5000);
}

TEST_CASE("AtomicFile: a folder that is missing, or is a file, is refused before anything") {
  SafetensorsFolder folder;
  folder.write("old");
  const auto file = folder.file;
  folder.file = folder.path / "missing" / "file";
  CHECK(safetensors_says(folder, [&] { AtomicFile(folder.file); }) ==
        "cannot be written: No such file or directory");
  folder.file = file / "file";
  CHECK(safetensors_says(folder, [&] { AtomicFile(folder.file); }) ==
        "cannot be written: Not a directory");
  CHECK(folder.count() == 1);
}

TEST_CASE("AtomicFile: a .part that is a link is not followed") {
  const SafetensorsFolder folder;
  const auto victim = folder.path / "victim";
  std::ofstream(victim) << "precious";
  std::filesystem::create_symlink(victim, folder.file.string() + ".part");
  CHECK(safetensors_says(folder, [&] {
          AtomicFile(folder.file);
        }).starts_with("cannot be written: "));
  CHECK(tinydl::read_file(victim).bytes == "precious");
}
