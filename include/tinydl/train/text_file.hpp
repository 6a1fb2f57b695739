// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>
#include <system_error>

#include <tinydl/io/atomic_file.hpp>

namespace tinydl {

/// Writes a file whole or not at all, and makes the folder that it is in.
/// @throws FileError if that cannot be
inline void write_text_file(const std::filesystem::path& path, std::string_view text) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) throw detail::file_error(path, "its folder cannot be made: ", error.message());
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace tinydl
