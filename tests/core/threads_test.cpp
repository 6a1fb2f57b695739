// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/threads.hpp>

#include <restored_threads.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace tinydl;

namespace {

// How often each of `tasks` tasks ran.
std::vector<int> threads_counts(Index tasks) {
  std::vector<std::atomic<int>> runs(static_cast<std::size_t>(tasks));
  parallel_for(tasks, [&](Index i) { ++runs[static_cast<std::size_t>(i)]; });
  return {runs.begin(), runs.end()};
}

}  // namespace

TEST_CASE("parallel_for: runs every task once, for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    CAPTURE(threads);
    CHECK(num_threads() == threads);
    for (Index tasks : {0, 1, 2, 3, 5, 1000})
      CHECK(threads_counts(tasks) == std::vector<int>(static_cast<std::size_t>(tasks), 1));
    for (int repeat = 0; repeat < 2000; ++repeat) {
      std::atomic<int> sum{0};
      parallel_for(4, [&](Index i) { sum += 1 << (8 * i); });
      REQUIRE(sum == 0x01010101);
    }
  }
}

TEST_CASE("parallel_for: two threads do work at the same time") {
  const RestoredThreads restored;
  set_num_threads(2);
  std::atomic<int> here{0};
  // Each task waits until the other one has come: on one thread this would never end.
  parallel_for(2, [&](Index) {
    ++here;
    while (here < 2) std::this_thread::yield();
  });
  CHECK(here == 2);
}

TEST_CASE("parallel_for: a thread begins with the same share in every job") {
  const RestoredThreads restored;
  set_num_threads(4);
  std::vector<std::thread::id> first(4);
  for (int job = 0; job < 20; ++job) {
    std::atomic<int> here{0};
    std::vector<std::thread::id> threads(8);
    // Shares of two tasks, of which the first waits until all threads have come.
    parallel_for(8, [&](Index i) {
      threads[static_cast<std::size_t>(i)] = std::this_thread::get_id();
      if (i % 2 == 1) return;
      ++here;
      while (here < 4) std::this_thread::yield();
    });
    CHECK(threads[0] == std::this_thread::get_id());
    for (std::size_t i = 0; i < 4; ++i) {
      if (job == 0) first[i] = threads[2 * i];
      CHECK(threads[2 * i] == first[i]);
    }
  }
}

TEST_CASE("parallel_for: an exception reaches the caller, and the pool works afterwards") {
  const RestoredThreads restored;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    CAPTURE(threads);
    for (Index bad : {0, 1, 99}) {
      const auto throws_once = [bad](Index i) {
        if (i == bad) throw std::out_of_range("task");
      };
      CHECK_THROWS_WITH_AS(parallel_for(100, throws_once), "task", std::out_of_range);
    }
    CHECK_THROWS_AS(parallel_for(100, [](Index) { throw std::runtime_error("all"); }),
                    std::runtime_error);
    CHECK(threads_counts(50) == std::vector<int>(50, 1));
  }
}

TEST_CASE("parallel_for: inside of a task runs on the task's thread") {
  const RestoredThreads restored;
  set_num_threads(4);
  std::atomic<int> elsewhere{0}, runs{0};
  parallel_for(8, [&](Index) {
    const auto mine = std::this_thread::get_id();
    parallel_for(10, [&](Index) {
      ++runs;
      if (std::this_thread::get_id() != mine) ++elsewhere;
    });
  });
  CHECK(runs == 80);
  CHECK(elsewhere == 0);
}

TEST_CASE("parallel_for: an exception from a nested call reaches the outer caller") {
  const auto nested = [](Index) {
    parallel_for(3, [](Index i) {
      if (i == 2) throw std::out_of_range("nested");
    });
  };
  CHECK_THROWS_AS(parallel_for(4, nested), std::out_of_range);
  CHECK(threads_counts(9) == std::vector<int>(9, 1));
}

TEST_CASE("parallel_for: two of the user's own threads may call it at once") {
  const RestoredThreads restored;
  set_num_threads(2);
  std::atomic<Index> sums[2] = {0, 0};
  std::vector<std::thread> users;
  for (std::atomic<Index>& sum : sums)
    users.emplace_back([&sum] {
      for (int repeat = 0; repeat < 500; ++repeat) parallel_for(20, [&](Index i) { sum += i; });
    });
  for (std::thread& user : users) user.join();
  CHECK(sums[0] == 500 * 190);
  CHECK(sums[1] == 500 * 190);
}

