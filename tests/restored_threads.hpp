// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/core/threads.hpp>

/// Sets the number of threads back when a test ends, however it ends.
struct RestoredThreads {
  RestoredThreads() = default;
  RestoredThreads(const RestoredThreads&) = delete;
  RestoredThreads& operator=(const RestoredThreads&) = delete;
  ~RestoredThreads() { tinydl::set_num_threads(before); }

  const int before = tinydl::num_threads();
};
