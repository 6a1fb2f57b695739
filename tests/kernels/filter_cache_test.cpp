// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/filter_cache.hpp>

#include <tinydl/core/random.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <thread>
#include <vector>

namespace filter_cache_test {

using namespace tinydl;
using kernels::ConvAxis;
using kernels::ConvShape;
using Filters = tinydl::detail::Storage<float>;

/// One image of size x size pixels.
ConvShape shape(Index channels, Index filters, Index size = 8) {
  const ConvAxis axis{.in = size, .out = size - 2, .kernel = 3};
  return {1, channels, filters, 1, axis, axis};
}

std::vector<float> weight_of(const ConvShape& s, std::uint64_t seed = 1) {
  std::vector<float> w(static_cast<std::size_t>(s.weight_size()));
  Generator(seed).fill_normal(std::span(w));
  return w;
}

/// Whether these are the filters of w: the same bits.
bool are(const Filters& filters, const ConvShape& s, const std::vector<float>& w) {
  const kernels::detail::winograd::Panels<float> panels{s.channels, s.filters};
  const auto size = static_cast<std::size_t>(panels.count() * panels.step()) * sizeof(float);
  const Filters expected = kernels::winograd_filters(s, w.data());
  for (Index m = 0; m < 36; ++m) {
    const Index at = m * panels.apart();
    if (std::memcmp(filters.data() + at, expected.data() + at, size) != 0) return false;
  }
  return true;
}

TEST_CASE("FilterCache: filters are kept, whatever the images' size") {
  kernels::FilterCache cache;
  const ConvShape s = shape(16, 32);
  const auto w = weight_of(s), copy = w;
  const Filters first = cache.filters(s, w.data());
  CHECK(are(first, s, w));
  CHECK(cache.filters(s, w.data()).data() == first.data());
  CHECK(cache.filters(shape(16, 32, 30), copy.data()).data() == first.data());
}

TEST_CASE("FilterCache: a weight of other bits has other filters") {
  kernels::FilterCache cache;
  const ConvShape s = shape(16, 32);
  auto w = weight_of(s);
  for (std::size_t changed : {std::size_t{0}, w.size() / 2, w.size() - 1}) {
    cache.filters(s, w.data());
    w[changed] += 1;
    CHECK(are(cache.filters(s, w.data()), s, w));
  }
  w[8] = std::numeric_limits<float>::quiet_NaN();
  const Filters with_nan = cache.filters(s, w.data());
  CHECK(are(with_nan, s, w));
  CHECK(cache.filters(s, w.data()).data() == with_nan.data());
}

TEST_CASE("FilterCache: a large weight is compared in pieces") {
  kernels::FilterCache cache;
  const ConvShape s = shape(96, 96, 14);
  auto w = weight_of(s);
  const Filters first = cache.filters(s, w.data());
  CHECK(cache.filters(s, w.data()).data() == first.data());
  for (std::size_t changed : {std::size_t{0}, std::size_t{65536}, w.size() - 1}) {
    w[changed] += 1;
    CHECK(are(cache.filters(s, w.data()), s, w));
  }
}

TEST_CASE("FilterCache: cleared it holds no memory") {
  const auto idle = [] { return tinydl::detail::MemoryPool::instance().cached_bytes(); };
  kernels::FilterCache cache;
  const ConvShape s = shape(16, 32);
  const auto w = weight_of(s);
  cache.filters(s, w.data());
  cache.clear();
  const std::size_t before = idle();
  cache.filters(s, w.data());
  CHECK((idle() < before) == tinydl::detail::recycles);
  cache.clear();
  CHECK(idle() == before);
}

TEST_CASE("FilterCache: as many numbers in another shape are another weight") {
  kernels::FilterCache cache;
  const auto w = weight_of(shape(16, 32));
  for (const ConvShape& s : {shape(16, 32), shape(32, 16), shape(16, 32), shape(16, 16)})
    CHECK(are(cache.filters(s, w.data()), s, w));
}

TEST_CASE("FilterCache: nothing is kept for many tiles, where the filters' mapping is nothing") {
  kernels::FilterCache cache;
  const ConvShape few = shape(16, 16, 90), many = shape(16, 16, 94);  // 22 x 22 and 23 x 23 tiles
  const auto w = weight_of(few), other = weight_of(few, 2);
  const Filters kept = cache.filters(few, w.data());
  CHECK(are(cache.filters(many, other.data()), many, other));
  CHECK(cache.filters(few, w.data()).data() == kept.data());
}

TEST_CASE("FilterCache: threads with weights of their own get the filters of these") {
  kernels::FilterCache cache;
  const ConvShape s = shape(16, 16);
  const std::array weights{weight_of(s, 1), weight_of(s, 2), weight_of(s, 1)};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (const auto& w : weights)
    threads.emplace_back([&] {
      for (int call = 0; call < 100; ++call)
        if (!are(cache.filters(s, w.data()), s, w)) ++wrong;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

}  // namespace filter_cache_test
