// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/attention.hpp>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

namespace {

/// The definition, for one example of one head; may(i, j) is whether query i attends to key j.
template <class May>
std::vector<double> attention_by_definition(const Tensor<double, 3>& q, const Tensor<double, 3>& k,
                                            const Tensor<double, 3>& v, Index n, May may) {
  std::vector<double> result;
  for (Index i = 0; i < q.shape()[1]; ++i) {
    std::vector<double> mean(static_cast<std::size_t>(v.shape()[2]));
    double total = 0;
    for (Index j = 0; j < k.shape()[1]; ++j) {
      if (!may(i, j)) continue;
      double score = 0;
      for (Index e = 0; e < q.shape()[2]; ++e) score += q(n, i, e) * k(n, j, e);
      const double weight = std::exp(score / std::sqrt(static_cast<double>(q.shape()[2])));
      total += weight;
      for (std::size_t e = 0; e < mean.size(); ++e)
        mean[e] += weight * v(n, j, static_cast<Index>(e));
    }
    for (double m : mean) result.push_back(total > 0 ? m / total : 0);
  }
  return result;
}

/// Three queries and four keys, as both tests of masks use.
struct AttentionOperands {
  Tensor<double, 3> q = numbers({2, 3, 2}), k = numbers({2, 4, 2}, -2, 2, 2),
                    v = numbers({2, 4, 5}, -2, 2, 3);
  Mask<2> mask = from_values<bool>({3, 4}, {true, false, true, false,  //
                                            false, true, true, true,   //
                                            true, true, false, true});
  Mask<2> padding = from_values<bool>({2, 4}, {false, false, false, true,  //
                                               true, false, false, false});

  template <class May>
  Verdict agrees(const AttentionMasks& masks, May may) const {
    auto expected =
        attention_by_definition(q, k, v, 0, [&](Index i, Index j) { return may(0, i, j); });
    for (double x :
         attention_by_definition(q, k, v, 1, [&](Index i, Index j) { return may(1, i, j); }))
      expected.push_back(x);
    const auto y = scaled_dot_product_attention(q, k, v, masks);
    // Two heads with the same numbers give them twice.
    const auto heads = [](const auto& x) { return stack({x, x}, 1); };
    const auto y4 = scaled_dot_product_attention(heads(q), heads(k), heads(v), masks);
    return all({is(y, {2, 3, 5}, expected), is(y4, {2, 2, 3, 5}, flat(heads(y)))});
  }
};

}  // namespace

TEST_CASE("attention: agrees with its definition, with and without heads and masks") {
  const AttentionOperands o;
  CHECK(o.agrees({}, [](Index, Index, Index) { return true; }));
  CHECK(o.agrees({.causal = true}, [](Index, Index i, Index j) { return j <= i; }));
  CHECK(o.agrees({.mask = o.mask}, [&](Index, Index i, Index j) { return o.mask(i, j); }));
  CHECK(o.agrees({.key_padding_mask = o.padding},
                 [&](Index n, Index, Index j) { return !o.padding(n, j); }));
  CHECK(o.agrees({.mask = o.mask, .key_padding_mask = o.padding},
                 [&](Index n, Index i, Index j) { return o.mask(i, j) && !o.padding(n, j); }));
}

TEST_CASE("attention: a query that may attend to nothing gets zeros, and sends no gradient") {
  const AttentionOperands o;
  // The first query of the second example is left without a key.
  const AttentionMasks masks{.causal = true, .key_padding_mask = o.padding};
  CHECK(o.agrees(masks, [&](Index n, Index i, Index j) { return j <= i && !o.padding(n, j); }));
  const auto q = variable(o.q), k = variable(o.k), v = variable(o.v);
  const auto y = scaled_dot_product_attention(q, k, v, masks);
  CHECK(is(select(select(y, 0, 1), 0, 0), {5}, {0, 0, 0, 0, 0}));
  sum(select(select(y, 0, 1), 0, 0)).backward();
  for (const auto& x : {q, k, v}) CHECK(is(x.grad(), x.shape(), flat(zeros<double>(x.shape()))));
}

TEST_CASE("scaled_dot_product_attention: derivatives of queries, keys and values") {
  const auto plain = [](auto q, auto k, auto v) { return scaled_dot_product_attention(q, k, v); };
  CHECK(derivatives_agree(plain, numbers({2, 3, 2}), numbers({2, 4, 2}), numbers({2, 4, 3})));
  CHECK(derivatives_agree(plain, numbers({1, 1, 1}), numbers({1, 1, 1}), numbers({1, 1, 1})));
  const AttentionOperands o;
  const auto masked = [&](auto q, auto k, auto v) {
    return scaled_dot_product_attention(
        q, k, v, {.causal = true, .mask = o.mask, .key_padding_mask = o.padding});
  };
  CHECK(derivatives_agree(masked, o.q, o.k, o.v));
  const auto heads = [](auto q, auto k, auto v) {
    return scaled_dot_product_attention(q, k, v, {.causal = true});
  };
  CHECK(derivatives_agree(heads, numbers({1, 2, 3, 2}), numbers({1, 2, 3, 2}, -1, 1, 2),
                          numbers({1, 2, 3, 1})));
}

