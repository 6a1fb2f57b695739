// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// A layer without a row, which must be noticed.

namespace tinydl {

struct Cube : Layer<Cube, void> {};

}  // namespace tinydl
