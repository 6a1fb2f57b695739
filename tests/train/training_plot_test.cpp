// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/training_plot.hpp>

#include <doctest/doctest.h>

#include <train/pictures.hpp>

using namespace tinydl;
using namespace tinydl_test;

namespace {

constexpr double training_nan = std::numeric_limits<double>::quiet_NaN();

/// Draws, and returns the script: whether drawn or not, where there is no gnuplot.
std::string training_script(const TrainingCurves& curves) {
  static const bool here = gnuplot_is_here();
  const PictureFolder folder;
  bool drawn = false;
  const std::string told =
      standard_error_of([&] { drawn = plot_training(folder / "loss", curves); });
  CHECK(drawn == here);
  if (here) CHECK(told == "");
  return picture_bytes(folder / "loss.gnuplot");
}

std::string training_error(const TrainingCurves& curves) {
  const PictureFolder folder;
  try {
    plot_training(folder / "loss", curves);
  } catch (const ValueError& error) {
    CHECK(std::filesystem::is_empty(folder.path));
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("training_plot: steps, their mean, and epochs stand at their places in the data") {
  const PictureFolder folder;
  standard_error_of([&] {
    plot_training(folder / "loss", {.step_loss = {4, 2, 1, 1},
                                    .steps_per_epoch = 2,
                                    .validation_loss = {2, 1.5},
                                    .validation_accuracy = {0.5, 0.75},
                                    .window = 3});
  });
  CHECK(picture_bytes(folder / "loss.dat") ==
        "0.5 4\n1 2\n1.5 1\n2 1\n\n\n"
        "0.5 3\n1 2.3333333333333335\n1.5 1.3333333333333333\n2 1\n\n\n"
        "1 2\n2 1.5\n\n\n"
        "1 50\n2 75\n");
}

TEST_CASE("training_plot: axes have names and units, and the best epoch is marked") {
  const std::string script = training_script({.step_loss = {4, 2, 1, 1, 1, 1},
                                              .steps_per_epoch = 2,
                                              .validation_loss = {2, 1.5, 1},
                                              .validation_accuracy = {0.5, 0.75, 0.7}});
  for (const char* words :
       {"set label 'loss' at", "set label 'accuracy (%)' at", "set xlabel 'epoch'",
        "'best: epoch 2, %.2f %%', 75)", "set arrow from first 2, graph 0 to first 2, graph 1",
        "'training step'", "'mean of 1 step'", "'validation'"})
    CHECK_MESSAGE(has_text(script, words), words);
}

TEST_CASE("training_plot: the best epoch is the first of equal ones, or the one that is given") {
  const auto marked = [](TrainingCurves curves) { return detail::best_epoch(curves); };
  CHECK(marked({.validation_accuracy = {0.5, 0.75, 0.75}}) == 2);
  CHECK(marked({.validation_accuracy = {training_nan, 0.75, 0.8}}) == 3);
  CHECK(marked({.validation_loss = {2, 1, 1}}) == 2);
  CHECK(marked({.validation_loss = {1, 2}, .validation_accuracy = {0, 0.1}}) == 2);
  CHECK(marked({.validation_accuracy = {0.5, 0.75}, .best_epoch = 1}) == 1);
  CHECK(marked({.validation_loss = {training_nan}}) == 0);
  CHECK(marked({}) == 0);
}

TEST_CASE("training_plot: without validation there is one panel, without epochs it counts steps") {
  const std::string script = training_script({.step_loss = {4, 2, 1, 1}});
  CHECK_FALSE(has_text(script, "multiplot"));
  CHECK_FALSE(has_text(script, "validation"));
  CHECK_FALSE(has_text(script, "best"));
  CHECK(has_text(script, "set xlabel 'step'"));
  const std::string losses = training_script(
      {.step_loss = {4, 2, 1, 1}, .steps_per_epoch = 2, .validation_loss = {2, 1.5}});
  CHECK(has_text(losses, "'best: epoch 2, %.4g', 1.5)"));
  CHECK_FALSE(has_text(losses, "accuracy"));
}

TEST_CASE("training_plot: a loss that falls far is drawn on a logarithmic scale") {
  CHECK(has_text(training_script({.step_loss = {4, 0.04}, .window = 1}), "loss (log scale)"));
  CHECK_FALSE(has_text(training_script({.step_loss = {4, 0.1}, .window = 1}), "log scale"));
  CHECK_FALSE(has_text(training_script({.step_loss = {4, 0.04, 0}, .window = 1}), "log scale"));
}

TEST_CASE("training_plot: one step, constant values, nan and infinity are drawn") {
  const double inf = std::numeric_limits<double>::infinity();
  training_script({.step_loss = {2.3}});
  training_script({.step_loss = {2, 2},
                   .steps_per_epoch = 2,
                   .validation_loss = {2},
                   .validation_accuracy = {1}});
  training_script({.step_loss = {0, 0, 0}, .steps_per_epoch = 2, .validation_accuracy = {0}});
  training_script({.step_loss = {2, training_nan, inf, 3},
                   .steps_per_epoch = 2,
                   .validation_loss = {training_nan, 2},
                   .validation_accuracy = {0.1, training_nan}});
  CHECK(has_text(training_script({.step_loss = {training_nan, inf},
                                  .steps_per_epoch = 1,
                                  .validation_loss = {training_nan},
                                  .validation_accuracy = {training_nan}}),
                 "no loss is a finite number"));
}

TEST_CASE(
    "training_plot: numbers of many digits get room, hundreds of epochs a line without points") {
  const std::string wide = "set lmargin at screen 0.19";
  CHECK(has_text(training_script({.step_loss = {123456789, 123456999}}), wide));
  CHECK(has_text(training_script({.step_loss = {1e-5, 2e-5}}), wide));
  CHECK_FALSE(has_text(training_script({.step_loss = {1.5, 2}}), wide));
  const std::vector<double> epochs(101, 0.5);
  CHECK_FALSE(has_text(training_script({.step_loss = std::vector<double>(101, 1.0),
                                        .steps_per_epoch = 1,
                                        .validation_accuracy = epochs}),
                       "linespoints"));
}

TEST_CASE("training_plot: a million steps are drawn with a few thousand points") {
  std::vector<double> losses(1000000, 1.0);
  losses[123456] = 7;
  const PictureFolder folder;
  standard_error_of([&] { plot_training(folder / "x", {.step_loss = losses}); });
  const std::string data = picture_bytes(folder / "x.dat");
  CHECK(occurrences(data, "\n") < 3000);
  CHECK(has_text(data, "123457 7\n"));
}

TEST_CASE("training_plot: axes have as many marks as fit, at round numbers") {
  CHECK(detail::tics(15, 15) == 1);
  CHECK(detail::tics(16, 15) == 2);
  CHECK(detail::tics(60, 15) == 5);
  CHECK(detail::tics(1, 10) == doctest::Approx(0.1));
  CHECK(detail::tics(7, 5) == 2);
  CHECK(detail::tics(1000000, 15) == 100000);
}

TEST_CASE("training_plot: curves that do not fit are refused before anything is written") {
  CHECK(training_error({}) == "plot_training: step_loss is empty: there is nothing to draw");
  CHECK(training_error({.step_loss = {1},
                        .steps_per_epoch = 1,
                        .validation_loss = {1},
                        .validation_accuracy = {1, 1}}) ==
        "plot_training: validation losses of 1 epochs and accuracies of 2");
  CHECK(training_error({.step_loss = {1}, .validation_loss = {1}}) ==
        "plot_training: steps_per_epoch is 0");
  CHECK(training_error({.step_loss = {1}, .steps_per_epoch = -1}) ==
        "plot_training: steps_per_epoch is -1");
  CHECK(training_error(
            {.step_loss = {1}, .steps_per_epoch = 1, .validation_loss = {1}, .best_epoch = 2}) ==
        "plot_training: best_epoch is 2 of 1 epochs");
}
