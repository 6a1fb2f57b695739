// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/random.hpp>
#include <tinydl/data/dataset.hpp>

namespace tinydl {

struct DataLoaderOptions {
  Index batch_size = 1;
  bool shuffle = false;
  std::uint64_t seed = 0;  ///< of the shuffling, and of nothing else
  bool drop_last = false;  ///< leave out the last batch if it is not full
};

/// A dataset in batches. Every loop over it is a new epoch in a new order, which depends on the
/// seed and on the epoch's number alone; one that is left early leaves nothing behind.
///
///     DataLoader loader(data, {.batch_size = 64, .shuffle = true, .seed = 1});
///     for (int epoch = 0; epoch < 10; ++epoch)
///       for (auto [x, t] : loader) train(x, t);
///
/// The loader refers to the dataset, which must outlive it; a temporary does not compile.
template <Dataset D>
class DataLoader {
 public:
  class Iterator;

  /// @throws ValueError if the batch size is not positive.
  explicit DataLoader(const D& dataset, DataLoaderOptions options = {})
      : dataset_(&dataset), options_(options) {
    if (options_.batch_size < 1)
      throw ValueError(text("DataLoader: batch_size ", options_.batch_size, " is not positive"));
  }
  explicit DataLoader(const D&&, DataLoaderOptions = {}) = delete;

  /// The number of batches in an epoch.
  Index size() const {
    const Index n = dataset_->size(), full = n / options_.batch_size;
    return full + (n % options_.batch_size != 0 && !options_.drop_last ? 1 : 0);
  }

  const D& dataset() const { return *dataset_; }
  const DataLoaderOptions& options() const { return options_; }

  /// The number of the epoch that the next loop will be, counted from 0. Save it, and
  /// set_epoch() goes on from there in a later run. @throws ValueError if it is negative.
  Index epoch() const { return epoch_; }
  void set_epoch(Index epoch) {
    if (epoch < 0) throw ValueError(text("DataLoader: epoch ", epoch, " is negative"));
    epoch_ = epoch;
  }

  /// Starts the next epoch.
  Iterator begin() { return Iterator(*dataset_, order(epoch_++), size(), options_.batch_size); }
  std::default_sentinel_t end() const { return {}; }

 private:
  // Epoch k has a stream of its own, away from those that start at 0 with the same seed.
  static constexpr std::uint64_t first_stream = std::uint64_t{1} << 63;

  std::vector<Index> order(Index epoch) const {
    const Index n = dataset_->size();
    if (options_.shuffle)
      return Generator(options_.seed, first_stream + static_cast<std::uint64_t>(epoch))
          .permutation(n);
    std::vector<Index> positions(static_cast<std::size_t>(n));
    std::iota(positions.begin(), positions.end(), Index{0});
    return positions;
  }

  const D* dataset_;
  DataLoaderOptions options_;
  Index epoch_ = 0;
};

/// An input iterator over one epoch. It owns the order, so that several can run side by side.
template <Dataset D>
class DataLoader<D>::Iterator {
 public:
  using value_type = decltype(std::declval<const D&>().batch(std::span<const Index>()));
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  Iterator(const D& dataset, std::vector<Index> order, Index batches, Index batch_size)
      : dataset_(&dataset), order_(std::move(order)), batches_(batches), batch_size_(batch_size) {}

  /// Puts the batch together, anew at each call.
  value_type operator*() const {
    const Index begin = batch_ * batch_size_;
    const Index n = std::min(batch_size_, static_cast<Index>(order_.size()) - begin);
    return dataset_->batch(std::span<const Index>(order_.data() + begin, n));
  }
  Iterator& operator++() {
    ++batch_;
    return *this;
  }
  void operator++(int) { ++batch_; }
  friend bool operator==(const Iterator& it, std::default_sentinel_t) {
    return it.batch_ == it.batches_;
  }

 private:
  const D* dataset_;
  std::vector<Index> order_;
  Index batches_, batch_size_;
  Index batch_ = 0;
};

}  // namespace tinydl
