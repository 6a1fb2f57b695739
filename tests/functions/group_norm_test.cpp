// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/group_norm.hpp>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

TEST_CASE("group_norm: known values") {
  // Two groups of two channels of one position: (1, 3) and (5, 9), brought to -1 and 1.
  const auto x = from_values<double>({1, 4, 1}, {1, 3, 5, 9});
  const auto weight = from_values({1.0, 2.0, 3.0, 4.0}), bias = from_values({0.0, 0.0, 1.0, 1.0});
  CHECK(is(group_norm(x, 2, weight, bias, 0.0), {1, 4, 1}, {-1, 2, -2, 5}));
  CHECK(is(group_norm(x, 2, weight, bias, 3.0), {1, 4, 1},
           {-0.5, 1, 1 - 6 / std::sqrt(7.0), 1 + 8 / std::sqrt(7.0)}));
}

TEST_CASE("group_norm: agrees with its definition, from one group to one for each channel") {
  const auto x = numbers({2, 4, 5, 3}) + 3;
  const auto weight = numbers({4}, -2, 2, 3), bias = numbers({4}, -2, 2, 4);
  for (Index groups : {1, 2, 4}) {
    CAPTURE(groups);
    const auto rows = reshape(x, {2, groups, -1});
    const auto deviation = rows - mean(rows, 2, keepdims);
    const auto h = deviation / sqrt(mean(square(deviation), 2, keepdims) + 1e-5);
    const auto expected = reshape(h, {2, 4, 15}) * reshape(weight, {4, 1}) + reshape(bias, {4, 1});
    CHECK(is(group_norm(x, groups, weight, bias), {2, 4, 5, 3}, flat(expected)));
    CHECK(is(group_norm(reshape(x, {2, 4, 15}), groups, weight, bias), {2, 4, 15}, flat(expected)));
  }
}

TEST_CASE("group_norm: derivatives of x, weight and bias") {
  const auto weight = numbers({4}, -2, 2, 3), bias = numbers({4}, -2, 2, 4);
  for (Index groups : {1, 2, 4}) {
    const auto f = [=](auto x, auto w, auto b) { return group_norm(x, groups, w, b, 0.1); };
    CHECK(derivatives_agree(f, numbers({2, 4, 3}), weight, bias));
    CHECK(derivatives_agree(f, numbers({1, 4, 1}), weight, bias));
    if (groups == 2) {
      CHECK(derivatives_agree(f, numbers({2, 4, 2, 2}), weight, bias));
      CHECK(derivatives_agree(f, numbers({2, 4}), weight, bias));
    }
    if (groups == 1)
      CHECK(derivatives_agree(f, numbers({1, 1, 3}), numbers({1}, -2, 2, 3), numbers({1})));
  }
}

TEST_CASE("group_norm: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = variable(numbers({40, 8, 20, 20}));
  const auto weight = variable(numbers({8})), bias = variable(numbers({8}));
  std::vector<double> values, gradients, slopes;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    for (const auto& v : {weight, bias}) v.clear_grad();
    x.clear_grad();
    const auto y = group_norm(x, 4, weight, bias);
    sum(square(y)).backward();
    if (values.empty())
      values = flat(y.data()), gradients = flat(x.grad()), slopes = flat(weight.grad());
    CHECK(flat(y.data()) == values);
    CHECK(flat(x.grad()) == gradients);
    CHECK(flat(weight.grad()) == slopes);
  }
}

TEST_CASE("group_norm: no examples") {
  const auto x = variable(zeros<double>({0, 4, 3}));
  const auto weight = variable(ones<double>({4}));
  sum(group_norm(x, 2, weight, zeros<double>({4}))).backward();
  CHECK(is(x.grad(), {0, 4, 3}, {}));
  CHECK(is(weight.grad(), {4}, {0, 0, 0, 0}));
}

TEST_CASE("group_norm: refuses groups and channels that do not fit") {
  const auto x = variable(numbers({2, 4, 3}));
  const auto four = numbers({4}), three = numbers({3});
  CHECK(error_of([&] { group_norm(x, 3, four, four); }) ==
        "ValueError: group_norm: 3 groups do not divide 4 channels");
  CHECK(error_of([&] { group_norm(x, 0, four, four); }) ==
        "ValueError: group_norm: 0 groups do not divide 4 channels");
  CHECK(error_of([&] { group_norm(x, 2, three, four); }) ==
        "ShapeError: group_norm: an input of shape (2, 4, 3), a weight of (3,) and a bias of (4,)");
  CHECK(error_of([&] { group_norm(x, 2, four, three); }) ==
        "ShapeError: group_norm: an input of shape (2, 4, 3), a weight of (4,) and a bias of (3,)");
  CHECK(error_of([&] {
          group_norm(zeros<double>({2, 4, 0}), 2, four, four);
        }) == "ShapeError: group_norm: nothing to normalise in (2, 4, 0)");
  CHECK(usable(x));
}

TEST_CASE("group_norm: an eps that is negative or not finite is refused") {
  const auto x = variable(numbers({2, 4, 3}));
  const auto four = numbers({4});
  for (double bad : {-1.0, static_cast<double>(INFINITY), std::nan("")}) {
    const std::string words = text("ValueError: group_norm: eps ", bad, " is not in [0, inf)");
    CHECK(error_of([&] { group_norm(x, 2, four, four, bad); }) == words);
  }
  CHECK(usable(x));
}

}  // namespace tinydl_test
