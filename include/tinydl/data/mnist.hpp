// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <tinydl/core/error.hpp>
#include <tinydl/data/dataset.hpp>
#include <tinydl/data/idx.hpp>

namespace tinydl {

struct MnistOptions {
  bool train = true;  ///< the 60,000 images for training, or the 10,000 for testing
  double mean = 0.1307;
  double deviation = 0.3081;
  /// How a file is read: read_file_or_gz of <tinydl/data/gz.hpp> takes packed ones, too.
  FileContent (*read)(const std::filesystem::path&) = read_file;
};

/// MNIST (LeCun, Cortes and Burges), or whatever has the same files, as Fashion-MNIST does:
/// train-images-idx3-ubyte, train-labels-idx1-ubyte and the same with t10k.
///
///     const auto train = load_mnist("data/mnist");                            // (n, 784)
///     const auto test = load_mnist<4>("data/mnist", {.train = false});        // (n, 1, 28, 28)
///
/// @throws FileError if a file is missing or damaged, the counts differ, or a label is above 9.
template <int Rank = 2, std::floating_point T = float>
ImageDataset<Rank, T> load_mnist(const std::filesystem::path& folder,
                                 const MnistOptions& options = {}) {
  const std::string stem = options.train ? "train" : "t10k";
  const FileContent image_file = options.read(folder / (stem + "-images-idx3-ubyte"));
  const FileContent label_file = options.read(folder / (stem + "-labels-idx1-ubyte"));
  Tensor<std::uint8_t, 3> images = parse_idx<3>(image_file);
  const Tensor<std::uint8_t, 1> labels = parse_idx<1>(label_file);
  if (images.shape()[0] != labels.size())
    throw detail::file_error(label_file.path, labels.size(), " labels for the ", images.shape()[0],
                             " images in ", image_file.path.string());
  const auto bytes = labels.span();
  const auto wrong = std::find_if(bytes.begin(), bytes.end(), [](int label) { return label > 9; });
  if (wrong != bytes.end())
    throw detail::file_error(label_file.path, "label ", wrong - bytes.begin(), " is ", int{*wrong},
                             ", not one of 0 to 9");
  return {std::move(images),
          labels.template cast<std::int64_t>(),
          {.mean = options.mean, .deviation = options.deviation}};
}

/// Whether the folder holds all four files, each plain or as .gz.
inline bool mnist_present(const std::filesystem::path& folder) {
  constexpr std::array names = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
  return std::all_of(names.begin(), names.end(), [&](const char* name) {
    std::error_code error;
    const std::filesystem::path path = folder / name;
    std::filesystem::path packed = path;
    packed += ".gz";
    return std::filesystem::is_regular_file(path, error) ||
           std::filesystem::is_regular_file(packed, error);
  });
}

}  // namespace tinydl
