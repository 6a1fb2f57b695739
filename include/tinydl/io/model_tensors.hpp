// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/core/dtype.hpp>
#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/variable.hpp>

// What is saved of a model, and how it is compared with what a file has.

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

/// Names in a row: a, b, c.
template <class Names>
std::string listed(const Names& names) {
  std::string result;
  for (const std::string& name : names) result += (result.empty() ? "" : ", ") + name;
  return result;
}

template <Saveable M>
auto named_tensors(const M& model) {
  auto result = model.named_parameters();
  for (auto& buffer : model.named_buffers()) result.push_back(std::move(buffer));
  return result;
}

}  // namespace detail

struct LoadOptions {
  bool strict = true;  ///< throw unless file and model fit in everything
};

/// What did not fit, by name.
struct LoadResult {
  std::vector<std::string> missing;     ///< in the model, not in the file
  std::vector<std::string> unexpected;  ///< in the file, not in the model
  std::vector<std::string> mismatched;  ///< in both, of another shape
};

namespace detail {

/// What is compared of the tensors of a model and of a file.
struct TensorKind {
  std::string dtype;
  std::vector<Index> shape;
};
using TensorKinds = std::map<std::string, TensorKind>;

template <class T>
TensorKinds kinds_of(const std::vector<Named<T>>& tensors) {
  TensorKinds kinds;
  for (const auto& [name, variable] : tensors) {
    const auto sizes = variable.sizes();
    kinds[name] = {std::string(dtype_name<T>()), {sizes.begin(), sizes.end()}};
  }
  return kinds;
}

struct Misfits : LoadResult {
  std::string message;  ///< empty if there are none
};

/// @param converts whether numbers of any type become those of the model.
inline Misfits misfits(const TensorKinds& file, const TensorKinds& model, bool converts) {
  Misfits result;
  std::vector<std::string> differences;
  for (const auto& [name, kind] : model) {
    const auto found = file.find(name);
    if (found == file.end()) {
      result.missing.push_back(name);
    } else if (found->second.shape != kind.shape ||
               (!converts && found->second.dtype != kind.dtype)) {
      result.mismatched.push_back(name);
      differences.push_back(text(name, " is ", found->second.dtype, ' ',
                                 shape_text(found->second.shape), " in the file and ", kind.dtype,
                                 ' ', shape_text(kind.shape), " in the model"));
    }
  }
  for (const auto& [name, kind] : file)
    if (!model.contains(name)) result.unexpected.push_back(name);
  const auto add = [&](const char* words, const std::vector<std::string>& names) {
    if (!names.empty()) result.message += words + listed(names);
  };
  add("; missing in the file: ", result.missing);
  add("; unknown to the model: ", result.unexpected);
  add("; different: ", differences);
  return result;
}

}  // namespace detail

}  // namespace tinydl
