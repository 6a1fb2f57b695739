// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// Not part of <tinydl/tinydl.hpp>: needs nlohmann/json (tinydl::io in CMake).

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
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
#include <tinydl/core/tensor.hpp>
#include <tinydl/data/file.hpp>
#include <tinydl/io/elements.hpp>

namespace tinydl {

/// A tensor in a file that was read.
struct SafetensorsEntry {
  std::string name;
  std::string dtype;  ///< F64, F32, F16, BF16, I64 ... I8, U64 ... U8 or BOOL
  std::vector<Index> shape;
  std::span<const std::byte> bytes;  ///< little-endian, row-major; as long as the file object

  Index size() const {
    Index n = 1;
    for (Index axis : shape) n *= axis;
    return n;
  }
};

/// A .safetensors file in memory: the length of a header, the header in JSON, then the tensors'
/// bytes (https://huggingface.co/docs/safetensors). All of it is checked when it is read.
///
///     SafetensorsFile file("model.safetensors");
///     for (const auto& entry : file.entries()) std::cout << entry.name << ' ' << entry.dtype;
///     Tensor<float, 2> w = file.get<float, 2>("l1.weight");
class SafetensorsFile {
 public:
  /// @throws FileError if the file is missing, or not exactly what the format demands.
  explicit SafetensorsFile(const std::filesystem::path& path) : SafetensorsFile(read_file(path)) {}

  /// The same for a file that was read, or made, before.
  explicit SafetensorsFile(FileContent content)
      : content_(std::make_shared<const FileContent>(std::move(content))) {
    read_header();
    order_entries();
  }

  const std::filesystem::path& path() const { return content_->path; }

