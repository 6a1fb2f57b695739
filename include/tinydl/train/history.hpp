// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <system_error>

#include <tinydl/train/record.hpp>

namespace tinydl {

struct HistoryOptions {
  Index step = 0;   ///< keep what is recorded up to this step: what was done when it was saved
  Index epoch = 0;  ///< and up to this epoch
};

/// What happened in a run: a row for every step and one for every epoch, each counted from 1. With
/// a folder they are written there as they come, as steps.csv, epochs.csv and the same as .jsonl.
/// These files depend on nothing but the run: with one seed they are the same to the last byte.
/// What takes another time on every machine is apart, in times.csv and times.jsonl.
///
///     History history("run");                               // begins anew
///     History history("run", {.step = 1200, .epoch = 2});   // cuts off what came after
struct History {
  /// In memory alone.
  History() = default;

  /// Makes the folder if it is not there.
  /// @throws FileError if it cannot be written, or does not reach to the step and epoch given.
  explicit History(const std::filesystem::path& folder, HistoryOptions options = {})
      : steps(made(folder) / "steps", options.step),
        epochs(folder / "epochs", options.epoch),
        times(folder / "times", options.epoch) {}

  Record steps;   ///< step, epoch, loss, learning_rate, ...
  Record epochs;  ///< epoch, step, learning_rate, train_loss, ..., validation_loss, ...
  Record times;   ///< epoch, training_seconds, validation_seconds

 private:
  static const std::filesystem::path& made(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!std::filesystem::is_directory(folder))
      throw detail::file_error(folder, "is no folder, and cannot be made one");
    return folder;
  }
};

}  // namespace tinydl
