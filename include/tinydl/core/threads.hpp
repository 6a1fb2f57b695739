// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>

namespace tinydl {

namespace detail {

/// The library's one pool. A job is a number of tasks; each thread, the caller among them, has an
/// equal share of consecutive ones and begins with those, so that what it meets in one job is in
/// its caches in the next, and then takes what is left of the others' shares. Never destroyed: its
/// threads sleep until the process ends.
class ThreadPool {
 public:
  static ThreadPool& instance() {
    static ThreadPool* const pool = new ThreadPool;
    return *pool;
  }

  int size() const { return size_.load(std::memory_order_relaxed); }

  /// This thread's number in the pool, 0 if it does not belong to it.
  static int& number() {
    thread_local int self = 0;
    return self;
  }

  /// How many jobs several threads had a share of.
  Index jobs() const { return jobs_.load(std::memory_order_relaxed); }

  void resize(int threads) {
    if (inside_task()) throw ValueError("set_num_threads: called by a task of the pool itself");
    const std::lock_guard lock(job_mutex_);
    stop();
    try {
      start(threads);
    } catch (...) {
      stop();
      start(1);
      throw;
    }
  }

  /// Calls task(context, begin, end) for stretches of [0, tasks): three quarters of what is left of
  /// a thread's own share, a quarter of what is left of another's, and at last single tasks, so
  /// that threads end together. On the caller alone, and for all at once, when it is itself a task,
  /// or when another job runs.
  void run(Index tasks, void (*task)(void*, Index, Index), void* context) {
    std::unique_lock lock(job_mutex_, std::defer_lock);
    if (tasks < 2 || size() == 1 || inside_task() || !lock.try_lock()) {
      task(context, 0, tasks);
      return;
    }
    jobs_.fetch_add(1, std::memory_order_relaxed);
    task_ = task;
    context_ = context;
    for (Index i = 0; i < size(); ++i) {
      shares_[i].next.store(tasks * i / size(), std::memory_order_relaxed);
      shares_[i].end = tasks * (i + 1) / size();
    }
    gate_.store(0, std::memory_order_release);
    wake_.fetch_add(1, std::memory_order_release);
    wake_.notify_all();
    work(0);
    // Who has not come by now need not come: nothing is left to do.
    gate_.fetch_or(closed, std::memory_order_acq_rel);
    while (gate_.load(std::memory_order_acquire) != closed) relax();
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  struct alignas(64) Share {
    std::atomic<Index> next;
    Index end;
    std::thread worker;  // whose share it is; the first is the caller's
  };

  static constexpr int closed = 1 << 30;
  static constexpr int spins = 4000;  // some tens of microseconds, then sleep

  ThreadPool() { start(static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))); }

  void start(int threads) {
    stopping_.store(false, std::memory_order_relaxed);
    shares_ = std::make_unique<Share[]>(static_cast<std::size_t>(threads));
    const int seen = wake_.load(std::memory_order_relaxed);
    for (int i = 1; i < threads; ++i) {
      shares_[i].worker = std::thread([=, this] { serve(i, seen); });
      size_.store(i + 1, std::memory_order_relaxed);
    }
  }

  void stop() {
    stopping_.store(true, std::memory_order_relaxed);
    wake_.fetch_add(1, std::memory_order_release);
    wake_.notify_all();
    for (int i = 1; i < size(); ++i) shares_[i].worker.join();
    size_.store(1, std::memory_order_relaxed);
  }

  void serve(int self, int seen) {
    number() = self;
    while (true) {
      for (int i = 0; i < spins && wake_.load(std::memory_order_acquire) == seen; ++i) relax();
      wake_.wait(seen, std::memory_order_acquire);
      seen = wake_.load(std::memory_order_acquire);
      if (stopping_.load(std::memory_order_relaxed)) return;
      if (!join()) continue;
      work(self);
      gate_.fetch_sub(1, std::memory_order_acq_rel);
    }
  }

