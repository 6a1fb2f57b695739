// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/loss.hpp>

#include <limits>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

namespace {

const double loss_log2 = 0.6931471805599453, loss_log4 = 2 * loss_log2;

template <Reduction>
struct ReducedBy {};

/// All three reductions of the same losses.
template <class F>
Verdict loss_reduces(const F& f, const std::vector<double>& losses) {
  double sum = 0;
  for (double loss : losses) sum += loss;
  return all({agree("none", flat(flatten(f(ReducedBy<Reduction::none>()))), losses),
              is(f(ReducedBy<Reduction::sum>()), {}, {sum}),
              is(f(ReducedBy<Reduction::mean>()), {}, {sum / static_cast<double>(losses.size())})});
}

}  // namespace

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

TEST_CASE("l1_loss: known values and derivatives of both operands") {
  const auto x = from_values({1.0, 2.0, 5.0}), y = from_values({1.0, 4.0, 2.0});
  const auto f = [&]<Reduction r>(ReducedBy<r>) { return l1_loss<r>(x, y); };
  CHECK(loss_reduces(f, {0, 2, 3}));
  const auto g = [](auto a, auto b) { return l1_loss(a, b); };
  CHECK(derivatives_agree(g, signed_numbers({2, 3}), zeros<double>({2, 3})));
  CHECK(derivatives_agree(g, signed_numbers({1, 1}), zeros<double>({1, 1})));
  const auto same = variable(x);
  l1_loss(same, x).backward();
  CHECK(is(same.grad(), {3}, {0, 0, 0}));
}

TEST_CASE("huber_loss: is a parabola within delta and a line beyond, and smooth where they meet") {
  const auto x = from_values({0.0, 0.5, -2.0, 3.0}), y = zeros<double>({4});
  const auto f = [&]<Reduction r>(ReducedBy<r>) { return huber_loss<r>(x, y); };
  CHECK(loss_reduces(f, {0, 0.125, 1.5, 2.5}));
  const auto wide = [&]<Reduction r>(ReducedBy<r>) { return huber_loss<r>(x, y, {.delta = 2}); };
  CHECK(loss_reduces(wide, {0, 0.125, 2, 4}));
  const auto v = variable(x);
  huber_loss<Reduction::sum>(v, y, {.delta = 2}).backward();
  CHECK(is(v.grad(), {4}, {0, 0.5, -2, 2}));
}

TEST_CASE("smooth_l1_loss: is huber_loss divided by beta, and l1_loss if that is 0") {
  const auto x = from_values({0.0, 0.5, -2.0, 3.0}), y = zeros<double>({4});
  const auto f = [&]<Reduction r>(ReducedBy<r>) { return smooth_l1_loss<r>(x, y); };
  CHECK(loss_reduces(f, {0, 0.125, 1.5, 2.5}));
  const auto narrow = [&]<Reduction r>(ReducedBy<r>) {
    return smooth_l1_loss<r>(x, y, {.beta = 0.5});
  };
  CHECK(loss_reduces(narrow, {0, 0.25, 1.75, 2.75}));
  const auto l1 = [&]<Reduction r>(ReducedBy<r>) { return smooth_l1_loss<r>(x, y, {.beta = 0}); };
  CHECK(loss_reduces(l1, {0, 0.5, 2, 3}));
}

TEST_CASE("huber_loss and smooth_l1_loss: derivatives of both operands") {
  for (double width : {0.2, 1.0, 50.0}) {
    CAPTURE(width);
    const auto huber = [=](auto a, auto b) { return huber_loss(a, b, {.delta = width}); };
    const auto smooth = [=](auto a, auto b) { return smooth_l1_loss(a, b, {.beta = width}); };
    CHECK(derivatives_agree("huber_loss", huber, numbers({3, 4}), numbers({3, 4}, -2, 2, 3)));
    CHECK(derivatives_agree("smooth_l1_loss", smooth, numbers({3, 4}), numbers({3, 4}, -2, 2, 3)));
    CHECK(derivatives_agree("huber_loss", huber, numbers({1, 1}), numbers({1, 1}, -2, 2, 3)));
    CHECK(derivatives_agree("smooth_l1_loss", smooth, numbers({1, 1}), numbers({1, 1}, -2, 2, 3)));
  }
}

