// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <tinydl/train/gnuplot.hpp>

namespace tinydl_test {

/// A folder of its own for one test, gone at its end.
struct PictureFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      tinydl::text("tinydl_pictures_", std::random_device{}(), std::random_device{}());
  PictureFolder() { std::filesystem::create_directories(path); }
  ~PictureFolder() { std::filesystem::remove_all(path); }
  std::filesystem::path operator/(std::string_view name) const { return path / name; }
};

inline std::string picture_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in.good(), path.string());
  return std::string(std::istreambuf_iterator<char>(in), {});
}

inline void write_picture(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

inline bool has_text(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

/// Whether pictures can be drawn here; says so where they cannot.
inline bool gnuplot_is_here() {
  const PictureFolder folder;
  write_picture(folder / "empty.gnuplot", "");
  const bool found = tinydl::run_gnuplot(folder / "empty.gnuplot").found;
  if (!found) MESSAGE("gnuplot is not installed: drawing is not tested");
  return found;
}

/// What f writes to standard error.
template <class F>
std::string standard_error_of(F f) {
  const PictureFolder folder;
  const std::string file = (folder / "errors").string();
  std::fflush(stderr);
  const int before = ::dup(2), to = ::open(file.c_str(), O_CREAT | O_WRONLY, 0600);
  ::dup2(to, 2);
  f();
  std::fflush(stderr);
  ::dup2(before, 2);
  ::close(before);
  ::close(to);
  return picture_bytes(file);
}

/// Programs are looked for in this folder alone, for a scope.
struct PathScope {
  std::string before;
  explicit PathScope(const std::filesystem::path& path) {
    if (const char* value = std::getenv("PATH")) before = value;
    ::setenv("PATH", path.c_str(), 1);
  }
  PathScope(const PathScope&) = delete;
  PathScope& operator=(const PathScope&) = delete;
  ~PathScope() { ::setenv("PATH", before.c_str(), 1); }
};

}  // namespace tinydl_test
