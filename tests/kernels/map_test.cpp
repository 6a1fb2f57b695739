// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/map.hpp>

#include <instruction_sets.hpp>
#include <restored_threads.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <algorithm>
#include <cstdint>
#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

struct MapMix {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& a, const V& b) const {
    y = a * 10 - b;
  }
};

struct MapRotation {
  template <class V>
  [[gnu::always_inline]] void operator()(V& a, V& b, const V& c) const {
    const V old = a;
    a = b + c;
    b = old;
  }
};

template <class T, class A, class B>
void map_check(Index n, const A& a, const B& b, T (*value_a)(const A&, Index),
               T (*value_b)(const B&, Index)) {
  const auto size = static_cast<std::size_t>(n);
  std::vector<T> expected(size + 1, T(99));
  for (Index i = 0; i < n; ++i)
    expected[static_cast<std::size_t>(i)] = value_a(a, i) * 10 - value_b(b, i);
  for (auto set : instruction_sets_here()) {
    std::vector<T> out(size + 1, T(99));
    run_for<kernels::detail::Map<T, MapMix, A, B>>(set, n, out.data(), MapMix{}, a, b);
    CHECK(out == expected);
  }
}

template <class T>
T map_each(const Each<T>& x, Index i) {
  return x.data[i];
}
template <class T>
T map_same(const Same<T>& x, Index) {
  return x.value;
}

template <class T>
void map_check_lengths() {
  const auto a = small_integers<T>(71, 1), b = small_integers<T>(71, 2);
  for (Index n = 0; n <= 70; ++n) {
    CAPTURE(n);
    // From the second element on: operands need not be aligned.
    const Each<T> p{a.data() + 1}, q{b.data()};
    map_check<T>(n, p, q, map_each<T>, map_each<T>);
    map_check<T>(n, p, Same<T>{3}, map_each<T>, map_same<T>);
    map_check<T>(n, Same<T>{-2}, q, map_same<T>, map_each<T>);
    map_check<T>(n, Same<T>{-2}, Same<T>{3}, map_same<T>, map_same<T>);
  }
}

struct MapQuotient {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& a, const V& b) const {
    y = a / b;
  }
};

using MapShape = std::vector<Index>;

Index map_count(const MapShape& shape) {
  Index n = 1;
  for (Index size : shape) n *= size;
  return n;
}

// The position in an operand that element i of the result, of this shape, comes from.
Index map_source(Index i, const MapShape& shape, const MapShape& operand) {
  Index at = 0, step = 1;
  for (std::size_t back = 1; back <= shape.size(); ++back) {
    const Index size = shape[shape.size() - back], position = i % size;
    i /= size;
    if (back > operand.size()) continue;
    const Index own = operand[operand.size() - back];
    if (own != 1) at += position * step;
    step *= own;
  }
  return at;
}

void map_check_broadcast(const MapShape& a_shape, const MapShape& b_shape) {
  MapShape shape(std::max(a_shape.size(), b_shape.size()));
  for (std::size_t back = 1; back <= shape.size(); ++back) {
    const Index a = back <= a_shape.size() ? a_shape[a_shape.size() - back] : 1;
    const Index b = back <= b_shape.size() ? b_shape[b_shape.size() - back] : 1;
    shape[shape.size() - back] = a == 1 ? b : a;
  }
  const auto a = small_integers<double>(map_count(a_shape), 1);
  const auto b = small_integers<double>(map_count(b_shape), 2);
  const auto n = static_cast<std::size_t>(map_count(shape));
  std::vector<double> out(n + 1, 99), expected(n + 1, 99);
  for (std::size_t i = 0; i < n; ++i)
    expected[i] = a[static_cast<std::size_t>(map_source(Index(i), shape, a_shape))] * 10 -
                  b[static_cast<std::size_t>(map_source(Index(i), shape, b_shape))];
  map_broadcast(Broadcast(shape, a_shape, b_shape), out.data(), MapMix{}, a.data(), b.data());
  INFO("shapes ", shape_text(a_shape), " and ", shape_text(b_shape));
  CHECK(out == expected);
}

}  // namespace

TEST_CASE("Map: doubles of every length up to 70, each or the same, for every instruction set") {
  map_check_lengths<double>();
}

TEST_CASE("Map: floats of every length up to 70, each or the same, for every instruction set") {
  map_check_lengths<float>();
}

TEST_CASE("Map: integers of every length are divided, with no fault beyond their end") {
  std::vector<std::int64_t> a(40), b(40);
  for (int i = 0; i < 40; ++i) {
    a[static_cast<std::size_t>(i)] = 100 - 7 * i;
    b[static_cast<std::size_t>(i)] = i % 2 ? i : -i - 1;
  }
  using Operand64 = Each<std::int64_t>;
  using Divide64 = kernels::detail::Map<std::int64_t, MapQuotient, Operand64, Operand64>;
  for (auto set : instruction_sets_here())
    for (Index n = 0; n <= 40; ++n) {
      std::vector<std::int64_t> out(40, 99), expected(40, 99);
      for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) expected[i] = a[i] / b[i];
      run_for<Divide64>(set, n, out.data(), MapQuotient{}, Operand64{a.data()},
                        Operand64{b.data()});
      CHECK(out == expected);
    }
}

