// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/random.hpp>

#include <restored_threads.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

using namespace tinydl;

namespace {

template <class T>
std::vector<T> random_uniforms(Generator& generator, std::size_t n) {
  std::vector<T> values(n);
  generator.fill_uniform(std::span<T>(values));
  return values;
}

std::vector<double> random_normals(Generator& generator, std::size_t n) {
  std::vector<double> values(n);
  generator.fill_normal(std::span<double>(values));
  return values;
}

// The block at a counter: uniforms show the upper 24 of each 32 bits, and the upper 53 of each 64;
// a remainder of a power of two shows the lower bits of the first 64.
void random_check_block(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter,
                        const std::array<std::uint32_t, 4>& words) {
  Generator generator(seed, stream);
  generator.seek(counter);
  const auto floats = random_uniforms<float>(generator, 4);
  generator.seek(counter);
  const auto doubles = random_uniforms<double>(generator, 2);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(floats[i] * 0x1p24f == static_cast<float>(words[i] >> 8));
  for (std::size_t i = 0; i < 2; ++i)
    CHECK(doubles[i] * 0x1p53 ==
          static_cast<double>((std::uint64_t{words[2 * i]} << 32 | words[2 * i + 1]) >> 11));
  generator.seek(counter);
  CHECK(generator.integer(Index{1} << 32) == static_cast<Index>(words[1]));
}

}  // namespace

