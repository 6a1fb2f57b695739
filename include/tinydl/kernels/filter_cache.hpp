// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <utility>

#include <tinydl/core/memory.hpp>
#include <tinydl/core/threads.hpp>
#include <tinydl/kernels/winograd.hpp>

namespace tinydl::kernels {

/// The filters that winograd_convolve() took last, for the next call: with a single image their
/// mapping takes a sixth of the time, or more. They are good as long as the weight has the same
/// bits, to which it is compared, so nobody who writes to a weight has to say so. Until clear(),
/// takes five times the weight's memory, or more where channels or filters are no multiple of 16.
/// For calls from any thread.
class FilterCache {
 public:
  /// winograd_filters(s, w).
  tinydl::detail::Storage<float> filters(const ConvShape& s, const float* w) {
    if (detail::winograd::TileRows(s).tiles() > most_tiles) return winograd_filters(s, w);
    if (const Entry last = entry(); last.channels == s.channels && last.size == s.weight_size() &&
                                    same_bits(last.size, last.weight.data(), w))
      return last.filters;
    clear();  // first, so that there is never memory for two
    Entry made{s.channels, s.weight_size(), Floats(static_cast<std::size_t>(s.weight_size())), {}};
    std::copy_n(w, made.size, made.weight.data());
    made.filters = winograd_filters(s, static_cast<const float*>(made.weight.data()));
    const auto filters = made.filters;
    swap(made);
    return filters;
  }

  void clear() {
    Entry none;
    swap(none);
  }

 private:
  using Floats = tinydl::detail::Storage<float>;

  /// With more of them the mapping takes less than a fiftieth of the time.
  static constexpr Index most_tiles = 512;

  struct Entry {
    Index channels = 0, size = 0;
    Floats weight, filters;
  };

  static bool same_bits(Index size, const float* a, const float* b) {
    std::atomic<bool> same{true};
    parallel_ranges(size, Index{1} << 16, [&](Index begin, Index end) {
      if (std::memcmp(a + begin, b + begin, static_cast<std::size_t>(end - begin) * sizeof(float)))
        same.store(false, std::memory_order_relaxed);
    });
    return same.load(std::memory_order_relaxed);
  }

  Entry entry() {
    const std::lock_guard guard(lock_);
    return entry_;
  }
  void swap(Entry& other) {
    const std::lock_guard guard(lock_);
    std::swap(entry_, other);
  }

  tinydl::detail::SpinLock lock_;
  Entry entry_;
};

}  // namespace tinydl::kernels
