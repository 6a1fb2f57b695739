// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// Not part of <tinydl/tinydl.hpp>: needs zlib (tinydl::gz in CMake).

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/io/model_tensors.hpp>
#include <tinydl/io/npy.hpp>
#include <tinydl/io/npy_header.hpp>
#include <tinydl/io/zip_reader.hpp>
#include <tinydl/io/zip_writer.hpp>

namespace tinydl {

/// Named arrays of NumPy's, as np.savez() and np.savez_compressed() write them.
///
///     NpzFile file("data.npz");
///     for (const std::string& name : file.names()) std::cout << name << '\n';
///     Tensor<float, 2> x = file.get<float, 2>("x");
class NpzFile {
 public:
  /// @throws FileError if the file is missing or damaged. The arrays themselves are looked at when
  /// they are asked for.
  explicit NpzFile(const std::filesystem::path& path) : NpzFile(read_file(path)) {}

  /// The same for a file that was read, or made, before.
  explicit NpzFile(FileContent content) : zip_(std::move(content)) {
    constexpr std::string_view ending = ".npy";
    for (const auto& entry : zip_.entries())
      if (std::string_view(entry.name).ends_with(ending))
        names_.push_back(entry.name.substr(0, entry.name.size() - ending.size()));
  }

  const std::filesystem::path& path() const { return zip_.path(); }

  /// In the order of the archive.
  const std::vector<std::string>& names() const { return names_; }
  bool contains(const std::string& name) const { return std::ranges::count(names_, name) != 0; }

  /// An array with its type and shape. @throws FileError if there is none of that name, if it is
  /// damaged, or if no Tensor holds its elements.
  NpyArray array(const std::string& name) const {
    const auto& found = entry(name);
    header(name);  // a wrong claim is found before much is unpacked
    return {zip_.unpack(found), where(name)};
  }

  /// An array as it is. @throws FileError as array() does, and if it is of another element type or
  /// rank.
  template <class T, int Rank>
  Tensor<T, Rank> get(const std::string& name) const {
    return array(name).get<T, Rank>();
  }

  /// An array of whatever numbers, converted. @throws FileError as array() does, and if it is of
  /// another rank.
  template <std::floating_point T, int Rank>
  Tensor<T, Rank> get_as(const std::string& name) const {
    return array(name).get_as<T, Rank>();
  }

  /// What is known of an array without unpacking more than its beginning.
  detail::NpyHeader header(const std::string& name) const {
    const auto& found = entry(name);
    const std::string text_where = where(name);
    const std::string beginning = zip_.unpack_beginning(found, detail::NpyHeaderReader::enough);
    const detail::NpyHeader result = detail::NpyHeaderReader(beginning, text_where).read();
    if (found.size - result.begin != result.bytes)
      throw FileError(text(text_where, ": its shape ", shape_text(result.shape), " of ",
                           result.dtype, " takes ", result.bytes, " bytes, and the archive has ",
                           found.size - result.begin));
    return result;
  }

 private:
  std::string where(const std::string& name) const {
    return path().string() + ": array '" + name + "'";
  }

  const detail::ZipEntry& entry(const std::string& name) const {
    for (const auto& found : zip_.entries())
      if (found.name == name + ".npy") return found;
    throw detail::file_error(path(), "there is no array '", name, "'");
  }

  detail::ZipFile zip_;
  std::vector<std::string> names_;
};

struct NpzOptions {
  bool compressed = false;  ///< as np.savez_compressed() does it
};

/// Collects named arrays and writes them as an archive for np.load().
///
///     NpzWriter writer;
///     writer.add("x", x);
///     writer.write("data.npz", {.compressed = true});
class NpzWriter {
 public:
  /// @throws ValueError if the name is taken or too long, or the tensor undefined.
  template <class T, int Rank>
  void add(const std::string& name, const Tensor<T, Rank>& tensor) {
    if (!tensor.defined()) throw ValueError("npz: array '" + name + "' is undefined");
    add<T>(name, tensor.shape(), tensor.span());
    arrays_.back().owner = std::make_shared<const Tensor<T, Rank>>(tensor);
  }

  /// The same for memory of one's own, which must stay until write(). @throws ShapeError if the
  /// number of values is not the shape's.
  template <class T>
  void add(const std::string& name, std::span<const Index> shape, std::span<const T> values) {
    constexpr std::size_t longest = 1000;
    if (name.size() > longest)
      throw ValueError(text("npz: a name of ", name.size(), " bytes is longer than ", longest));
    check_sizes(shape, sizeof(T));
    std::size_t count = 1;
    for (const Index size : shape) count *= static_cast<std::size_t>(size);
    if (count != values.size())
      throw ShapeError(text("npz: array '", name, "' of shape ", shape_text(shape), " has ",
                            values.size(), " values"));
    if (!names_.insert(name).second) throw ValueError("npz: there are two arrays '" + name + "'");
    arrays_.push_back({name, detail::npy_header<T>(shape), std::as_bytes(values), nullptr});
  }

  /// Writes the archive, which replaces another file whole or not at all: see AtomicFile.
  /// @throws FileError if it cannot be written.
  void write(const std::filesystem::path& path, NpzOptions options = {}) const {
    detail::ZipWriter zip(path);
    for (const Array& array : arrays_)
      zip.add(array.name + ".npy", {std::as_bytes(std::span(array.header)), array.elements},
              options.compressed);
    zip.commit();
  }

 private:
  struct Array {
    std::string name, header;
    std::span<const std::byte> elements;
    std::shared_ptr<const void> owner;  // of the elements; null if they belong to someone else
  };

  std::vector<Array> arrays_;
  std::set<std::string> names_;
};

/// Writes a model's parameters and buffers under their names, one array each.
/// @throws FileError if the file cannot be written, ValueError if a name occurs twice.
template <Saveable M>
void save_npz(const M& model, const std::filesystem::path& path, NpzOptions options = {}) {
  NpzWriter writer;
  const auto tensors = detail::named_tensors(model);
  for (const auto& [name, variable] : tensors)
    writer.add(name, variable.sizes(), variable.data_span());
  writer.write(path, options);
}

/// Reads a model's parameters and buffers by their names; numbers of any type become those of the
/// model. Nothing is changed before everything is found to fit. With strict = false, what fits is
/// loaded and the rest is left as it was.
/// @throws FileError if the file is missing or damaged or, if strict, does not fit: the message
/// then names everything that does not.
template <Saveable M>
LoadResult load_npz(M& model, const std::filesystem::path& path, LoadOptions options = {}) {
  const NpzFile file(path);
  const auto tensors = detail::named_tensors(model);
  const auto wanted = detail::kinds_of(tensors);
  detail::TensorKinds kinds;
  for (const std::string& name : file.names()) {
    kinds[name];
    if (!wanted.contains(name)) continue;  // it may be of a type that no Tensor holds
    const auto header = file.header(name);
    kinds[name] = {header.dtype, header.shape};
  }
  const auto misfits = detail::misfits(kinds, wanted, true);
  if (options.strict && !misfits.message.empty())
    throw detail::file_error(path, "does not fit the model", misfits.message);

  std::map<std::string, NpyArray> arrays;  // all of them, before one is taken over
  for (const auto& [name, kind] : wanted)
    if (kinds.contains(name) && std::ranges::count(misfits.mismatched, name) == 0)
      arrays.emplace(name, file.array(name));
  for (const auto& [name, variable] : tensors)
    if (const auto found = arrays.find(name); found != arrays.end())
      found->second.copy_to(variable.mutable_data_span());
  return misfits;
}

}  // namespace tinydl