TEST_CASE("parallel_for: takes a function object that is const or an rvalue") {
  std::atomic<int> runs{0};
  const auto task = [&runs](Index) { ++runs; };
  parallel_for(3, task);
  parallel_for(3, [&runs](Index) mutable { ++runs; });
  CHECK(runs == 6);
}

TEST_CASE("set_num_threads: refuses what is not positive and changes nothing then") {
  const int before = num_threads();
  CHECK_THROWS_WITH_AS(set_num_threads(0), doctest::Contains("set_num_threads: 0"), ValueError);
  CHECK_THROWS_AS(set_num_threads(-2), ValueError);
  CHECK(num_threads() == before);
}

TEST_CASE("parallel_ranges: covers everything once, in pieces that the threads do not change") {
  const RestoredThreads restored;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    for (Index n : {0, 1, 7, 8, 9, 16, 17}) {
      std::set<std::pair<Index, Index>> pieces, expected;
      std::mutex mutex;
      parallel_ranges(n, 8, [&](Index begin, Index end) {
        const std::lock_guard lock(mutex);
        CHECK(pieces.emplace(begin, end).second);
      });
      for (Index begin = 0; begin < n; begin += 8)
        expected.emplace(begin, std::min<Index>(n, begin + 8));
      CHECK(pieces == expected);
    }
  }
}

TEST_CASE("parallel_stretches: covers everything once, in stretches of whole pieces") {
  const RestoredThreads restored;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    for (Index n : {0, 1, 8, 9, 17, 800, 803}) {
      CAPTURE(threads);
      CAPTURE(n);
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(n));
      std::atomic<int> stretches{0};
      detail::parallel_stretches(n, 8, [&](Index begin, Index end) {
        ++stretches;
        CHECK(begin % 8 == 0);
        CHECK((end % 8 == 0 || end == n));
        for (Index i = begin; i < end; ++i) ++runs[static_cast<std::size_t>(i)];
      });
      CHECK(std::all_of(runs.begin(), runs.end(), [](int count) { return count == 1; }));
      // 100 pieces in shares of 50 or 25: of one's own three quarters of what is left at once,
      // which makes four stretches; of another's a quarter, which makes up to 14 or 12.
      if (n == 800) {
        CHECK(stretches >= (threads == 1 ? 1 : threads * 4));
        CHECK(stretches <= (threads == 1 ? 1 : threads == 2 ? 2 * 14 : 4 * 12));
      }
    }
  }
}

TEST_CASE("parallel_stretches: a thread begins with three quarters of its own share") {
  const RestoredThreads restored;
  set_num_threads(2);
  std::atomic<int> begun{0};
  std::array<std::atomic<Index>, 100> sizes{};
  detail::parallel_stretches(100, 1, [&](Index begin, Index end) {
    ++begun;
    while (begun < 2) std::this_thread::yield();  // nobody takes of another's share before
    sizes[static_cast<std::size_t>(begin)] = end - begin;
  });
  CHECK(sizes[0] == 37);
  CHECK(sizes[50] == 37);
}

TEST_CASE("even_grain: about a sixteenth, in whole units, unless that is too much or too little") {
  CHECK(detail::even_grain(0, 10) == 0);
  CHECK(detail::even_grain(10, 10) == 10);
  CHECK(detail::even_grain(33, 20) == 3);
  CHECK(detail::even_grain(1000, 20) == 20);
  CHECK(detail::even_grain(32'769, 32'768, 64) == 2112);
}

TEST_CASE("parallel_stretches: an exception reaches the caller, and the pool works afterwards") {
  const RestoredThreads restored;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    CAPTURE(threads);
    for (Index bad : {0, 50, 99})
      CHECK_THROWS_AS(detail::parallel_stretches(100, 1,
                                                 [bad](Index begin, Index end) {
                                                   if (begin <= bad && bad < end)
                                                     throw std::out_of_range("stretch");
                                                 }),
                      std::out_of_range);
    CHECK(threads_counts(50) == std::vector<int>(50, 1));
  }
}
