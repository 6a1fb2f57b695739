// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/record.hpp>

#include <bit>
#include <cmath>
#include <limits>

#include "train/check.hpp"

namespace tinydl_test {

using tinydl::FileError;
using tinydl::Record;
using tinydl::ValueError;

TEST_CASE("record: rows are there by column, and in both files as soon as they are added") {
  const RunFolder folder;
  Record record(folder.path / "steps");
  record.add({{"step", 1}, {"loss", 2.5}});
  CHECK(folder.read("steps.csv") == "step,loss\n1,2.5\n");
  CHECK(folder.read("steps.jsonl") == "{\"step\": 1, \"loss\": 2.5}\n");
  record.add({{"step", 2}, {"loss", -0.125}});
  CHECK(folder.read("steps.csv") == "step,loss\n1,2.5\n2,-0.125\n");
  CHECK(folder.read("steps.jsonl") ==
        "{\"step\": 1, \"loss\": 2.5}\n{\"step\": 2, \"loss\": -0.125}\n");
  CHECK(record.size() == 2);
  CHECK(record.columns() == std::vector<std::string>{"step", "loss"});
  CHECK(record.column("loss") == std::vector<double>{2.5, -0.125});
  CHECK(record.at(1, "step") == 2);
  CHECK(record.has("loss"));
  CHECK_FALSE(record.has("accuracy"));
}

TEST_CASE("record: every number reads back from the file as the same bits") {
  using Limits = std::numeric_limits<double>;
  const std::vector<double> numbers = {0,
                                       -0.0,
                                       0.1,
                                       1.0 / 3,
                                       1e5,
                                       123456789012345678.0,
                                       5e-324,
                                       Limits::max(),
                                       Limits::lowest(),
                                       static_cast<double>(0.1f),
                                       999999999999999,
                                       1e15,
                                       Limits::infinity(),
                                       -Limits::infinity(),
                                       Limits::quiet_NaN()};
  const RunFolder folder;
  const auto last = static_cast<tinydl::Index>(numbers.size());
  {
    Record record(folder.path / "r");
    for (tinydl::Index i = 0; i < last; ++i)
      record.add({{"i", static_cast<double>(i + 1)}, {"x", numbers[static_cast<std::size_t>(i)]}});
  }
  const std::string csv = folder.read("r.csv"), jsonl = folder.read("r.jsonl");
  const Record record(folder.path / "r", last);
  const auto read = record.column("x");
  REQUIRE(read.size() == numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    CHECK(std::bit_cast<std::uint64_t>(read[i]) == std::bit_cast<std::uint64_t>(numbers[i]));
  CHECK(folder.read("r.csv") == csv);
  CHECK(folder.read("r.jsonl") == jsonl);
  CHECK(csv.find("\n5,100000\n") != csv.npos);
  CHECK(jsonl.find("{\"i\": 13, \"x\": null}\n") != jsonl.npos);
}

TEST_CASE("record: going on cuts off later rows and half a line, and mends the other file") {
  const RunFolder folder;
  const std::string rows = "step,loss\n1,0.5\n2,0.25\n",
                    json = "{\"step\": 1, \"loss\": 0.5}\n{\"step\": 2, \"loss\": 0.25}\n";
  const auto resumed = [&](const std::string& csv, const std::string& jsonl) {
    folder.write("r.csv", csv);
    folder.write("r.jsonl", jsonl);
    Record record(folder.path / "r", 2);
    CHECK(record.column("loss") == std::vector<double>{0.5, 0.25});
    CHECK(folder.read("r.csv") == rows);
    CHECK(folder.read("r.jsonl") == json);
    record.add({{"step", 3}, {"loss", 7}});
    CHECK(folder.read("r.csv") == rows + "3,7\n");
    CHECK(folder.read("r.jsonl") == json + "{\"step\": 3, \"loss\": 7}\n");
  };
  for (const char* tail : {"", "3", "3,0.1", "3,0.1\n", "3,0.1\n4,0.", "3,x\n"})
    resumed(rows + tail, json);
  resumed(rows, "");
  resumed(rows, json + json);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 2);
}

TEST_CASE("record: going on after nothing begins anew") {
  const RunFolder folder;
  folder.write("r.csv", "damaged");
  Record record(folder.path / "r", 0);
  CHECK(record.size() == 0);
  CHECK(folder.read("r.csv").empty());
}

TEST_CASE("record: going on after a row that is not there, or a damaged one, is refused") {
  const RunFolder folder;
  const std::string path = (folder.path / "r.csv").string();
  const auto says = [&](const std::string& csv, tinydl::Index last) {
    folder.write("r.csv", csv);
    const std::string words = run_says<FileError>([&] { Record(folder.path / "r", last); });
    CHECK(folder.read("r.csv") == csv);
    REQUIRE(words.starts_with(path + ": "));
    return words.substr(path.size() + 2);
  };
  CHECK(says("step,loss\n1,0.5\n2,0.", 2) == "has no row for step 2, after which it should go on");
  CHECK(says("step,loss\n1,0.5\n3,0.5\n", 2) ==
        "has no row for step 2, after which it should go on");
  CHECK(says("step,loss", 2) == "has no row for 2, after which it should go on");
  CHECK(says("step,loss\n1,0.5\n2,a\n", 2) == "line 3: 'a' is no number");
  CHECK(says("step,loss\n1,0.5,2\n", 2) == "line 2: 3 values for 2 columns");
  CHECK(says("step,loss\n1,\n", 2) == "line 2: '' is no number");
  std::filesystem::remove(path);
  CHECK(run_says<FileError>([&] { Record(folder.path / "r", 2); }) == path + ": no such file");
}

TEST_CASE("record: other columns than at first are refused, and so are odd names") {
  const RunFolder folder;
  Record record(folder.path / "r");
  for (const char* name : {"", "a,b", "a\"b", "a\\b", "a\nb", "a\x7f"})
    CHECK_THROWS_WITH_AS(record.add({{"step", 1}, {name, 1}}),
                         ("record: '" + std::string(name) + "' cannot name a column").c_str(),
                         ValueError);
  CHECK_THROWS_WITH_AS(record.add({{"a", 1}, {"a", 1}}), "record: two columns 'a'", ValueError);
  record.add({{"step", 1}, {"\u00e9", 1}});
  CHECK_THROWS_WITH_AS(record.add({{"step", 2}}), "record: a row step in a record of step,\u00e9",
                       ValueError);
  CHECK_THROWS_AS(record.add({{"step", 2}, {"e", 1}}), ValueError);
  CHECK_THROWS_AS(record.add({}), ValueError);
  CHECK(record.size() == 1);
  CHECK(folder.read("r.csv") == "step,\u00e9\n1,1\n");
  CHECK_THROWS_WITH_AS(record.column("x"), "record: no column 'x' among step,\u00e9", ValueError);
  CHECK_THROWS_WITH_AS(record.at(1, "step"), "record: no row 1 among 1", ValueError);
}

TEST_CASE("record: without a path it is in memory alone") {
  Record record;
  record.add({{"epoch", 1}});
  CHECK(record.column("epoch") == std::vector<double>{1});
}

TEST_CASE("record: a file that cannot be opened is named at once") {
  const RunFolder folder;
  std::filesystem::create_directory(folder.path / "r.jsonl");
  CHECK(run_says<FileError>([&] { Record(folder.path / "r"); }) ==
        (folder.path / "r.jsonl").string() + ": cannot be written");
}

#if defined(__linux__)
TEST_CASE("record: a full disk is found at the row that does not fit, and names the file") {
  const RunFolder folder;
  for (const char* ending : {".csv", ".jsonl"}) {
    const auto file = folder.path / (std::string("r") + ending);
    std::filesystem::remove(file);
    std::filesystem::create_symlink("/dev/full", file);
    Record record(folder.path / "r");
    CHECK(run_says<FileError>([&] {
            record.add({{"step", 1}});
          }) == file.string() + ": cannot be written: is the disk full?");
    std::filesystem::remove(file);
  }
}
#endif

}  // namespace tinydl_test
