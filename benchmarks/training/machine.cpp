// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// What the machine can do: machine THREADS prints GFLOP/s of multiply-adds in registers, and GB/s
// of reading, writing, copying and a = b + 2 c, in 64 MB for each array.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include <tinydl/kernels/simd.hpp>

namespace {

using namespace tinydl;
using kernels::Vector;

volatile float used;  // so that what is computed is

/// Adds to enough independent sums that the latency of one does not matter.
struct MultiplyAdd {
  static constexpr int chains(int bytes) { return bytes == 64 ? 24 : 12; }

  template <int Bytes>
  [[gnu::always_inline]] static void run(long steps, float* out, double* flops) {
    using V = Vector<float, Bytes>;
    constexpr int n = chains(Bytes);
    V sums[n];
    for (V& sum : sums) kernels::load(sum, out);
    const V factor = V{} + 0.5f, term = sums[0];
    for (long i = 0; i < steps; ++i) {
#pragma GCC unroll 24
      for (int k = 0; k < n; ++k) sums[k] = sums[k] * factor + term;
    }
    for (int k = 1; k < n; ++k) sums[0] += sums[k];
    kernels::store(out, sums[0]);
    *flops = 2.0 * static_cast<double>(steps) * n * (Bytes / 4);
  }
};

struct Read {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, const float* x, float* out) {
    using V = Vector<float, Bytes>;
    constexpr Index width = Bytes / 4;
    V sums[8] = {};
    for (Index i = 0; i + 8 * width <= n; i += 8 * width) {
#pragma GCC unroll 8
      for (int k = 0; k < 8; ++k) {
        V v;
        kernels::load(v, x + i + k * width);
        sums[k] += v;
      }
    }
    for (int k = 1; k < 8; ++k) sums[0] += sums[k];
    kernels::store(out, sums[0]);
  }
};

struct Triad {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, float* a, const float* b, const float* c) {
    using V = Vector<float, Bytes>;
    constexpr Index width = Bytes / 4;
    for (Index i = 0; i + width <= n; i += width) {
      V x, y;
      kernels::load(x, b + i);
      kernels::load(y, c + i);
      y = x + y * 2.0f;
      kernels::store(a + i, y);
    }
  }
};

/// The best of a few runs of f(thread) on so many threads, in seconds.
template <class F>
double best_time(int threads, F f) {
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int attempt = 0; attempt < 4; ++attempt) {
    std::vector<std::jthread> others;
    const auto begin = Clock::now();
    for (int t = 1; t < threads; ++t) others.emplace_back(f, t);
    f(0);
    others.clear();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  double flops = 0;
  const double fma = best_time(threads, [&](int thread) {
    float numbers[16] = {1, 2, 3};
    double done;
    kernels::dispatch<MultiplyAdd>(10'000'000L, numbers, &done);
    if (thread == 0) flops = done;
    used = numbers[0];
  });
  std::printf("%.1f", 1e-9 * flops * threads / fma);

  constexpr Index numbers = 1 << 24;
  const Index part = numbers / threads;
  const auto array = [&] {
    auto memory = std::make_unique_for_overwrite<float[]>(numbers + 16);
    std::fill_n(memory.get(), numbers, 1.0f);
    return memory;
  };
  const auto a = array(), b = array(), c = array();
  const auto bytes = static_cast<std::size_t>(part) * sizeof(float);
  const auto bandwidth = [&](int arrays, auto f) {
    const double time = best_time(threads, [&](int thread) { f(thread * part); });
    std::printf(" %.1f",
                1e-9 * arrays * sizeof(float) * static_cast<double>(part) * threads / time);
  };
  bandwidth(1, [&](Index at) {
    float sums[16];
    kernels::dispatch<Read>(part, static_cast<const float*>(a.get() + at), sums);
    used = sums[0];
  });
  bandwidth(1, [&](Index at) { std::memset(a.get() + at, 0, bytes); });
  bandwidth(2, [&](Index at) { std::memcpy(a.get() + at, b.get() + at, bytes); });
  bandwidth(3, [&](Index at) {
    kernels::dispatch<Triad>(part, a.get() + at, static_cast<const float*>(b.get() + at),
                             static_cast<const float*>(c.get() + at));
  });
  std::printf("\n");
}
