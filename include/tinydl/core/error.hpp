// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace tinydl {

/// Operands whose shapes, axes or sizes do not fit. The message names the operation, the rule
/// and the values.
struct ShapeError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// A value outside of what it may be: a label, an index, an option.
struct ValueError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// backward() where there is nothing to walk, or no longer.
struct GraphError : std::logic_error {
  using std::logic_error::logic_error;
};

/// A file that is missing, damaged or not what it should be. The message begins with its path.
struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The arguments, streamed one after another into a string: for messages, hence cold.
template <class... Args>
[[gnu::noinline, gnu::cold]] std::string text(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

}  // namespace tinydl
