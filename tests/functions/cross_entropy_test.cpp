// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/cross_entropy.hpp>

#include <limits>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

namespace {

const double cross_log2 = 0.6931471805599453, cross_log4 = 2 * cross_log2;

/// Logits whose softmax is (1/4, 1/2, 1/4) and (1/2, 1/4, 1/4).
Tensor<double, 2> simple_logits() {
  return from_values({{7.0, 7.0 + cross_log2, 7.0}, {cross_log2, 0.0, 0.0}});
}

}  // namespace

TEST_CASE("softmax_cross_entropy: takes logits, and is minus the logarithm of the label's share") {
  const auto x = simple_logits();
  const auto labels = from_values({1, 2});
  CHECK(is(softmax_cross_entropy<Reduction::none>(x, labels), {2}, {cross_log2, cross_log4}));
  CHECK(is(softmax_cross_entropy<Reduction::sum>(x, labels), {}, {cross_log2 + cross_log4}));
  CHECK(is(softmax_cross_entropy(x, labels), {}, {(cross_log2 + cross_log4) / 2}));
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
  CHECK(is(loss, {}, {2 * cross_log2 + cross_log4}));
  loss.backward();
  CHECK(is(x.grad(), {2, 3}, {0.75, -0.5, -0.25, 0, 0, 0}));
}

TEST_CASE("softmax_cross_entropy: label smoothing spreads its share over all classes") {
  const auto x = simple_logits();
  const auto labels = from_values({1, 2});
  const auto one_hot = from_values({{0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}});
  const double spread = 0.3 / 3 * (cross_log2 + 2 * cross_log4);
  const auto smooth = softmax_cross_entropy<Reduction::none>(x, labels, {.label_smoothing = 0.3});
  CHECK(is(smooth, {2}, {0.7 * cross_log2 + spread, 0.7 * cross_log4 + spread}));
  CHECK(is(softmax_cross_entropy<Reduction::none>(x, one_hot, {.label_smoothing = 0.3}), {2},
           flat(smooth)));
  CHECK(is(softmax_cross_entropy(x, labels, {.label_smoothing = 1}), {},
           {(cross_log2 + 2 * cross_log4) / 3}));
}

