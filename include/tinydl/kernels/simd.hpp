// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstring>
#include <type_traits>
#include <utility>

#include <tinydl/core/shape.hpp>

/// A kernel is written once, over vectors of `Bytes` bytes, compiled for several instruction sets,
/// and the best one for the machine is chosen at run time:
///
///     struct Twice {
///       template <int Bytes>
///       [[gnu::always_inline]] static void run(Index n, float* x) { ... Vector<float, Bytes> ... }
///     };
///     dispatch<Twice>(n, x);
///
/// Everything that a kernel calls with vectors is always_inline and takes them by reference: a
/// vector must not cross a function boundary, whose two sides may be compiled for different ones.
namespace tinydl::kernels {

namespace detail {

template <class T, int Bytes>
struct VectorOf {
#if defined(__GNUC__)
  typedef T type __attribute__((vector_size(Bytes)));
#else
  using type = T;
#endif
};

}  // namespace detail

/// A vector of Bytes / sizeof(T) numbers, on which + - * / < ?: work lane by lane; with a compiler
/// that has none, a single number.
template <class T, int Bytes>
using Vector = typename detail::VectorOf<T, Bytes>::type;

namespace detail {

template <class V>
struct LaneOf {
  using type = std::remove_cvref_t<decltype(std::declval<V&>()[0])>;
};
template <class V>
requires std::is_arithmetic_v<V>
struct LaneOf<V> {
  using type = V;
};

}  // namespace detail

/// The type of a vector's numbers.
template <class V>
using Lane = typename detail::LaneOf<V>::type;

template <class V, class T>
inline constexpr Index lanes = static_cast<Index>(sizeof(V) / sizeof(T));

template <class V, class T>
[[gnu::always_inline]] inline void load(V& v, const T* from) {
  std::memcpy(&v, from, sizeof(V));
}
/// 0, 1, 2 ..., to be loaded: the number of each lane.
template <class T>
inline constexpr auto lane_numbers = [] {
  std::array<T, 64 / sizeof(T)> numbers{};
  for (std::size_t i = 1; i < numbers.size(); ++i) numbers[i] = numbers[i - 1] + T(1);
  return numbers;
}();
template <class V, class T>
[[gnu::always_inline]] inline void store(T* to, const V& v) {
  std::memcpy(to, &v, sizeof(V));
}
/// Keeps a vector that is used several times in a register: if g++ tunes for certain processors, as
/// with -march=native, it would read it from memory for each use.
template <class V>
[[gnu::always_inline]] inline void keep([[maybe_unused]] V& v) {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  asm("" : "+v"(v));
#endif
}
/// memcpy, but not written out wherever it is used, as compilers like to do for a few bytes.
[[gnu::noinline]] inline void copy_some(void* to, const void* from, std::size_t bytes) {
  std::memcpy(to, from, bytes);
}
/// The first n lanes; the others become 1, by which integers can be divided, too, or `rest`.
template <class V, class T>
[[gnu::always_inline]] inline void load_some(V& v, const T* from, Index n, T rest = T(1)) {
  v = V{} + rest;
  copy_some(&v, from, static_cast<std::size_t>(n) * sizeof(T));
}
template <class V, class T>
[[gnu::always_inline]] inline void store_some(T* to, const V& v, Index n) {
  copy_some(to, &v, static_cast<std::size_t>(n) * sizeof(T));
}

/// Fetches the cache line of something that is written soon.
[[gnu::always_inline]] inline void prefetch([[maybe_unused]] const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address, 1);
#endif
}

/// The same of something that is only read.
[[gnu::always_inline]] inline void prefetch_read([[maybe_unused]] const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#endif
}

/// Applies a function of numbers in every lane.
template <class T, class V, class F, class... In>
[[gnu::always_inline]] inline void each_lane(V& out, F f, const In&... in) {
  if constexpr (std::is_same_v<V, T>)
    out = f(in...);
  else
    for (Index i = 0; i < lanes<V, T>; ++i) out[i] = f(in[i]...);
}

/// All lanes folded into one number, halves first, by f(y, x), which takes x into y.
template <class V, class F>
[[gnu::always_inline]] inline void fold_lanes(Lane<V>* out, const V& v, F f) {
  if constexpr (lanes<V, Lane<V>> == 1) {
    std::memcpy(out, &v, sizeof(V));
  } else if constexpr (lanes<V, Lane<V>> == 2) {
    *out = v[0];
    f(*out, v[1]);
  } else {
    Vector<Lane<V>, static_cast<int>(sizeof(V) / 2)> halves[2];
    std::memcpy(&halves, &v, sizeof(V));
    f(halves[0], halves[1]);
    fold_lanes(out, halves[0], f);
  }
}

/// Whether a comparison of vectors is true in any lane.
template <class M>
[[gnu::always_inline]] inline void any_lane(bool& any, const M& mask) {
  Lane<M> folded;
  fold_lanes(&folded, mask, [](auto& y, const auto& x) { y |= x; });
  any = folded != 0;
}

enum class InstructionSet { portable, avx2, avx512 };

/// The best of this machine that kernels are compiled for.
[[gnu::noinline]] inline InstructionSet instruction_set() {
#if defined(__x86_64__) && defined(__GNUC__)
  static const InstructionSet best = [] {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
      return InstructionSet::avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      return InstructionSet::avx2;
    return InstructionSet::portable;
  }();
  return best;
#else
  return InstructionSet::portable;
#endif
}

#if defined(__x86_64__) && defined(__GNUC__)

template <class Kernel, class... Args>
[[gnu::target("avx512f,avx512vl,avx512dq,fma")]] void run_avx512(Args... args) {
  Kernel::template run<64>(args...);
}
template <class Kernel, class... Args>
[[gnu::target("avx2,fma")]] void run_avx2(Args... args) {
  Kernel::template run<32>(args...);
}
// Processors without AVX2 are older than 2013: for them it need not be the fastest.
template <class Kernel, class... Args>
[[gnu::cold]] void run_portable(Args... args) {
  Kernel::template run<16>(args...);
}

/// Runs a kernel as compiled for `set`.
template <class Kernel, class... Args>
void run_for(InstructionSet set, Args... args) {
  switch (set) {
    case InstructionSet::avx512:
      return run_avx512<Kernel>(args...);
    case InstructionSet::avx2:
      return run_avx2<Kernel>(args...);
    case InstructionSet::portable:
      return run_portable<Kernel>(args...);
  }
}

#else

template <class Kernel, class... Args>
void run_for(InstructionSet, Args... args) {
  Kernel::template run<16>(args...);
}

#endif

template <class Kernel, class... Args>
void dispatch(Args... args) {
  run_for<Kernel>(instruction_set(), args...);
}

}  // namespace tinydl::kernels
