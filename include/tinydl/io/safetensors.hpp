// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>

#include <tinydl/io/model_tensors.hpp>
#include <tinydl/io/safetensors_reader.hpp>
#include <tinydl/io/safetensors_writer.hpp>

namespace tinydl {

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

/// Reads a model's parameters and buffers by their names; numbers of any type become those of the
/// model. Nothing is changed before everything is found to fit. With strict = false, what fits
/// is loaded and the rest is left as it was.
/// @throws FileError if the file is missing or damaged or, if strict, does not fit: the message
/// then names everything that does not.
template <Saveable M>
LoadResult load(M& model, const std::filesystem::path& path, LoadOptions options = {}) {
  const SafetensorsFile file(path);
  detail::TensorKinds kinds;
  for (const SafetensorsEntry& entry : file.entries())
    kinds[entry.name] = {entry.dtype, entry.shape};
  const auto tensors = detail::named_tensors(model);
  const auto misfits = detail::misfits(kinds, detail::kinds_of(tensors), true);
  if (options.strict && !misfits.message.empty())
    throw detail::file_error(path, "does not fit the model", misfits.message);
  for (const auto& [name, variable] : tensors)
    if (file.contains(name) && std::ranges::count(misfits.mismatched, name) == 0)
      file.copy_to(name, variable.mutable_data_span());
  return misfits;
}

}  // namespace tinydl
