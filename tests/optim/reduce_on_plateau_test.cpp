// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/optim/reduce_on_plateau.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

namespace {

using tinydl::PlateauMode;
using tinydl::ThresholdMode;
using PlateauOptions = tinydl::ReduceOnPlateauOptions;

/// The rate after each metric, as powers of 1/2: 0 stands for 1, 3 for 1/8.
std::vector<int> plateau_halvings(PlateauOptions options, const std::vector<double>& metrics) {
  options.factor = 0.5;
  tinydl::ReduceOnPlateau plateau(1, options);
  std::vector<int> halvings;
  for (double metric : metrics) {
    const double lr = plateau(metric);
    CHECK(lr == plateau.lr());
    halvings.push_back(static_cast<int>(std::lround(-std::log2(lr))));
  }
  return halvings;
}

using Halvings = std::vector<int>;

}  // namespace

TEST_CASE("reduce_on_plateau: reduces after `patience` metrics and one that are no better") {
  CHECK(plateau_halvings({.patience = 2}, {5, 5, 5, 5, 5, 5, 5}) == Halvings{0, 0, 0, 1, 1, 1, 2});
  CHECK(plateau_halvings({.patience = 0}, {5, 4, 4, 4, 3}) == Halvings{0, 0, 1, 2, 2});
}

TEST_CASE("reduce_on_plateau: a better metric begins the count anew") {
  CHECK(plateau_halvings({.patience = 1}, {5, 6, 4, 6, 3, 6, 6}) == Halvings{0, 0, 0, 0, 0, 0, 1});
}

TEST_CASE("reduce_on_plateau: better is less than the best, not than the last") {
  CHECK(plateau_halvings({.patience = 1}, {5, 9, 8, 7, 6}) == Halvings{0, 0, 1, 1, 2});
}

TEST_CASE("reduce_on_plateau: by default the lr falls to a tenth after 11 bad metrics") {
  tinydl::ReduceOnPlateau plateau(0.5);
  for (int i = 0; i < 11; ++i) CHECK(plateau(1) == 0.5);
  CHECK(plateau(1) == doctest::Approx(0.05));
  CHECK(plateau.best() == 1);
}

TEST_CASE("reduce_on_plateau: for a score, more is better") {
  CHECK(plateau_halvings({.mode = PlateauMode::max, .patience = 0}, {-5, -4, -4, 3, 2}) ==
        Halvings{0, 0, 1, 1, 2});
}

TEST_CASE("reduce_on_plateau: the threshold is a share of the best, or a difference") {
  const PlateauOptions share{.patience = 0, .threshold = 0.125};
  CHECK(plateau_halvings(share, {8, 7.5, 7, 6.75}) == Halvings{0, 1, 2, 2});
  const PlateauOptions difference{
      .patience = 0, .threshold = 0.5, .threshold_mode = ThresholdMode::absolute};
  CHECK(plateau_halvings(difference, {8, 7.5, 7.25}) == Halvings{0, 1, 1});
  PlateauOptions score = share;
  score.mode = PlateauMode::max;
  CHECK(plateau_halvings(score, {8, 9, 9.25}) == Halvings{0, 1, 1});
  PlateauOptions score_difference = difference;
  score_difference.mode = PlateauMode::max;
  CHECK(plateau_halvings(score_difference, {8, 8.5, 8.75}) == Halvings{0, 1, 1});
}

TEST_CASE("reduce_on_plateau: after a reduction, `cooldown` metrics do not count as bad") {
  CHECK(plateau_halvings({.patience = 0, .cooldown = 2}, {5, 5, 5, 5, 5, 5, 5, 5}) ==
        Halvings{0, 1, 1, 1, 2, 2, 2, 3});
}

