// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// Not part of <tinydl/tinydl.hpp>: needs nlohmann/json (tinydl::io in CMake).

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <tinydl/core/dtype.hpp>
#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/state.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/io/atomic_file.hpp>

namespace tinydl {

static_assert(std::endian::native == std::endian::little,
              "safetensors files are little-endian; so must be the processor");

/// A .safetensors file that is to be written.
struct SafetensorsBytes {
  std::string header;                               ///< with its length before it
  std::vector<std::span<const std::byte>> tensors;  ///< as they follow
};

/// Collects named tensors and writes them as a .safetensors file.
///
///     SafetensorsWriter writer;
///     writer.add("mean", mean);
///     writer.set_metadata("format", "pt");
///     writer.write("statistics.safetensors");
class SafetensorsWriter {
 public:
  /// @throws ValueError if the name is taken, or the tensor undefined.
  template <class T, int Rank>
  void add(const std::string& name, const Tensor<T, Rank>& tensor) {
    if (!tensor.defined()) throw ValueError("safetensors: tensor '" + name + "' is undefined");
    add<T>(name, tensor.shape(), tensor.span());
    entries_.back().second.owner = std::make_shared<const Tensor<T, Rank>>(tensor);
  }

  /// The same for memory of one's own, which must stay until write(). @throws ShapeError if the
  /// number of values is not the shape's.
  template <class T>
  void add(const std::string& name, std::span<const Index> shape, std::span<const T> values) {
    check_sizes(shape, sizeof(T));
    Index count = 1;
    for (Index size : shape) count *= size;
    if (count != static_cast<Index>(values.size()))
      throw ShapeError(text("safetensors: tensor '", name, "' of shape ", shape_text(shape),
                            " has ", values.size(), " values"));
    add(name, {std::string(detail::dtype_name<T>()),
               {shape.begin(), shape.end()},
               std::as_bytes(values),
               nullptr});
  }

  /// The same for an entry of a State.
  void add(const std::string& name, StateEntry entry) {
    if (name == "__metadata__") throw ValueError("safetensors: no tensor is named __metadata__");
    if (!names_.insert(name).second)
      throw ValueError("safetensors: there are two tensors '" + name + "'");
    entries_.emplace_back(name, std::move(entry));
  }

  void set_metadata(const std::string& key, const std::string& value) { metadata_[key] = value; }

  /// The bytes of the file, in pieces. Wider elements come first, so that all lie aligned; apart
  /// from that the order is that of add(). The tensors' pieces refer to what was added.
  /// @throws ValueError if a name or the metadata is not UTF-8.
  SafetensorsBytes bytes() const {
    std::vector<const Entry*> order;
    for (const Entry& entry : entries_) order.push_back(&entry);
    const auto width = [](const Entry* entry) {
      return detail::dtype_bytes(entry->second.dtype, detail::Storable{});
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](const Entry* a, const Entry* b) { return width(a) > width(b); });
    SafetensorsBytes result{header(order), {}};
    for (const Entry* entry : order) result.tensors.push_back(entry->second.bytes);
    return result;
  }

  /// Writes the file, which replaces another one whole or not at all: see AtomicFile.
  /// @throws FileError if it cannot be written, ValueError if a name or the metadata is not UTF-8.
  void write(const std::filesystem::path& path) const {
    const SafetensorsBytes content = bytes();
    AtomicFile file(path);
    file.write(content.header);
    for (const auto& tensor : content.tensors) file.write(tensor);
    file.commit();
  }

 private:
  using Entry = std::pair<std::string, StateEntry>;

  /// With its length before it, padded with spaces to a multiple of 8 bytes.
  std::string header(const std::vector<const Entry*>& order) const {
    nlohmann::json header = nlohmann::json::object();
    if (!metadata_.empty()) header["__metadata__"] = metadata_;
    std::size_t at = 0;
    for (const Entry* entry : order) {
      const auto& [name, numbers] = *entry;
      const std::size_t end = at + numbers.bytes.size();
      header[name] = {
          {"dtype", numbers.dtype}, {"shape", numbers.shape}, {"data_offsets", {at, end}}};
      at = end;
    }
    std::string result;
    try {
      result = header.dump();
    } catch (const nlohmann::json::exception&) {
      throw ValueError("safetensors: a name or the metadata is not UTF-8");
    }
    result.resize((result.size() + 7) / 8 * 8, ' ');
    const auto length = static_cast<std::uint64_t>(result.size());
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + result;
  }

  std::vector<Entry> entries_;
  std::set<std::string> names_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace tinydl
