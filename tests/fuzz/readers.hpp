// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinydl/data/gz.hpp>
#include <tinydl/data/idx.hpp>
#include <tinydl/io/checkpoint_file.hpp>
#include <tinydl/io/npy.hpp>
#include <tinydl/io/npz.hpp>
#include <tinydl/io/safetensors_reader.hpp>
#include <tinydl/onnx/read.hpp>
#include <tinydl/onnx/write.hpp>

// Every reader of files, as a function of a file's bytes. A FileError is a fine answer to any
// bytes; another exception is a fault, as is whatever a sanitizer finds.

namespace tinydl_fuzz {

inline void read_all(const tinydl::NpyArray& array) {
  tinydl::Index count = 1;
  for (const tinydl::Index size : array.shape()) count *= size;
  std::vector<float> numbers(static_cast<std::size_t>(count));
  array.copy_to(std::span(numbers));
}

inline void npy(std::string bytes) { read_all({std::move(bytes), "file"}); }

inline void npz(std::string bytes) {
  const tinydl::NpzFile file(tinydl::FileContent{"file", std::move(bytes)});
  for (const std::string& name : file.names()) read_all(file.array(name));
}

inline void safetensors(std::string bytes) {
  const tinydl::SafetensorsFile file(tinydl::FileContent{"file", std::move(bytes)});
  for (const auto& entry : file.entries()) {
    std::vector<double> numbers(static_cast<std::size_t>(entry.size()));
    file.copy_to(entry.name, std::span(numbers));
  }
}

/// With the check sum that its bytes have, or nothing behind that would ever be reached.
inline void checkpoint(std::string bytes) {
  if (bytes.size() >= 8) {
    tinydl::Checksum sum;
    sum.add(std::as_bytes(std::span(bytes)).first(bytes.size() - 8));
    std::ranges::copy(tinydl::detail::bytes_of(sum), bytes.end() - 8);
  }
  tinydl::read_checkpoint(tinydl::FileContent{"file", std::move(bytes)});
}

inline void idx(std::string bytes) {
  tinydl::parse_idx<3>(tinydl::FileContent{"file", std::move(bytes)});
}

inline void gz(std::string bytes) {
  tinydl::gunzip(tinydl::FileContent{"file", std::move(bytes)}, {.max_bytes = 1 << 24});
}

/// What was read can be written, and that read again.
inline void onnx(std::string bytes) {
  const auto graph = tinydl::onnx::parse_graph(bytes, "file");
  const std::string written = tinydl::onnx::graph_bytes(graph);
  bytes.clear();  // nothing refers to it
  if (tinydl::onnx::graph_bytes(tinydl::onnx::parse_graph(written, "file")) != written)
    throw std::logic_error("a graph that is read becomes another one");
}

struct Reader {
  std::string_view name;  ///< of its folder in corpus/, too
  void (*read)(std::string);
};
inline constexpr Reader readers[] = {{"npy", npy},
                                     {"npz", npz},
                                     {"safetensors", safetensors},
                                     {"checkpoint", checkpoint},
                                     {"idx", idx},
                                     {"gz", gz},
                                     {"onnx", onnx}};

/// Whether the reader took the bytes for a file of its own.
inline bool accepts(const Reader& reader, std::string bytes) {
  try {
    reader.read(std::move(bytes));
  } catch (const tinydl::FileError&) {
    return false;
  }
  return true;
}

}  // namespace tinydl_fuzz
