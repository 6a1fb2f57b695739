// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tinydl/core/error.hpp>

namespace tinydl_test {

/// What f says, after "net.onnx: "; "none" if it throws nothing.
template <class F>
std::string onnx_says(F f) {
  try {
    f();
  } catch (const tinydl::FileError& error) {
    const std::string message = error.what();
    return message.starts_with("net.onnx: ") ? message.substr(10) : "not of net.onnx: " + message;
  }
  return "none";
}

}  // namespace tinydl_test
