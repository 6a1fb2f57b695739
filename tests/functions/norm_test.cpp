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

TEST_CASE("layer_norm: derivatives of x, weight and bias") {
  const auto f = [](auto x, auto w, auto b) { return layer_norm(x, w, b, 0.1); };
  const auto weight = numbers({4}, -2, 2, 3), bias = numbers({4}, -2, 2, 4);
  CHECK(derivatives_agree(f, numbers({3, 4}), weight, bias));
  CHECK(derivatives_agree(f, numbers({2, 2, 4}), weight, bias));
  CHECK(derivatives_agree(f, numbers({4}), weight, bias));
  CHECK(derivatives_agree(f, numbers({2, 1}), numbers({1}, -2, 2, 3), numbers({1}, -2, 2, 4)));
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
  const auto x = variable(numbers({2000, 30}));
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

TEST_CASE("layer_norm: refuses what does not fit the last axis") {
  const auto x = variable(numbers({2, 3}));
  const auto three = numbers({3}), two = numbers({2});
  CHECK(error_of([&] { layer_norm(x, two, three); }) ==
        "ShapeError: layer_norm: an input of shape (2, 3), a weight of (2,) and a bias of (3,)");
  CHECK(error_of([&] { layer_norm(x, three, two); }) ==
        "ShapeError: layer_norm: an input of shape (2, 3), a weight of (3,) and a bias of (2,)");
  const auto none = zeros<double>({0});
  CHECK(error_of([&] {
          layer_norm(zeros<double>({2, 0}), none, none);
        }) ==
        "ShapeError: layer_norm: an input of shape (2, 0), a weight of (0,) and a bias of (0,)");
  CHECK(usable(x));
}

}  // namespace tinydl_test
