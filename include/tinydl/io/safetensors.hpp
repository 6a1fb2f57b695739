// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/core/variable.hpp>
#include <tinydl/io/safetensors_file.hpp>

namespace tinydl {

/// What save() and load() need of a model: named_parameters() and named_buffers(), each a
/// std::vector<Named<Scalar>>.
template <class M>
concept Saveable = requires(const M& model) {
  typename M::Scalar;
  { model.named_parameters() } -> std::same_as<std::vector<Named<typename M::Scalar>>>;
  { model.named_buffers() } -> std::same_as<std::vector<Named<typename M::Scalar>>>;
};

namespace detail {

template <Saveable M>
auto named_tensors(const M& model) {
  auto result = model.named_parameters();
  for (auto& buffer : model.named_buffers()) result.push_back(std::move(buffer));
  return result;
}

}  // namespace detail

/// Writes a model's parameters and buffers under their names.
/// @throws FileError if the file cannot be written, ValueError if a name occurs twice.
template <Saveable M>
void save(const M& model, const std::filesystem::path& path,
          const std::map<std::string, std::string>& metadata = {}) {
  SafetensorsWriter writer;
  const auto tensors = detail::named_tensors(model);
  for (const auto& [name, variable] : tensors)
    writer.add(name, variable.sizes(), variable.data_span());
  for (const auto& [key, value] : metadata) writer.set_metadata(key, value);
  writer.write(path);
}

struct LoadOptions {
  bool strict = true;  ///< throw unless file and model fit in everything
};

/// What did not fit, by name.
struct LoadResult {
  std::vector<std::string> missing;     ///< in the model, not in the file
  std::vector<std::string> unexpected;  ///< in the file, not in the model
  std::vector<std::string> mismatched;  ///< in both, of another shape or a type not converted
};

/// Reads a model's parameters and buffers by their names; files of F32 and F64 load into models
/// of either. Nothing is changed before everything is found to fit. With strict = false, what fits
/// is loaded and the rest is left as it was.
/// @throws FileError if the file is missing or damaged or, if strict, does not fit: the message
/// then names everything that does not.
template <Saveable M>
LoadResult load(M& model, const std::filesystem::path& path, LoadOptions options = {}) {
  const SafetensorsFile file(path);
  auto tensors = detail::named_tensors(model);
  LoadResult result;
  std::vector<std::string> mismatches;  // in words
  std::set<std::string> known;
  std::erase_if(tensors, [&](const auto& tensor) {
    const std::string& name = tensor.name;
    known.insert(name);
    if (!file.contains(name)) {
      result.missing.push_back(name);
      return true;
    }
    const SafetensorsEntry& entry = file.entry(name);
    const bool converts = entry.dtype != "F16" && entry.dtype != "BF16";
    if (converts && std::ranges::equal(entry.shape, tensor.variable.sizes())) return false;
    result.mismatched.push_back(name);
    mismatches.push_back(text(name, " is ", entry.dtype, ' ', shape_text(entry.shape),
                              " in the file and ", detail::dtype_name<typename M::Scalar>(), ' ',
                              shape_text(tensor.variable.sizes()), " in the model"));
    return true;
  });
  for (const SafetensorsEntry& entry : file.entries())
    if (!known.contains(entry.name)) result.unexpected.push_back(entry.name);

  if (options.strict) {
    std::string message;
    if (!result.missing.empty())
      message += "; missing in the file: " + detail::listed(result.missing);
    if (!result.unexpected.empty())
      message += "; unknown to the model: " + detail::listed(result.unexpected);
    if (!mismatches.empty()) message += "; different: " + detail::listed(mismatches);
    if (!message.empty()) throw detail::file_error(path, "does not fit the model", message);
  }
  for (const auto& [name, variable] : tensors) file.copy_to(name, variable.mutable_data_span());
  return result;
}

}  // namespace tinydl
