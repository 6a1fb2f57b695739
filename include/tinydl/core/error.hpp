// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

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

namespace detail {

[[gnu::noinline, gnu::cold]] inline void append_integer(std::string& out, bool negative,
                                                        unsigned long long magnitude) {
  if (negative) out += "-";
  out += std::to_string(magnitude);
}

template <class X>
[[gnu::noinline, gnu::cold]] void append(std::string& out, const X& x) {
  if constexpr (std::is_convertible_v<const X&, std::string_view>) {
    out += std::string_view(x);
  } else if constexpr (std::is_same_v<X, char>) {
    out += x;
  } else if constexpr (std::is_same_v<X, bool>) {
    out += x ? "true" : "false";
  } else if constexpr (std::is_integral_v<X>) {
    const auto value = static_cast<unsigned long long>(x);  // modulo 2^64 if it is negative
    append_integer(out, x < 0, x < 0 ? 0 - value : value);
  } else {
    std::ostringstream stream;
    stream << x;
    out += stream.str();
  }
}

}  // namespace detail

/// The arguments one after another as a string: for messages, hence cold.
template <class... Args>
[[gnu::noinline, gnu::cold]] std::string text(Args... args) {
  std::string out;
  (detail::append(out, args), ...);
  return out;
}

}  // namespace tinydl
