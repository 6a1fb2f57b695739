// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tinydl/train/picture.hpp>
#include <tinydl/train/series.hpp>

namespace tinydl {

/// What a training run leaves, for plot_training().
struct TrainingCurves {
  std::vector<double> step_loss = {};            ///< training loss of every step
  Index steps_per_epoch = 0;                     ///< 0: the picture counts steps, not epochs
  std::vector<double> validation_loss = {};      ///< after each epoch; may be empty
  std::vector<double> validation_accuracy = {};  ///< the same, from 0 to 1
  Index best_epoch = 0;  ///< from 1; 0: that of the highest accuracy, else of the lowest loss
  Index window = 0;      ///< steps of the moving average; 0: a thirtieth of all
};

namespace detail {

/// From 1; 0 if no number is finite. The first of equal ones.
inline Index best_epoch(const TrainingCurves& curves) {
  if (curves.best_epoch > 0) return curves.best_epoch;
  const bool accuracy = !curves.validation_accuracy.empty();
  const auto& values = accuracy ? curves.validation_accuracy : curves.validation_loss;
  Index best = 0;
  double best_value = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = accuracy ? values[i] : -values[i];
    if (!std::isfinite(value) || (best > 0 && value <= best_value)) continue;
    best = static_cast<Index>(i) + 1;
    best_value = value;
  }
  return best;
}

/// How far the marks of an axis lie apart, if it is to have at most so many.
inline double tics(double length, int at_most) {
  double ten = std::pow(10, std::floor(std::log10(length / at_most)));
  for (;; ten *= 10)
    for (const double step : {ten, 2 * ten, 5 * ten})
      if (length <= step * at_most) return step;
}

inline void check_curves(const TrainingCurves& curves) {
  if (curves.step_loss.empty())
    throw ValueError("plot_training: step_loss is empty: there is nothing to draw");
  const std::size_t losses = curves.validation_loss.size();
  const std::size_t accuracies = curves.validation_accuracy.size(),
                    epochs = std::max(losses, accuracies);
  if (losses > 0 && accuracies > 0 && losses != accuracies)
    throw ValueError(text("plot_training: validation losses of ", losses,
                          " epochs and accuracies of ", accuracies));
  if (curves.steps_per_epoch < 0 || (epochs > 0 && curves.steps_per_epoch == 0))
    throw ValueError(text("plot_training: steps_per_epoch is ", curves.steps_per_epoch));
  if (curves.best_epoch < 0 || curves.best_epoch > static_cast<Index>(epochs))
    throw ValueError(
        text("plot_training: best_epoch is ", curves.best_epoch, " of ", epochs, " epochs"));
}

/// The picture of plot_training(): a panel for the loss, below it one for the accuracy if there is
/// one, with the same horizontal axis.
class TrainingPicture {
 public:
  TrainingPicture(const std::filesystem::path& path, const TrainingCurves& curves)
      : curves_(curves),
        accuracy_(!curves.validation_accuracy.empty()),
        judged_(accuracy_ ? curves.validation_accuracy : curves.validation_loss),
        steps_(static_cast<Index>(curves.step_loss.size())),
        unit_(curves.steps_per_epoch > 0 ? static_cast<double>(curves.steps_per_epoch) : 1),
        length_(std::max(static_cast<double>(steps_) / unit_, static_cast<double>(judged_.size()))),
        picture_(path, 800, accuracy_ ? 560 : 420) {
    if (accuracy_) picture_.line("set multiplot");
    picture_.line("set tmargin at screen " + std::string(accuracy_ ? "0.93" : "0.86") +
                  "; set bmargin at screen " + (accuracy_ ? "0.47" : "0.16"));
    horizontal_axis();
    loss_panel();
    if (accuracy_) {
      picture_.line("unset label; unset arrow; unset logscale y; set format xy '%g'");
      picture_.line("set tmargin at screen 0.38; set bmargin at screen 0.12");
      accuracy_panel();
      picture_.line("unset multiplot");
    }
  }

  bool draw() const { return picture_.draw(); }

 private:
  void horizontal_axis() {
    const bool whole = curves_.steps_per_epoch == 0 || length_ >= 3;
    picture_.line("set xrange [0:" + Picture::number(1.01 * length_) + "]; set xtics " +
                  Picture::number(whole ? std::max(1.0, tics(length_, 15)) : tics(length_, 10)));
  }

