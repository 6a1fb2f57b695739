// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/loss.hpp>

#include <limits>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

namespace {

const double loss_log2 = 0.6931471805599453, loss_log4 = 2 * loss_log2;

/// Logits whose softmax is (1/4, 1/2, 1/4) and (1/2, 1/4, 1/4).
Tensor<double, 2> simple_logits() {
  return from_values({{7.0, 7.0 + loss_log2, 7.0}, {loss_log2, 0.0, 0.0}});
}

}  // namespace

TEST_CASE("softmax_cross_entropy: takes logits, and is minus the logarithm of the label's share") {
  const auto x = simple_logits();
  const auto labels = from_values({1, 2});
  CHECK(is(softmax_cross_entropy<Reduction::none>(x, labels), {2}, {loss_log2, loss_log4}));
  CHECK(is(softmax_cross_entropy<Reduction::sum>(x, labels), {}, {loss_log2 + loss_log4}));
  CHECK(is(softmax_cross_entropy(x, labels), {}, {(loss_log2 + loss_log4) / 2}));
}

TEST_CASE("softmax_cross_entropy: its gradient is (softmax - one-hot) / N, and nothing else") {
  const auto x = variable(simple_logits());
  const auto labels = from_values({1, 2});
  softmax_cross_entropy(x, labels).backward();
  CHECK(is(x.grad(), {2, 3}, {0.125, -0.25, 0.125, 0.25, 0.125, -0.375}));
  x.clear_grad();
  softmax_cross_entropy<Reduction::sum>(x, labels).backward();
  CHECK(is(x.grad(), {2, 3}, {0.25, -0.5, 0.25, 0.5, 0.25, -0.75}));
  x.clear_grad();
  softmax_cross_entropy<Reduction::none>(x, labels).backward(from_values({2.0, 0.0}));
  CHECK(is(x.grad(), {2, 3}, {0.5, -1, 0.5, 0, 0, 0}));
}

TEST_CASE("softmax_cross_entropy: a step against the gradient lowers the loss by its square") {
  const auto x = variable(numbers({5, 4}));
  const auto labels = from_values({0, 3, 1, 1, 2});
  const auto loss = softmax_cross_entropy(x, labels);
  loss.backward();
  const double step = 1e-5;
  const auto moved = softmax_cross_entropy(x.data() - step * x.grad(), labels);
  const double fall = (loss.item() - moved.item()) / step;
  CHECK(fall == doctest::Approx(sum(square(x.grad())).item()).epsilon(1e-4));
}

TEST_CASE("softmax_cross_entropy: one-hot targets equal class labels, soft ones mix them") {
  const auto x = numbers({3, 2});
  const auto labels = from_values({1, 0, 1});
  const auto one_hot = from_values({{0.0, 1.0}, {1.0, 0.0}, {0.0, 1.0}});
  const auto by_label = softmax_cross_entropy<Reduction::none>(x, labels);
  CHECK(is(softmax_cross_entropy<Reduction::none>(x, one_hot), {3}, flat(by_label)));
  CHECK(is(softmax_cross_entropy(x, one_hot), {}, flat(softmax_cross_entropy(x, labels))));
  const auto other = softmax_cross_entropy<Reduction::none>(x, 1 - labels);
  const auto soft =
      softmax_cross_entropy<Reduction::none>(x, 0.75 * one_hot + 0.25 * (1 - one_hot));
  CHECK(is(soft, {3}, flat(0.75 * by_label + 0.25 * other)));
}

TEST_CASE("softmax_cross_entropy: targets need not sum to 1") {
  const auto x = variable(simple_logits());
  const auto target = from_values({{0.0, 2.0, 1.0}, {0.0, 0.0, 0.0}});
  const auto loss = softmax_cross_entropy<Reduction::sum>(x, target);
  CHECK(is(loss, {}, {2 * loss_log2 + loss_log4}));
  loss.backward();
  CHECK(is(x.grad(), {2, 3}, {0.75, -0.5, -0.25, 0, 0, 0}));
}

TEST_CASE("softmax_cross_entropy: label smoothing spreads its share over all classes") {
  const auto x = simple_logits();
  const auto labels = from_values({1, 2});
  const auto one_hot = from_values({{0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}});
  const double spread = 0.3 / 3 * (loss_log2 + 2 * loss_log4);
  const auto smooth = softmax_cross_entropy<Reduction::none>(x, labels, {.label_smoothing = 0.3});
  CHECK(is(smooth, {2}, {0.7 * loss_log2 + spread, 0.7 * loss_log4 + spread}));
  CHECK(is(softmax_cross_entropy<Reduction::none>(x, one_hot, {.label_smoothing = 0.3}), {2},
           flat(smooth)));
  CHECK(is(softmax_cross_entropy(x, labels, {.label_smoothing = 1}), {},
           {(loss_log2 + 2 * loss_log4) / 3}));
}

