// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/memory.hpp>

#include <tinydl/core/tensor.hpp>
#include <tinydl/functions/arithmetic.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

using namespace tinydl;

namespace {

auto& memory_pool = detail::MemoryPool::instance();

bool memory_is_filled(const void* block, unsigned char with, std::size_t bytes) {
  const auto* const p = static_cast<const unsigned char*>(block);
  for (std::size_t i = 0; i < bytes; ++i)
    if (p[i] != with) return false;
  return true;
}

template <class>
struct BufferHolder {
  detail::Buffer held;
  void let_go() { held = {}; }
};

}  // namespace

TEST_CASE("memory: a block is writable to its last byte, and aligned, for every size class") {
  for (std::size_t power = 1; power <= (1u << 20); power *= 2)
    for (std::size_t bytes : {power - 1, power, power + 1, power + power / 4, power + power / 2}) {
      CAPTURE(bytes);
      void* const a = memory_pool.allocate(bytes);
      void* const b = memory_pool.allocate(bytes);
      std::memset(a, 0xAA, bytes);
      std::memset(b, 0xBB, bytes);
      CHECK(reinterpret_cast<std::uintptr_t>(a) % 64 == 0);
      CHECK(memory_is_filled(a, 0xAA, bytes));
      CHECK(memory_is_filled(b, 0xBB, bytes));
      memory_pool.deallocate(a, bytes);
      memory_pool.deallocate(b, bytes);
    }
}

TEST_CASE("memory: at most a quarter of a block, or less than a cache line, is unused") {
  if (!detail::recycles) return;  // nothing is kept that could be measured
  for (std::size_t bytes = 1; bytes < 1'000'000; bytes += bytes / 50 + 1) {
    CAPTURE(bytes);
    release_memory();
    memory_pool.deallocate(memory_pool.allocate(bytes), bytes);
    const std::size_t block = memory_pool.cached_bytes();
    REQUIRE(block >= bytes);
    CHECK((block - bytes < 64 || block - bytes <= block / 4));
  }
}

TEST_CASE("memory: what is freed is what the next request of its size gets") {
  if (!detail::recycles) {
    CHECK(memory_pool.cached_bytes() == 0);
    return;
  }
  const double* first = nullptr;
  {
    const Tensor<double, 1> a(Shape(1000));
    first = a.data();
  }
  const Tensor<double, 1> b(Shape(1000));
  CHECK(b.data() == first);
  const Tensor<double, 1> c(Shape(1000));
  CHECK(c.data() != first);
}

TEST_CASE("memory: a training step that repeats takes nothing from the system") {
  const Variable w(full({40, 30}, 0.5), {.requires_grad = true});
  const auto step = [&] {
    const auto x = full({20, 1, 30}, 2.0);
    const auto y = w * x + w / (w - 3);
    y.backward(full({20, 40, 30}, 1.0));
    w.clear_grad();
  };
  step();
  // With nothing in use but w, a block more in the cache is a block that came from the system.
  const std::size_t cached = memory_pool.cached_bytes();
  for (int i = 0; i < 10; ++i) {
    step();
    CHECK(memory_pool.cached_bytes() == cached);
  }
  CHECK((cached > 0) == detail::recycles);
}

TEST_CASE("memory: release_memory() gives everything back, and the pool goes on") {
  { const Tensor<double, 1> a(Shape(5000)); }
  release_memory();
  CHECK(memory_pool.cached_bytes() == 0);
  release_memory();
  { const Tensor<double, 1> a = full({5000}, 1.0); }
  CHECK((memory_pool.cached_bytes() >= 40000) == detail::recycles);
}

TEST_CASE("memory: what is kept is bounded") {
  constexpr std::size_t bytes = 600'000'000, limit = std::size_t{1} << 30;
  release_memory();
  void* const a = memory_pool.allocate(bytes);
  void* const b = memory_pool.allocate(bytes);
  memory_pool.deallocate(a, bytes);
  memory_pool.deallocate(b, bytes);
  CHECK((memory_pool.cached_bytes() >= bytes) == detail::recycles);
  CHECK(memory_pool.cached_bytes() <= limit);
  release_memory();
}

TEST_CASE("memory: four threads at once never hold the same block") {
  std::atomic<int> faults{0};
  const auto hammer = [&faults](unsigned char mine) {
    std::uint32_t random = mine;
    std::vector<std::pair<void*, std::size_t>> held;
    for (int i = 0; i < 4000; ++i) {
      random = random * 1664525u + 1013904223u;
      const std::size_t bytes = 1 + (random >> 8) % 700;
      held.emplace_back(memory_pool.allocate(bytes), bytes);
      std::memset(held.back().first, mine, bytes);
      if (held.size() < 20) continue;
      std::swap(held[(random >> 4) % held.size()], held.back());
      const auto [block, size] = held.back();
      held.pop_back();
      if (!memory_is_filled(block, mine, size)) ++faults;
      memory_pool.deallocate(block, size);
    }
    for (const auto& [block, size] : held) memory_pool.deallocate(block, size);
  };
  std::vector<std::thread> threads;
  for (unsigned char i = 1; i <= 4; ++i) threads.emplace_back(hammer, i);
  for (std::thread& thread : threads) thread.join();
  CHECK(faults == 0);
}

TEST_CASE("Storage: is shared by its copies and unique again when they are gone") {
  const detail::Storage<double> a(3);
  CHECK(a.unique());
  {
    const detail::Storage<double> b = a;
    CHECK(b.data() == a.data());
    CHECK_FALSE(a.unique());
    CHECK_FALSE(b.unique());
  }
  CHECK(a.unique());
}

TEST_CASE("Storage: moves, and survives being assigned to itself") {
  detail::Storage<double> a(3);
  a.data()[2] = 5;
  const double* const data = a.data();
  detail::Storage<double> b = std::move(a);
  CHECK(b.data() == data);
  CHECK(b.unique());
  detail::Storage<double>& same = b;
  b = same;
  b = std::move(same);
  CHECK(b.data() == data);
  CHECK(b.data()[2] == 5);
  CHECK(b.unique());
}

TEST_CASE("Storage: of nothing has no data and is no one's") {
  const detail::Storage<double> none;
  CHECK_FALSE(none);
  CHECK(none.data() == nullptr);
  CHECK_FALSE(none.unique());
}

TEST_CASE("Buffer: is let go of by a class template that assigns nothing to it") {
  const detail::Buffer a(24);
  BufferHolder<int> holder{a};
  holder.let_go();
  CHECK(a.unique());
}