TEST_CASE("huber_loss and smooth_l1_loss: a width out of range is refused") {
  const auto x = variable(numbers({2}));
  CHECK(error_of([&] { huber_loss(x, x, {.delta = 0}); }) ==
        "ValueError: huber_loss: delta 0 is not positive");
  CHECK(error_of([&] { huber_loss(x, x, {.delta = std::nan("")}); }) ==
        "ValueError: huber_loss: delta nan is not positive");
  CHECK(error_of([&] { smooth_l1_loss(x, x, {.beta = -1}); }) ==
        "ValueError: smooth_l1_loss: beta -1 is negative");
  CHECK(usable(x));
}

TEST_CASE("hinge_loss: wants a margin on the right side of 0") {
  const auto x = from_values({{2.0, 0.5, -1.0, 0.25}}), y = from_values({{1.0, 1.0, 1.0, -1.0}});
  const auto f = [&]<Reduction r>(ReducedBy<r>) { return hinge_loss<r>(x, y); };
  CHECK(loss_reduces(f, {0, 0.5, 2, 1.25}));
  const auto g = [&]<Reduction r>(ReducedBy<r>) { return hinge_loss<r>(x, y, {.margin = 0.25}); };
  CHECK(loss_reduces(g, {0, 0, 1.25, 0.5}));
  const auto v = variable(x);
  hinge_loss<Reduction::sum>(v, y).backward();
  CHECK(is(v.grad(), {1, 4}, {0, -1, -1, 1}));
  CHECK(derivatives_agree([&](auto a) { return hinge_loss(a, y); }, x));
  const auto one = [](auto a) { return hinge_loss(a, ones<double>({1, 1})); };
  CHECK(derivatives_agree(one, numbers({1, 1})));
  CHECK(error_of([&] { hinge_loss(v, 0.5 * y); }) ==
        "ValueError: hinge_loss: target 0.5 at position 0 is neither 1 nor -1");
  CHECK(usable(v));
}

TEST_CASE("multi_margin_loss: sums over the other classes and divides by their number and one") {
  // Row 0: the label's 1 against 3 and 0.5: (1 - 1 + 3) + (1 - 1 + 0.5); row 1: 2 against 0
  // and 1.5.
  const auto x = from_values({{3.0, 1.0, 0.5}, {0.0, 1.5, 2.0}});
  const auto labels = from_values({1, 2});
  const auto f = [&]<Reduction r>(ReducedBy<r>) { return multi_margin_loss<r>(x, labels); };
  CHECK(loss_reduces(f, {3.5 / 3, 0.5 / 3}));
  const auto g = [&]<Reduction r>(ReducedBy<r>) {
    return multi_margin_loss<r>(x, labels, {.margin = 0});
  };
  CHECK(loss_reduces(g, {2 / 3.0, 0}));
  const auto v = variable(x);
  multi_margin_loss<Reduction::sum>(v, labels).backward();
  CHECK(is(v.grad(), {2, 3}, {1 / 3.0, -2 / 3.0, 1 / 3.0, 0, 1 / 3.0, -1 / 3.0}));
  CHECK(is(multi_margin_loss(ones<double>({1, 1}), from_values({0})), {}, {0}));
}

TEST_CASE("multi_margin_loss: derivatives, and labels that do not fit") {
  const auto f = [](auto a) { return multi_margin_loss(a, from_values({2, 0, 1})); };
  CHECK(derivatives_agree(f, numbers({3, 4})));
  const auto one = [](auto a) { return multi_margin_loss(a, from_values({0})); };
  CHECK(derivatives_agree(one, numbers({1, 3})));
  CHECK(derivatives_agree(one, numbers({1, 1})));
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] {
          multi_margin_loss(x, from_values({0, 3}));
        }) == "ValueError: multi_margin_loss: label 3 at position 1 is not in [0, 3)");
  CHECK(error_of([&] { multi_margin_loss(x, from_values({0})); }) ==
        "ShapeError: multi_margin_loss: scores of shape (2, 3) and labels of shape (1,)");
  CHECK(usable(x));
}

