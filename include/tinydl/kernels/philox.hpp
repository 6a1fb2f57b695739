// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <tinydl/core/random.hpp>
#include <tinydl/kernels/simd.hpp>

namespace tinydl::kernels {

namespace detail {

/// y = a b, of the numbers in the lower halves of 64-bit lanes. There is an instruction for it, but
/// g++ takes the one for whole lanes, or several.
template <class V>
[[gnu::always_inline]] inline void multiply_words(V& y, const V& a, const V& b) {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  if constexpr (sizeof(V) > 16)
    asm("vpmuludq %2, %1, %0" : "=v"(y) : "v"(a), "v"(b));
  else
    asm("pmuludq %2, %0" : "=x"(y) : "0"(a), "x"(b));
#else
  constexpr std::uint64_t low = 0xFFFFFFFF;
  y = (a & low) * (b & low);
#endif
}

}  // namespace detail

/// Counters, 64 bits each, of which each lane makes a block as Generator does
/// (core/random.hpp). word0 has the first word of all blocks, in the lower halves of its lanes, and
/// so on; what is in the upper halves has no meaning.
template <class V>
[[gnu::always_inline]] inline void philox(V& word0, V& word1, V& word2, V& word3, const V& counters,
                                          const V& seed, const V& stream) {
  const V half = V{} + std::uint64_t{32};
  V key0 = seed, key1 = seed >> half, p0, p1;
  word0 = counters;
  word1 = counters >> half;
  word2 = stream;
  word3 = stream >> half;
#pragma GCC unroll 2
  for (int round = 0; round < 10; ++round) {
    detail::multiply_words(p0, word0, V{} + std::uint64_t{0xD2511F53});
    detail::multiply_words(p1, word2, V{} + std::uint64_t{0xCD9E8D57});
    word0 = (p1 >> half) ^ word1 ^ key0;
    word1 = p1;
    word2 = (p0 >> half) ^ word3 ^ key1;
    word3 = p0;
    key0 += std::uint64_t{0x9E3779B9};
    key1 += std::uint64_t{0xBB67AE85};
  }
}

}  // namespace tinydl::kernels