TEST_CASE("Generator: gives the known answers of Philox4x32-10") {
  random_check_block(0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  random_check_block(~std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint64_t{0},
                     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  random_check_block(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88,
                     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("Generator: the same seed and stream give the same numbers, any other gives others") {
  Generator a(1, 2), same(1, 2), other_seed(2, 2), other_stream(1, 3),
      high_seed(1 + (1ull << 32), 2);
  const auto numbers = random_uniforms<double>(a, 10);
  CHECK(numbers == random_uniforms<double>(same, 10));
  CHECK(numbers != random_uniforms<double>(other_seed, 10));
  CHECK(numbers != random_uniforms<double>(other_stream, 10));
  CHECK(numbers != random_uniforms<double>(high_seed, 10));
  CHECK(numbers != random_uniforms<double>(a, 10));
}

TEST_CASE("Generator: streams of one seed share no number") {
  std::vector<double> all;
  for (std::uint64_t stream = 0; stream < 50; ++stream) {
    Generator generator(5, stream);
    for (double x : random_uniforms<double>(generator, 200)) all.push_back(x);
  }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("Generator: seed, stream and counter are the whole state, to stop and to resume") {
  Generator a(11, 4);
  random_uniforms<double>(a, 101);
  a.normal();
  a.integer(10);
  Generator resumed(a.seed(), a.stream());
  resumed.seek(a.counter());
  Generator copy = a;
  const auto rest = random_normals(a, 33);
  CHECK(rest == random_normals(resumed, 33));
  CHECK(rest == random_normals(copy, 33));
}

TEST_CASE("Generator: what is skipped is left out, and its first counter is told") {
  Generator drawing(1), skipping(1);
  for (int i = 0; i < 5; ++i) drawing.uniform();
  skipping.uniform();
  CHECK(skipping.skip(4) == 1);
  CHECK(skipping.uniform() == drawing.uniform());
}

TEST_CASE("Generator: the counter says how many blocks were drawn") {
  Generator generator(1);
  CHECK(generator.counter() == 0);
  generator.uniform();
  CHECK(generator.counter() == 1);
  random_uniforms<float>(generator, 5);
  CHECK(generator.counter() == 3);
  random_uniforms<double>(generator, 5);
  CHECK(generator.counter() == 6);
}

TEST_CASE("Generator: fills with the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  std::vector<double> uniforms, normals;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    Generator generator(3);
    const auto u = random_uniforms<double>(generator, 50'001);
    const auto z = random_normals(generator, 50'001);
    if (threads == 1) uniforms = u, normals = z;
    CHECK(std::memcmp(u.data(), uniforms.data(), u.size() * sizeof(double)) == 0);
    CHECK(std::memcmp(z.data(), normals.data(), z.size() * sizeof(double)) == 0);
  }
}

TEST_CASE("Generator: a longer fill begins with the shorter one") {
  Generator a(3), b(3);
  const auto few = random_uniforms<float>(a, 4099), many = random_uniforms<float>(b, 9001);
  CHECK(std::equal(few.begin(), few.end(), many.begin()));
}

TEST_CASE("Generator: uniform numbers are in [0, 1) and evenly spread") {
  Generator generator(1);
  const auto check = [](const auto& values) {
    REQUIRE(std::all_of(values.begin(), values.end(), [](auto x) { return x >= 0 && x < 1; }));
    std::array<int, 10> counts{};
    double sum = 0;
    for (auto x : values) {
      ++counts[static_cast<std::size_t>(x * 10)];
      sum += static_cast<double>(x);
    }
    const double n = static_cast<double>(values.size());
    CHECK(std::abs(sum / n - 0.5) < 0.002);  // some three standard deviations
    for (int count : counts) CHECK(std::abs(count / n - 0.1) < 0.003);
  };
  check(random_uniforms<float>(generator, 200'000));
  check(random_uniforms<double>(generator, 200'000));
}

TEST_CASE("Generator: uniform(low, high) and fills keep to their bounds") {
  Generator generator(1);
  std::vector<double> values(1000);
  generator.fill_uniform(std::span<double>(values), -3.0, -1.0);
  for (int i = 0; i < 1000; ++i) values.push_back(generator.uniform(-3.0, -1.0));
  CHECK(*std::min_element(values.begin(), values.end()) >= -3);
  CHECK(*std::max_element(values.begin(), values.end()) < -1);
  CHECK(*std::min_element(values.begin(), values.end()) < -2.99);
  CHECK(*std::max_element(values.begin(), values.end()) > -1.01);
}

TEST_CASE("Generator: uniform(low, high) never rounds up to high") {
  Generator generator(0);
  constexpr std::uint64_t at = 38471471;  // where the draw is the largest float below 1
  generator.seek(at);
  REQUIRE(generator.uniform<float>() == 1 - 0x1p-24f);
  generator.seek(at);
  CHECK(generator.uniform(1.0f, 2.0f) < 2);
  generator.seek(at);
  float value = 0;
  generator.fill_uniform(std::span<float>(&value, 1), 1.0f, 2.0f);
  CHECK(value < 2);
}

TEST_CASE("Generator: normal numbers have the normal distribution's moments and tails") {
  Generator generator(2);
  constexpr std::size_t n = 200'000;
  std::vector<float> floats(n);
  generator.fill_normal(std::span<float>(floats));
  const auto check = [](const auto& values) {
    double moments[5] = {};  // not a number, too, if a value is none
    int beyond_two = 0;
    for (auto z : values) {
      for (int k = 1; k <= 4; ++k) moments[k] += std::pow(static_cast<double>(z), k) / n;
      beyond_two += std::abs(z) > 2;
    }
    CHECK(std::abs(moments[1]) < 0.008);
    CHECK(std::abs(moments[2] - 1) < 0.012);
    CHECK(std::abs(moments[3]) < 0.03);
    CHECK(std::abs(moments[4] - 3) < 0.1);
    CHECK(std::abs(beyond_two / double(n) - 0.0455) < 0.0015);
  };
  check(floats);
  check(random_normals(generator, n));
}

TEST_CASE("Generator: the two normal numbers of a pair are uncorrelated") {
  Generator generator(4);
  const auto z = random_normals(generator, 100'000);
  double covariance = 0;
  for (std::size_t i = 0; i < z.size(); i += 2) covariance += z[i] * z[i + 1];
  CHECK(std::abs(covariance / 50'000) < 0.015);
}

TEST_CASE("Generator: mean and deviation shift and scale normal numbers") {
  Generator a(5), b(5);
  const auto z = random_normals(a, 9);
  std::vector<double> values(9);
  b.fill_normal(std::span<double>(values), 10.0, 2.0);
  for (std::size_t i = 0; i < 9; ++i) CHECK(values[i] == 10 + 2 * z[i]);
}

TEST_CASE("Generator: integer(n) stays in [0, n) and takes each value equally often") {
  Generator generator(1);
  for (Index n : {1, 2, 3, 10}) {
    std::vector<int> counts(static_cast<std::size_t>(n));
    for (int i = 0; i < 10'000; ++i) {
      const Index x = generator.integer(n);
      REQUIRE((x >= 0 && x < n));
      ++counts[static_cast<std::size_t>(x)];
    }
    for (int count : counts) CHECK(std::abs(count - 10'000.0 / n) < 200);
  }
}

TEST_CASE("Generator: integer(n) has no bias where n does not divide the range of its bits") {
  Generator generator(1);
  constexpr Index third = Index{1} << 61;
  int upper = 0;
  for (int i = 0; i < 6000; ++i) upper += generator.integer(3 * third) >= 2 * third;
  CHECK(std::abs(upper - 2000) < 120);  // a remainder alone would make 1500
}

TEST_CASE("Generator: integer(n) refuses an n that is not positive") {
  Generator generator(1);
  CHECK_THROWS_AS(generator.integer(0), ValueError);
  CHECK_THROWS_WITH_AS(generator.integer(-5), doctest::Contains("-5"), ValueError);
}

TEST_CASE("Generator: a permutation has every number once") {
  Generator generator(1);
  for (Index n : {0, 1, 2, 100}) {
    auto order = generator.permutation(n);
    const auto drawn = order;
    std::sort(order.begin(), order.end());
    std::vector<Index> expected(static_cast<std::size_t>(n));
    std::iota(expected.begin(), expected.end(), Index{0});
    CHECK(order == expected);
    if (n == 100) CHECK(drawn != expected);
  }
}

TEST_CASE("Generator: numbers are shuffled into the order of a permutation") {
  std::vector<Index> numbers{5, 5, 7, 9, 11};
  const auto before = numbers;
  const auto order = Generator(3).permutation(5);
  Generator(3).shuffle(numbers);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(numbers[i] == before[static_cast<std::size_t>(order[i])]);
}

TEST_CASE("Generator: each of the six orders of three comes equally often") {
  Generator generator(1);
  std::array<int, 27> counts{};
  for (int i = 0; i < 6000; ++i) {
    const auto p = generator.permutation(3);
    ++counts[static_cast<std::size_t>(9 * p[0] + 3 * p[1] + p[2])];
  }
  for (std::size_t order : {5, 7, 11, 15, 19, 21}) CHECK(std::abs(counts[order] - 1000) < 110);
}

TEST_CASE("manual_seed: starts the default generator anew") {
  manual_seed(42);
  const double first = default_generator().uniform();
  const double second = default_generator().uniform();
  CHECK(first != second);
  manual_seed(42);
  CHECK(default_generator().counter() == 0);
  CHECK(default_generator().uniform() == first);
  manual_seed(43);
  CHECK(default_generator().uniform() != first);
  CHECK(Generator(42).uniform() == first);
}
