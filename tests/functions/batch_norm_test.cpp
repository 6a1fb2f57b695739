// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/batch_norm.hpp>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

TEST_CASE("batch_norm: known values") {
  const auto x = from_values({{1.0, 10.0}, {3.0, 30.0}});
  const auto weight = from_values({1.0, 10.0}), bias = from_values({0.5, -0.5});
  CHECK(is(batch_norm(x, weight, bias, 0.0), {2, 2}, {-0.5, -10.5, 1.5, 9.5}));
  CHECK(is(batch_norm(x, weight, bias, 3.0), {2, 2},
           {0, -0.5 - 100 / std::sqrt(103.0), 1, -0.5 + 100 / std::sqrt(103.0)}));
  const auto mean = from_values({2.0, 4.0}), variance = from_values({1.0, 6.0});
  CHECK(
      is(batch_norm(x, weight, bias, mean, variance, 3.0), {2, 2}, {0, 19.5, 1, 260 / 3.0 - 0.5}));
}

TEST_CASE("batch_norm: agrees with its definition over examples and positions") {
  const auto x = numbers({3, 2, 5, 7}) + 3;
  const auto weight = numbers({2}, -2, 2, 3), bias = numbers({2}, -2, 2, 4);
  const auto w = reshape(weight, {2, 1, 1}), b = reshape(bias, {2, 1, 1});
  const auto deviation = x - mean(x, {0, 2, 3}, keepdims);
  const auto expected =
      deviation / sqrt(mean(square(deviation), {0, 2, 3}, keepdims) + 1e-5) * w + b;
  CHECK(is(batch_norm(x, weight, bias), {3, 2, 5, 7}, flat(expected)));
  CHECK(is(batch_norm(reshape(x, {3, 2, 35}), weight, bias), {3, 2, 35}, flat(expected)));
  const auto rows = reshape(transpose(reshape(x, {3, 2, 35})), {105, 2});
  const auto y = batch_norm(rows, weight, bias);
  CHECK(is(transpose(reshape(y, {3, 35, 2})), {3, 2, 35}, flat(expected)));

  const auto means = numbers({2}, -2, 2, 5), variances = numbers({2}, 0.5, 2, 6);
  const auto fixed = (x - reshape(means, {2, 1, 1})) / sqrt(reshape(variances, {2, 1, 1}) + 0.1);
  CHECK(is(batch_norm(x, weight, bias, means, variances, 0.1), {3, 2, 5, 7}, flat(fixed * w + b)));
}

TEST_CASE("batch_norm: derivatives of x, weight and bias") {
  const auto f = [](auto x, auto w, auto b) { return batch_norm(x, w, b, 0.1); };
  const auto weight = numbers({2}, -2, 2, 3), bias = numbers({2}, -2, 2, 4);
  CHECK(derivatives_agree(f, numbers({3, 2}), weight, bias));
  CHECK(derivatives_agree(f, numbers({2, 2, 2, 3}), weight, bias));
  CHECK(derivatives_agree(f, numbers({1, 2, 3, 1}), weight, bias));
  CHECK(derivatives_agree(f, numbers({3, 2, 1, 1}), weight, bias));
  CHECK(derivatives_agree(f, numbers({1, 1, 1, 2}), numbers({1}, -2, 2, 3), numbers({1})));
}

TEST_CASE("batch_norm: derivatives where mean and variance are given") {
  const auto means = numbers({2}, -2, 2, 5), variances = numbers({2}, 0.5, 2, 6);
  const auto f = [=](auto x, auto w, auto b) { return batch_norm(x, w, b, means, variances, 0.1); };
  const auto weight = numbers({2}, -2, 2, 3), bias = numbers({2}, -2, 2, 4);
  CHECK(derivatives_agree(f, numbers({3, 2}), weight, bias));
  CHECK(derivatives_agree(f, numbers({2, 2, 2, 3}), weight, bias));
  CHECK(derivatives_agree(f, numbers({1, 2, 1, 1}), weight, bias));
}

