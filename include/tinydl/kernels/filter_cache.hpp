// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstring>
#include <mutex>

#include <tinydl/kernels/winograd.hpp>

namespace tinydl::kernels {

/// The filters that winograd_convolve() took last, for the next call: with a single image their
/// mapping takes a quarter of the time. They are good as long as the weight has the same bits, to
/// which it is compared, so nobody who writes to a weight has to say so. Takes five times the
/// weight's memory. For calls from any thread.
class FilterCache {
 public:
  /// winograd_filters(s, w).
  tinydl::detail::Storage<float> filters(const ConvShape& s, const float* w) {
    if (detail::winograd::TileRows(s).tiles() > most_tiles) return winograd_filters(s, w);
    const auto size = static_cast<std::size_t>(s.weight_size());
    const Entry last = entry();
    if (last.channels == s.channels && last.size == size &&
        std::memcmp(last.weight.data(), w, size * sizeof(float)) == 0)
      return last.filters;
    Entry made{s.channels, size, tinydl::detail::Storage<float>(size), winograd_filters(s, w)};
    std::memcpy(made.weight.data(), w, size * sizeof(float));
    const std::lock_guard guard(lock_);
    entry_ = made;
    return made.filters;
  }

 private:
  /// With more of them the mapping takes less than a fiftieth of the time.
  static constexpr Index most_tiles = 512;

  struct Entry {
    Index channels = 0;
    std::size_t size = 0;
    tinydl::detail::Storage<float> weight, filters;
  };

  Entry entry() {
    const std::lock_guard guard(lock_);
    return entry_;
  }

  tinydl::detail::SpinLock lock_;
  Entry entry_;
};

}  // namespace tinydl::kernels
