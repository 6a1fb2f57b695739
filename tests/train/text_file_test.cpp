// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/text_file.hpp>

#include <doctest/doctest.h>

#include <train/pictures.hpp>

using namespace tinydl;
using namespace tinydl_test;

TEST_CASE("text_file: a file is written over an old one, in a folder that is made for it") {
  const PictureFolder folder;
  const auto path = folder / "a/b/file.txt";
  write_text_file(path, std::string("old and long\0", 13));
  CHECK(picture_bytes(path) == std::string("old and long\0", 13));
  write_text_file(path, "new");
  CHECK(picture_bytes(path) == "new");
  CHECK(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}) == 1);
}

TEST_CASE("text_file: what cannot be written is named, and nothing is left of it") {
  const PictureFolder folder;
  write_picture(folder / "file", "kept");
  const auto message = [](const std::filesystem::path& path) {
    try {
      write_text_file(path, "text");
    } catch (const FileError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto below = folder / "file/below";
  CHECK(message(below).starts_with(below.string() + ": its folder cannot be made: "));
  CHECK(picture_bytes(folder / "file") == "kept");

  std::filesystem::create_directories(folder / "taken/inner");
  CHECK(message(folder / "taken").starts_with((folder / "taken").string() + ": cannot be written"));
  CHECK_FALSE(std::filesystem::exists(folder / "taken.part"));

  std::filesystem::create_directories(folder / "x.part");
  CHECK(has_text(message(folder / "x"), "x: cannot be written: "));
  CHECK_FALSE(std::filesystem::exists(folder / "x"));
}