TEST_CASE("softmax_cross_entropy: ignored rows count neither in the sum nor in the mean") {
  const auto x = variable(simple_logits());
  const auto labels = from_values({-100, 2});
  const auto loss = softmax_cross_entropy(x, labels, {.ignore_index = -100});
  CHECK(is(loss, {}, {loss_log4}));
  loss.backward();
  CHECK(is(x.grad(), {2, 3}, {0, 0, 0, 0.5, 0.25, -0.75}));
  CHECK(is(softmax_cross_entropy<Reduction::none>(x, labels, {.ignore_index = -100}), {2},
           {0, loss_log4}));
  CHECK(is(softmax_cross_entropy(x, from_values({1, 0}), {.ignore_index = 0}), {}, {loss_log2}));
  const auto smooth =
      softmax_cross_entropy(x, labels, {.label_smoothing = 0.5, .ignore_index = -100});
  CHECK(is(smooth, {}, {0.5 * loss_log4 + 0.5 / 3 * (loss_log2 + 2 * loss_log4)}));
}

TEST_CASE("softmax_cross_entropy: the mean of no rows is not a number, their sum is 0") {
  const auto x = simple_logits();
  const auto ignored = from_values({9, 9});
  CHECK(is(softmax_cross_entropy(x, ignored, {.ignore_index = 9}), {}, {std::nan("")}));
  CHECK(is(softmax_cross_entropy<Reduction::sum>(x, ignored, {.ignore_index = 9}), {}, {0}));
  const auto none = zeros<double>({0, 3});
  CHECK(is(softmax_cross_entropy<Reduction::sum>(none, Labels<1>(Shape(0))), {}, {0}));
  CHECK(is(softmax_cross_entropy<Reduction::none>(none, none), {0}, {}));
}

TEST_CASE("softmax_cross_entropy: labels of any integer type") {
  const auto x = simple_logits();
  const auto labels = from_values({1, 2});
  const auto expected = flat(softmax_cross_entropy(x, labels));
  CHECK(is(softmax_cross_entropy(x, labels.cast<std::uint8_t>()), {}, expected));
  CHECK(is(softmax_cross_entropy(x, labels.cast<std::int64_t>()), {}, expected));
}

TEST_CASE("softmax_cross_entropy: refuses labels out of range and names label and position") {
  const auto x = variable(simple_logits());
  CHECK(error_of([&] {
          softmax_cross_entropy(x, from_values({0, 3}));
        }) == "ValueError: softmax_cross_entropy: label 3 at position 1 is not in [0, 3)");
  CHECK(error_of([&] {
          softmax_cross_entropy(x, from_values({-1, 0}));
        }) == "ValueError: softmax_cross_entropy: label -1 at position 0 is not in [0, 3)");
  CHECK(error_of([&] {
          softmax_cross_entropy(x, from_values({-100, -1}), {.ignore_index = -100});
        }) == "ValueError: softmax_cross_entropy: label -1 at position 1 is not in [0, 3)");
  CHECK(usable(x));
}

TEST_CASE("softmax_cross_entropy: refuses shapes and options that do not fit") {
  const auto x = variable(simple_logits());
  const auto target = numbers({2, 2}, 0, 1);
  CHECK(error_of([&] {
          softmax_cross_entropy(x, from_values({0, 1, 2}));
        }) == "ShapeError: softmax_cross_entropy: logits of shape (2, 3) and labels of shape (3,)");
  CHECK(error_of([&] { softmax_cross_entropy(x, target); }) ==
        "ShapeError: softmax_cross_entropy: logits of shape (2, 3) and targets of shape (2, 2)");
  CHECK(error_of([&] {
          softmax_cross_entropy(zeros<double>({2, 0}), from_values({0, 0}));
        }) == "ShapeError: softmax_cross_entropy: logits of shape (2, 0) and labels of shape (2,)");
  CHECK(error_of([&] {
          softmax_cross_entropy(x, from_values({0, 1}), {.label_smoothing = 1.5});
        }) == "ValueError: softmax_cross_entropy: label_smoothing 1.5 is not in [0, 1]");
  CHECK(error_of([&] {
          softmax_cross_entropy(x, from_values({0, 1}), {.label_smoothing = std::nan("")});
        }) == "ValueError: softmax_cross_entropy: label_smoothing nan is not in [0, 1]");
  CHECK(error_of([&] { softmax_cross_entropy(x, x.data(), {.ignore_index = 0}); }) ==
        "ValueError: softmax_cross_entropy: ignore_index is for class labels");
  CHECK(usable(x));
}

TEST_CASE("softmax_cross_entropy: no overflow for logits of 1000 and minus infinity") {
  const double inf = std::numeric_limits<double>::infinity();
  const auto x =
      variable(from_values({{1000.0, -1000.0, 0.0}, {-1000.0, 1000.0, 1000.0}, {-inf, 5.0, 5.0}}));
  const auto labels = from_values({1, 1, 2});
  const auto loss = softmax_cross_entropy<Reduction::sum>(x, labels);
  CHECK(is(loss, {}, {2000 + loss_log2 + loss_log2}));
  const std::vector<double> expected{1, -1, 0, 0, -0.5, 0.5, 0, 0.5, -0.5};
  loss.backward();
  CHECK(is(x.grad(), {3, 3}, expected));
  const auto again = softmax_cross_entropy<Reduction::sum>(x, labels);
  CHECK(is(grad(again, x, {.create_graph = true}), {3, 3}, expected));
}

