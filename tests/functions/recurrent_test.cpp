// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/recurrent.hpp>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

TEST_CASE("rnn: each state is tanh of its input and the state before") {
  const auto p = numbers({2, 3, 2});
  const auto w = numbers({2, 2}, -1, 1, 2), h0 = numbers({2, 2}, -1, 1, 3);
  std::vector<double> expected;
  for (Index n = 0; n < 2; ++n) {
    double before[] = {h0(n, 0), h0(n, 1)};
    for (Index t = 0; t < 3; ++t) {
      double h[2];
      for (Index j = 0; j < 2; ++j)
        h[j] = std::tanh(p(n, t, j) + w(j, 0) * before[0] + w(j, 1) * before[1]);
      expected.insert(expected.end(), {h[0], h[1]});
      std::copy_n(h, 2, before);
    }
  }
  CHECK(is(rnn_sequence(p, w, h0), {2, 3, 2}, expected));
}

TEST_CASE("rnn: relu instead of tanh, on whole numbers") {
  const auto p = from_values<double>({1, 2, 2}, {1, -5, 2, 3});
  const auto w = from_values({{2.0, 0.0}, {0.0, 1.0}}), h0 = from_values({{3.0, 4.0}});
  CHECK(is(rnn_sequence(p, w, h0, true), {1, 2, 2}, {7, 0, 16, 3}));
}

TEST_CASE("rnn_sequence: derivatives of input, weight and state") {
  const auto with_tanh = [](auto p, auto w, auto h0) { return rnn_sequence(p, w, h0); };
  CHECK(derivatives_agree(with_tanh, numbers({2, 3, 2}), numbers({2, 2}, -1, 1, 2),
                          numbers({2, 2}, -1, 1, 3)));
  CHECK(derivatives_agree(with_tanh, numbers({1, 1, 1}), numbers({1, 1}), numbers({1, 1})));
  CHECK(derivatives_agree(with_tanh, numbers({3, 1, 2}), numbers({2, 2}), numbers({3, 2})));
  CHECK(
      derivatives_agree(with_tanh, numbers({1, 4, 3}), numbers({3, 3}, -1, 1, 2), numbers({1, 3})));
  const auto with_relu = [](auto p, auto w, auto h0) { return rnn_sequence(p, w, h0, true); };
  CHECK(derivatives_agree(with_relu, signed_numbers({2, 3, 2}), numbers({2, 2}, -0.1, 0.1, 2),
                          numbers({2, 2}, -1, 1, 3)));
}

TEST_CASE("rnn: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto p = numbers({40, 6, 30});
  const auto w = numbers({30, 30}, -0.3, 0.3), h0 = numbers({40, 30});
  std::vector<double> expected;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    const auto weight = variable(w);
    const auto y = rnn_sequence(p, weight, h0);
    sum(square(y)).backward();
    auto found = flat(y.data());
    for (double g : flat(weight.grad())) found.push_back(g);
    if (expected.empty()) expected = found;
    CHECK(found == expected);
  }
}

TEST_CASE("rnn: no examples") {
  const auto w = variable(numbers({2, 2}));
  sum(rnn_sequence(zeros<double>({0, 3, 2}), w, zeros<double>({0, 2}))).backward();
  CHECK(is(w.grad(), {2, 2}, {0, 0, 0, 0}));
}

TEST_CASE("rnn: refuses an empty sequence, and shapes that do not fit") {
  const auto w = variable(numbers({2, 2}));
  CHECK(error_of([&] {
          rnn_sequence(zeros<double>({3, 0, 2}), w, numbers({3, 2}));
        }) == "ShapeError: rnn: an empty sequence: (3, 0, 2)");
  const auto message = [&](const auto& p, const auto& weight, const auto& h0) {
    return error_of([&] { rnn_sequence(p, weight, h0); });
  };
  const std::string rule = "; they must be (N, L, 1 H), (1 H, H) and (N, H)";
  CHECK(
      message(numbers({3, 4, 3}), w, numbers({3, 2})) ==
      "ShapeError: rnn: an input of shape (3, 4, 3), a weight_hh of (2, 2) and a state of (3, 2)" +
          rule);
  CHECK(
      message(numbers({3, 4, 2}), w, numbers({1, 2})) ==
      "ShapeError: rnn: an input of shape (3, 4, 2), a weight_hh of (2, 2) and a state of (1, 2)" +
          rule);
  CHECK(
      message(numbers({3, 4, 2}), numbers({2, 3}), numbers({3, 3})) ==
      "ShapeError: rnn: an input of shape (3, 4, 2), a weight_hh of (2, 3) and a state of (3, 3)" +
          rule);
  CHECK(
      message(zeros<double>({3, 4, 0}), zeros<double>({0, 0}), zeros<double>({3, 0})) ==
      "ShapeError: rnn: an input of shape (3, 4, 0), a weight_hh of (0, 0) and a state of (3, 0)" +
          rule);
  CHECK(usable(w));
}

}  // namespace tinydl_test
