// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace tinydl {

namespace detail {

inline constexpr std::size_t alignment = 64;  // a cache line, and the widest vector

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool recycles = false;  // so that the sanitizer sees every use after free
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool recycles = false;
#else
inline constexpr bool recycles = true;
#endif
#else
inline constexpr bool recycles = true;
#endif

/// A lock that is held for nanoseconds, at half the price of a std::mutex.
class SpinLock {
 public:
  void lock() noexcept {
    for (int tries = 0; taken_.exchange(true, std::memory_order_acquire); ++tries)
      if (tries < 100)
        std::this_thread::yield();
      else  // so that a holder of lower priority gets on, too
        std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  void unlock() noexcept { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

/// Freed blocks, kept by size class for the next request: a training step that repeats takes all
/// its memory from here. Bounded, thread-safe, and never destroyed, so that tensors with static
/// storage duration may outlive main().
class MemoryPool {
 public:
  [[gnu::noinline]] static MemoryPool& instance() {
    static MemoryPool* const pool = new MemoryPool;
    return *pool;
  }

  [[gnu::noinline]] void* allocate(std::size_t bytes) {
    const int index = class_of(bytes);
    if (recycles) {
      const std::lock_guard guard(lock_);
      if (Block* block = free_[index]) {
        free_[index] = block->next;
        cached_ -= class_bytes(index);
        return block;
      }
    }
    return ::operator new(class_bytes(index), std::align_val_t(alignment));
  }

  [[gnu::noinline]] void deallocate(void* memory, std::size_t bytes) noexcept {
    const int index = class_of(bytes);
    if (recycles) {
      const std::lock_guard guard(lock_);
      if (cached_ + class_bytes(index) <= limit) {
        free_[index] = new (memory) Block{free_[index]};
        cached_ += class_bytes(index);
        return;
      }
    }
    ::operator delete(memory, std::align_val_t(alignment));
  }

  void release() noexcept {
    std::array<Block*, classes> blocks;
    {
      const std::lock_guard guard(lock_);
      blocks = std::exchange(free_, {});
      cached_ = 0;
    }
    for (Block* head : blocks)
      while (head) ::operator delete(std::exchange(head, head->next), std::align_val_t(alignment));
  }

  std::size_t cached_bytes() {
    const std::lock_guard guard(lock_);
    return cached_;
  }

 private:
  struct Block {
    Block* next;
  };

  static constexpr std::size_t limit = std::size_t{1} << 30;
  static constexpr int classes = 4 * 58;

  // Four classes to each power of two, from 64 bytes up: at most a quarter of a block is unused.
  static int class_of(std::size_t bytes) {
    const std::size_t units = bytes <= 64 ? 0 : (bytes - 1) / 64;  // 0: 64 bytes, 1: 128 ...
    if (units < 4) return static_cast<int>(units);
    const int power = std::bit_width(units) - 3;
    return 4 * power + static_cast<int>(units >> power);
  }

  static std::size_t class_bytes(int index) {
    const int power = index < 8 ? 0 : index / 4 - 1;
    const std::size_t units = static_cast<std::size_t>(index - 4 * power);
    return ((units + 1) << power) * 64;
  }

  SpinLock lock_;
  std::array<Block*, classes> free_{};
  std::size_t cached_ = 0;
};

/// A reference-counted, 64-byte aligned, uninitialised run of bytes, or nothing. What tensors do
/// with memory is compiled here, once for all of them.
class Buffer {
 public:
  Buffer() = default;
  [[gnu::noinline]] explicit Buffer(std::size_t bytes)
      : data_(static_cast<std::byte*>(MemoryPool::instance().allocate(alignment + bytes)) +
              alignment) {
    new (header()) Header{{1}, alignment + bytes};
  }

  Buffer(const Buffer& other) noexcept : data_(other.data_) {
    if (data_) header()->references.fetch_add(1, std::memory_order_relaxed);
  }
  Buffer(Buffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  // Two operators, here and in other types, not one that takes its operand by value: clang 14 never
  // destroys such an operand when a class template makes it of {}.
  Buffer& operator=(const Buffer& other) noexcept { return *this = Buffer(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer own(std::move(other));
    std::swap(data_, own.data_);
    return *this;
  }
  [[gnu::noinline]] ~Buffer() {
    if (data_) drop();
  }

  void* data() const noexcept { return data_; }
  explicit operator bool() const noexcept { return data_ != nullptr; }

  /// Whether no one else holds it: then it may be written. Acquire, so that what another thread
  /// read before it let go is really over.
  bool unique() const noexcept {
    return data_ && header()->references.load(std::memory_order_acquire) == 1;
  }
  /// Goes on with a copy of its own if someone else holds it, too.
  [[gnu::noinline]] void make_unique() {
    if (data_ && !unique()) copy();
  }

 private:
  struct Header {
    std::atomic<std::size_t> references;
    std::size_t bytes;
  };
  static_assert(sizeof(Header) <= alignment);

  // In the cache line before the bytes.
  Header* header() const noexcept { return reinterpret_cast<Header*>(data_ - alignment); }

  void copy() {
    const std::size_t bytes = header()->bytes - alignment;
    Buffer own(bytes);
    std::memcpy(own.data(), data(), bytes);
    std::swap(data_, own.data_);
  }

  void drop() noexcept {
    if (header()->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
      MemoryPool::instance().deallocate(header(), header()->bytes);
  }

  std::byte* data_ = nullptr;
};

/// A Buffer of n elements.
template <class T>
class Storage : public Buffer {
 public:
  Storage() = default;
  explicit Storage(std::size_t n) : Buffer(n * sizeof(T)) {}
  T* data() const noexcept { return static_cast<T*>(Buffer::data()); }
};

}  // namespace detail

/// Gives the memory that is kept for reuse back to the system.
inline void release_memory() noexcept { detail::MemoryPool::instance().release(); }

}  // namespace tinydl
