// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// What the measuring programs have in common: PROGRAM WORKLOAD BATCH WIDTH THREADS SECONDS
// measures one workload and prints "us_per_step allocations_per_step".

namespace benchmarks {

/// Calls of malloc and its like, and of mmap, since the program began (allocations.cpp).
long allocations();

struct Task {
  std::string workload;
  long batch, width;
  int threads;
  double seconds;
};

inline Task task_from(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: %s WORKLOAD BATCH WIDTH THREADS SECONDS\n", argv[0]);
    std::exit(2);
  }
  return {argv[1], std::atol(argv[2]), std::atol(argv[3]), std::atoi(argv[4]), std::atof(argv[5])};
}

/// The median time of calling step(), after a warm-up of a quarter of the time.
template <class Step>
void measure(const Task& task, Step step) {
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](Clock::duration d) { return std::chrono::duration<double>(d).count(); };
  const auto begin = Clock::now();
  for (int i = 0; i < 3 || seconds(Clock::now() - begin) < task.seconds / 4; ++i) step();

  std::vector<double> times;
  times.reserve(1 << 20);
  const long allocated = allocations();
  const auto warm = Clock::now();
  for (auto now = warm; times.size() < 5 || seconds(now - warm) < task.seconds;) {
    const auto before = now;
    step();
    now = Clock::now();
    times.push_back(seconds(now - before));
  }
  const double count = static_cast<double>(times.size());
  const double per_step = static_cast<double>(allocations() - allocated) / count;
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  std::printf("%.3f %.2f\n", 1e6 * times[times.size() / 2], per_step);
}

}  // namespace benchmarks
