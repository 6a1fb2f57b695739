// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/history.hpp>

#include "train/check.hpp"

namespace tinydl_test {

using tinydl::FileError;
using tinydl::History;

TEST_CASE("history: makes its folder, and begins all files anew") {
  const RunFolder folder;
  const auto path = folder.path / "a" / "b";
  for (int i = 0; i < 2; ++i) {
    History history(path);
    for (const char* name : {"steps", "epochs", "times"})
      for (const char* ending : {".csv", ".jsonl"})
        CHECK(std::filesystem::file_size(path / (std::string(name) + ending)) == 0);
    history.steps.add({{"step", 1}});
    history.epochs.add({{"epoch", 1}});
    history.times.add({{"epoch", 1}});
  }
}

TEST_CASE("history: goes on after a step and an epoch, and drops what came after them") {
  const RunFolder folder;
  {
    History history(folder.path);
    for (double i : {1, 2, 3, 4, 5}) history.steps.add({{"step", i}});
    for (double i : {1, 2}) history.epochs.add({{"epoch", i}});
    for (double i : {1, 2}) history.times.add({{"epoch", i}});
  }
  const History history(folder.path, {.step = 3, .epoch = 1});
  CHECK(history.steps.column("step") == std::vector<double>{1, 2, 3});
  CHECK(history.epochs.column("epoch") == std::vector<double>{1});
  CHECK(history.times.column("epoch") == std::vector<double>{1});
  CHECK(folder.read("steps.csv") == "step\n1\n2\n3\n");
  CHECK(History(folder.path, {.step = 1}).epochs.size() == 0);  // still in the first epoch
  CHECK(run_says<FileError>([&] { History(folder.path, {.step = 2}); }) ==
        (folder.path / "steps.csv").string() +
            ": has no row for step 2, after which it should go on");
}

TEST_CASE("history: a folder that cannot be made is named") {
  const RunFolder folder;
  folder.write("file", "");
  for (const char* name : {"file", "file/run"})
    CHECK(run_says<FileError>([&] { History(folder.path / name); }) ==
          (folder.path / name).string() + ": is no folder, and cannot be made one");
}

TEST_CASE("history: without a folder it is in memory alone") {
  History history;
  history.steps.add({{"step", 1}});
  CHECK(history.steps.size() == 1);
}

}  // namespace tinydl_test
