// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <tinydl/core/mode.hpp>
#include <tinydl/functions/accuracy.hpp>
#include <tinydl/optim/clip.hpp>
#include <tinydl/train/run.hpp>

namespace tinydl {

namespace detail {

/// Scores (N, C) and class labels (N): there is an accuracy.
template <class Y, class Target>
concept Classified = Operand<Y> && is_tensor<Target> && Y::rank == 2 && Target::rank == 1 &&
                     std::integral<typename Target::Scalar>;

}  // namespace detail

/// The usual loop, for those who do not want to write it: epochs of steps, validation after each,
/// a History, a line of progress, callbacks. `model` is any Layer, `optimizer` any Optimizer,
/// `loss(model(x), t)` the mean over a batch; a loader is a range of batches (x, t), such as a
/// DataLoader.
///
///     Trainer trainer(model, optimizer,
///                     [](const auto& y, const auto& t) { return softmax_cross_entropy(y, t); },
///                     {.epochs = 10, .clip_norm = 1});
///     EarlyStopping early(3);
///     trainer.add(early);
///     trainer.fit(train_loader, validation_loader);
///     trainer.history().epochs.column("validation_loss");
///
/// Where x maps to scores (N, C) and t are class labels (N), the accuracy is measured as well.
///
/// A step is made whole or not at all; stop() and signals (see Interrupt) end the run between two.
/// Its state() can be saved at any of these points, by a callback or after fit(), together with the
/// model's, the optimiser's and the generators'. Another process that sets them all goes on as if
/// nothing had happened: epoch k is the loader's epoch k, and the batches that are done are passed
/// over.
///
///     trainer.after_step([&](Run& run) { if (run.position().step % 500 == 0) save(); });
template <class Model, class Optim, class Loss>
class Trainer final : public Run {
 public:
  /// The model and the optimiser must outlive the Trainer.
  /// @throws ValueError for an option out of range.
  Trainer(Model& model, Optim& optimizer, Loss loss, TrainerOptions options = {})
      : Run(std::move(options)),
        model_(model),
        optimizer_(optimizer),
        loss_(std::move(loss)),
        parameters_(model.parameters()) {}

  /// Trains until all epochs are done, or the run is ended before. The model is left in eval mode.
  /// @throws FileError if the history cannot be written, and what model and loss throw.
  template <class Loader>
  Outcome fit(Loader& loader) {
    return run(loader, [] { return std::optional<Score>(); });
  }

  /// The same, with a validation after each epoch.
  template <class Loader, class Validation>
  requires requires(Validation& loader) { loader.begin(); }
  Outcome fit(Loader& loader, Validation& validation) {
    return run(loader, [&] { return std::optional<Score>(evaluate(validation)); });
  }

  /// The model's score on all that the loader has, in eval mode, with the batches of epoch 0.
  /// The mode is then as it was.
  template <class Loader>
  Score evaluate(Loader& loader) const {
    const NoGrad no_grad;
    const bool training = model_.training();
    model_.eval();
    Score score;
    for (auto batch = begin_at(loader, 0, 0); batch != loader.end(); ++batch)
      score += apply(*batch, [](const auto&, Index) {});
    model_.train(training);
    return score;
  }

  double lr() const override { return optimizer_.lr(); }
  void set_lr(double lr) override { optimizer_.set_lr(lr); }

 private:
  using T = typename std::remove_const_t<Model>::Scalar;

  template <class Loader, class Validate>
  Outcome run(Loader& loader, Validate validate) {
    begin_run();
    while (goes_on()) {
      begin_epoch_of(loader);
      if (!train(loader)) {
        break_epoch();
        break;
      }
      begin_validation();
      end_epoch(validate());
    }
    model_.eval();
    return end_run();
  }

  /// The rest of the epoch; false if the run ended before it did.
  template <class Loader>
  bool train(Loader& loader) {
    model_.train();
    auto batch = begin_at(loader, position().epoch, position().batch);
    const auto end = loader.end();
    while (batch != end) {
      if (halts()) return false;
      step(batch, end);
    }
    return !halts();
  }

  template <class Iterator, class End>
  void step(Iterator& batch, const End& end) {
    optimizer_.clear_grads();
    Score score;
    Index batches = 0;
    for (; batches < options().accumulate && batch != end; ++batches, ++batch)
      score += apply(*batch, [&](const auto& loss, Index examples) {
        if (options().accumulate == 1)
          loss.backward();
        else  // the gradient of the sum over examples
          loss.backward(Tensor<T, 0>(static_cast<T>(examples)));
      });
    if (options().accumulate > 1) divide_gradients(score.examples);
    begin_step();
    std::optional<double> norm;
    if (options().clip_norm) norm = clip_grad_norm(parameters_, *options().clip_norm);
    if (options().clip_value) clip_grad_value(parameters_, *options().clip_value);
    optimizer_.step();
    end_step(batches, score, norm);
  }

  /// The score of one batch, whose loss `use` is given.
  template <class Batch, class Use>
  Score apply(const Batch& batch, Use use) const {
    const auto& [x, t] = batch;
    const auto y = model_(x);
    const auto loss = loss_(y, t);
    const Index examples = x.shape()[0];
    use(loss, examples);
    Score score{static_cast<double>(loss.item()) * static_cast<double>(examples), examples, 0, 0};
    if constexpr (detail::Classified<std::remove_cvref_t<decltype(y)>,
                                     std::remove_cvref_t<decltype(t)>>) {
      score.classified = examples;
      score.correct = count_correct(y, t);
    }
    return score;
  }

  /// A loop over the rest of an epoch, whatever the loader did before.
  template <class Loader>
  static auto begin_at(Loader& loader, Index epoch, Index batch) {
    if constexpr (requires { loader.set_position({epoch, batch}); }) {
      loader.set_position({epoch, batch});
      return loader.begin();
    } else {
      auto at = loader.begin();
      for (Index passed = 0; passed < batch; ++passed, ++at)
        if (!(at != loader.end()))
          throw ValueError(
              text("Trainer: ", batch, " batches are done of an epoch that has ", passed));
      return at;
    }
  }

  template <class Loader>
  void begin_epoch_of(const Loader& loader) {
    if constexpr (requires { loader.dataset().size(); })
      begin_epoch(loader.dataset().size(), true);
    else if constexpr (requires { loader.size(); })
      begin_epoch(static_cast<Index>(loader.size()), false);
    else
      begin_epoch(0, false);
  }

  void divide_gradients(Index examples) const {
    for (const auto& parameter : parameters_)
      for (T& g : parameter.mutable_grad_span()) g /= static_cast<T>(examples);
  }

  Model& model_;
  Optim& optimizer_;
  Loss loss_;
  std::vector<AnyVariable<T>> parameters_;
};

}  // namespace tinydl