TEST_CASE("softmax_cross_entropy: ignored rows count neither in the sum nor in the mean") {
  const auto x = variable(simple_logits());
  const auto labels = from_values({-100, 2});
  const auto loss = softmax_cross_entropy(x, labels, {.ignore_index = -100});
  CHECK(is(loss, {}, {cross_log4}));
  loss.backward();
  CHECK(is(x.grad(), {2, 3}, {0, 0, 0, 0.5, 0.25, -0.75}));
  CHECK(is(softmax_cross_entropy<Reduction::none>(x, labels, {.ignore_index = -100}), {2},
           {0, cross_log4}));
  CHECK(is(softmax_cross_entropy(x, from_values({1, 0}), {.ignore_index = 0}), {}, {cross_log2}));
  const auto smooth =
      softmax_cross_entropy(x, labels, {.label_smoothing = 0.5, .ignore_index = -100});
  CHECK(is(smooth, {}, {0.5 * cross_log4 + 0.5 / 3 * (cross_log2 + 2 * cross_log4)}));
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
  CHECK(is(loss, {}, {2000 + cross_log2 + cross_log2}));
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

TEST_CASE("negative_log_likelihood: is minus the log-probability of the label") {
  const auto x = from_values({{-1.0, -2.0, -3.0}, {-0.5, -0.25, -4.0}});
  const auto labels = from_values({2, 0});
  CHECK(is(negative_log_likelihood<Reduction::none>(x, labels), {2}, {3, 0.5}));
  CHECK(is(negative_log_likelihood<Reduction::sum>(x, labels), {}, {3.5}));
  CHECK(is(negative_log_likelihood(x, labels), {}, {1.75}));
  CHECK(is(negative_log_likelihood(x, labels.cast<std::uint8_t>()), {}, {1.75}));
}

TEST_CASE("negative_log_likelihood: of log_softmax is the softmax cross-entropy") {
  const auto labels = from_values({2, 0, -7, 1});
  const auto x = variable(numbers({4, 3})), z = variable(x.data());
  const auto loss = negative_log_likelihood(log_softmax(x), labels, {.ignore_index = -7});
  const auto expected = softmax_cross_entropy(z, labels, {.ignore_index = -7});
  CHECK(is(loss, {}, flat(expected.data())));
  loss.backward();
  expected.backward();
  CHECK(is(x.grad(), {4, 3}, flat(z.grad())));
}

TEST_CASE("negative_log_likelihood: ignored rows count for nothing, and none at all make no mean") {
  const auto x = variable(from_values({{-1.0, -2.0}, {-3.0, -4.0}}));
  const auto labels = from_values({1, 5});
  CHECK(is(negative_log_likelihood<Reduction::none>(x, labels, {.ignore_index = 5}), {2}, {2, 0}));
  const auto loss = negative_log_likelihood(x, labels, {.ignore_index = 5});
  CHECK(is(loss, {}, {2}));
  loss.backward();
  CHECK(is(x.grad(), {2, 2}, {0, -1, 0, 0}));
  CHECK(
      is(negative_log_likelihood(x, from_values({5, 5}), {.ignore_index = 5}), {}, {std::nan("")}));
  CHECK(is(negative_log_likelihood<Reduction::sum>(x, from_values({5, 5}), {.ignore_index = 5}), {},
           {0}));
  CHECK(is(negative_log_likelihood<Reduction::none>(zeros<double>({0, 2}), Labels<1>(Shape(0))),
           {0}, {}));
}

TEST_CASE("negative_log_likelihood: a probability of 0 elsewhere does not matter") {
  const double inf = std::numeric_limits<double>::infinity();
  const auto x = variable(from_values({{-inf, 0.0}}));
  const auto loss = negative_log_likelihood(x, from_values({1}));
  CHECK(is(loss, {}, {0}));
  loss.backward();
  CHECK(is(x.grad(), {1, 2}, {0, -1}));
  CHECK(is(negative_log_likelihood(x, from_values({0})), {}, {inf}));
}

TEST_CASE("negative_log_likelihood: derivatives") {
  for (bool ignores : {false, true}) {
    LikelihoodOptions options;
    if (ignores) options.ignore_index = 1;
    const auto f = [=](auto a) {
      return negative_log_likelihood<Reduction::none>(log_softmax(a), from_values({2, 1, 0}),
                                                      options);
    };
    CHECK(derivatives_agree(f, numbers({3, 3})));
  }
  const auto mean_of_one = [](auto a) { return negative_log_likelihood(a, from_values({0})); };
  CHECK(derivatives_agree(mean_of_one, numbers({1, 1})));
}

TEST_CASE("negative_log_likelihood: refuses labels that do not fit, in number or in value") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] {
          negative_log_likelihood(x, from_values({0, 3}));
        }) == "ValueError: negative_log_likelihood: label 3 at position 1 is not in [0, 3)");
  CHECK(error_of([&] {
          negative_log_likelihood(x, from_values({-100, 0}));
        }) == "ValueError: negative_log_likelihood: label -100 at position 0 is not in [0, 3)");
  CHECK(error_of([&] { negative_log_likelihood(x, from_values({0})); }) ==
        "ShapeError: negative_log_likelihood: log-probabilities of shape (2, 3) and labels of "
        "shape (1,)");
  CHECK(error_of([&] {
          negative_log_likelihood(zeros<double>({1, 0}), from_values({0}));
        }) ==
        "ShapeError: negative_log_likelihood: log-probabilities of shape (1, 0) and labels of "
        "shape (1,)");
  CHECK(usable(x));
}

}  // namespace tinydl_test
