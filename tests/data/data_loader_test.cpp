// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/data/data_loader.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <type_traits>

namespace {

using LoaderData = tinydl::TensorDataset<tinydl::Tensor<float, 2>, tinydl::Tensor<float, 1>>;

/// n examples whose target is their position.
LoaderData loader_data(tinydl::Index n) {
  const auto t = tinydl::arange(static_cast<float>(n));
  return LoaderData(t.with_shape(tinydl::Shape(n, 1)), t);
}

/// The targets of the next epoch in the order in which they come.
template <class Loader>
std::vector<float> loader_epoch(Loader& loader) {
  std::vector<float> seen;
  for (auto [x, t] : loader) seen.insert(seen.end(), t.span().begin(), t.span().end());
  return seen;
}

std::vector<float> loader_sorted(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  return values;
}

using LoaderOfTensors = tinydl::DataLoader<LoaderData>;
static_assert(std::input_iterator<LoaderOfTensors::Iterator>);
static_assert(std::sentinel_for<std::default_sentinel_t, LoaderOfTensors::Iterator>);
static_assert(std::is_constructible_v<LoaderOfTensors, const LoaderData&>);
static_assert(!std::is_constructible_v<LoaderOfTensors, LoaderData>,
              "a temporary dataset would be gone before the loader");
static_assert(!std::is_constructible_v<LoaderOfTensors, LoaderData, tinydl::DataLoaderOptions>);

}  // namespace

