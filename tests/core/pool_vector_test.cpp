// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/core/pool_vector.hpp>

#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include <doctest/doctest.h>

using tinydl::detail::PoolVector;

namespace {

template <class>
struct PoolVectorHolder {
  PoolVector<std::shared_ptr<int>> held;
  void let_go() { held = {}; }
};

}  // namespace

TEST_CASE("PoolVector: keeps what is pushed, in its order, however often it grows") {
  PoolVector<std::string> words;
  CHECK(words.empty());
  for (int i = 0; i < 100; ++i)
    words.push_back("a word that is not short, number " + std::to_string(i));
  REQUIRE(words.size() == 100);
  for (std::size_t i = 0; i < 100; ++i)
    CHECK(words[i] == "a word that is not short, number " + std::to_string(i));
  CHECK(words.back() == words[99]);
  words.pop_back();
  CHECK(words.size() == 99);
  CHECK(words.end() - words.begin() == 99);
}

TEST_CASE("PoolVector: an element may be pushed that is in it") {
  PoolVector<std::string> words;
  words.push_back("one that is too long for a short string");
  for (int i = 0; i < 20; ++i) words.push_back(words[0]);
  for (const std::string& word : words) CHECK(word == "one that is too long for a short string");
}

TEST_CASE("PoolVector: an element is made of its parts, where it stays") {
  struct Pinned {
    Pinned(int n, std::string w) : number(n), word(std::move(w)) {
      if (number < 0) throw std::runtime_error("no element");
    }
    Pinned(Pinned&& other) noexcept
        : number(other.number), word(other.word), moves(other.moves + 1) {}
    int number;
    std::string word;
    int moves = 0;
  };
  PoolVector<Pinned> elements;
  for (int i = 0; i < 9; ++i) elements.emplace_back(i, std::to_string(i));
  REQUIRE(elements.size() == 9);
  for (int i = 0; i < 9; ++i) CHECK(elements[i].word == std::to_string(i));
  CHECK(elements.back().moves == 0);
  CHECK_THROWS_AS(elements.emplace_back(-1, ""), std::runtime_error);
  CHECK(elements.size() == 9);
}

TEST_CASE("PoolVector: of a size holds elements that are nothing") {
  const PoolVector<int> numbers(5);
  CHECK(numbers.size() == 5);
  CHECK(std::accumulate(numbers.begin(), numbers.end(), 0) == 0);
  CHECK(PoolVector<int>(0).empty());
}

TEST_CASE("PoolVector: copies are apart, what is moved from is empty") {
  PoolVector<int> a{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  PoolVector<int> b = a;
  CHECK(a == b);
  b[0] = 7;
  CHECK(a[0] == 0);
  CHECK_FALSE(a == b);
  const PoolVector<int> c = std::move(a);
  CHECK(c.size() == 10);
  CHECK(a.empty());
  a = b;
  CHECK(a[0] == 7);
  a.push_back(10);
  CHECK(b.size() == 10);
}

TEST_CASE("PoolVector: survives being assigned to itself") {
  PoolVector<std::string> a{"one", "two"};
  PoolVector<std::string>& same = a;
  a = same;
  a = std::move(same);
  CHECK(a == PoolVector<std::string>{"one", "two"});
}

TEST_CASE("PoolVector: ends the life of every element once") {
  const auto counted = std::make_shared<int>(0);
  {
    PoolVector<std::shared_ptr<int>> owners;
    for (int i = 0; i < 10; ++i) owners.push_back(counted);
    CHECK(counted.use_count() == 11);
    owners.pop_back();
    CHECK(counted.use_count() == 10);
    const auto copy = owners;
    CHECK(counted.use_count() == 19);
  }
  CHECK(counted.use_count() == 1);
}

TEST_CASE("PoolVector: an element that cannot be made leaves nothing behind") {
  static int alive = 0;
  struct Fickle {
    Fickle() {
      if (alive == 3) throw std::runtime_error("no more");
      ++alive;
    }
    ~Fickle() { --alive; }
  };
  CHECK_THROWS_AS(PoolVector<Fickle>(5), std::runtime_error);
  CHECK(alive == 0);
}

TEST_CASE("PoolVector: is emptied by a class template that assigns nothing to it") {
  const auto counted = std::make_shared<int>(0);
  PoolVectorHolder<int> holder;
  holder.held.push_back(counted);
  holder.let_go();
  CHECK(holder.held.empty());
  CHECK(counted.use_count() == 1);
}