TEST_CASE("batch_norm: planes of every size around those of vectors") {
  for (Index n = 1; n <= 70; ++n) {
    CAPTURE(n);
    const auto x = variable(numbers({2, 3, n, 1}) + 5);
    const auto weight = variable(numbers({3}, -2, 2, 3)), bias = variable(numbers({3}));
    const auto gy = numbers({2, 3, n, 1}, -2, 2, 5);
    const auto parts = [&](const auto& y) {
      for (const auto& v : {weight, bias}) v.clear_grad();
      x.clear_grad();
      y.backward(gy);
      return std::vector{flat(y.data()), flat(x.grad()), flat(weight.grad()), flat(bias.grad())};
    };
    const auto deviation = x - mean(x, {0, 2, 3}, keepdims);
    const auto h = deviation / sqrt(mean(square(deviation), {0, 2, 3}, keepdims) + 0.1);
    const auto found = parts(batch_norm(x, weight, bias, 0.1));
    const auto expected = parts(h * reshape(weight, {3, 1, 1}) + reshape(bias, {3, 1, 1}));
    for (std::size_t i = 0; i < 4; ++i) CHECK(agree("part", found[i], expected[i], 1e-10));
  }
}

TEST_CASE("batch_norm: a large mean does not drown the variance") {
  const auto x = (numbers({4, 1, 10, 10}, -1, 1) + 1024).cast<float>();
  const auto y = batch_norm(x, ones({1}), zeros({1}));
  const auto expected = batch_norm(x.cast<double>(), ones<double>({1}), zeros<double>({1}));
  CHECK(agree("values", flat(y), flat(expected), 3e-4));
}

TEST_CASE("batch_norm: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = variable(numbers({40, 8, 20, 20}));
  const auto weight = variable(numbers({8})), bias = variable(numbers({8}));
  std::vector<double> values, gradients, slopes;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    for (const auto& v : {weight, bias}) v.clear_grad();
    x.clear_grad();
    const auto y = batch_norm(x, weight, bias);
    sum(square(y)).backward();
    if (values.empty())
      values = flat(y.data()), gradients = flat(x.grad()), slopes = flat(weight.grad());
    CHECK(flat(y.data()) == values);
    CHECK(flat(x.grad()) == gradients);
    CHECK(flat(weight.grad()) == slopes);
  }
}

TEST_CASE("batch_norm: refuses a single value of a channel, and channels that do not fit") {
  const auto x = variable(numbers({2, 3}));
  const auto three = numbers({3}), two = numbers({2});
  CHECK(error_of([&] {
          batch_norm(numbers({1, 3, 1, 1}), three, three);
        }) ==
        "ShapeError: batch_norm: training needs more than one value of each channel: shape "
        "(1, 3, 1, 1)");
  CHECK(error_of([&] {
          batch_norm(zeros<double>({0, 3, 2, 2}), three, three);
        }) ==
        "ShapeError: batch_norm: training needs more than one value of each channel: shape "
        "(0, 3, 2, 2)");
  CHECK(error_of([&] { batch_norm(x, two, three); }) ==
        "ShapeError: batch_norm: an input of shape (2, 3), a weight of (2,) and a bias of (3,)");
  CHECK(error_of([&] { batch_norm(x, three, two); }) ==
        "ShapeError: batch_norm: an input of shape (2, 3), a weight of (3,) and a bias of (2,)");
  CHECK(error_of([&] { batch_norm(x, three, two, three, three); }) ==
        "ShapeError: batch_norm: an input of shape (2, 3), a weight of (3,) and a bias of (2,)");
  CHECK(error_of([&] { batch_norm(x, three, three, two, three); }) ==
        "ShapeError: batch_norm: an input of shape (2, 3), a mean of (2,) and a variance of (3,)");
  CHECK(error_of([&] { batch_norm(x, three, three, three, two); }) ==
        "ShapeError: batch_norm: an input of shape (2, 3), a mean of (3,) and a variance of (2,)");
  CHECK(usable(x));
}

TEST_CASE("batch_norm: an eps that is negative or not finite is refused") {
  const auto x = variable(numbers({2, 3}));
  const auto three = numbers({3});
  for (double bad : {-1.0, static_cast<double>(INFINITY), std::nan("")}) {
    const std::string words = text("ValueError: batch_norm: eps ", bad, " is not in [0, inf)");
    CHECK(error_of([&] { batch_norm(x, three, three, bad); }) == words);
    CHECK(error_of([&] { batch_norm(x, three, three, three, three, bad); }) == words);
  }
  CHECK(usable(x));
}

}  // namespace tinydl_test