  bool join() {
    int gate = gate_.load(std::memory_order_acquire);
    while (!(gate & closed))
      if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acq_rel)) return true;
    return false;
  }

  void work(int self) {
    inside_task() = true;
    for (int i = 0; i < size(); ++i) {
      Share& share = shares_[(self + i) % size()];
      Index k = share.next.load(std::memory_order_relaxed);
      while (k < share.end) {
        const Index left = share.end - k;
        const Index some = std::max<Index>(1, (i == 0 ? 3 * left : left) / 4);
        if (!share.next.compare_exchange_weak(k, k + some, std::memory_order_relaxed)) continue;
        try {
          task_(context_, k, k + some);
        } catch (...) {
          cancel(std::current_exception());
        }
        k = share.next.load(std::memory_order_relaxed);
      }
    }
    inside_task() = false;
  }

  void cancel(std::exception_ptr error) {
    for (int i = 0; i < size(); ++i)
      shares_[i].next.store(shares_[i].end, std::memory_order_relaxed);
    const std::lock_guard lock(error_mutex_);
    if (!error_) error_ = std::move(error);
  }

  static bool& inside_task() {
    thread_local bool inside = false;
    return inside;
  }

  static void relax() {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
  }

  std::mutex job_mutex_, error_mutex_;
  std::atomic<int> size_{1};
  std::atomic<bool> stopping_{false};
  std::atomic<Index> jobs_{0};
  std::atomic<int> wake_{0};       // which systems can wait for directly
  std::atomic<int> gate_{closed};  // workers inside the job, and whether more may come
  std::unique_ptr<Share[]> shares_;
  void (*task_)(void*, Index, Index) = nullptr;
  void* context_ = nullptr;
  std::exception_ptr error_;
};

}  // namespace detail

/// How many threads the kernels may use, the caller's included. Results do not depend on it.
/// @throws ValueError unless it is in [1, 1024], or inside a parallel_for.
inline void set_num_threads(int threads) {
  if (threads < 1 || threads > 1024)
    throw ValueError(text("set_num_threads: ", threads, " is not in [1, 1024]"));
  detail::ThreadPool::instance().resize(threads);
}

inline int num_threads() { return detail::ThreadPool::instance().size(); }

namespace detail {

inline Index jobs_shared() { return ThreadPool::instance().jobs(); }

// Whatever F is, what is compiled for it is one function that calls it.
struct Task {
  const void* function;
  void (*call)(const void* function, Index begin, Index end);
};
template <class F>
void call_task(const void* function, Index begin, Index end) {
  (*static_cast<F*>(const_cast<void*>(function)))(begin, end);
}

// Calls the task for each piece by itself, or if `whole` for stretches of them.
[[gnu::noinline]] inline void run_ranges(Index n, Index grain, bool whole, Task task) {
  if (n <= 0) return;
  if (n <= grain) {
    task.call(task.function, 0, n);
    return;
  }
  struct Ranges {
    Task task;
    Index n, grain;
    bool whole;
  } ranges{task, n, grain, whole};
  const auto call = [](void* context, Index begin, Index end) {
    const auto& r = *static_cast<Ranges*>(context);
    const Index some = r.whole ? end - begin : 1;
    for (Index i = begin; i < end; i += some)
      r.task.call(r.task.function, i * r.grain, std::min(r.n, (i + some) * r.grain));
  };
  ThreadPool::instance().run((n + grain - 1) / grain, call, &ranges);
}

/// How many elements a piece has where n are cut into pieces that are alike but for the last, so
/// that threads get equal shares, and the same elements in one job after another: all, if they are
/// at most `most`, else a sixteenth, or `most` if that is less; a multiple of `unit`, as `most` is.
inline Index even_grain(Index n, Index most, Index unit = 1) {
  if (n <= most) return n;
  const Index piece = (n + 15) / 16;
  return std::min(most, (piece + unit - 1) / unit * unit);
}

/// Calls f(begin, end) for stretches of pieces of `grain` elements. Which ones depends on the
/// threads: only for results that do not depend on the cut.
template <class F>
void parallel_stretches(Index n, Index grain, F&& f) {
  run_ranges(n, grain, true, {std::addressof(f), call_task<std::remove_reference_t<F>>});
}

}  // namespace detail

/// Calls f(begin, end) for the pieces of [0, n), each of `grain` elements but the last, on several
/// threads; an exception reaches the caller. The cut depends on nothing else, so results are the
/// same for every number of threads.
template <class F>
void parallel_ranges(Index n, Index grain, F&& f) {
  detail::run_ranges(n, grain, false,
                     {std::addressof(f), detail::call_task<std::remove_reference_t<F>>});
}

/// Calls f(i) for every i in [0, tasks), each a piece of its own.
template <class F>
void parallel_for(Index tasks, F&& f) {
  parallel_ranges(tasks, 1, [&](Index i, Index end) {
    for (; i < end; ++i) f(i);
  });
}

}  // namespace tinydl
