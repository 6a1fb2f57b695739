// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include <sys/resource.h>

#include <doctest/doctest.h>

#include <tinydl/core/error.hpp>

namespace tinydl_test {

/// A folder of its own for one test, gone at its end.
struct SafetensorsFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      tinydl::text("tinydl_safetensors_", std::random_device{}(), std::random_device{}());
  std::filesystem::path file = path / "file.safetensors";
  SafetensorsFolder() { std::filesystem::create_directories(path); }
  ~SafetensorsFolder() { std::filesystem::remove_all(path); }

  void write(const std::string& bytes) const { std::ofstream(file, std::ios::binary) << bytes; }
  std::size_t count() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }
};

/// No file may grow beyond this, as if the disk were full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_;
  void (*signal_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

/// A file of this header, and as many bytes of data.
inline std::string safetensors_bytes(const std::string& header, std::size_t data = 0) {
  std::uint64_t length = header.size();
  std::string result;
  for (int i = 0; i < 8; ++i, length >>= 8) result += static_cast<char>(length);
  return result + header + std::string(data, '\0');
}

/// What calling f says about the folder's file, after its path.
template <class F>
std::string safetensors_says(const SafetensorsFolder& folder, F f) {
  try {
    f();
  } catch (const tinydl::FileError& error) {
    const std::string message = error.what(), prefix = folder.file.string() + ": ";
    REQUIRE(message.starts_with(prefix));
    return message.substr(prefix.size());
  }
  return "none";
}

}  // namespace tinydl_test