TEST_CASE("Update: changes several arrays of every length at once, and nothing beyond their end") {
  const auto a = small_integers<float>(71, 1), b = small_integers<float>(71, 2),
             c = small_integers<float>(71, 3);
  for (auto set : instruction_sets_here()) {
    for (Index n = 0; n <= 70; ++n) {
      auto x = a, y = b, expected_x = a, expected_y = b;
      for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
        expected_x[i] = b[i] + c[i];
        expected_y[i] = a[i];
      }
      using Rotate = kernels::detail::Update<float, MapRotation, float, float, const float>;
      run_for<Rotate>(set, n, MapRotation{}, x.data(), y.data(), c.data());
      CHECK(x == expected_x);
      CHECK(y == expected_y);
    }
  }
}

TEST_CASE("Map and MapRow: a zero that is the same everywhere keeps its sign") {
  const std::vector<float> ones(20, 1.f), expected(20, -INFINITY);
  const float zero = -0.f;
  for (auto set : instruction_sets_here()) {
    using Quotient = kernels::detail::Map<float, MapQuotient, Each<float>, Same<float>>;
    std::vector<float> out(20), row(20);
    run_for<Quotient>(set, Index(20), out.data(), MapQuotient{}, Each<float>{ones.data()},
                      Same<float>{zero});
    CHECK(out == expected);
    run_for<kernels::detail::MapRow<float, MapQuotient>>(set, Index(20), row.data(), MapQuotient{},
                                                         ones.data(), false, &zero, true);
    CHECK(row == expected);
  }
}

TEST_CASE("map: long arrays, in place too, with 1, 2 and 4 threads") {
  const RestoredThreads restored;
  constexpr Index n = 200'003;
  const auto a = small_integers<double>(n, 1), b = small_integers<double>(n, 2);
  std::vector<double> expected(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) expected[i] = a[i] * 10 - b[i];
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    std::vector<double> out(a.size()), in_place_a = a, in_place_b = b;
    map(n, out.data(), MapMix{}, Each<double>{a.data()}, Each<double>{b.data()});
    CHECK(out == expected);
    map(n, in_place_a.data(), MapMix{}, Each<double>{in_place_a.data()}, Each<double>{b.data()});
    CHECK(in_place_a == expected);
    map(n, in_place_b.data(), MapMix{}, Each<double>{a.data()}, Each<double>{in_place_b.data()});
    CHECK(in_place_b == expected);
  }
}

TEST_CASE("map_broadcast: every way in which two shapes of rank 4 repeat") {
  const Index sizes[] = {2, 3, 4, 5};
  for (unsigned repeated = 0; repeated < 256; ++repeated) {
    MapShape a, b;
    for (unsigned axis = 0; axis < 4; ++axis) {
      a.push_back(repeated >> axis & 1 ? 1 : sizes[axis]);
      b.push_back(repeated >> (4 + axis) & 1 ? 1 : sizes[axis]);
    }
    map_check_broadcast(a, b);
  }
}

TEST_CASE("map_broadcast: operands of different ranks, either first") {
  const MapShape shapes[] = {{}, {1}, {4}, {3, 4}, {3, 1}, {1, 4}, {1, 1}, {2, 3, 4}, {2, 1, 1}};
  for (const MapShape& a : shapes)
    for (const MapShape& b : shapes) map_check_broadcast(a, b);
}

TEST_CASE("map_broadcast: sizes of 0 make nothing") {
  map_check_broadcast({0}, {1});
  map_check_broadcast({}, {0});
  map_check_broadcast({0, 3}, {3});
  map_check_broadcast({0, 3}, {1, 1});
  map_check_broadcast({2, 0, 3}, {2, 1, 1});
  map_check_broadcast({2, 0}, {1, 0});
}

TEST_CASE("map_broadcast: large operands on 1, 2 and 4 threads") {
  const RestoredThreads restored;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    map_check_broadcast({100'001}, {1});
    map_check_broadcast({1}, {100'001});
    map_check_broadcast({3, 40'001}, {40'001});
    map_check_broadcast({3, 1}, {1, 40'001});
    map_check_broadcast({20'001, 5}, {20'001, 1});
    map_check_broadcast({301, 1, 7}, {101, 7});
  }
}

TEST_CASE("Broadcast: axes that both operands run through are one loop") {
  const Broadcast same(MapShape{2, 3, 4}, MapShape{2, 3, 4}, MapShape{2, 3, 4});
  CHECK(same.rank == 1);
  CHECK(same.inner() == 24);
  CHECK(same.outer() == 1);
  const Broadcast bias(MapShape{2, 3, 4}, MapShape{2, 3, 4}, MapShape{4});
  CHECK(bias.rank == 2);
  CHECK(bias.inner() == 4);
  CHECK(bias.outer() == 6);
  const Broadcast ones(MapShape{2, 1, 4, 1}, MapShape{2, 1, 4, 1}, MapShape{2, 1, 4, 1});
  CHECK(ones.rank == 1);
  CHECK(ones.inner() == 8);
  CHECK(bias.offsets(5) == std::pair<Index, Index>(20, 0));
}