TEST_CASE("reduce_on_plateau: the rate does not fall below min_lr, nor by less than eps") {
  tinydl::ReduceOnPlateau plateau(1, {.factor = 0.1, .patience = 0, .min_lr = 0.05});
  plateau(1);
  CHECK(plateau(1) == doctest::Approx(0.1));
  CHECK(plateau(1) == 0.05);
  CHECK(plateau(1) == 0.05);
  tinydl::ReduceOnPlateau still(1, {.factor = 0.9, .patience = 0, .eps = 0.2});
  still(1);
  CHECK(still(1) == 1);
}

TEST_CASE("reduce_on_plateau: a metric that is not a number, or infinite, is no better") {
  const double nan = std::nan("");
  CHECK(plateau_halvings({.patience = 0}, {nan, INFINITY, 5, nan, 4}) == Halvings{1, 2, 2, 3, 3});
  CHECK(plateau_halvings({.mode = PlateauMode::max, .patience = 0}, {-INFINITY, 5}) ==
        Halvings{1, 1});
}

TEST_CASE("reduce_on_plateau: options out of range are refused") {
  using tinydl::ReduceOnPlateau;
  using tinydl::ValueError;
  CHECK_THROWS_WITH_AS(ReduceOnPlateau(1, {.factor = 1}),
                       "ReduceOnPlateau: factor 1 is not in [0, 1)", ValueError);
  CHECK_THROWS_AS(ReduceOnPlateau(1, {.factor = std::nan("")}), ValueError);
  CHECK_THROWS_WITH_AS(ReduceOnPlateau(1, {.patience = -1}),
                       "ReduceOnPlateau: patience -1 is negative", ValueError);
  CHECK_THROWS_WITH_AS(ReduceOnPlateau(1, {.threshold = -0.5}),
                       "ReduceOnPlateau: threshold -0.5 is not in [0, inf)", ValueError);
  CHECK_THROWS_WITH_AS(ReduceOnPlateau(1, {.cooldown = -2}),
                       "ReduceOnPlateau: cooldown -2 is negative", ValueError);
  for (double bad : {-1.0, static_cast<double>(INFINITY), std::nan("")}) {
    const auto words = [=](const char* option) {
      return tinydl::text("ReduceOnPlateau: ", option, " ", bad, " is not in [0, inf)");
    };
    CHECK_THROWS_WITH_AS(ReduceOnPlateau{bad}, words("lr").c_str(), ValueError);
    CHECK_THROWS_WITH_AS(ReduceOnPlateau(1, {.threshold = bad}), words("threshold").c_str(),
                         ValueError);
    CHECK_THROWS_WITH_AS(ReduceOnPlateau(1, {.min_lr = bad}), words("min_lr").c_str(), ValueError);
    CHECK_THROWS_WITH_AS(ReduceOnPlateau(1, {.eps = bad}), words("eps").c_str(), ValueError);
  }
}

TEST_CASE("ReduceOnPlateau: with the state of another it goes on as that one") {
  const tinydl::ReduceOnPlateauOptions options{.factor = 0.5, .patience = 1, .cooldown = 2};
  const std::vector<double> metrics = {3, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1};
  for (std::size_t cut = 0; cut < metrics.size(); ++cut) {
    tinydl::ReduceOnPlateau first(0.1, options), second(7, options);
    for (std::size_t i = 0; i < cut; ++i) first(metrics[i]);
    second.set_state(first.state());
    CHECK(second.lr() == first.lr());
    CHECK(second.best() == first.best());
    for (std::size_t i = cut; i < metrics.size(); ++i)
      CHECK(second(metrics[i]) == first(metrics[i]));
  }
}

TEST_CASE("ReduceOnPlateau: half a state is refused, and nothing is changed") {
  tinydl::ReduceOnPlateau lr(0.1);
  tinydl::State half;
  half.set("lr", 5.0);
  half.set("best", 6.0);
  CHECK_THROWS_WITH_AS(lr.set_state(half), "state: there is no 'bad'", tinydl::ValueError);
  CHECK(lr.lr() == 0.1);
  CHECK(std::isinf(lr.best()));
}
