// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tinydl/core/error.hpp>
#include <tinydl/io/little_endian.hpp>

namespace tinydl_test {

/// A .npy file of this dict and these elements, as NumPy's format demands it.
inline std::string npy_bytes(std::string_view dict, std::string_view elements = "",
                             int version = 1) {
  std::string result = "\x93NUMPY";
  result += static_cast<char>(version);
  result += '\0';
  if (version == 1)
    tinydl::detail::append_little_endian(result, static_cast<std::uint16_t>(dict.size() + 1));
  else
    tinydl::detail::append_little_endian(result, static_cast<std::uint32_t>(dict.size() + 1));
  return result.append(dict).append("\n").append(elements);
}

/// The dict of an array of this type and shape.
inline std::string npy_dict(const char* type, const char* shape, bool fortran_order = false) {
  return tinydl::text("{'descr': '", type, "', 'fortran_order': ", fortran_order ? "True" : "False",
                      ", 'shape': ", shape, ", }");
}

/// What f says, after "x.npy: "; "none" if it throws nothing.
template <class F>
std::string npy_says(F f) {
  try {
    f();
  } catch (const tinydl::FileError& error) {
    const std::string message = error.what();
    return message.starts_with("x.npy: ") ? message.substr(7) : "not of x.npy: " + message;
  }
  return "none";
}

}  // namespace tinydl_test
