// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <new>
#include <type_traits>
#include <utility>

#include <tinydl/core/memory.hpp>

namespace tinydl::detail {

/// A vector whose memory comes from the pool. Every kind of std::vector takes the compiler twice as
/// long, which shows in a program that has a dozen of them.
template <class X>
class PoolVector {
 public:
  PoolVector() = default;
  /// Of `size` elements that are X().
  explicit PoolVector(std::size_t size) : PoolVector() {
    allocate(size);
    for (; size_ < size; ++size_) ::new (static_cast<void*>(end())) X();
  }
  PoolVector(std::initializer_list<X> elements) : PoolVector() {
    for (const X& x : elements) emplace_back(x);
  }
  PoolVector(const PoolVector& other) : PoolVector() {
    for (const X& x : other) emplace_back(x);
  }
  PoolVector(PoolVector&& other) noexcept { swap(other); }
  PoolVector& operator=(const PoolVector& other) { return *this = PoolVector(other); }
  PoolVector& operator=(PoolVector&& other) noexcept {
    PoolVector own(std::move(other));
    swap(own);
    return *this;
  }
  [[gnu::noinline]] ~PoolVector() {
    while (size_ > 0) pop_back();
    if (data_) MemoryPool::instance().deallocate(data_, room_ * sizeof(X));
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  X* data() { return data_; }
  const X* data() const { return data_; }
  X* begin() { return data_; }
  X* end() { return data_ + size_; }
  const X* begin() const { return data_; }
  const X* end() const { return data_ + size_; }
  X& operator[](std::size_t i) { return data_[i]; }
  const X& operator[](std::size_t i) const { return data_[i]; }
  friend bool operator==(const PoolVector& a, const PoolVector& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }
  X& back() { return data_[size_ - 1]; }

  void push_back(X x) { emplace_back(std::move(x)); }
  /// X{parts...}, which must be no parts of this vector.
  template <class... Parts>
  void emplace_back(Parts&&... parts) {
    if (size_ == room_) grow();
    ::new (static_cast<void*>(end())) X{std::forward<Parts>(parts)...};
    ++size_;
  }
  void pop_back() {
    --size_;
    end()->~X();
  }

 private:
  void swap(PoolVector& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(room_, other.room_);
  }

  [[gnu::noinline, gnu::cold]] void grow() {
    static_assert(std::is_nothrow_move_constructible_v<X>, "nothing is lost when elements move");
    PoolVector larger;
    larger.allocate(2 * room_ + 1);
    for (X& x : *this) {
      ::new (static_cast<void*>(larger.end())) X(std::move(x));
      ++larger.size_;
    }
    swap(larger);
  }
  void allocate(std::size_t room) {
    static_assert(alignof(X) <= alignment);
    data_ = static_cast<X*>(MemoryPool::instance().allocate(room * sizeof(X)));
    room_ = room;
  }

  X* data_ = nullptr;
  std::size_t size_ = 0, room_ = 0;
};

}  // namespace tinydl::detail
