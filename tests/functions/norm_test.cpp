// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/norm.hpp>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

TEST_CASE("layer_norm: known values") {
  const auto x = from_values({{1.0, 3.0}, {5.0, 5.0}, {-2.0, 8.0}});
  const auto weight = from_values({1.0, 10.0}), bias = from_values({0.5, -0.5});
  CHECK(is(layer_norm(x, weight, bias, 0.0).with_shape(Shape(6)), {6},
           {-0.5, 9.5, std::nan(""), std::nan(""), -0.5, 9.5}));
  const auto y = layer_norm(x, weight, bias, 3);
  CHECK(is(y, {3, 2}, {0, 4.5, 0.5, -0.5, 0.5 - 5 / std::sqrt(28.0), 50 / std::sqrt(28.0) - 0.5}));
}

TEST_CASE("layer_norm: agrees with its definition, for ranks 1 to 3") {
  const auto weight = numbers({4}, -2, 2, 3), bias = numbers({4}, -2, 2, 4);
  const auto x = numbers({2, 3, 4});
  const auto expected =
      (x - mean(x, -1, keepdims)) / sqrt(var(x, -1, keepdims, {.correction = 0}) + 1e-5) * weight +
      bias;
  CHECK(is(layer_norm(x, weight, bias), {2, 3, 4}, flat(expected)));
  CHECK(is(layer_norm(reshape(x, {6, 4}), weight, bias), {6, 4}, flat(expected)));
  CHECK(is(layer_norm(select(select(x, 0, 0), 0, 0), weight, bias), {4},
           flat(select(select(expected, 0, 0), 0, 0))));
}

TEST_CASE("layer_norm: over as many of the last axes as the weight has") {
  const auto weight = numbers({3, 4}, -2, 2, 3), bias = numbers({3, 4}, -2, 2, 4);
  const auto x = numbers({2, 3, 4});
  const auto deviation = x - mean(x, {1, 2}, keepdims);
  const auto expected =
      deviation / sqrt(mean(square(deviation), {1, 2}, keepdims) + 0.5) * weight + bias;
  CHECK(is(layer_norm(x, weight, bias, 0.5), {2, 3, 4}, flat(expected)));
}

TEST_CASE("layer_norm: derivatives of x, weight and bias") {
  const auto f = [](auto x, auto w, auto b) { return layer_norm(x, w, b, 0.1); };
  const auto weight = numbers({4}, -2, 2, 3), bias = numbers({4}, -2, 2, 4);
  CHECK(derivatives_agree(f, numbers({3, 4}), weight, bias));
  CHECK(derivatives_agree(f, numbers({1, 4}), weight, bias));
  CHECK(derivatives_agree(f, numbers({2, 1}), numbers({1}, -2, 2, 3), numbers({1}, -2, 2, 4)));
  CHECK(derivatives_agree(f, numbers({1, 1}), numbers({1}, -2, 2, 3), numbers({1}, -2, 2, 4)));
  CHECK(derivatives_agree(f, numbers({2, 2, 4}), weight, bias));
  const auto two = numbers({2, 3}, -2, 2, 3), shift = numbers({2, 3}, -2, 2, 4);
  CHECK(derivatives_agree(f, numbers({2, 2, 3}), two, shift));
  CHECK(derivatives_agree(f, numbers({1, 2, 3}), two, shift));
}

TEST_CASE("layer_norm: rows of every length around those of vectors, in double and in float") {
  for (Index n = 1; n <= 70; ++n) {
    CAPTURE(n);
    const auto x = variable(numbers({3, n}));
    const auto w = variable(numbers({n}, -2, 2, 3)), b = variable(numbers({n}, -2, 2, 4));
    const auto gy = numbers({3, n}, -2, 2, 5);
    const auto check = [&](const auto& y) {
      for (const auto& v : {w, b}) v.clear_grad();
      x.clear_grad();
      y.backward(gy);
      return std::vector{flat(y.data()), flat(x.grad()), flat(w.grad()), flat(b.grad())};
    };
    const auto deviation = x - mean(x, 1, keepdims);
    const auto found = check(layer_norm(x, w, b, 0.1));
    const auto expected =
        check(deviation / sqrt(mean(square(deviation), 1, keepdims) + 0.1) * w + b);
    for (std::size_t i = 0; i < 4; ++i) CHECK(agree("part", found[i], expected[i], 1e-10));
    const auto in_float =
        layer_norm(x.data().cast<float>(), w.data().cast<float>(), b.data().cast<float>(), 0.1);
    CHECK(agree("in float", flat(in_float), expected[0], 1e-5));
  }
}

TEST_CASE("layer_norm: a large mean does not drown the variance") {
  const auto x = numbers({4, 100}, -1, 1);
  const auto one = ones({100}), zero = zeros({100});
  const auto y = layer_norm((x + 1024).cast<float>(), one, zero);
  const auto expected = layer_norm((x + 1024).cast<float>().cast<double>(), ones<double>({100}),
                                   zeros<double>({100}));
  CHECK(agree("values", flat(y), flat(expected), 3e-4));
}

