// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/philox.hpp>

#include <instruction_sets.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tinydl;

namespace {

/// The four words of 8 blocks, word by word.
struct PhiloxBlocks {
  template <int Bytes>
  [[gnu::always_inline]] static void run(std::uint64_t seed, std::uint64_t stream,
                                         std::uint64_t counter, std::uint32_t* out) {
    using V = kernels::Vector<std::uint64_t, Bytes>;
    constexpr Index width = kernels::lanes<V, std::uint64_t>;
    const V seeds = V{} + seed, streams = V{} + stream;
    for (Index i = 0; i < 8; i += width) {
      std::uint64_t counters[width];
      for (Index k = 0; k < width; ++k) counters[k] = counter + static_cast<std::uint64_t>(i + k);
      V c, words[4];
      kernels::load(c, counters);
      kernels::philox(words[0], words[1], words[2], words[3], c, seeds, streams);
      for (Index w = 0; w < 4; ++w)
        kernels::each_lane<std::uint64_t>(
            words[w],
            [out, at = w * 8 + i](std::uint64_t word) mutable {
              out[at++] = static_cast<std::uint32_t>(word);
              return word;
            },
            words[w]);
    }
  }
};

}  // namespace

TEST_CASE("philox: the words that Generator draws, on every instruction set") {
  const std::uint64_t seed = 0x123456789ABCDEF0, stream = 0xFEDCBA9876543210;
  for (std::uint64_t counter : {std::uint64_t{0}, std::uint64_t{0xFFFFFFFE}, ~std::uint64_t{7}}) {
    Generator generator(seed, stream);
    generator.seek(counter);
    std::vector<double> drawn(16);  // the upper 53 bits of words 0 and 1, and of 2 and 3
    generator.fill_uniform(std::span(drawn));
    for (auto set : instruction_sets_here()) {
      std::vector<std::uint32_t> words(32);
      kernels::run_for<PhiloxBlocks>(set, seed, stream, counter, words.data());
      for (std::size_t block = 0; block < 8; ++block)
        for (std::size_t pair = 0; pair < 2; ++pair) {
          const std::uint64_t bits =
              std::uint64_t{words[pair * 16 + block]} << 32 | words[pair * 16 + 8 + block];
          CHECK(static_cast<double>(bits >> 11) * 0x1p-53 == drawn[2 * block + pair]);
        }
    }
  }
}

TEST_CASE("philox: a known answer (Random123's kat_vectors)") {
  for (auto set : instruction_sets_here()) {
    std::vector<std::uint32_t> words(32);
    kernels::run_for<PhiloxBlocks>(set, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0},
                                   words.data());
    CHECK(words[0] == 0x6627e8d5);
    CHECK(words[8] == 0xe169c58d);
    CHECK(words[16] == 0xbc57ac4c);
    CHECK(words[24] == 0x9b00dbd8);
  }
}
