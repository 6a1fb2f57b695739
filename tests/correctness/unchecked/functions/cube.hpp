// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// A function without a row, which must be noticed.

namespace tinydl {

template <class X>
auto cube(const X& x) {
  return x * x * x;
}

}  // namespace tinydl
