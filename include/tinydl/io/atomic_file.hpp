// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// The one place of the library that calls POSIX; elsewhere another AtomicFile can take its place.

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tinydl/core/error.hpp>
#include <tinydl/data/file.hpp>

namespace tinydl {

/// A file that replaces another one whole, or not at all. What is written goes to `path`.part;
/// commit() has it on the disk before it takes the name. A crash at any moment leaves the old file
/// or the new one, and perhaps a .part, which the next writer takes over. One that is not committed
/// is removed again. Two writers of one file take turns.
///
///     AtomicFile file("result.json");
///     file.write(text);
///     file.commit();
class AtomicFile {
 public:
  /// @throws FileError, as all of it, with the reason: a missing folder, a full disk ...
  explicit AtomicFile(std::filesystem::path path) : path_(std::move(path)), part_(path_) {
    part_ += ".part";
    do {
      close_descriptor();
      descriptor_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
      if (descriptor_ < 0) fail();
      lock();
    } while (!part_is_ours());  // until then another writer may have given it its last name
    if (::ftruncate(descriptor_, 0) != 0) fail();
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() { discard(); }

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written >= 0)
        bytes = bytes.subspan(static_cast<std::size_t>(written));
      else if (errno != EINTR)
        fail();
    }
  }
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

  /// The last call.
  void commit() {
    if (::fsync(descriptor_) != 0 || ::rename(part_.c_str(), path_.c_str()) != 0) fail();
    close_descriptor();
    sync_folder();
  }

 private:
  void lock() const {
    while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }  // a file system without locks does without
  }

  bool part_is_ours() const {
    struct stat ours, there;
    return ::fstat(descriptor_, &ours) == 0 && ::stat(part_.c_str(), &there) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
  }

  /// So that the new name, too, is on the disk.
  void sync_folder() {
    const auto folder = path_.has_parent_path() ? path_.parent_path() : ".";
    descriptor_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor_ < 0) return;  // it may be written but not read
    const int error = ::fsync(descriptor_) == 0 || errno == EINVAL ? 0 : errno;
    close_descriptor();
    if (error != 0) throw failure(error);
  }

  void close_descriptor() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

  void discard() {
    if (descriptor_ >= 0) ::unlink(part_.c_str());
    close_descriptor();
  }

  FileError failure(int error) const {
    return detail::file_error(path_, "cannot be written: ", std::generic_category().message(error));
  }
  [[noreturn]] void fail() {
    const int error = errno;
    discard();
    throw failure(error);
  }

  std::filesystem::path path_, part_;
  int descriptor_ = -1;
};

}  // namespace tinydl
