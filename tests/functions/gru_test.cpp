// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/gru.hpp>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

TEST_CASE("gru: agrees with its formulas, step by step") {
  const Index batch = 2, steps = 3, hidden = 2;
  const auto p = numbers({batch, steps, 3 * hidden});
  const auto w = numbers({3 * hidden, hidden}, -1, 1, 2), h0 = numbers({batch, hidden}, -1, 1, 3);
  const auto bias = numbers({3 * hidden}, -1, 1, 4);
  const auto logistic = [](double x) { return 1 / (1 + std::exp(-x)); };
  std::vector<double> expected;
  for (Index n = 0; n < batch; ++n) {
    std::vector<double> h{h0(n, 0), h0(n, 1)};
    for (Index t = 0; t < steps; ++t) {
      std::vector<double> next;
      for (Index j = 0; j < hidden; ++j) {
        const auto in = [&](Index gate) { return p(n, t, gate * hidden + j); };
        const auto before = [&](Index gate) {
          const Index row = gate * hidden + j;
          return w(row, 0) * h[0] + w(row, 1) * h[1] + bias(row);
        };
        const double r = logistic(in(0) + before(0)), z = logistic(in(1) + before(1));
        const double fresh = std::tanh(in(2) + r * before(2));
        next.push_back((1 - z) * fresh + z * h[static_cast<std::size_t>(j)]);
      }
      h = next;
      expected.insert(expected.end(), h.begin(), h.end());
    }
  }
  CHECK(is(gru_sequence(p, w, bias, h0), {batch, steps, hidden}, expected));
}

TEST_CASE("gru_sequence: derivatives of input, weight, bias and state") {
  const auto f = [](auto p, auto w, auto b, auto h0) { return gru_sequence(p, w, b, h0); };
  const auto check = [&](const auto& p, const auto& w, const auto& b, const auto& h0) {
    CHECK(derivatives_agree(f, p, w, b, h0));
  };
  check(numbers({2, 3, 6}), numbers({6, 2}, -1, 1, 2), numbers({6}, -1, 1, 3),
        numbers({2, 2}, -1, 1, 4));
  check(numbers({1, 1, 3}), numbers({3, 1}), numbers({3}), numbers({1, 1}));
  check(numbers({2, 1, 3}), numbers({3, 1}), numbers({3}), numbers({2, 1}));
  check(numbers({1, 3, 9}), numbers({9, 3}, -1, 1, 2), numbers({9}), numbers({1, 3}));
}

TEST_CASE("gru: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto p = numbers({40, 5, 60});
  const auto w = numbers({60, 20}, -0.3, 0.3), h0 = numbers({40, 20});
  const auto bias = numbers({60});
  std::vector<double> expected;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    const auto weight = variable(w);
    const auto y = gru_sequence(p, weight, bias, h0);
    sum(square(y)).backward();
    auto found = flat(y.data());
    for (double g : flat(weight.grad())) found.push_back(g);
    if (expected.empty()) expected = found;
    CHECK(found == expected);
  }
}

TEST_CASE("gru: refuses an empty sequence, and shapes that do not fit") {
  const auto w = variable(numbers({6, 2}));
  const auto bias = numbers({6});
  const auto h0 = numbers({3, 2});
  CHECK(error_of([&] {
          gru_sequence(zeros<double>({3, 0, 6}), w, bias, h0);
        }) == "ShapeError: gru: an empty sequence: (3, 0, 6)");
  CHECK(
      error_of([&] {
        gru_sequence(numbers({3, 4, 8}), w, bias, h0);
      }) ==
      "ShapeError: gru: an input of shape (3, 4, 8), a weight_hh of (6, 2) and a state of (3, 2); "
      "they must be (N, L, 3 H), (3 H, H) and (N, H)");
  CHECK(error_of([&] {
          gru_sequence(numbers({3, 4, 6}), w, numbers({2}), h0);
        }) == "ShapeError: gru: a bias_hh of shape (2,) for a weight_hh of (6, 2)");
  CHECK(usable(w));
}

}  // namespace tinydl_test