  void loss_panel() {
    const Index window = curves_.window > 0 ? curves_.window : 1 + steps_ / 30;
    Range of_means, of_all;
    std::vector<std::vector<double>> step_rows, mean_rows;
    const auto x = [this](std::size_t step) { return static_cast<double>(step + 1) / unit_; };
    for (const std::size_t i : extreme_positions(curves_.step_loss, 1000))
      step_rows.push_back({x(i), curves_.step_loss[i]});
    for (const std::size_t i : spread_positions(curves_.step_loss.size(), 500)) {
      mean_rows.push_back({x(i), moving_average(curves_.step_loss, i, window)});
      of_means.include(mean_rows.back()[1]);
    }
    of_means.include(curves_.validation_loss);
    of_all.include(curves_.step_loss);
    of_all.include(curves_.validation_loss);
    loss_axis(of_all, of_all.low > 0 && of_means.high > 50 * of_means.low);

    const std::string steps_look = "lw 1 lc rgb pale", means_look = "lw 2 lc rgb blue";
    const std::string mean = text("mean of ", window, window == 1 ? " step" : " steps");
    picture_.legend(80, 18, steps_look, "training step");
    picture_.legend(250, 18, means_look, mean);
    if (!judged_.empty())
      picture_.legend(310 + 9 * static_cast<double>(mean.size()), 18, epochs_look_, "validation");
    mark_best_epoch(!accuracy_);
    picture_.line(accuracy_ ? "set format x ''" : x_label());
    std::string plot = "plot " + picture_.table(step_rows) + " with ";
    plot += (steps_ > 1 ? "lines " : "points pt 7 ") + steps_look;
    plot += ", " + picture_.table(mean_rows) + " with lines " + means_look;
    if (!curves_.validation_loss.empty()) plot += ", " + epochs(curves_.validation_loss, 1);
    picture_.line(plot);
  }

  void loss_axis(Range range, bool logarithmic) {
    const double largest = std::max(std::abs(range.low), std::abs(range.high));
    const bool many_digits = !range.empty() && !logarithmic && (largest >= 1e5 || largest < 1e-3);
    picture_.line("set lmargin at screen " + std::string(many_digits ? "0.19" : "0.12") +
                  "; set rmargin at screen 0.97");
    if (range.empty())
      picture_.line("set label 'no loss is a finite number' at graph 0.5, 0.5 center tc rgb ink");
    if (many_digits) picture_.line("set format y '%.6g'");
    if (logarithmic) picture_.line("set logscale y");
    if (logarithmic && (range.low < 1e-3 || range.high >= 1e5))
      picture_.line("set format y '10^{%L}'");
    range = logarithmic ? Range{range.low / 1.2, range.high * 1.2} : range.padded();
    vertical_axis(logarithmic ? "loss (log scale)" : "loss", range);
  }

  void accuracy_panel() {
    Range percent;
    for (const double value : judged_) percent.include(100 * value);
    percent = percent.padded(0.1);
    percent = {std::max(percent.low, -2.0), std::min(percent.high, 102.0)};
    vertical_axis("accuracy (%)", percent);
    picture_.line("set ytics " + Picture::number(tics(percent.high - percent.low, 5)));
    picture_.line(x_label());
    mark_best_epoch(true);
    picture_.line("plot " + epochs(judged_, 100));
  }

  void vertical_axis(const std::string& name, Range range) {
    picture_.line("set label '" + name + "' at screen 0.025, graph 0.5 center rotate tc rgb ink");
    picture_.line("set yrange [" + Picture::number(range.low) + ':' + Picture::number(range.high) +
                  ']');
  }

  /// A line through the panel and, if there is to be one, a name above it.
  void mark_best_epoch(bool named) {
    const Index best = best_epoch(curves_);
    if (best == 0) return;
    const std::string at = std::to_string(best);
    picture_.line("set arrow from first " + at + ", graph 0 to first " + at +
                  ", graph 1 nohead back dashtype 2 lc rgb ink");
    if (!named) return;
    const double value = judged_[static_cast<std::size_t>(best - 1)];
    const double share = static_cast<double>(best) / length_;
    picture_.line("set label sprintf('best: epoch " + at +
                  (accuracy_ ? ", %.2f %%', " : ", %.4g', ") +
                  Picture::number(accuracy_ ? 100 * value : value) + ") at first " + at +
                  ", graph 1.06 tc rgb ink " +
                  (share > 0.8   ? "right"
                   : share < 0.2 ? "left"
                                 : "center"));
  }

  /// What plots the value of every epoch.
  std::string epochs(std::span<const double> values, double scale) {
    std::vector<std::vector<double>> rows;
    for (std::size_t i = 0; i < values.size(); ++i)
      rows.push_back({static_cast<double>(i + 1), scale * values[i]});
    const char* const style = rows.size() > 100 ? " with lines " : " with linespoints pt 7 ps 0.6 ";
    return picture_.table(rows) + style + epochs_look_;
  }

  const char* x_label() const {
    return curves_.steps_per_epoch > 0 ? "set xlabel 'epoch'" : "set xlabel 'step'";
  }

  static constexpr const char* epochs_look_ = "lw 1.5 lc rgb red";

  const TrainingCurves& curves_;
  bool accuracy_;
  const std::vector<double>& judged_;  // by which the best epoch is found
  Index steps_;
  double unit_, length_;  // steps of one unit of the horizontal axis, and how many units it has
  Picture picture_;
};

}  // namespace detail

/// Draws the training loss of every step (pale) and its moving average, and the validation loss
/// and accuracy after every epoch, with the best epoch marked. The loss axis is logarithmic where
/// the loss falls by more than a factor of 50.
/// @returns whether a picture was made, see Picture::draw()
/// @throws ValueError for curves without a step or of lengths that do not fit
inline bool plot_training(const std::filesystem::path& path, const TrainingCurves& curves) {
  detail::check_curves(curves);
  return detail::TrainingPicture(path, curves).draw();
}

}  // namespace tinydl
