// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/scratch.hpp>

#include <restored_threads.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace tinydl;

TEST_CASE("parallel_with_scratch: tasks that run at the same time have memory of their own") {
  const RestoredThreads restored;
  set_num_threads(4);
  for (int job = 0; job < 10; ++job) {
    std::atomic<int> here{0};
    std::vector<int*> memory(4);
    // Each task waits until all have come.
    detail::parallel_with_scratch<int>(4, 1, 5, [&](Index i, Index, int* numbers) {
      std::fill_n(numbers, 5, static_cast<int>(i));
      memory[static_cast<std::size_t>(i)] = numbers;
      ++here;
      while (here < 4) std::this_thread::yield();
      for (int k = 0; k < 5; ++k) CHECK(numbers[k] == i);
    });
    CHECK(std::set<int*>(memory.begin(), memory.end()).size() == 4);
    for (int* numbers : memory) CHECK(reinterpret_cast<std::uintptr_t>(numbers) % 64 == 0);
  }
}

TEST_CASE("Scratch: a thread begins with its own part, whichever others are free") {
  const RestoredThreads restored;
  set_num_threads(2);
  detail::Scratch scratch(2, 1);
  CHECK(scratch.take() == 0);
  scratch.give_back(0);
  std::atomic<int> here{0};
  std::atomic<std::size_t> part{99};
  parallel_for(2, [&](Index) {
    ++here;
    while (here < 2) std::this_thread::yield();
    if (detail::ThreadPool::number() == 1) part = scratch.take();
  });
  CHECK(part == 1);
  CHECK(scratch.take() == 0);
}

TEST_CASE("Scratch: what a thread fetches ahead of its part is not another's") {
  const RestoredThreads restored;
  set_num_threads(3);
  const detail::Scratch scratch(3, 1000);
  for (std::size_t i : {0, 1}) {
    const auto* part = static_cast<const std::byte*>(scratch.part(i));
    CHECK(static_cast<const std::byte*>(scratch.part(i + 1)) - part >= 1000 + (1 << 17));
  }
}

TEST_CASE("parallel_with_scratch: covers everything once, in the pieces of parallel_ranges") {
  const RestoredThreads restored;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    for (Index n : {0, 1, 8, 9, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(n));
      detail::parallel_with_scratch<double>(n, 8, 1, [&](Index begin, Index end, double*) {
        CHECK(begin % 8 == 0);
        CHECK(end == std::min(n, begin + 8));
        for (Index i = begin; i < end; ++i) ++runs[static_cast<std::size_t>(i)];
      });
      for (const auto& run : runs) CHECK(run == 1);
    }
  }
}

TEST_CASE("parallel_with_scratch: an exception reaches the caller, and gives the memory back") {
  const RestoredThreads restored;
  set_num_threads(2);
  for (int job = 0; job < 10; ++job)
    CHECK_THROWS_AS(detail::parallel_with_scratch<int>(
                        100, 1, 1, [](Index, Index, int*) { throw std::runtime_error("task"); }),
                    std::runtime_error);
}
