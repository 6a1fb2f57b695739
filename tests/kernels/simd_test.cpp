// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/simd.hpp>

#include <instruction_sets.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

struct SimdBytes {
  template <int Bytes>
  [[gnu::always_inline]] static void run(int* out) {
    *out = Bytes;
  }
};

// out = in (in - 3), lane by lane the square where in is negative.
struct SimdPieces {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, const double* in, double* out) {
    using V = Vector<double, Bytes>;
    constexpr Index width = lanes<V, double>;
    V v, y;
    for (Index i = 0; i < n; i += width) {
      const Index some = n - i < width ? n - i : width;
      load_some(v, in + i, some);
      const V polynomial = v * (v - 3);
      each_lane<double>(
          y, [](double x, double p) { return x < 0 ? x * x : p; }, v, polynomial);
      if (some == width)
        store(out + i, y);
      else
        store_some(out + i, y, some);
    }
  }
};

}  // namespace

TEST_CASE("instruction_set: is the same whenever asked, and the portable one is always there") {
  CHECK(instruction_set() == instruction_set());
  REQUIRE_FALSE(instruction_sets_here().empty());
  CHECK(instruction_sets_here().front() == InstructionSet::portable);
  CHECK(instruction_sets_here().back() == instruction_set());
}

TEST_CASE("run_for: runs the kernel for the vectors of the set asked for") {
  for (auto set : instruction_sets_here()) {
    int bytes = 0;
    run_for<SimdBytes>(set, &bytes);
    CHECK(bytes == vector_bytes(set));
  }
}

TEST_CASE("dispatch: runs the kernel for the best set") {
  int bytes = 0;
  dispatch<SimdBytes>(&bytes);
  CHECK(bytes == vector_bytes(instruction_set()));
}

TEST_CASE("run_for: every set gives the same numbers for every length, and writes no more") {
  const auto in = small_integers<double>(40, 1);
  for (auto set : instruction_sets_here())
    for (Index n = 0; n <= 40; ++n) {
      CAPTURE(n);
      std::vector<double> out(41, 99), expected(41, 99);
      for (Index i = 0; i < n; ++i) {
        const double x = in[static_cast<std::size_t>(i)];
        expected[static_cast<std::size_t>(i)] = x < 0 ? x * x : x * (x - 3);
      }
      run_for<SimdPieces>(set, n, in.data(), out.data());
      CHECK(out == expected);
    }
}

TEST_CASE("load_some: reads no more than it is asked for and makes the rest 1") {
  const double in[] = {7, 8};
  Vector<double, 16> v;
  load_some(v, in, 1);
  double out[2] = {5, 5};
  store(out, v);
  CHECK(out[0] == 7);
  CHECK(out[1] == 1);
  load(v, in);
  store_some(out + 1, v, 1);
  CHECK(out[1] == 7);
}

TEST_CASE("each_lane: takes plain numbers where there are no vectors") {
  double y = 0;
  each_lane<double>(
      y, [](double a, double b) { return a - b; }, 5.0, 2.0);
  CHECK(y == 3);
}