TEST_CASE("DataLoader: without shuffling the examples come in their order") {
  const auto data = loader_data(7);
  tinydl::DataLoader loader(data, {.batch_size = 3});
  CHECK(loader_epoch(loader) == std::vector<float>{0, 1, 2, 3, 4, 5, 6});
  CHECK(loader_epoch(loader) == std::vector<float>{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("DataLoader: shuffled, every example comes exactly once, with its own target") {
  const auto data = loader_data(101);
  tinydl::DataLoader loader(data, {.batch_size = 8, .shuffle = true, .seed = 1});
  std::vector<float> seen;
  for (auto [x, t] : loader)
    for (tinydl::Index i = 0; i < t.size(); ++i) {
      CHECK(x(i, 0) == t(i));
      seen.push_back(t(i));
    }
  tinydl::DataLoader plain(data);
  CHECK(seen != loader_epoch(plain));
  CHECK(loader_sorted(seen) == loader_epoch(plain));
}

TEST_CASE("DataLoader: the last batch is kept or dropped") {
  const auto data = loader_data(10);
  tinydl::DataLoader kept(data, {.batch_size = 4});
  std::vector<tinydl::Index> sizes;
  for (auto [x, t] : kept) sizes.push_back(t.size());
  CHECK(sizes == std::vector<tinydl::Index>{4, 4, 2});
  CHECK(kept.size() == 3);

  tinydl::DataLoader dropped(data, {.batch_size = 4, .drop_last = true});
  sizes.clear();
  for (auto [x, t] : dropped) sizes.push_back(t.size());
  CHECK(sizes == std::vector<tinydl::Index>{4, 4});
  CHECK(dropped.size() == 2);
}

TEST_CASE("DataLoader: full batches alone leave nothing to drop") {
  const auto data = loader_data(8);
  CHECK(tinydl::DataLoader(data, {.batch_size = 4}).size() == 2);
  CHECK(tinydl::DataLoader(data, {.batch_size = 4, .drop_last = true}).size() == 2);
}

TEST_CASE("DataLoader: a batch size beyond the dataset makes one batch, or none if it is dropped") {
  const auto data = loader_data(3);
  const tinydl::Index huge = std::numeric_limits<tinydl::Index>::max();
  tinydl::DataLoader one(data, {.batch_size = huge});
  CHECK(one.size() == 1);
  CHECK(loader_epoch(one) == std::vector<float>{0, 1, 2});
  tinydl::DataLoader none(data, {.batch_size = huge, .drop_last = true});
  CHECK(none.size() == 0);
  CHECK(loader_epoch(none).empty());
}

TEST_CASE("DataLoader: two epochs have different orders") {
  const auto data = loader_data(50);
  tinydl::DataLoader loader(data, {.batch_size = 5, .shuffle = true});
  const auto first = loader_epoch(loader), second = loader_epoch(loader);
  CHECK(first != second);
  CHECK(loader_sorted(first) == loader_sorted(second));
}

TEST_CASE("DataLoader: the same seed repeats the same orders, another seed makes others") {
  const auto data = loader_data(50);
  tinydl::DataLoader a(data, {.batch_size = 5, .shuffle = true, .seed = 3});
  tinydl::DataLoader b(data, {.batch_size = 7, .shuffle = true, .seed = 3});
  tinydl::DataLoader c(data, {.batch_size = 5, .shuffle = true, .seed = 4});
  const auto first = loader_epoch(a);
  CHECK(first == loader_epoch(b));
  CHECK(first != loader_epoch(c));
  CHECK(loader_epoch(a) == loader_epoch(b));
}

TEST_CASE("DataLoader: the order does not depend on the default generator") {
  const auto data = loader_data(50);
  tinydl::DataLoader a(data, {.shuffle = true});
  tinydl::manual_seed(1);
  const auto before = loader_epoch(a);
  tinydl::manual_seed(2);
  tinydl::DataLoader b(data, {.shuffle = true});
  CHECK(before == loader_epoch(b));
  tinydl::manual_seed(0);
}

TEST_CASE("DataLoader: left early, the next loop starts afresh with a whole epoch") {
  const auto data = loader_data(20);
  tinydl::DataLoader loader(data, {.batch_size = 4, .shuffle = true, .seed = 9});
  tinydl::DataLoader undisturbed(data, {.batch_size = 4, .shuffle = true, .seed = 9});
  for (auto [x, t] : loader)
    if (t.size() > 0) break;
  loader_epoch(undisturbed);
  const auto second = loader_epoch(loader);
  CHECK(second.size() == 20);
  CHECK(second == loader_epoch(undisturbed));
}

TEST_CASE("DataLoader: left by an exception, the next loop starts afresh") {
  const auto data = loader_data(6);
  tinydl::DataLoader loader(data, {.batch_size = 4});
  const auto fails = [&] {
    for (auto [x, t] : loader) throw tinydl::ValueError("enough");
  };
  CHECK_THROWS_AS(fails(), tinydl::ValueError);
  CHECK(loader_epoch(loader) == std::vector<float>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("DataLoader: two loops over one loader can run side by side") {
  const auto data = loader_data(6);
  tinydl::DataLoader loader(data, {.batch_size = 2});
  int pairs = 0;
  for (auto [x, t] : loader)
    for (auto [y, u] : loader) pairs += t.size() * u.size() == 4;
  CHECK(pairs == 9);
  CHECK(loader.epoch() == 4);
}

TEST_CASE("DataLoader: set_epoch resumes where another run left off") {
  const auto data = loader_data(30);
  tinydl::DataLoader first(data, {.shuffle = true, .seed = 2});
  CHECK(first.epoch() == 0);
  loader_epoch(first);
  loader_epoch(first);
  CHECK(first.epoch() == 2);

  tinydl::DataLoader resumed(data, {.shuffle = true, .seed = 2});
  resumed.set_epoch(first.epoch());
  CHECK(loader_epoch(resumed) == loader_epoch(first));
  CHECK(resumed.epoch() == 3);
}

TEST_CASE("DataLoader: position() is after the batch at hand, and outside of loops the next one") {
  const auto data = loader_data(10);
  tinydl::DataLoader loader(data, {.batch_size = 4});
  using Position = tinydl::DataLoaderPosition;
  CHECK(loader.position() == Position{0, 0});
  tinydl::Index batches = 0;
  for (auto [x, t] : loader) CHECK(loader.position() == Position{0, ++batches});
  CHECK(batches == 3);
  CHECK(loader.position() == Position{1, 0});
  for (auto [x, t] : loader)
    if (t(0) == 4) break;
  CHECK(loader.position() == Position{2, 0});

  auto it = loader.begin();
  CHECK(loader.position() == Position{2, 0});
  *it;
  ++it;
  CHECK(loader.position() == Position{2, 1});
  ++it;
  ++it;
  CHECK(it == loader.end());
  CHECK(loader.position() == Position{3, 0});
}

TEST_CASE("DataLoader: a copy knows, too, whether a loop goes on") {
  using Position = tinydl::DataLoaderPosition;
  const auto data = loader_data(10);
  tinydl::DataLoader loader(data, {.batch_size = 4});
  auto copy = loader;
  for (auto [x, t] : loader) {
    copy = loader;
    CHECK(copy.position() == Position{0, 1});
    break;
  }
  CHECK(copy.position() == Position{1, 0});
  CHECK(loader.position() == Position{1, 0});
}

TEST_CASE("DataLoader: of two loops at once, the one that began last has the position") {
  const auto data = loader_data(10);
  tinydl::DataLoader loader(data, {.batch_size = 4});
  for (auto [x, t] : loader) {
    for (auto [y, u] : loader) break;
    CHECK(loader.position().batch == 0);
    CHECK(loader.position().epoch == loader.epoch());
  }
}

TEST_CASE("DataLoader: set_position goes on in the middle of an epoch, then with the next ones") {
  const auto data = loader_data(30);
  const tinydl::DataLoaderOptions options{.batch_size = 4, .shuffle = true, .seed = 2};
  for (tinydl::Index batch = 0; batch <= 8; ++batch) {
    tinydl::DataLoader straight(data, options), resumed(data, options);
    loader_epoch(straight);
    auto rest = loader_epoch(straight);
    rest.erase(rest.begin(), rest.begin() + std::min<tinydl::Index>(batch * 4, 30));
    resumed.set_position({1, batch});
    CHECK(resumed.epoch() == 1);
    CHECK(resumed.position() == tinydl::DataLoaderPosition{1, batch});
    CHECK(loader_epoch(resumed) == rest);
    CHECK(loader_epoch(resumed) == loader_epoch(straight));
    CHECK(resumed.size() == 8);
  }
}

TEST_CASE("DataLoader: with the state of another, within a loop or not, it goes on as that one") {
  const auto data = loader_data(30);
  const tinydl::DataLoaderOptions options{.batch_size = 4, .shuffle = true, .seed = 2};
  tinydl::DataLoader first(data, options);
  tinydl::DataLoader second(data, {.batch_size = 4, .shuffle = true, .seed = 99});
  loader_epoch(first);
  second.set_state(first.state());
  CHECK(loader_epoch(second) == loader_epoch(first));
  std::vector<float> rest;
  tinydl::State state;
  for (auto [x, t] : first) {
    if (state.empty() && first.position().batch == 3)
      state = first.state();
    else if (!state.empty())
      rest.insert(rest.end(), t.span().begin(), t.span().end());
  }
  CHECK(rest.size() == 18);
  second.set_state(state);
  CHECK(loader_epoch(second) == rest);
  CHECK(loader_epoch(second) == loader_epoch(first));
}

TEST_CASE("DataLoader: set_state within a loop is for the next one") {
  const auto data = loader_data(6);
  tinydl::DataLoader loader(data, {.batch_size = 2});
  std::vector<float> seen;
  for (auto [x, t] : loader) {
    if (seen.empty()) loader.set_position({5, 2});
    CHECK(loader.position() == tinydl::DataLoaderPosition{5, 2});
    seen.insert(seen.end(), t.span().begin(), t.span().end());
  }
  CHECK(seen.size() == 6);
  CHECK(loader_epoch(loader) == std::vector<float>{4, 5});
}

TEST_CASE("DataLoader: a state of other batches, or beyond an epoch, is refused") {
  const auto data = loader_data(10), more = loader_data(11);
  tinydl::DataLoader loader(data, {.batch_size = 4, .seed = 3});
  const auto refuses = [&](const tinydl::State& state, const char* message) {
    CHECK_THROWS_WITH_AS(loader.set_state(state), message, tinydl::ValueError);
    CHECK(loader.options().seed == 3);
    CHECK(loader.epoch() == 0);
  };
  using Loader = LoaderOfTensors;
  refuses(Loader(more, {.batch_size = 4}).state(), "DataLoader: examples is 10, not 11");
  refuses(Loader(data, {.batch_size = 5}).state(), "DataLoader: batch_size is 4, not 5");
  refuses(Loader(data, {.batch_size = 4, .shuffle = true}).state(),
          "DataLoader: shuffle is false, not true");
  refuses(Loader(data, {.batch_size = 4, .drop_last = true}).state(),
          "DataLoader: drop_last is false, not true");
  refuses({}, "state: there is no 'examples'");
  const auto with_batch = [&](tinydl::Index batch) {
    tinydl::State state;
    for (const auto& [name, entry] : Loader(data, {.batch_size = 4}).state().entries())
      if (name != "batch") state.add(name, entry);
    state.set("batch", batch);
    return state;
  };
  refuses(with_batch(4), "DataLoader: batch 4 is not in [0, 3], of an epoch");
  refuses(with_batch(-1), "DataLoader: batch -1 is not in [0, 3], of an epoch");
}

TEST_CASE("DataLoader: a negative epoch is refused") {
  const auto data = loader_data(3);
  tinydl::DataLoader loader(data);
  CHECK_THROWS_WITH_AS(loader.set_epoch(-1), "DataLoader: epoch -1 is negative",
                       tinydl::ValueError);
}

TEST_CASE("DataLoader: a batch size that is not positive is refused") {
  const auto data = loader_data(3);
  CHECK_THROWS_WITH_AS(tinydl::DataLoader(data, {.batch_size = 0}),
                       "DataLoader: batch_size 0 is not positive", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(tinydl::DataLoader(data, {.batch_size = -5}),
                       "DataLoader: batch_size -5 is not positive", tinydl::ValueError);
}

TEST_CASE("DataLoader: an empty dataset gives no batches") {
  const auto data = loader_data(0);
  tinydl::DataLoader loader(data, {.batch_size = 4, .shuffle = true});
  CHECK(loader.size() == 0);
  CHECK(loader_epoch(loader).empty());
}
