// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <tinydl/core/error.hpp>

namespace tinydl {

/// The bytes of a file, and its path for messages.
struct FileContent {
  std::filesystem::path path;
  std::string bytes;
};

namespace detail {

template <class... Args>
FileError file_error(const std::filesystem::path& path, const Args&... args) {
  return FileError(text(path.string(), ": ", args...));
}

}  // namespace detail

/// The whole file. @throws FileError if it is missing or cannot be read.
inline FileContent read_file(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(path, error)) {
    if (fs::path packed = path; fs::exists(packed += ".gz", error))
      throw detail::file_error(path,
                               "no such file; there is a .gz of it, which takes zlib and "
                               "read_file_or_gz() of <tinydl/data/gz.hpp>");
    throw detail::file_error(path, "no such file");
  }
  if (!fs::is_regular_file(path, error)) throw detail::file_error(path, "not a regular file");
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  // The size of what is open: meanwhile another file may have taken the path.
  const std::streamoff size = in ? std::streamoff(in.tellg()) : -1;
  if (size < 0) throw detail::file_error(path, "cannot be opened");
  in.seekg(0);
  FileContent file{path, std::string(static_cast<std::size_t>(size), '\0')};
  in.read(file.bytes.data(), size);
  if (in.gcount() != size)
    throw detail::file_error(path, "only ", in.gcount(), " of ", size, " bytes could be read");
  return file;
}

}  // namespace tinydl
