// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>

#include <tinydl/core/memory.hpp>
#include <tinydl/core/pool_vector.hpp>
#include <tinydl/core/threads.hpp>

namespace tinydl::detail {

/// Memory for those tasks of a job that run at the same time. The caller takes all of it before the
/// job begins, so that what a step takes from the system does not depend on which threads came.
class Scratch {
 public:
  /// Between parts: processors fetch lines ahead of those that a thread writes, which would be
  /// another's, from as far away as this.
  static constexpr std::size_t gap = std::size_t{1} << 17;

  [[gnu::noinline]] Scratch(Index tasks, std::size_t bytes)
      : step_((bytes + alignment - 1) / alignment * alignment + gap),
        taken_(static_cast<std::size_t>(std::clamp<Index>(tasks, 1, num_threads()))),
        memory_((taken_.size() - 1) * step_ + bytes) {}

  /// Which part is free: there is one, or will be when another task ends. Each thread begins with
  /// its own, which its caches may hold.
  [[gnu::noinline]] std::size_t take() {
    std::size_t i = static_cast<std::size_t>(ThreadPool::number()) % taken_.size();
    while (taken_[i].exchange(true, std::memory_order_acquire)) i = (i + 1) % taken_.size();
    return i;
  }
  void give_back(std::size_t i) { taken_[i].store(false, std::memory_order_release); }
  void* part(std::size_t i) const { return static_cast<std::byte*>(memory_.data()) + i * step_; }

 private:
  std::size_t step_;
  PoolVector<std::atomic<bool>> taken_;
  Buffer memory_;
};

/// parallel_ranges with f(begin, end, memory), where memory is for `numbers` numbers, which no
/// other thread uses at the same time.
template <class T, class F>
void parallel_with_scratch(Index n, Index grain, Index numbers, F f) {
  Scratch scratch((n + grain - 1) / grain, static_cast<std::size_t>(numbers) * sizeof(T));
  parallel_stretches(n, grain, [&](Index begin, Index end) {
    struct Part {
      Scratch& scratch;
      std::size_t i = scratch.take();
      ~Part() { scratch.give_back(i); }
    } const part{scratch};
    for (; begin < end; begin += grain)
      f(begin, std::min(end, begin + grain), static_cast<T*>(scratch.part(part.i)));
  });
}

}  // namespace tinydl::detail
