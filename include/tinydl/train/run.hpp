// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinydl/core/state.hpp>
#include <tinydl/optim/schedule.hpp>
#include <tinydl/train/callback.hpp>
#include <tinydl/train/history.hpp>
#include <tinydl/train/interrupt.hpp>
#include <tinydl/train/progress.hpp>

// What a Trainer is apart from the types of the model, the optimiser and the data.

namespace tinydl {

struct TrainerOptions {
  Index epochs = 1;
  /// The learning rate of each step, counted from 0. Without one the optimiser's stays.
  Schedule schedule = {};
  Index accumulate = 1;  ///< batches whose gradients make one step, as one batch of all of them
  std::optional<double> clip_norm = {};   ///< of all gradients together; recorded as grad_norm
  std::optional<double> clip_value = {};  ///< of each element
  std::filesystem::path history = {};     ///< the folder of its files; if none, it is in memory
  bool progress = true;                   ///< a line for each epoch on stdout
};

/// A run as its callbacks see it.
class Run {
 public:
  virtual ~Run() = default;
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  const TrainerOptions& options() const { return options_; }
  const RunPosition& position() const { return position_; }
  /// Opened by fit().
  const History& history() const { return history_; }

  /// A value of the last row recorded: of the step in after_step(), of the epoch in after_epoch().
  /// @throws ValueError if there is none of that name.
  double value(std::string_view name) const {
    for (const auto& [column, value] : row_)
      if (column == name) return value;
    std::string names;
    for (const auto& [column, value] : row_) names += ' ' + column;
    throw ValueError(text("run: no value '", name, "' among", names));
  }

  /// A further value for the row being made. It must come for each row.
  void record(std::string name, double value) { further_.emplace_back(std::move(name), value); }

  /// Ends the run before its next step.
  void stop() { stopped_ = true; }
  /// How the run ended; in end(), and after it.
  Outcome outcome() const { return outcome_; }

  virtual double lr() const = 0;
  virtual void set_lr(double lr) = 0;

  /// Has the callback called. It must outlive the run.
  void add(Callback& callback) { callbacks_.push_back(&callback); }
  /// The same for a function of a Run&: after each step, or each epoch.
  void after_step(std::function<void(Run&)> f) { add_own(&Functions::step, std::move(f)); }
  void after_epoch(std::function<void(Run&)> f) { add_own(&Functions::epoch, std::move(f)); }

  /// The position, and what the callbacks remember. With the model, the optimiser and the random
  /// generators this is all it takes to go on; the history's files stay where they are.
  State state() const {
    State state;
    state.set("epoch", position_.epoch);
    state.set("batch", position_.batch);
    state.set("step", position_.step);
    state.set("loss_sum", position_.score.loss_sum);
    state.set("examples", position_.score.examples);
    state.set("classified", position_.score.classified);
    state.set("correct", position_.score.correct);
    for (std::size_t i = 0; i < callbacks_.size(); ++i)
      state.set(callback_name(i), callbacks_[i]->state());
    return state;
  }

  /// Goes on from there at the next fit(), with the callbacks of then, in the same order. What the
  /// history has of later steps is then cut off.
  /// @throws ValueError if the state is that of a run with other callbacks, or none at all; nothing
  /// is changed then.
  void set_state(const State& state) {
    check_state(state);
    position_ = position_in(state);
    for (std::size_t i = 0; i < callbacks_.size(); ++i)
      callbacks_[i]->set_state(state.part(callback_name(i)));
    history_open_ = false;
  }
  void check_state(const State& state) const {
    position_in(state);
    for (std::size_t i = 0; i < callbacks_.size(); ++i)
      callbacks_[i]->check_state(state.part(callback_name(i)));
    if (!state.part(callback_name(callbacks_.size())).empty())
      throw ValueError(text("Trainer: it has ", callbacks_.size(), " callbacks, the state more"));
  }

 protected:
  explicit Run(TrainerOptions options) : options_(std::move(options)) {
    const auto& o = options_;
    if (o.epochs < 0) throw ValueError(text("Trainer: epochs ", o.epochs, " is negative"));
    if (o.accumulate < 1)
      throw ValueError(text("Trainer: accumulate ", o.accumulate, " is not positive"));
    if (o.clip_norm && !(*o.clip_norm > 0))
      throw ValueError(text("Trainer: clip_norm ", *o.clip_norm, " is not positive"));
    if (o.clip_value && !(*o.clip_value > 0))
      throw ValueError(text("Trainer: clip_value ", *o.clip_value, " is not positive"));
  }

  void begin_run() {
    stopped_ = false;
    further_.clear();
    open_history();
    call(&Callback::begin);
  }
  Outcome end_run() {
    outcome_ = stopped_ ? Outcome::stopped : Outcome::interrupted;
    if (position_.epoch >= options_.epochs) outcome_ = Outcome::finished;
    call(&Callback::end);
    return outcome_;
  }
  bool halts() const { return stopped_ || Interrupt::requested(); }
  bool goes_on() const { return !halts() && position_.epoch < options_.epochs; }