TEST_CASE("softmax_cross_entropy: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = variable(numbers({3000, 30}));
  Labels<1> labels(Shape(3000));
  for (Index i = 0; i < 3000; ++i) labels.mutable_data()[i] = i % 30;
  std::vector<double> losses, gradients;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    x.clear_grad();
    const auto loss = softmax_cross_entropy<Reduction::none>(x, labels);
    sum(loss).backward();
    if (losses.empty()) losses = flat(loss.data()), gradients = flat(x.grad());
    CHECK(flat(loss.data()) == losses);
    CHECK(flat(x.grad()) == gradients);
  }
}

TEST_CASE("softmax_cross_entropy: derivatives") {
  const auto labels = from_values({2, 0, 1, 9});
  const CrossEntropyOptions options{.label_smoothing = 0.1, .ignore_index = 9};
  const auto x = numbers({4, 3});
  CHECK(derivatives_agree([=](auto a) { return softmax_cross_entropy(a, labels, options); }, x));
  const auto each = [](const auto& target) {
    return [=](auto a) { return softmax_cross_entropy<Reduction::none>(a, target); };
  };
  CHECK(derivatives_agree(each(from_values({2, 0, 1, 1})), x));
  CHECK(derivatives_agree(each(from_values({0, 0})), numbers({2, 1})));
  CHECK(derivatives_agree(each(from_values({1})), numbers({1, 2})));
  CHECK(derivatives_agree(each(numbers({4, 3}, 0, 1, 3)), x));
}

TEST_CASE("mean_squared_error: known values and derivatives of both operands") {
  const auto x = from_values({1.0, 2.0, 5.0}), y = from_values({1.0, 4.0, 2.0});
  CHECK(is(mean_squared_error(x, y), {}, {13 / 3.0}));
  CHECK(is(mean_squared_error<Reduction::sum>(x, y), {}, {13}));
  CHECK(is(mean_squared_error<Reduction::none>(x, y), {3}, {0, 4, 9}));
  const auto f = [](auto a, auto b) { return mean_squared_error(a, b); };
  CHECK(derivatives_agree(f, numbers({2, 3}), numbers({2, 3}, -2, 2, 3)));
  CHECK(derivatives_agree(f, numbers({1, 1}), numbers({1, 1}, -2, 2, 3)));
}

TEST_CASE("mean_squared_error: a Tensor beside a Variable is a constant") {
  const auto x = variable(from_values({1.0, 2.0}));
  const auto target = from_values({3.0, 1.0});
  (mean_squared_error(x, target) + mean_squared_error(target, x)).backward();
  CHECK(is(x.grad(), {2}, {-4, 2}));
}

TEST_CASE("binary_cross_entropy_with_logits: known values and derivatives of both operands") {
  const double log3 = 1.0986122886681098;
  const auto x = from_values({log3, log3, 0.0}), y = from_values({1.0, 0.0, 0.5});
  const std::vector<double> expected{loss_log4 - log3, loss_log4, loss_log2};
  CHECK(is(binary_cross_entropy_with_logits<Reduction::none>(x, y), {3}, expected));
  CHECK(is(binary_cross_entropy_with_logits<Reduction::sum>(x, y), {}, {5 * loss_log2 - log3}));
  CHECK(is(binary_cross_entropy_with_logits(x, y), {}, {(5 * loss_log2 - log3) / 3}));
  const auto f = [](auto a, auto b) { return binary_cross_entropy_with_logits(a, b); };
  CHECK(derivatives_agree(f, numbers({2, 3}), numbers({2, 3}, 0, 1, 3)));
  CHECK(derivatives_agree(f, numbers({1, 1}), numbers({1, 1}, 0, 1, 3)));
}

TEST_CASE("binary_cross_entropy_with_logits: no overflow for logits of 1000") {
  const auto x = variable(from_values({{1000.0, -1000.0, 1000.0, -1000.0}}));
  const auto y = from_values({{1.0, 0.0, 0.0, 1.0}});
  const auto loss = binary_cross_entropy_with_logits<Reduction::sum>(x, y);
  CHECK(is(loss, {}, {2000}));
  loss.backward();
  CHECK(is(x.grad(), {1, 4}, {0, 0, 1, -1}));
}

TEST_CASE("losses: refuse targets of another shape, which would broadcast unseen") {
  const auto x = variable(numbers({3, 1})), y = variable(numbers({1, 3}));
  const std::string shapes = ": predictions of shape (3, 1) and targets of shape (1, 3)";
  CHECK(error_of([&] { mean_squared_error(x, y); }) == "ShapeError: mean_squared_error" + shapes);
  CHECK(error_of([&] { binary_cross_entropy_with_logits(x, y); }) ==
        "ShapeError: binary_cross_entropy_with_logits" + shapes);
  CHECK(usable(x));
  CHECK(usable(y));
}

}  // namespace tinydl_test
