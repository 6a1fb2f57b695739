// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <span>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/threads.hpp>

namespace tinydl {

/// Random numbers from a counter: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy
/// as 1, 2, 3", 2011). A seed and a stream number fix every draw on every platform (normal draws
/// up to the platform's log, sin and cos); streams of one seed are independent. Drawing from one
/// generator in several threads is safe, in an order that is then theirs.
class Generator {
 public:
  explicit Generator(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  Generator(const Generator& other)
      : seed_(other.seed_), stream_(other.stream_), counter_(other.counter()) {}
  Generator& operator=(const Generator& other) {
    seed_ = other.seed_;
    stream_ = other.stream_;
    seek(other.counter());
    return *this;
  }

  std::uint64_t seed() const { return seed_; }
  std::uint64_t stream() const { return stream_; }

  /// How many blocks of 128 bits have been drawn; with seed and stream this is the whole state.
  std::uint64_t counter() const { return counter_.load(std::memory_order_relaxed); }
  void seek(std::uint64_t counter) { counter_.store(counter, std::memory_order_relaxed); }

  /// Leaves out this many blocks, for someone else to make, and returns the first one's counter.
  std::uint64_t skip(std::uint64_t blocks) { return draw(blocks); }

  /// A uniform number in [0, 1).
  template <std::floating_point T = double>
  T uniform() {
    return uniforms<T>(block(draw(1)))[0];
  }

  /// A uniform number in [low, high).
  template <std::floating_point T>
  [[gnu::noinline]] T uniform(T low, T high) {
    return between(low, high, uniform<T>());
  }

  /// A number from the normal distribution of mean 0 and variance 1.
  template <std::floating_point T = double>
  [[gnu::noinline]] T normal() {
    return normals<T>(block(draw(1)))[0];
  }

  /// A uniform integer in [0, n), without bias. @throws ValueError if n is not positive.
  [[gnu::noinline]] Index integer(Index n) {
    if (n < 1) throw ValueError(text("Generator::integer: ", n, " is not positive"));
    const auto range = static_cast<std::uint64_t>(n);
    const std::uint64_t reject_below = (0 - range) % range;
    while (true) {
      const auto b = block(draw(1));
      const std::uint64_t bits = std::uint64_t{b[0]} << 32 | b[1];
      if (bits >= reject_below) return static_cast<Index>(bits % range);
    }
  }

  /// Puts numbers in random order (Fisher and Yates).
  void shuffle(std::span<Index> numbers) {
    for (std::size_t i = numbers.size(); i > 1; --i)
      std::swap(numbers[i - 1], numbers[integer(static_cast<Index>(i))]);
  }

  /// 0 ... n-1 in random order.
  std::vector<Index> permutation(Index n) {
    std::vector<Index> order(static_cast<std::size_t>(std::max<Index>(n, 0)));
    std::iota(order.begin(), order.end(), Index{0});
    shuffle({order.data(), order.size()});
    return order;
  }

  /// Fills `out` with uniform numbers in [low, high).
  template <std::floating_point T>
  void fill_uniform(std::span<T> out, T low = 0, T high = 1) {
    fill(out, [=](const Block& b) {
      auto u = uniforms<T>(b);
      for (T& x : u) x = between(low, high, x);
      return u;
    });
  }

  /// Fills `out` from a normal distribution.
  template <std::floating_point T>
  void fill_normal(std::span<T> out, T mean = 0, T deviation = 1) {
    fill(out, [=](const Block& b) {
      auto z = normals<T>(b);
      for (T& x : z) x = mean + deviation * x;
      return z;
    });
  }

 private:
  using Block = std::array<std::uint32_t, 4>;
  static constexpr Index grain = 4096;

  std::uint64_t draw(std::uint64_t blocks) {
    return counter_.fetch_add(blocks, std::memory_order_relaxed);
  }

  [[gnu::noinline]] Block block(std::uint64_t counter) const {
    Block x{static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32),
            static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)};
    auto key0 = static_cast<std::uint32_t>(seed_);
    auto key1 = static_cast<std::uint32_t>(seed_ >> 32);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53} * x[0];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * x[2];
      x = {static_cast<std::uint32_t>(p1 >> 32) ^ x[1] ^ key0, static_cast<std::uint32_t>(p1),
           static_cast<std::uint32_t>(p0 >> 32) ^ x[3] ^ key1, static_cast<std::uint32_t>(p0)};
      key0 += 0x9E3779B9;
      key1 += 0xBB67AE85;
    }
    return x;
  }

  // Rounding must not reach `high`.
  template <class T>
  static T between(T low, T high, T u) {
    const T x = low + (high - low) * u;
    return x < high ? x : std::max(low, std::nextafter(high, low));
  }

  // One block makes four floats of 24 random bits, or two doubles of 53.
  template <class T>
  static auto uniforms(const Block& b) {
    if constexpr (sizeof(T) <= 4) {
      std::array<T, 4> u;
      for (int i = 0; i < 4; ++i) u[i] = static_cast<T>(b[i] >> 8) * T(0x1p-24);
      return u;
    } else {
      std::array<T, 2> u;
      for (int i = 0; i < 2; ++i)
        u[i] = static_cast<T>((std::uint64_t{b[2 * i]} << 32 | b[2 * i + 1]) >> 11) * T(0x1p-53);
      return u;
    }
  }

  // Box and Muller (1958); 1 - u keeps the logarithm away from 0.
  template <class T>
  static auto normals(const Block& b) {
    auto z = uniforms<T>(b);
    for (std::size_t i = 0; i + 1 < z.size(); i += 2) {
      const T radius = std::sqrt(T(-2) * std::log(1 - z[i]));
      const T angle = 2 * std::numbers::pi_v<T> * z[i + 1];
      z[i] = radius * std::cos(angle);
      z[i + 1] = radius * std::sin(angle);
    }
    return z;
  }

  template <class T, class Make>
  void fill(std::span<T> out, Make make) {
    const auto n = static_cast<Index>(out.size());
    constexpr Index width = sizeof(T) <= 4 ? 4 : 2;
    const std::uint64_t first = draw(static_cast<std::uint64_t>((n + width - 1) / width));
    parallel_ranges(n, grain, [&](Index begin, Index end) {
      for (Index i = begin; i < end; i += width) {
        const auto values = make(block(first + static_cast<std::uint64_t>(i / width)));
        std::copy_n(values.begin(), std::min(width, end - i), out.begin() + i);
      }
    });
  }

  std::uint64_t seed_, stream_;
  std::atomic<std::uint64_t> counter_{0};
};

/// The generator that initialisers, dropout and rand draw from when they are given no other.
inline Generator& default_generator() {
  static Generator generator(0);
  return generator;
}

/// Starts the default generator anew.
inline void manual_seed(std::uint64_t seed) { default_generator() = Generator(seed); }

}  // namespace tinydl
