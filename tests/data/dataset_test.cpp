// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/data/dataset.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>

#include <vector>

namespace {

/// A dataset of a user's own, which computes its examples.
struct DatasetOfSquares {
  tinydl::Index size() const { return 10; }
  std::pair<std::vector<int>, std::vector<int>> batch(
      std::span<const tinydl::Index> indices) const {
    std::vector<int> x, t;
    for (tinydl::Index i : indices) {
      x.push_back(static_cast<int>(i));
      t.push_back(static_cast<int>(i * i));
    }
    return {x, t};
  }
};

struct DatasetWithoutSize {
  std::pair<int, int> batch(std::span<const tinydl::Index>) const { return {}; }
};
struct DatasetWithoutBatch {
  tinydl::Index size() const { return 1; }
};
struct DatasetOfNothing {
  tinydl::Index size() const { return 1; }
  int batch(std::span<const tinydl::Index>) const { return 0; }
};
struct DatasetThatIsNotConst {
  tinydl::Index size() { return 1; }
  std::pair<int, int> batch(std::span<const tinydl::Index>) { return {}; }
};

static_assert(tinydl::Dataset<DatasetOfSquares>);
static_assert(tinydl::Dataset<tinydl::ImageDataset<2>>);
static_assert(
    tinydl::Dataset<tinydl::TensorDataset<tinydl::Tensor<float, 2>, tinydl::Tensor<float, 1>>>);
static_assert(!tinydl::Dataset<DatasetWithoutSize>);
static_assert(!tinydl::Dataset<DatasetWithoutBatch>);
static_assert(!tinydl::Dataset<DatasetOfNothing>);
static_assert(!tinydl::Dataset<DatasetThatIsNotConst>);
static_assert(!tinydl::Dataset<std::vector<float>>);

tinydl::ImageDataset<2> dataset_of_images() {
  tinydl::Tensor<std::uint8_t, 3> images(tinydl::Shape(3, 2, 2));
  for (int i = 0; i < 12; ++i) images.mutable_data()[i] = static_cast<std::uint8_t>(20 * i);
  return {images, tinydl::from_values<std::int64_t>({3}, {7, 8, 9}), {.mean = 0, .deviation = 1}};
}

}  // namespace

TEST_CASE("TensorDataset: a batch is the rows at the indices, in their order") {
  const tinydl::TensorDataset data(tinydl::from_values({{1.f, 2.f}, {3.f, 4.f}, {5.f, 6.f}}),
                                   tinydl::from_values<std::int64_t>({3}, {10, 20, 30}));
  CHECK(data.size() == 3);
  const tinydl::Index some[] = {2, 0, 2};
  const auto [x, t] = data.batch(some);
  CHECK(x.shape() == tinydl::Shape(3, 2));
  CHECK(x(0, 0) == 5);
  CHECK(x(0, 1) == 6);
  CHECK(x(1, 0) == 1);
  CHECK(x(2, 1) == 6);
  CHECK(t.shape() == tinydl::Shape(3));
  CHECK(t(0) == 30);
  CHECK(t(1) == 10);
}

TEST_CASE("TensorDataset: higher ranks keep the shape of an example") {
  const tinydl::TensorDataset data(tinydl::zeros({5, 1, 2, 3}), tinydl::zeros({5, 4}));
  const tinydl::Index some[] = {4, 1};
  const auto [x, t] = data.batch(some);
  CHECK(x.shape() == tinydl::Shape(2, 1, 2, 3));
  CHECK(t.shape() == tinydl::Shape(2, 4));
}

TEST_CASE("TensorDataset: one tensor alone and three together are fine, too") {
  const tinydl::Index some[] = {1};
  const auto [x] = tinydl::TensorDataset(tinydl::arange(4.f)).batch(some);
  CHECK(x(0) == 1);
  const tinydl::TensorDataset three(tinydl::arange(4.f), tinydl::arange(4.0), tinydl::arange(4));
  CHECK(std::get<2>(three.batch(some))(0) == 1);
}

TEST_CASE("TensorDataset: an empty list of indices makes an empty batch") {
  const tinydl::TensorDataset data(tinydl::zeros({5, 3}), tinydl::zeros({5}));
  const auto [x, t] = data.batch({});
  CHECK(x.shape() == tinydl::Shape(0, 3));
  CHECK(t.shape() == tinydl::Shape(0));
}