TEST_CASE("kl_divergence: one loss for each sample, so that the mean is over samples") {
  // p = (1/2, 1/2), q = (1/4, 3/4), and p = q.
  const auto p = from_values({{0.5, 0.5}, {0.25, 0.75}});
  const auto log_q = log(from_values({{0.25, 0.75}, {0.25, 0.75}}));
  const double expected = 0.5 * std::log(2.0) + 0.5 * std::log(2 / 3.0);
  const auto f = [&]<Reduction r>(ReducedBy<r>) { return kl_divergence<r>(log_q, p); };
  CHECK(loss_reduces(f, {expected, 0}));
  const auto stacked = [&]<Reduction r>(ReducedBy<r>) {
    return kl_divergence<r>(reshape(log_q, {1, 2, 2}), reshape(p, {1, 2, 2}));
  };
  CHECK(loss_reduces(stacked, {expected}));
}

TEST_CASE("kl_divergence: where the target is 0 nothing is counted, even at minus infinity") {
  const double inf = std::numeric_limits<double>::infinity();
  const auto p = variable(from_values({{0.0, 1.0, 0.0}}));
  const auto log_q = variable(from_values({{-inf, -0.5, -1.0}}));
  const auto loss = kl_divergence(log_q, p);
  CHECK(is(loss, {}, {0.5}));
  const auto [gq, gp] = grad(loss, std::tie(log_q, p), {.create_graph = true});
  CHECK(is(gq, {1, 3}, {0, -1, 0}));
  CHECK(is(gp, {1, 3}, {0, 1.5, 0}));
  loss.backward();
  CHECK(is(log_q.grad(), {1, 3}, {0, -1, 0}));
  CHECK(is(p.grad(), {1, 3}, {0, 1.5, 0}));
  CHECK(is(kl_divergence(log_q, from_values({{1.0, 0.0, 0.0}})), {}, {inf}));
  const double nan = std::nan("");
  CHECK(is(kl_divergence(log_q, from_values({{0.0, nan, 0.0}})), {}, {nan}));
  CHECK(is(kl_divergence(log_q, from_values({{0.0, -0.5, 1.5}})), {}, {nan}));
}

TEST_CASE("kl_divergence: derivatives of both operands") {
  const auto f = [](auto a, auto b) { return kl_divergence(a, b); };
  const auto each = [](auto a, auto b) { return kl_divergence<Reduction::none>(a, b); };
  CHECK(derivatives_agree(each, numbers({3, 4}), numbers({3, 4}, 0.1, 1, 3)));
  CHECK(derivatives_agree(f, numbers({1, 1}), numbers({1, 1}, 0.1, 1, 3)));
  CHECK(derivatives_agree(f, numbers({2, 1, 3}), numbers({2, 1, 3}, 0.1, 1, 3)));
}

TEST_CASE("dice_loss: is 0 for a mask predicted exactly and near 1 without overlap") {
  const auto mask = from_values({{1.0, 0.0, 1.0, 1.0}, {0.0, 1.0, 0.0, 0.0}});
  const auto f = [&]<Reduction r>(ReducedBy<r>) { return dice_loss<r>(mask, mask); };
  CHECK(loss_reduces(f, {0, 0}));
  const auto x = from_values({{0.0, 1.0, 0.0, 0.0}, {0.0, 0.5, 0.5, 1.0}});
  const auto g = [&]<Reduction r>(ReducedBy<r>) { return dice_loss<r>(x, mask); };
  CHECK(loss_reduces(g, {1 - 1 / 5.0, 1 - 2 / 4.0}));
  const auto bare = [&]<Reduction r>(ReducedBy<r>) { return dice_loss<r>(x, mask, {.smooth = 0}); };
  CHECK(loss_reduces(bare, {1, 1 - 1 / 3.0}));
  CHECK(is(dice_loss(zeros<double>({1, 2, 3}), zeros<double>({1, 2, 3})), {}, {0}));
}

TEST_CASE("dice_loss: derivatives of both operands, and a negative smooth is refused") {
  const auto f = [](auto a, auto b) { return dice_loss<Reduction::none>(a, b); };
  CHECK(derivatives_agree(f, numbers({3, 4}, 0, 1), numbers({3, 4}, 0, 1, 3)));
  CHECK(derivatives_agree(f, numbers({1, 1}, 0, 1), numbers({1, 1}, 0, 1, 3)));
  CHECK(derivatives_agree(f, numbers({2, 1, 3}, 0, 1), numbers({2, 1, 3}, 0, 1, 3)));
  const auto x = variable(numbers({2, 3}, 0, 1));
  CHECK(error_of([&] { dice_loss(x, x, {.smooth = -1}); }) ==
        "ValueError: dice_loss: smooth -1 is negative");
  CHECK(usable(x));
}

