// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include <tinydl/core/threads.hpp>
#include <tinydl/kernels/philox.hpp>

namespace tinydl::kernels {

namespace detail {

template <class T>
struct Dropout {
  // Of each block, 4 words or 2 pairs of them; the upper `bits` of each are a uniform number.
  static constexpr int bits = sizeof(T) == 4 ? 24 : 53,
                       unused = static_cast<int>(sizeof(T)) * 8 - bits;
  static constexpr Index numbers_in_block = sizeof(T) == 4 ? 4 : 2;
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, std::uint64_t seed, std::uint64_t stream,
                                         std::uint64_t counter, T p, T scale, const T* x, T* mask,
                                         T* y) {
    using V = Vector<T, Bytes>;
    using B = Vector<Bits, Bytes>;
    using Words = Vector<std::uint64_t, Bytes>;
    constexpr Index blocks = lanes<Words, std::uint64_t>, width = lanes<V, T>;
    // A number is below p just if its bits are below this.
    const auto limit = static_cast<Bits>(std::ceil(std::ldexp(p, bits)));
    const Words half = Words{} + std::uint64_t{32}, low = Words{} + std::uint64_t{0xFFFFFFFF};
    const Words seeds = Words{} + seed, streams = Words{} + stream;
    Words counters, word[4], first, second;
    each_lane<std::uint64_t>(
        counters, [next = counter](std::uint64_t) mutable { return next++; }, Words{});
    T x_end[2 * width] = {}, mask_end[2 * width], y_end[2 * width];
    for (Index i = 0; i < n; i += 2 * width, x += 2 * width, mask += 2 * width, y += 2 * width) {
      philox(word[0], word[1], word[2], word[3], counters, seeds, streams);
      counters += static_cast<std::uint64_t>(blocks);
      if constexpr (sizeof(T) == 4) {  // each block's words side by side
        first = word[1] << half | (word[0] & low);
        second = word[3] << half | (word[2] & low);
      } else {
        first = word[0] << half | (word[1] & low);
        second = word[2] << half | (word[3] & low);
      }
      std::uint64_t pairs[2 * blocks];
      for (Index k = 0; k < blocks; ++k) {
        std::memcpy(pairs + 2 * k, reinterpret_cast<const char*>(&first) + 8 * k, 8);
        std::memcpy(pairs + 2 * k + 1, reinterpret_cast<const char*>(&second) + 8 * k, 8);
      }
      const bool is_end = n - i < 2 * width;  // which has its place aside
      const std::size_t left = static_cast<std::size_t>(n - i) * sizeof(T);
      if (is_end) copy_some(x_end, x, left);
      const T* const from = is_end ? x_end : x;
      T *const to_mask = is_end ? mask_end : mask, *const to = is_end ? y_end : y;
      for (Index k = 0; k < 2; ++k) {
        B number;
        V v, m;
        std::memcpy(&number, pairs + k * blocks, sizeof(B));
        number = number >> (B{} + Bits(unused));
        m = number < B{} + limit ? V{} : V{} + scale;
        load(v, from + k * width);
        store(to_mask + k * width, m);
        store(to + k * width, v * m);
      }
      if (is_end) {
        copy_some(mask, mask_end, left);
        copy_some(y, y_end, left);
      }
    }
  }
};

}  // namespace detail

/// mask = 0 with probability p, else 1 / (1 - p), and y = x mask, for n elements: for those whose
/// uniform random numbers, as Generator::fill_uniform would make them, are below p.
template <class T>
[[gnu::noinline]] void dropout(Index n, Generator& generator, double p, const T* x, T* mask, T* y) {
  using Kernel = detail::Dropout<T>;
  constexpr Index grain = 1 << 14, in_block = Kernel::numbers_in_block;
  const auto from = generator.skip(static_cast<std::uint64_t>((n + in_block - 1) / in_block));
  parallel_ranges(n, grain, [&](Index begin, Index end) {
    dispatch<Kernel>(end - begin, generator.seed(), generator.stream(),
                     from + static_cast<std::uint64_t>(begin / in_block), static_cast<T>(p),
                     static_cast<T>(1 / (1 - p)), x + begin, mask + begin, y + begin);
  });
}

}  // namespace tinydl::kernels