TEST_CASE("layer_norm: a row of equal numbers has a finite gradient") {
  const auto x = variable(full<double>({1, 3}, 7));
  const auto y = layer_norm(x, ones<double>({3}), zeros<double>({3}));
  CHECK(is(y, {1, 3}, {0, 0, 0}));
  y.backward(from_values({{1.0, 0.0, -1.0}}));
  const double r = 1 / std::sqrt(1e-5);
  CHECK(is(x.grad(), {1, 3}, {r, 0, -r}));
}

TEST_CASE("layer_norm: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = variable(numbers({3000, 30}));
  const auto weight = variable(numbers({30})), bias = variable(numbers({30}));
  std::vector<double> values, gradients, slopes;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    for (const auto& v : {weight, bias}) v.clear_grad();
    x.clear_grad();
    const auto y = layer_norm(x, weight, bias);
    sum(square(y)).backward();
    if (values.empty())
      values = flat(y.data()), gradients = flat(x.grad()), slopes = flat(weight.grad());
    CHECK(flat(y.data()) == values);
    CHECK(flat(x.grad()) == gradients);
    CHECK(flat(weight.grad()) == slopes);
  }
}

TEST_CASE("layer_norm: no rows") {
  const auto x = variable(zeros<double>({0, 3}));
  const auto weight = variable(ones<double>({3}));
  sum(layer_norm(x, weight, zeros<double>({3}))).backward();
  CHECK(is(x.grad(), {0, 3}, {}));
  CHECK(is(weight.grad(), {3}, {0, 0, 0}));
}

TEST_CASE("layer_norm: refuses what does not fit the last axes") {
  const auto x = variable(numbers({2, 3}));
  const auto three = numbers({3}), two = numbers({2});
  CHECK(error_of([&] { layer_norm(x, two, two); }) ==
        "ShapeError: layer_norm: a weight of shape (2,) for the last axes of (2, 3)");
  CHECK(error_of([&] { layer_norm(x, three, two); }) ==
        "ShapeError: layer_norm: a weight of shape (3,) and a bias of (2,)");
  CHECK(error_of([&] {
          layer_norm(numbers({2, 3, 4}), numbers({2, 4}), numbers({2, 4}));
        }) == "ShapeError: layer_norm: a weight of shape (2, 4) for the last axes of (2, 3, 4)");
  const auto none = zeros<double>({0});
  CHECK(error_of([&] {
          layer_norm(zeros<double>({2, 0}), none, none);
        }) == "ShapeError: layer_norm: a weight of shape (0,) for the last axes of (2, 0)");
  CHECK(usable(x));
}

TEST_CASE("rms_norm: known values") {
  const auto x = from_values({{1.0, 7.0}, {0.0, 0.0}, {-3.0, 3.0}});
  const auto weight = from_values({1.0, 10.0});
  CHECK(is(rms_norm(x, weight, 11), {3, 2},
           {1.0 / 6, 70.0 / 6, 0, 0, -3 / std::sqrt(20.0), 30 / std::sqrt(20.0)}));
  CHECK(is(rms_norm(x, weight), {3, 2}, {0.2, 14, 0, 0, -1, 10}));
  CHECK(is(rms_norm(reshape(x, {3, 1, 2}), from_values({{1.0, 10.0}}), 11), {3, 1, 2},
           flat(rms_norm(x, weight, 11))));
}

TEST_CASE("rms_norm: derivatives of x and weight") {
  const auto f = [](auto x, auto w) { return rms_norm(x, w, 0.1); };
  const auto weight = numbers({4}, -2, 2, 3);
  CHECK(derivatives_agree(f, numbers({3, 4}), weight));
  CHECK(derivatives_agree(f, numbers({1, 4}), weight));
  CHECK(derivatives_agree(f, numbers({1, 1}), numbers({1}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({2, 2, 4}), weight));
}

TEST_CASE("rms_norm: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = variable(numbers({3000, 30}));
  const auto weight = variable(numbers({30}));
  std::vector<double> gradients, slopes;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    x.clear_grad();
    weight.clear_grad();
    sum(square(rms_norm(x, weight) + 1)).backward();
    if (slopes.empty()) gradients = flat(x.grad()), slopes = flat(weight.grad());
    CHECK(flat(x.grad()) == gradients);
    CHECK(flat(weight.grad()) == slopes);
  }
}

TEST_CASE("rms_norm: refuses what does not fit the last axes") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] { rms_norm(x, numbers({2})); }) ==
        "ShapeError: rms_norm: a weight of shape (2,) for the last axes of (2, 3)");
  CHECK(usable(x));
}

TEST_CASE("layer_norm and rms_norm: an eps that is negative or not finite is refused, 0 is taken") {
  const auto x = variable(from_values({{1.0, 3.0}}));
  const auto two = from_values({1.0, 1.0});
  for (double bad : {-1.0, static_cast<double>(INFINITY), std::nan("")}) {
    const std::string words = text("_norm: eps ", bad, " is not in [0, inf)");
    CHECK(error_of([&] { layer_norm(x, two, two, bad); }) == "ValueError: layer" + words);
    CHECK(error_of([&] { rms_norm(x, two, bad); }) == "ValueError: rms" + words);
  }
  CHECK(is(layer_norm(x, two, 0 * two, 0).data(), {1, 2}, {-1, 1}));
  CHECK(usable(x));
}

}  // namespace tinydl_test