TEST_CASE("losses: the mean of no losses is not a number, and their sum is 0") {
  const auto none = zeros<double>({0, 3});
  CHECK(is(l1_loss(none, none), {}, {std::nan("")}));
  CHECK(is(huber_loss<Reduction::sum>(none, none), {}, {0}));
  CHECK(is(kl_divergence<Reduction::none>(none, none), {0}, {}));
  CHECK(is(dice_loss<Reduction::sum>(none, none), {}, {0}));
}

TEST_CASE("losses: in float, the options in double") {
  const auto x = from_values({{0.5f, 0.25f}}), y = from_values({{1.0f, 0.0f}});
  CHECK(is(huber_loss(x, y, {.delta = 0.25}), {}, {(0.25 * 0.375 + 0.25 * 0.125) / 2}));
  CHECK(is(smooth_l1_loss(x, y, {.beta = 0.5}), {}, {(0.25 + 0.0625) / 2}));
  CHECK(is(hinge_loss(x, 2 * y - 1, {.margin = 0.25}), {}, {0.25}));
  CHECK(is(multi_margin_loss(x, from_values({1}), {.margin = 0.5}), {}, {0.375}));
  CHECK(is(kl_divergence(x, y), {}, {-0.5}));
  CHECK(is(dice_loss(x, y, {.smooth = 0.25}), {}, {1 - 1.25 / 2}));
}

TEST_CASE("losses: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = variable(numbers({300, 400}, -1, 0)), y = variable(numbers({300, 400}, 0, 1, 3));
  std::vector<double> values, gradients;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    x.clear_grad();
    const auto loss = huber_loss(x, y, {.delta = 0.5}) + kl_divergence(x, y) + dice_loss(x, y);
    loss.backward();
    if (values.empty()) values = flat(loss.data()), gradients = flat(x.grad());
    CHECK(flat(loss.data()) == values);
    CHECK(flat(x.grad()) == gradients);
  }
}

TEST_CASE("losses: refuse targets of another shape, which would broadcast unseen") {
  const auto x = variable(numbers({3, 1})), y = variable(numbers({1, 3}));
  const std::string shapes = ": predictions of shape (3, 1) and targets of shape (1, 3)";
  CHECK(error_of([&] { mean_squared_error(x, y); }) == "ShapeError: mean_squared_error" + shapes);
  CHECK(error_of([&] { binary_cross_entropy_with_logits(x, y); }) ==
        "ShapeError: binary_cross_entropy_with_logits" + shapes);
  CHECK(error_of([&] { l1_loss(x, y); }) == "ShapeError: l1_loss" + shapes);
  CHECK(error_of([&] { huber_loss(x, y); }) == "ShapeError: huber_loss" + shapes);
  CHECK(error_of([&] { smooth_l1_loss(x, y); }) == "ShapeError: smooth_l1_loss" + shapes);
  CHECK(error_of([&] { hinge_loss(x, y.data()); }) == "ShapeError: hinge_loss" + shapes);
  CHECK(error_of([&] { kl_divergence(x, y); }) == "ShapeError: kl_divergence" + shapes);
  CHECK(error_of([&] { dice_loss(x, y); }) == "ShapeError: dice_loss" + shapes);
  CHECK(usable(x));
  CHECK(usable(y));
}

TEST_CASE("hinge_loss and multi_margin_loss: a margin that is not finite is refused") {
  const auto x = variable(numbers({2, 3}));
  for (double bad : {static_cast<double>(INFINITY), std::nan("")}) {
    const std::string words = text("_loss: margin ", bad, " is not finite");
    CHECK(error_of([&] {
            hinge_loss(x, ones<double>({2, 3}), {.margin = bad});
          }) == "ValueError: hinge" + words);
    CHECK(error_of([&] {
            multi_margin_loss(x, from_values({0, 1}), {.margin = bad});
          }) == "ValueError: multi_margin" + words);
  }
  CHECK(usable(x));
}

}  // namespace tinydl_test