  /// The whole file, as long as the file object.
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(content_->bytes)); }

  /// In the order in which they lie in the file.
  const std::vector<SafetensorsEntry>& entries() const { return entries_; }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const SafetensorsEntry& found : entries_) result.push_back(found.name);
    return result;
  }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

  bool contains(const std::string& name) const { return positions_.contains(name); }

  /// @throws FileError if there is no such tensor.
  const SafetensorsEntry& entry(const std::string& name) const {
    const auto position = positions_.find(name);
    if (position == positions_.end()) throw fail("there is no tensor '", name, "'");
    return entries_[position->second];
  }

  /// A tensor as it is. @throws FileError if there is none of that name, element type and rank.
  template <class T, int Rank>
  Tensor<T, Rank> get(const std::string& name) const {
    const SafetensorsEntry& found = entry(name);
    Tensor<T, Rank> result(shape_of<Rank>(found));
    if (!detail::read_elements<T>(found.dtype, found.bytes, result.mutable_span()))
      throw fail("tensor '", name, "' is of type ", found.dtype, ", not ", detail::dtype_name<T>());
    return result;
  }

  /// A tensor of whatever numbers, converted. @throws FileError if there is none of that name and
  /// rank.
  template <std::floating_point T, int Rank>
  Tensor<T, Rank> get_as(const std::string& name) const {
    Tensor<T, Rank> result(shape_of<Rank>(entry(name)));
    copy_to(name, result.mutable_span());
    return result;
  }

  /// The same for any rank, into memory of one's own. @throws FileError also if the number of
  /// elements differs.
  template <std::floating_point T>
  void copy_to(const std::string& name, std::span<T> out) const {
    const SafetensorsEntry& found = entry(name);
    if (found.size() != static_cast<Index>(out.size()))
      throw fail("tensor '", name, "' has ", found.size(), " elements, not ", out.size());
    detail::convert_elements(found.dtype, found.bytes, out);
  }

 private:
  using Json = nlohmann::json;

  template <class... Args>
  FileError fail(const Args&... args) const {
    return detail::file_error(content_->path, args...);
  }

  template <int Rank>
  Shape<Rank> shape_of(const SafetensorsEntry& found) const {
    if (found.shape.size() != Rank)
      throw fail("tensor '", found.name, "' has shape ", shape_text(found.shape), ", not rank ",
                 Rank);
    Shape<Rank> shape;
    for (int i = 0; i < Rank; ++i) shape[i] = found.shape[i];
    return shape;
  }

  void read_header() {
    constexpr std::uint64_t longest = 100'000'000;  // as the format's own reader has it
    const std::string& bytes = content_->bytes;
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length)
      throw fail("truncated: ", bytes.size(), " bytes do not hold the header's length");
    std::memcpy(&length, bytes.data(), sizeof length);
    const std::size_t after = bytes.size() - sizeof length;
    if (length > after)
      throw fail("truncated, or no safetensors file: the header is said to have ", length,
                 " bytes and ", after, " follow");
    if (length > longest) throw fail("the header's ", length, " bytes are more than ", longest);
    const auto header_bytes = std::string_view(bytes).substr(sizeof length, length);
    data_ = std::as_bytes(std::span(bytes)).subspan(sizeof length + length);

    const Json header = parse(header_bytes);
    if (!header_bytes.starts_with('{'))
      throw fail("the header is not a JSON object, which begins with {");
    for (const auto& [name, value] : header.items())
      if (name == "__metadata__")
        read_metadata(value);
      else
        entries_.push_back(read_entry(name, value));
  }

  /// The parser would take the last of two members of one name; here that is refused.
  Json parse(std::string_view header) const {
    std::vector<std::set<std::string>> open;  // the names in each object around this place
    const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
      if (event == Json::parse_event_t::object_start) open.emplace_back();
      if (event == Json::parse_event_t::object_end) open.pop_back();
      if (event == Json::parse_event_t::key && !open.back().insert(parsed).second)
        throw fail("the header has the name ", parsed.dump(), " twice");
      return true;
    };
    try {
      return Json::parse(header, watch);
    } catch (const Json::exception& error) {
      throw fail("the header is not JSON: ", error.what());
    }
  }

  void read_metadata(const Json& value) {
    if (!value.is_object()) throw fail("__metadata__ is not a JSON object");
    for (const auto& [key, word] : value.items()) {
      if (!word.is_string()) throw fail("__metadata__: the value of '", key, "' is not a string");
      metadata_.emplace(key, word.get<std::string>());
    }
  }

  SafetensorsEntry read_entry(const std::string& name, const Json& value) const {
    const auto wrong = [&](const auto&... args) { return fail("tensor '", name, "': ", args...); };
    const auto member = [&](const char* key) -> const Json& {
      if (!value.is_object() || !value.contains(key)) throw wrong("it has no ", key);
      return value[key];
    };
    const auto sizes = [&](const char* key) {
      const Json& list = member(key);
      std::vector<Index> result;
      if (!list.is_array()) throw wrong("its ", key, " is not a list");
      for (const Json& size : list) {
        if (!size.is_number_unsigned() ||
            size.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<Index>::max()})
          throw wrong("its ", key, " has ", size.dump(), ", which is no size");
        result.push_back(size.get<Index>());
      }
      return result;
    };

    if (!member("dtype").is_string()) throw wrong("its dtype is not a string");
    SafetensorsEntry result{name, value["dtype"].get<std::string>(), sizes("shape"), {}};
    const Index element = detail::dtype_bytes(result.dtype, detail::Storable{});
    if (element == 0) throw wrong("its dtype ", result.dtype, " is unknown");
    Index limit = std::numeric_limits<Index>::max() / element;
    for (Index size : result.shape)
      if (size > 0 && (limit /= size) == 0)
        throw wrong("its shape ", shape_text(result.shape), " overflows");

    const std::vector<Index> offsets = sizes("data_offsets");
    if (offsets.size() != 2) throw wrong("it has ", offsets.size(), " data_offsets, not 2");
    const auto available = static_cast<Index>(data_.size());
    const Index begin = offsets[0], end = offsets[1], needed = result.size() * element;
    if (begin > end) throw wrong("its offsets decrease, from ", begin, " to ", end);
    if (end > available)
      throw wrong("it ends at byte ", end, " of the data, of which there are ", available);
    if (end - begin != needed)
      throw wrong("its shape ", shape_text(result.shape), " of ", result.dtype, " takes ", needed,
                  " bytes, and its offsets leave ", end - begin);
    result.bytes = data_.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(needed));
    return result;
  }

  /// Sorts by place. The tensors must cover the data without overlaps and gaps.
  void order_entries() {
    std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
      return std::pair(a.bytes.data(), a.bytes.size()) < std::pair(b.bytes.data(), b.bytes.size());
    });
    const std::byte* at = data_.data();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const SafetensorsEntry& next = entries_[i];
      if (next.bytes.data() < at)
        throw fail("tensors '", entries_[i - 1].name, "' and '", next.name, "' overlap");
      if (next.bytes.data() > at)
        throw fail(next.bytes.data() - at, " bytes before tensor '", next.name, "' belong to none");
      at += next.bytes.size();
      positions_.emplace(next.name, i);
    }
    if (const std::byte* const end = data_.data() + data_.size(); at != end)
      throw fail(end - at, " bytes at the end belong to no tensor");
  }

  std::shared_ptr<const FileContent> content_;
  std::span<const std::byte> data_;
  std::vector<SafetensorsEntry> entries_;
  std::map<std::string, std::size_t> positions_;  // in entries_
  std::map<std::string, std::string> metadata_;
};

}  // namespace tinydl
