// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/data/mnist.hpp>

#include <doctest/doctest.h>

#include <random>

namespace {

/// A folder of its own with a data set of `n` images of 28x28, image i filled with the byte i.
struct MnistFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      tinydl::text("tinydl_mnist_", std::random_device{}(), std::random_device{}());

  MnistFolder() {
    std::filesystem::create_directories(path);
    write("train", 3, std::string("\x05\x00\x09", 3));
    write("t10k", 2, "\x04\x01");
  }
  ~MnistFolder() { std::filesystem::remove_all(path); }

  void write(const std::string& stem, int n, const std::string& labels) const {
    std::string pixels;
    for (int i = 0; i < n; ++i) pixels += std::string(784, static_cast<char>(i));
    std::ofstream(path / (stem + "-images-idx3-ubyte"), std::ios::binary)
        << std::string("\0\0\x08\x03\0\0\0", 7) << static_cast<char>(n)
        << std::string("\0\0\0\x1c\0\0\0\x1c", 8) << pixels;
    std::ofstream(path / (stem + "-labels-idx1-ubyte"), std::ios::binary)
        << std::string("\0\0\x08\x01\0\0\0", 7) << static_cast<char>(labels.size()) << labels;
  }

  std::string file(const std::string& name) const { return (path / name).string(); }
};

}  // namespace

TEST_CASE("load_mnist: images and labels of both halves are read") {
  const MnistFolder folder;
  const auto train = tinydl::load_mnist(folder.path);
  CHECK(train.size() == 3);
  CHECK(train.images().shape() == tinydl::Shape(3, 28, 28));
  CHECK(train.images()(2, 27, 27) == 2);
  CHECK(train.labels().shape() == tinydl::Shape(3));
  CHECK(train.labels()(0) == 5);
  CHECK(train.labels()(2) == 9);

  const auto test = tinydl::load_mnist(folder.path, {.train = false});
  CHECK(test.size() == 2);
  CHECK(test.labels()(0) == 4);
}

TEST_CASE("load_mnist: batches are flat or images, and normalised as asked") {
  const MnistFolder folder;
  const tinydl::Index some[] = {2, 0};
  const auto [flat, labels] = tinydl::load_mnist(folder.path).batch(some);
  CHECK(flat.shape() == tinydl::Shape(2, 784));
  CHECK(flat(0, 783) == doctest::Approx((2 / 255.0 - 0.1307) / 0.3081));
  CHECK(flat(1, 0) == doctest::Approx(-0.1307 / 0.3081));
  CHECK(labels(0) == 9);
  CHECK(labels(1) == 5);

  const auto images =
      tinydl::load_mnist<4, double>(folder.path, {.mean = 0, .deviation = 1}).batch(some).first;
  CHECK(images.shape() == tinydl::Shape(2, 1, 28, 28));
  CHECK(images(0, 0, 5, 5) == 2 / 255.0);
}

TEST_CASE("load_mnist: a missing file is refused by its path") {
  const MnistFolder folder;
  std::filesystem::remove(folder.path / "t10k-labels-idx1-ubyte");
  const std::string message = folder.file("t10k-labels-idx1-ubyte") + ": no such file";
  CHECK_THROWS_WITH_AS(tinydl::load_mnist(folder.path, {.train = false}), message.c_str(),
                       tinydl::FileError);
  CHECK_NOTHROW(tinydl::load_mnist(folder.path));
}

TEST_CASE("load_mnist: counts that differ between images and labels are refused") {
  const MnistFolder folder;
  folder.write("train", 3, "\x05\x01");
  const std::string message = folder.file("train-labels-idx1-ubyte") +
                              ": 2 labels for the 3 images in " +
                              folder.file("train-images-idx3-ubyte");
  CHECK_THROWS_WITH_AS(tinydl::load_mnist(folder.path), message.c_str(), tinydl::FileError);
}

TEST_CASE("load_mnist: a label above 9 is refused and its place is named") {
  const MnistFolder folder;
  folder.write("train", 3, "\x05\x01\x0a");
  const std::string message =
      folder.file("train-labels-idx1-ubyte") + ": label 2 is 10, not one of 0 to 9";
  CHECK_THROWS_WITH_AS(tinydl::load_mnist(folder.path), message.c_str(), tinydl::FileError);
}

TEST_CASE("load_mnist: a deviation that is not positive is refused") {
  const MnistFolder folder;
  CHECK_THROWS_WITH_AS(tinydl::load_mnist(folder.path, {.deviation = 0}),
                       "ImageDataset: deviation 0 is not positive", tinydl::ValueError);
}

TEST_CASE("mnist_present: all four files, plain or packed, make a data set") {
  const MnistFolder folder;
  CHECK(tinydl::mnist_present(folder.path));
  const auto labels = folder.path / "t10k-labels-idx1-ubyte";
  std::filesystem::rename(labels, folder.file("t10k-labels-idx1-ubyte.gz"));
  CHECK(tinydl::mnist_present(folder.path));
  std::filesystem::remove(folder.file("t10k-labels-idx1-ubyte.gz"));
  CHECK_FALSE(tinydl::mnist_present(folder.path));
  CHECK_FALSE(tinydl::mnist_present(folder.path / "nothing"));
  CHECK_FALSE(tinydl::mnist_present(""));
}