TEST_CASE("attention: large scores do not overflow") {
  const auto q = from_values<double>({1, 1, 1}, {1e4}), k = from_values<double>({1, 2, 1}, {1, -1});
  const auto v = from_values<double>({1, 2, 1}, {3, 5});
  CHECK(is(scaled_dot_product_attention(q, k, v), {1, 1, 1}, {3}));
  CHECK(is(scaled_dot_product_attention(q, k, v, {.mask = from_values({{false, true}})}), {1, 1, 1},
           {5}));
}

TEST_CASE("attention: dropout zeroes weights and scales the others") {
  manual_seed(3);
  // All weights are 1/4, and the values tell the keys apart.
  const auto q = zeros<double>({1, 50, 1}), k = zeros<double>({1, 4, 1});
  const auto v = from_values<double>({1, 4, 1}, {1, 10, 100, 1000});
  const auto y = scaled_dot_product_attention(q, k, v, {}, 0.5);
  bool dropped = false, kept = false;
  for (double x : flat(y)) {
    CHECK(x * 2 == std::floor(x * 2));  // each key contributes 0 or (1/4) / 0.5 of its value
    kept = kept || x >= 500;
    dropped = dropped || x < 500;
  }
  CHECK(kept);
  CHECK(dropped);
}

TEST_CASE("attention: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = numbers({4, 60, 16});
  std::vector<double> values, gradients;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    const auto v = variable(x);
    const auto y = scaled_dot_product_attention(v, v, v, {.causal = true});
    sum(square(y)).backward();
    if (values.empty()) values = flat(y.data()), gradients = flat(v.grad());
    CHECK(flat(y.data()) == values);
    CHECK(flat(v.grad()) == gradients);
  }
}

TEST_CASE("attention: refuses operands and masks that do not fit, and empty sequences") {
  const auto q = variable(numbers({2, 3, 4}));
  const auto k = numbers({2, 5, 4});
  const auto message = [](const auto& a, const auto& b, const auto& c,
                          const AttentionMasks& masks = {}, double drop = 0) {
    return error_of([&] { scaled_dot_product_attention(a, b, c, masks, drop); });
  };
  const std::string rule = "; they must be (N, ..., Lq, E), (N, ..., Lk, E) and (N, ..., Lk, Ev)";
  const auto shapes = [&](const char* words) { return "ShapeError: attention: " + (words + rule); };
  CHECK(message(q, numbers({2, 5, 3}), k) ==
        shapes("queries of shape (2, 3, 4), keys of (2, 5, 3) and values of (2, 5, 4)"));
  CHECK(message(q, k, numbers({2, 4, 4})) ==
        shapes("queries of shape (2, 3, 4), keys of (2, 5, 4) and values of (2, 4, 4)"));
  CHECK(message(q, numbers({1, 5, 4}), numbers({1, 5, 4})) ==
        shapes("queries of shape (2, 3, 4), keys of (1, 5, 4) and values of (1, 5, 4)"));
  const auto none = zeros<double>({2, 0, 4});
  CHECK(message(q, none, none) ==
        "ShapeError: attention: an empty sequence: queries of shape (2, 3, 4), keys of (2, 0, 4)");
  CHECK(message(none, k, k) ==
        "ShapeError: attention: an empty sequence: queries of shape (2, 0, 4), keys of (2, 5, 4)");
  const Mask<2> wrong(Shape(3, 4));
  CHECK(message(q, k, k, {.mask = wrong}) ==
        "ShapeError: attention: a mask of shape (3, 4); for 2 examples of 3 queries and 5 keys it "
        "must be (3, 5)");
  CHECK(message(q, k, k, {.key_padding_mask = wrong}) ==
        "ShapeError: attention: a key_padding_mask of shape (3, 4); for 2 examples of 3 queries "
        "and 5 keys it must be (2, 5)");
  CHECK(message(q, k, k, {}, 1) == "ValueError: dropout: p = 1 is not in [0, 1)");
  CHECK(usable(q));
}

TEST_CASE("positional_encoding: sines and cosines of falling frequencies") {
  const auto e = positional_encoding<double>(3, 5);
  std::vector<double> expected;
  for (double t : {0.0, 1.0, 2.0})
    for (double a : {t, t / std::pow(10000, 0.4), t / std::pow(10000, 0.8)}) {
      expected.push_back(std::sin(a));
      if (expected.size() % 5 != 0) expected.push_back(std::cos(a));
    }
  CHECK(is(e, {3, 5}, expected));
  CHECK(is(positional_encoding<double>(2, 1), {2, 1}, {0, std::sin(1)}));
  CHECK(error_of([] { positional_encoding(0, 4); }) ==
        "ValueError: positional_encoding: 0 positions of 4 features");
  CHECK(error_of([] { positional_encoding(4, -1); }) ==
        "ValueError: positional_encoding: 4 positions of -1 features");
}

}  // namespace tinydl_test
