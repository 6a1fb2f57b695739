// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/dropout.hpp>

#include <instruction_sets.hpp>
#include <restored_threads.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tinydl;

namespace {

/// The mask that uniform numbers of this generator make.
template <class T>
std::vector<T> dropout_mask_by_hand(std::size_t n, Generator generator, double p) {
  std::vector<T> mask(n);
  generator.fill_uniform(std::span(mask));
  for (T& m : mask) m = m < static_cast<T>(p) ? T(0) : static_cast<T>(1 / (1 - p));
  return mask;
}

template <class T>
void dropout_check_lengths() {
  const std::vector<T> x(101, T(3));
  for (auto set : instruction_sets_here())
    for (std::size_t n = 0; n <= 100; ++n) {
      const auto expected = dropout_mask_by_hand<T>(n, Generator(7, 1), 0.3);
      std::vector<T> mask(n + 1, T(99)), y(n + 1, T(99));
      kernels::run_for<kernels::detail::Dropout<T>>(
          set, static_cast<Index>(n), std::uint64_t{7}, std::uint64_t{1}, std::uint64_t{0}, T(0.3),
          static_cast<T>(1 / (1 - 0.3)), x.data(), mask.data(), y.data());
      for (std::size_t i = 0; i < n; ++i) {
        CHECK(mask[i] == expected[i]);
        CHECK(y[i] == 3 * expected[i]);
      }
      CHECK(mask[n] == 99);
      CHECK(y[n] == 99);
    }
}

}  // namespace

TEST_CASE(
    "dropout: drops where a uniform number is below p, for every length and instruction set") {
  dropout_check_lengths<float>();
  dropout_check_lengths<double>();
}

TEST_CASE("dropout: long arrays with 1, 2 and 4 threads, one after another from one generator") {
  const RestoredThreads restored;
  const std::size_t n = 50003;
  const std::vector<float> x(n, 1);
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    Generator generator(3);
    for (int call = 0; call < 2; ++call) {
      const auto expected = dropout_mask_by_hand<float>(n, generator, 0.5);
      std::vector<float> mask(n), y(n);
      kernels::dropout(static_cast<Index>(n), generator, 0.5, x.data(), mask.data(), y.data());
      CHECK(mask == expected);
      CHECK(y == expected);
    }
  }
}
