// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// Single kernels, against the libraries that have them. Google Benchmark's options hold.
#include <atomic>
#include <thread>

#include <benchmark/benchmark.h>

#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/math.hpp>
#include <tinydl/functions/norm.hpp>
#include <tinydl/functions/softmax.hpp>

#include "library.hpp"
#include "reporter.hpp"

namespace {

using namespace benchmarks;

constexpr int thread_counts[] = {1, 2};

std::string name_of(const std::string& kernel, const char* unit, int threads,
                    const std::string& library) {
  return kernel + "|" + unit + "|" + std::to_string(threads) + "|" + library;
}

/// make() prepares, and returns what is measured: `amount` of `unit` a second, or its time.
template <class Make>
void add(const std::string& kernel, const char* unit, int threads, const Library& library,
         double amount, Make make) {
  benchmark::RegisterBenchmark(name_of(kernel, unit, threads, library.name).c_str(),
                               [=](benchmark::State& state) {
                                 library.set_threads(threads);
                                 auto work = make();
                                 work();
                                 for (auto _ : state) work();
                                 if (amount > 0)
                                   state.counters[unit] = benchmark::Counter(
                                       amount, benchmark::Counter::kIsIterationInvariantRate);
                               })
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

/// The three products of a linear layer with x: (batch, in), w: (out, in), gy: (batch, out).
void add_products(long batch, long in, long out) {
  struct Form {
    const char* name;
    long m, n, k;
    bool a_transposed, b_transposed;
  };
  const Form forms[] = {{"x w^T", batch, out, in, false, true},
                        {"gy w", batch, in, out, false, false},
                        {"gy^T x", out, in, batch, true, false}};
  for (const Form& f : forms)
    for (const Library& library : libraries())
      for (int threads : thread_counts)
        add(std::to_string(batch) + "x" + std::to_string(in) + "x" + std::to_string(out) + " " +
                f.name,
            "GFLOP/s", threads, library, 2e-9 * static_cast<double>(batch * in * out), [=] {
              const auto numbers = [](long n) {
                return std::vector<float>(static_cast<std::size_t>(n), 0.5f);
              };
              return [=, a = numbers(f.m * f.k), b = numbers(f.k * f.n),
                      c = numbers(f.m * f.n)]() mutable {
                library.multiply(
                    {f.m, f.n, f.k, f.a_transposed, f.b_transposed, a.data(), b.data(), c.data()});
              };
            });
}

void add_convolutions(long channels, long size, long filters) {
  using Pass = Convolution::Pass;
  const std::pair<const char*, Pass> passes[] = {
      {"forward", Pass::forward}, {"to images", Pass::images}, {"to weights", Pass::weights}};
  for (const auto& [pass_name, pass] : passes)
    for (const Library& library : libraries())
      for (int threads : thread_counts) {
        const Convolution c{64, channels, size, filters, pass};
        if (library.convolution)
          add("3x3, 64 images, " + std::to_string(channels) + " to " + std::to_string(filters) +
                  " channels, " + pass_name,
              "GFLOP/s", threads, library, 1e-9 * c.flops(),
              [=] { return library.convolution(c); });
      }
}

/// f(x, row), which reads and writes x's size once at least.
template <class F>
void add_map(const Library& tinydl, const char* what, long rows, F f) {
  const double bytes = 2.0 * sizeof(float) * static_cast<double>(rows * 4096);
  for (int threads : thread_counts)
    add(std::string(what) + ", " + (rows == 4096 ? "64 MB" : "1 MB"), "GB/s", threads, tinydl,
        1e-9 * bytes, [=] {
          return [=, x = tinydl::randn(tinydl::Shape<2>(rows, 4096)),
                  row = tinydl::randn(tinydl::Shape<1>(4096))] {
            benchmark::DoNotOptimize(f(x, row).data());
          };
        });
}

void add_all() {
  for (auto [batch, in, out] : {std::array{100L, 784L, 100L},
                                {64, 784, 256},
                                {784, 100, 100},
                                {512, 512, 512},
                                {2048, 2048, 2048}})
    add_products(batch, in, out);
  add_convolutions(1, 28, 32);
  add_convolutions(32, 26, 64);

  const Library& tinydl = libraries().front();
  for (long rows : {64, 4096}) {
    add_map(tinydl, "exp", rows, [](const auto& x, const auto&) { return exp(x); });
    add_map(tinydl, "x + row", rows, [](const auto& x, const auto& row) { return x + row; });
    add_map(tinydl, "softmax", rows, [](const auto& x, const auto&) { return softmax(x, 1); });
    add_map(tinydl, "layer norm", rows,
            [](const auto& x, const auto& row) { return layer_norm(x, row, row); });
  }
  // Two threads meet: a task ends when the other one has begun.
  add("hand-off to another thread", "us", 2, tinydl, 0, [] {
    return [] {
      std::atomic<int> begun{0};
      tinydl::parallel_for(2, [&](tinydl::Index) {
        for (++begun; begun < 2;) std::this_thread::yield();
      });
    };
  });
}

}  // namespace

int main(int argc, char** argv) {
  std::sort(libraries().begin(), libraries().end(), [](const Library& a, const Library& b) {
    return std::pair(a.name != "tinydl", a.name) < std::pair(b.name != "tinydl", b.name);
  });
  std::vector<std::string> names;
  for (const Library& library : libraries()) names.push_back(library.name);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  add_all();
  Table table(names);
  benchmark::RunSpecifiedBenchmarks(&table);
  benchmark::Shutdown();
}
