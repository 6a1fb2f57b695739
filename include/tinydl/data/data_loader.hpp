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
#include <tinydl/core/graph.hpp>
#include <tinydl/core/random.hpp>
#include <tinydl/core/state.hpp>
#include <tinydl/data/dataset.hpp>

namespace tinydl {

struct DataLoaderOptions {
  Index batch_size = 1;
  bool shuffle = false;
  std::uint64_t seed = 0;  ///< of the shuffling, and of nothing else
  bool drop_last = false;  ///< leave out the last batch if it is not full
};

/// A place in the data: epoch and batch, both counted from 0.
struct DataLoaderPosition {
  Index epoch = 0;
  Index batch = 0;
  bool operator==(const DataLoaderPosition&) const = default;
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
  Index epoch() const { return next_.epoch; }
  void set_epoch(Index epoch) { set_position({epoch, 0}); }

  /// Where a later run goes on: within a loop, after the batch at hand; outside, where the next
  /// loop will begin. Of several loops at once the one that began last counts.
  DataLoaderPosition position() const { return loop_ && !loop_->over ? loop_->reached : next_; }
  /// The next loop begins here: it is the rest of that epoch.
  /// @throws ValueError if there is no such batch, nor one before it.
  void set_position(DataLoaderPosition position) {
    if (position.epoch < 0)
      throw ValueError(text("DataLoader: epoch ", position.epoch, " is negative"));
    if (position.batch < 0 || position.batch > size())
      throw ValueError(
          text("DataLoader: batch ", position.batch, " is not in [0, ", size(), "], of an epoch"));
    next_ = position;
    loop_ = {};
  }

  /// The position, and what the order depends on.
  State state() const {
    State state;
    state.set("epoch", position().epoch);
    state.set("batch", position().batch);
    state.set("seed", options_.seed);
    state.set("examples", Index{dataset_->size()});
    state.set("batch_size", options_.batch_size);
    state.set("shuffle", options_.shuffle);
    state.set("drop_last", options_.drop_last);
    return state;
  }

  /// Goes to the position, with the seed of then. @throws ValueError if the number of examples or
  /// another option is not that of then, for the same batches could not come; nothing is changed.
  void set_state(const State& state) {
    const auto require_same = [&](const char* name, auto here) {
      if (const auto then = state.get<decltype(here)>(name); then != here)
        throw ValueError(text("DataLoader: ", name, " is ", here, ", not ", then));
    };
    require_same("examples", Index{dataset_->size()});
    require_same("batch_size", options_.batch_size);
    require_same("shuffle", options_.shuffle);
    require_same("drop_last", options_.drop_last);
    const auto seed = state.get<std::uint64_t>("seed");
    set_position({state.get<Index>("epoch"), state.get<Index>("batch")});
    options_.seed = seed;
  }

  /// Starts the next epoch.
  [[gnu::noinline]] Iterator begin() {
    const detail::Ref<Loop> loop(new Loop);
    loop->reached = next_;
    Iterator first(*this, loop, order(next_.epoch));
    loop_ = loop;
    next_ = {next_.epoch + 1, 0};
    return first;
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  struct Loop : detail::Counted {
    DataLoaderPosition reached;
    bool over = false;
  };
  /// What the iterators of a loop share, until the last of them ends.
  struct Running : detail::Counted {
    explicit Running(detail::Ref<Loop> l) : loop(std::move(l)) {}
    ~Running() override { loop->over = true; }
    detail::Ref<Loop> loop;
  };

  // Epoch k has a stream of its own, away from those that start at 0 with the same seed.
  static constexpr std::uint64_t first_stream = std::uint64_t{1} << 63;

  std::vector<Index> order(Index epoch) const {
    std::vector<Index> positions(static_cast<std::size_t>(dataset_->size()));
    std::iota(positions.begin(), positions.end(), Index{0});
    Generator random(options_.seed, first_stream + static_cast<std::uint64_t>(epoch));
    if (options_.shuffle) random.shuffle({positions.data(), positions.size()});
    return positions;
  }

  const D* dataset_;
  DataLoaderOptions options_;
  DataLoaderPosition next_;
  detail::Ref<Loop> loop_;  // the one that began last
};

/// An input iterator over one epoch. It owns the order, so that several can run side by side.
template <Dataset D>
class DataLoader<D>::Iterator {
 public:
  using value_type = decltype(std::declval<const D&>().batch(std::span<const Index>()));
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  Iterator(const DataLoader& loader, const detail::Ref<Loop>& loop, std::vector<Index> order)
      : dataset_(loader.dataset_),
        order_(std::move(order)),
        running_(new Running(loop)),
        batches_(loader.size()),
        batch_size_(loader.options_.batch_size),
        batch_(loop->reached.batch) {}

  /// Puts the batch together, anew at each call.
  value_type operator*() const {
    const Index begin = batch_ * batch_size_;
    const Index n = std::min(batch_size_, static_cast<Index>(order_.size()) - begin);
    running_->loop->reached.batch = batch_ + 1;
    return dataset_->batch(std::span<const Index>(order_.data() + begin, n));
  }
  Iterator& operator++() {
    if (++batch_ == batches_) running_ = {};
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const Iterator& it, std::default_sentinel_t) {
    return it.batch_ == it.batches_;
  }

 private:
  const D* dataset_;
  std::vector<Index> order_;
  detail::Ref<Running> running_;
  Index batches_, batch_size_;
  Index batch_;
};

}  // namespace tinydl