TEST_CASE("TensorDataset: numbers of examples that differ are refused and both shapes named") {
  CHECK_THROWS_WITH_AS(tinydl::TensorDataset(tinydl::zeros({5, 3}), tinydl::zeros({4})),
                       "TensorDataset: the numbers of examples differ: shapes (5, 3) and (4,)",
                       tinydl::ShapeError);
}

TEST_CASE("TensorDataset: an index out of range is refused and named") {
  const tinydl::TensorDataset data(tinydl::zeros({5, 3}), tinydl::zeros({5}));
  const tinydl::Index beyond[] = {0, 5}, negative[] = {-1};
  CHECK_THROWS_WITH_AS(data.batch(beyond), "TensorDataset: index 5 is out of range for 5 examples",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(data.batch(negative),
                       "TensorDataset: index -1 is out of range for 5 examples",
                       tinydl::ValueError);
}

TEST_CASE("TensorDataset: holds its own values, whatever becomes of the caller's tensors") {
  auto x = tinydl::arange(3.f);
  const tinydl::TensorDataset data(x, x);
  x.mutable_span()[1] = 100;
  const tinydl::Index some[] = {1};
  CHECK(std::get<0>(data.batch(some))(0) == 1);
}

TEST_CASE("ImageDataset: a batch is normalised, flat, plain or with a channel") {
  const auto flat = dataset_of_images();
  const tinydl::Index some[] = {2, 0};
  const auto [x, t] = flat.batch(some);
  CHECK(x.shape() == tinydl::Shape(2, 4));
  CHECK(x(0, 0) == 160 / 255.f);
  CHECK(x(1, 3) == 60 / 255.f);
  CHECK(t(0) == 9);

  const tinydl::ImageDataset<3, double> plain(flat.images(), flat.labels(),
                                              {.mean = 0.5, .deviation = 0.25});
  CHECK(plain.batch(some).first.shape() == tinydl::Shape(2, 2, 2));
  CHECK(plain.batch(some).first(0, 0, 0) == (160 / 255.0 - 0.5) / 0.25);

  const tinydl::ImageDataset<4> channel(flat.images(), flat.labels());
  CHECK(channel.batch(some).first.shape() == tinydl::Shape(2, 1, 2, 2));
  CHECK(channel.batch(some).first(0, 0, 0, 0) ==
        static_cast<float>((160 / 255.0 - 0.1307) / 0.3081));
  CHECK(channel.images().shares_with(flat.images()));
}

TEST_CASE("ImageDataset: a batch of many images is the same as one by one") {
  tinydl::Tensor<std::uint8_t, 3> images(tinydl::Shape(200, 3, 5));
  for (int i = 0; i < 3000; ++i) images.mutable_data()[i] = static_cast<std::uint8_t>(i * 7);
  const tinydl::ImageDataset<2> data(images, tinydl::Labels<1>(tinydl::Shape(200)));
  std::vector<tinydl::Index> order;
  for (tinydl::Index i = 0; i < 200; ++i) order.push_back(i * 77 % 200);
  const auto all = data.batch(order).first;
  for (tinydl::Index i = 0; i < 200; ++i) {
    const auto one = data.batch(std::span(order).subspan(static_cast<std::size_t>(i), 1)).first;
    REQUIRE(std::equal(one.data(), one.data() + 15, all.data() + i * 15));
  }
}

TEST_CASE("ImageDataset: what does not fit is refused") {
  const auto data = dataset_of_images();
  const tinydl::Index beyond[] = {3};
  CHECK_THROWS_WITH_AS(data.batch(beyond), "ImageDataset: index 3 is out of range for 3 examples",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(tinydl::ImageDataset<2>(data.images(), tinydl::Labels<1>(tinydl::Shape(2))),
                       "ImageDataset: 3 images and 2 labels", tinydl::ShapeError);
  CHECK_THROWS_WITH_AS(tinydl::ImageDataset<2>(data.images(), data.labels(), {.deviation = -1}),
                       "ImageDataset: deviation -1 is not positive", tinydl::ValueError);
}
