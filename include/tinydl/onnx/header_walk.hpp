// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/onnx/operation.hpp>

namespace tinydl::onnx::detail {

/// The distances between neighbours along the axes of an array.
inline Sizes strides_of(const Sizes& shape) {
  Sizes strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

/// The same for an array that is broadcast to this shape: 0 where it is repeated.
inline Sizes broadcast_strides(const Sizes& from, const Sizes& shape) {
  const Sizes strides = strides_of(from);
  Sizes result(shape.size(), 0);
  for (std::size_t i = from.size(), to = shape.size(); i-- > 0;)
    if (--to; from[i] != 1) result[to] = strides[i];
  return result;
}

/// The loops over the positions of a shape for several arrays, each with its own strides, as few as
/// will do: an axis of size 1 needs none, and two that are one run in all arrays are one.
class HeaderWalk {
 public:
  /// @throws ValueError if that takes more than the 4 axes of a generated header's loops.
  HeaderWalk(const Sizes& shape, const std::vector<Sizes>& strides) : strides_(strides.size()) {
    for (std::size_t i = shape.size(); i-- > 0;) {
      if (shape[i] == 1) continue;
      bool one_run = !sizes_.empty();
      for (std::size_t k = 0; one_run && k < strides.size(); ++k)
        one_run = strides[k][i] == strides_[k].back() * sizes_.back();
      if (one_run) {
        sizes_.back() *= shape[i];
        continue;
      }
      sizes_.push_back(shape[i]);
      for (std::size_t k = 0; k < strides.size(); ++k) strides_[k].push_back(strides[k][i]);
    }
    if (sizes_.size() > 4)
      throw ValueError(text("loops over ", sizes_.size(), " axes: 4 are the most in a header"));
  }

  /// Whether these arrays are read in one run from begin to end.
  bool one_run() const {
    for (const Sizes& strides : strides_)
      if (strides.size() > 1 || (strides.size() == 1 && strides[0] != 1)) return false;
    return true;
  }
  std::string sizes() const { return axes(sizes_, 1); }
  std::string strides(std::size_t array) const { return axes(strides_[array], 0); }

 private:
  // The innermost axis is the first here.
  static std::string axes(const Sizes& numbers, Index missing) {
    std::string list = "{";
    for (std::size_t i = 4; i-- > 0;)
      list += std::to_string(i < numbers.size() ? numbers[i] : missing) + (i > 0 ? ", " : "}");
    return list;
  }

  Sizes sizes_;
  std::vector<Sizes> strides_;
};

}  // namespace tinydl::onnx::detail
