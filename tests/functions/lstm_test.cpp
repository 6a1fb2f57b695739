// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/lstm.hpp>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

namespace {

/// States and last cells side by side, so that both can be compared.
template <class P, class W, class S>
auto lstm_both(const P& p, const W& w, const S& h0, const S& c0) {
  const auto [h, c] = lstm_sequence(p, w, h0, c0);
  return concat({flatten(h), flatten(c)}, 0);
}

}  // namespace

TEST_CASE("lstm: agrees with its formulas, step by step") {
  const Index batch = 2, steps = 3, hidden = 2;
  const auto p = numbers({batch, steps, 4 * hidden});
  const auto w = numbers({4 * hidden, hidden}, -1, 1, 2), h0 = numbers({batch, hidden}, -1, 1, 3),
             c0 = numbers({batch, hidden}, -1, 1, 4);
  const auto logistic = [](double x) { return 1 / (1 + std::exp(-x)); };
  std::vector<double> states, last_cells;
  for (Index n = 0; n < batch; ++n) {
    std::vector<double> h{h0(n, 0), h0(n, 1)}, c{c0(n, 0), c0(n, 1)};
    for (Index t = 0; t < steps; ++t) {
      const auto argument = [&](Index gate, Index j) {
        const Index row = gate * hidden + j;
        return p(n, t, row) + w(row, 0) * h[0] + w(row, 1) * h[1];
      };
      std::vector<double> next;
      for (Index j = 0; j < hidden; ++j) {
        double& cell = c[static_cast<std::size_t>(j)];
        cell =
            logistic(argument(1, j)) * cell + logistic(argument(0, j)) * std::tanh(argument(2, j));
        next.push_back(logistic(argument(3, j)) * std::tanh(cell));
      }
      h = next;
      states.insert(states.end(), h.begin(), h.end());
    }
    last_cells.insert(last_cells.end(), c.begin(), c.end());
  }
  const auto [h, c] = lstm_sequence(p, w, h0, c0);
  CHECK(is(h, {batch, steps, hidden}, states));
  CHECK(is(c, {batch, hidden}, last_cells));
}

TEST_CASE("lstm_sequence: derivatives of input, weight, state and cell") {
  const auto f = [](auto p, auto w, auto h0, auto c0) { return lstm_both(p, w, h0, c0); };
  const auto check = [&](const auto& p, const auto& w, const auto& h0, const auto& c0) {
    CHECK(derivatives_agree(f, p, w, h0, c0));
  };
  check(numbers({2, 3, 8}), numbers({8, 2}, -1, 1, 2), numbers({2, 2}, -1, 1, 3),
        numbers({2, 2}, -1, 1, 4));
  check(numbers({1, 1, 4}), numbers({4, 1}), numbers({1, 1}, -1, 1, 3), numbers({1, 1}, -1, 1, 4));
  check(numbers({2, 1, 4}), numbers({4, 1}), numbers({2, 1}, -1, 1, 3), numbers({2, 1}, -1, 1, 4));
  check(numbers({1, 3, 12}), numbers({12, 3}, -1, 1, 2), numbers({1, 3}), numbers({1, 3}));
}

TEST_CASE("lstm_sequence: derivatives where only the states, or only the last cells, are used") {
  const auto w = numbers({8, 2}, -1, 1, 2), h0 = numbers({2, 2}, -1, 1, 3);
  const auto states = [&](auto p, auto c0) { return std::get<0>(lstm_sequence(p, w, h0, c0)); };
  const auto cells = [&](auto p, auto c0) { return std::get<1>(lstm_sequence(p, w, h0, c0)); };
  CHECK(derivatives_agree(states, numbers({2, 2, 8}), numbers({2, 2}, -1, 1, 4)));
  CHECK(derivatives_agree(cells, numbers({2, 2, 8}), numbers({2, 2}, -1, 1, 4)));
}

TEST_CASE("lstm: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto p = numbers({40, 5, 80});
  const auto w = numbers({80, 20}, -0.3, 0.3), h0 = numbers({40, 20});
  std::vector<double> expected;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    const auto weight = variable(w);
    const auto y = lstm_both(p, weight, h0, h0);
    sum(square(y)).backward();
    auto found = flat(y.data());
    for (double g : flat(weight.grad())) found.push_back(g);
    if (expected.empty()) expected = found;
    CHECK(found == expected);
  }
}

TEST_CASE("lstm: refuses an empty sequence, and shapes that do not fit") {
  const auto w = variable(numbers({8, 2}));
  const auto good = numbers({3, 2}), bad = numbers({2, 2});
  CHECK(error_of([&] {
          lstm_sequence(zeros<double>({3, 0, 8}), w, good, good);
        }) == "ShapeError: lstm: an empty sequence: (3, 0, 8)");
  const auto p = numbers({3, 4, 8});
  const std::string message =
      "ShapeError: lstm: an input of shape (3, 4, 8), a weight_hh of (8, 2) and a state of (2, 2); "
      "they must be (N, L, 4 H), (4 H, H) and (N, H)";
  CHECK(error_of([&] { lstm_sequence(p, w, bad, good); }) == message);
  CHECK(error_of([&] { lstm_sequence(p, w, good, bad); }) == message);
  CHECK(
      error_of([&] {
        lstm_sequence(numbers({3, 4, 6}), w, good, good);
      }) ==
      "ShapeError: lstm: an input of shape (3, 4, 6), a weight_hh of (8, 2) and a state of (3, 2); "
      "they must be (N, L, 4 H), (4 H, H) and (N, H)");
  CHECK(usable(w));
}

}  // namespace tinydl_test
