// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/dropout.hpp>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

TEST_CASE("dropout: p = 0 keeps everything as it is") {
  const auto x = numbers({100, 3});
  Generator generator(1);
  CHECK(is(dropout(x, 0, generator), {100, 3}, flat(x)));
}

TEST_CASE("dropout: zeroes a share of p, scales the rest by 1 / (1 - p), and so keeps the mean") {
  for (double p : {0.1, 0.5, 0.8}) {
    CAPTURE(p);
    Generator generator(1);
    const Index n = 100'000;
    const auto y = dropout(ones<double>({n}), p, generator);
    const auto zeroed = std::count(y.data(), y.data() + n, 0.0);
    const auto scaled = std::count(y.data(), y.data() + n, 1 / (1 - p));
    CHECK(zeroed + scaled == n);
    // Four standard deviations of a binomial distribution.
    const double slack = 4 * std::sqrt(p * (1 - p) / static_cast<double>(n));
    CHECK(std::abs(static_cast<double>(zeroed) / static_cast<double>(n) - p) < slack);
    CHECK(std::abs(mean(y).item() - 1) < slack / (1 - p));
  }
}

TEST_CASE("dropout: the gradient goes through the mask of the forward pass") {
  const auto x = variable(ones<double>({50, 4}));
  Generator generator(1);
  const auto y = dropout(x, 0.4, generator);
  y.backward(full<double>({50, 4}, 3));
  CHECK(is(x.grad(), {50, 4}, flat(3 * y.data())));
}

TEST_CASE("dropout: derivatives") {
  const auto f = [](auto x) {
    Generator generator(3);
    return dropout(x * x, 0.4, generator);
  };
  CHECK(derivatives_agree(f, numbers({3, 4})));
  CHECK(derivatives_agree(f, numbers({1, 1})));
}

TEST_CASE("dropout: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = ones<double>({300, 501});
  std::vector<double> expected;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    Generator generator(7);
    const auto y = flat(dropout(x, 0.3, generator));
    if (expected.empty()) expected = y;
    CHECK(y == expected);
  }
}

TEST_CASE("dropout: the same seed drops the same, and every call drops anew") {
  const auto x = ones<double>({200});
  Generator one(5), two(5);
  const auto first = flat(dropout(x, 0.5, one));
  CHECK(flat(dropout(x, 0.5, two)) == first);
  CHECK(flat(dropout(x, 0.5, one)) != first);
  manual_seed(5);
  CHECK(flat(dropout(x, 0.5)) == first);
}

TEST_CASE("dropout: refuses p outside of [0, 1)") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] { dropout(x, 1); }) == "ValueError: dropout: p = 1 is not in [0, 1)");
  CHECK(error_of([&] { dropout(x, -0.5); }) == "ValueError: dropout: p = -0.5 is not in [0, 1)");
  CHECK(error_of([&] { dropout(x, std::nan("")); }) ==
        "ValueError: dropout: p = nan is not in [0, 1)");
  CHECK(usable(x));
}

TEST_CASE("dropout: an operand without elements") {
  const auto none = variable(zeros<double>({0, 2}));
  sum(dropout(none, 0.5)).backward();
  CHECK(is(none.grad(), {0, 2}, {}));
}

TEST_CASE("dropout2d: drops or scales whole channels of an example") {
  Generator generator(1);
  const auto y = dropout2d(ones<double>({100, 20, 3, 2}), 0.25, generator);
  Index dropped = 0;
  for (Index plane = 0; plane < 2000; ++plane) {
    const double first = y.data()[plane * 6];
    const bool kept_or_dropped = first == 0 || first == 1 / 0.75;
    CHECK_UNARY(kept_or_dropped);
    for (Index i = 1; i < 6; ++i) CHECK(y.data()[plane * 6 + i] == first);
    dropped += first == 0;
  }
  // Four standard deviations of a binomial distribution.
  CHECK(std::abs(static_cast<double>(dropped) - 500) < 4 * std::sqrt(2000 * 0.25 * 0.75));
}

TEST_CASE("dropout2d: derivatives") {
  const auto f = [](auto x) {
    Generator generator(3);
    return dropout2d(x * x, 0.4, generator);
  };
  CHECK(derivatives_agree(f, numbers({2, 3, 2, 2})));
  CHECK(derivatives_agree(f, numbers({1, 1, 1, 1})));
}

TEST_CASE("dropout2d: refuses p outside of [0, 1), and takes none without elements") {
  const auto x = variable(numbers({2, 3, 2, 2}));
  CHECK(error_of([&] { dropout2d(x, 1); }) == "ValueError: dropout: p = 1 is not in [0, 1)");
  CHECK(usable(x));
  CHECK(is(dropout2d(zeros<double>({0, 2, 3, 3}), 0.5), {0, 2, 3, 3}, {}));
}

}  // namespace tinydl_test