  /// `size`: the examples of an epoch, or its batches where those are not known.
  void begin_epoch(Index size, bool examples) {
    const std::string all = text(options_.epochs), now = text(position_.epoch + 1);
    const std::string gap(all.size() > now.size() ? all.size() - now.size() : 0, ' ');
    counts_examples_ = examples;
    progress_.emplace("epoch " + gap + now + '/' + all, size,
                      ProgressOptions{.done = progress_done()});
    start_ = std::chrono::steady_clock::now();
  }

  /// The gradients are there.
  void begin_step() {
    if (options_.schedule) set_lr(options_.schedule(position_.step));
    call(&Callback::after_backward);
  }

  /// The step is made, from so many batches.
  void end_step(Index batches, const Score& score, std::optional<double> grad_norm) {
    position_.batch += batches;
    ++position_.step;
    position_.score += score;
    begin_row({{"step", number(position_.step)},
               {"epoch", number(position_.epoch + 1)},
               {"loss", score.loss()},
               {"learning_rate", lr()}});
    if (score.has_accuracy()) row_.emplace_back("accuracy", score.accuracy());
    if (grad_norm) row_.emplace_back("grad_norm", *grad_norm);
    end_row(history_.steps);
    if (options_.progress) progress_->update(progress_done(), status());
    call(&Callback::after_step);
  }

  /// All batches of the epoch went by; the validation comes.
  void begin_validation() { training_seconds_ = seconds(); }

  void end_epoch(const std::optional<Score>& validation) {
    const double validation_seconds = seconds() - training_seconds_;
    const Score trained = position_.score;
    std::string words = status();
    ++position_.epoch;
    position_.batch = 0;
    position_.score = {};
    begin_row({{"epoch", number(position_.epoch)},
               {"step", number(position_.step)},
               {"learning_rate", lr()},
               {"train_loss", trained.loss()}});
    if (trained.has_accuracy()) row_.emplace_back("train_accuracy", trained.accuracy());
    if (validation) {
      row_.emplace_back("validation_loss", validation->loss());
      words += "  validation loss " + fixed_text(validation->loss(), 4);
      if (validation->has_accuracy()) {
        row_.emplace_back("validation_accuracy", validation->accuracy());
        words += "  accuracy " + fixed_text(validation->accuracy(), 4);
      }
    }
    call(&Callback::after_validation);
    end_row(history_.epochs);
    history_.times.add({{"epoch", number(position_.epoch)},
                        {"training_seconds", training_seconds_},
                        {"validation_seconds", validation_seconds}});
    if (options_.progress) progress_->finish(words);
    call(&Callback::after_epoch);
  }

  /// The run ends in the middle of an epoch.
  void break_epoch() {
    if (!options_.progress || position_.score.examples == 0) return;
    progress_->finish(status() + text("  ended after step ", position_.step));
  }

 private:
  struct Functions final : Callback {
    std::function<void(Run&)> step, epoch;
    void after_step(Run& run) override {
      if (step) step(run);
    }
    void after_epoch(Run& run) override {
      if (epoch) epoch(run);
    }
  };
  void add_own(std::function<void(Run&)> Functions::*when, std::function<void(Run&)> f) {
    own_.push_back(std::make_unique<Functions>());
    (*own_.back()).*when = std::move(f);
    add(*own_.back());
  }

  void call(void (Callback::*when)(Run&)) {
    for (Callback* callback : callbacks_) (callback->*when)(*this);
  }

  static std::string callback_name(std::size_t i) { return text("callback.", i); }
  static RunPosition position_in(const State& state) {
    return {state.get<Index>("epoch"),
            state.get<Index>("batch"),
            state.get<Index>("step"),
            {state.get<double>("loss_sum"), state.get<Index>("examples"),
             state.get<Index>("classified"), state.get<Index>("correct")}};
  }

  /// Once, and again after set_state().
  void open_history() {
    if (history_open_) return;
    history_ = {};  // closes the files
    if (!options_.history.empty())
      history_ = History(options_.history, {.step = position_.step, .epoch = position_.epoch});
    history_open_ = true;
  }

  static double number(Index i) { return static_cast<double>(i); }

  // Rows are made of their own values and what callbacks add to them.
  void begin_row(NamedValues values) { row_ = std::move(values); }
  void end_row(Record& record) {
    for (auto& value : further_) row_.push_back(std::move(value));
    further_.clear();
    record.add(row_);
  }

  Index progress_done() const {
    return counts_examples_ ? position_.score.examples : position_.batch;
  }
  std::string status() const {
    const Score& score = position_.score;
    return "loss " + fixed_text(score.loss(), 4) +
           (score.has_accuracy() ? "  accuracy " + fixed_text(score.accuracy(), 4) : "");
  }

  /// Since the epoch began, in this process.
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  TrainerOptions options_;
  RunPosition position_;
  History history_;
  bool history_open_ = false;
  std::vector<Callback*> callbacks_;
  std::vector<std::unique_ptr<Functions>> own_;
  NamedValues row_, further_;
  bool stopped_ = false;
  Outcome outcome_ = Outcome::finished;

  std::optional<Progress> progress_;
  bool counts_examples_ = true;
  std::chrono::steady_clock::time_point start_;
  double training_seconds_ = 0;
};

}  // namespace tinydl
