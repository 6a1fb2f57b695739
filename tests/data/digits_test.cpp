// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/data/digits.hpp>

#include <tinydl/core/eigen.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

namespace {

bool digits_same(const tinydl::ImageDataset<2>& a, const tinydl::ImageDataset<2>& b,
                 tinydl::Index n) {
  return std::equal(a.images().data(), a.images().data() + n * 784, b.images().data()) &&
         std::equal(a.labels().data(), a.labels().data() + n, b.labels().data());
}

}  // namespace

TEST_CASE("draw_digits: images of 28x28 bytes with labels from 0 to 9, of each about a tenth") {
  const auto digits = tinydl::draw_digits(2000, 1);
  CHECK(digits.images().shape() == tinydl::Shape(2000, 28, 28));
  CHECK(digits.labels().shape() == tinydl::Shape(2000));
  std::array<int, 10> counts{};
  for (std::int64_t label : digits.labels().span()) {
    REQUIRE(label >= 0);
    REQUIRE(label <= 9);
    ++counts[static_cast<std::size_t>(label)];
  }
  for (int count : counts) {
    CHECK(count > 150);
    CHECK(count < 250);
  }
}

TEST_CASE("draw_digits: every image has ink, most of it is paper, and its rim is nearly empty") {
  const auto digits = tinydl::draw_digits(500, 3);
  for (tinydl::Index i = 0; i < digits.size(); ++i) {
    int ink = 0;
    const std::uint8_t* const image = digits.images().data() + i * 784;
    for (int k = 0; k < 784; ++k) ink += image[k] > 100;
    CHECK(ink > 15);
    CHECK(ink < 300);
    CHECK(image[0] < 50);
    CHECK(image[783] < 50);
  }
}

TEST_CASE("draw_digits: the same seed draws the same digits, another seed others") {
  const auto digits = tinydl::draw_digits(100, 7);
  CHECK(digits_same(digits, tinydl::draw_digits(100, 7), 100));
  CHECK_FALSE(digits_same(digits, tinydl::draw_digits(100, 8), 1));
}

TEST_CASE("draw_digits: more digits begin with the same ones") {
  CHECK(digits_same(tinydl::draw_digits(70, 7), tinydl::draw_digits(333, 7), 70));
}

TEST_CASE("draw_digits: the number of threads changes nothing") {
  const int threads = tinydl::num_threads();
  tinydl::set_num_threads(1);
  const auto alone = tinydl::draw_digits(500, 5);
  tinydl::set_num_threads(4);
  const auto together = tinydl::draw_digits(500, 5);
  tinydl::set_num_threads(threads);
  CHECK(digits_same(alone, together, 500));
}

TEST_CASE("draw_digits: a digit looks more like others of its class than like other classes") {
  const auto train = tinydl::draw_digits<2>(3000, 1), test = tinydl::draw_digits<2>(300, 2);
  std::vector<tinydl::Index> all(3000);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<tinydl::Index>(i);
  const auto [known, labels] = train.batch(all);
  const auto unknown = test.batch(std::span(all).first(300)).first;
  int right = 0;
  for (int i = 0; i < 300; ++i) {
    tinydl::Index nearest = 0;
    (known.matrix().rowwise() - unknown.matrix().row(i)).rowwise().squaredNorm().minCoeff(&nearest);
    right += labels(nearest) == test.labels()(i);
  }
  CHECK(right > 225);  // chance would be 30
}

TEST_CASE("draw_digits: batches lie as the rank says, and are normalised as asked") {
  const tinydl::Index some[] = {1, 0};
  CHECK(tinydl::draw_digits(2, 1).batch(some).first.shape() == tinydl::Shape(2, 784));
  const auto digits = tinydl::draw_digits<4, double>(2, 1, {.mean = 0.5, .deviation = 2});
  const auto [images, labels] = digits.batch(some);
  CHECK(images.shape() == tinydl::Shape(2, 1, 28, 28));
  CHECK(images(0, 0, 14, 14) == doctest::Approx((digits.images()(1, 14, 14) / 255.0 - 0.5) / 2));
  CHECK(labels(0) == digits.labels()(1));
}

TEST_CASE("draw_digits: none at all are fine, a negative number is refused") {
  CHECK(tinydl::draw_digits(0).size() == 0);
  CHECK_THROWS_WITH_AS(tinydl::draw_digits(-1), "draw_digits: -1 images", tinydl::ValueError);
}
