// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include "reference.hpp"

// How the cases of gathering, padding and running sums are run.

namespace reference {
namespace {

template <class T>
void run_pad(Case& c) {
  const std::vector<Index> none{0, 0};
  const auto last = c.attribute("last", none), second = c.attribute("second_last", none);
  with_rank<1, 4>(c.rank("in.a"), [&]<int R>(Rank<R>) {
    const auto x = c.input<T, R>("a");
    if constexpr (R == 1)
      finish<T>(c, tinydl::pad(x, {last.at(0), last.at(1)}), {x});
    else
      finish<T>(c, tinydl::pad(x, {last.at(0), last.at(1), second.at(0), second.at(1)}), {x});
  });
}

template <class T>
void run_gather(Case& c) {
  const auto axis = c.attribute<Index>("axis");
  with_rank<1, 4>(c.rank("in.a"), [&]<int R>(Rank<R>) {
    const auto x = c.input<T, R>("a");
    finish<T>(c, tinydl::gather(x, axis, c.get_exactly<std::int64_t, R>("in.index")), {x});
  });
}

template <class T>
void run_embedding(Case& c) {
  const auto weight = c.input<T, 2>("weight");
  tinydl::EmbeddingOptions options;
  if (c.has_attribute("padding_idx")) options.padding_idx = c.attribute<Index>("padding_idx");
  with_rank<0, 3>(c.rank("in.index"), [&]<int R>(Rank<R>) {
    const auto index = c.get_exactly<std::int64_t, R>("in.index");
    finish<T>(c, tinydl::embedding(index, weight, options), {weight});
  });
}

template <class T>
void run_cumsum(Case& c) {
  const auto axis = c.attribute<Index>("axis");
  with_rank<1, 4>(c.rank("in.a"), [&]<int R>(Rank<R>) {
    const auto x = c.input<T, R>("a");
    finish<T>(c, tinydl::cumsum(x, axis), {x});
  });
}

}  // namespace

std::vector<Runner> indexing_runners() {
  return {
      runner("gather", [](Case& c, auto t) { run_gather<decltype(t)>(c); }),
      runner("embedding", [](Case& c, auto t) { run_embedding<decltype(t)>(c); }),
      runner("cumsum", [](Case& c, auto t) { run_cumsum<decltype(t)>(c); }),
      runner("pad", [](Case& c, auto t) { run_pad<decltype(t)>(c); }),
  };
}

}  // namespace reference
