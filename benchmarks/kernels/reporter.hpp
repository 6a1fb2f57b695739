// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "../training/table.hpp"

namespace benchmarks {

/// A line for each kernel and number of threads, a column for each library: medians of the
/// repetitions, in the benchmark's own unit. A benchmark's name is KERNEL|UNIT|THREADS|LIBRARY, and
/// its counter of the name UNIT is shown, or its time if there is none.
class Table : public benchmark::BenchmarkReporter {
 public:
  explicit Table(std::vector<std::string> libraries) : libraries_(std::move(libraries)) {}

  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      std::vector<std::string> parts{""};
      for (char c : run.run_name.function_name)
        if (c == '|')
          parts.emplace_back();
        else
          parts.back() += c;
      const auto counter = run.counters.find(parts[1]);
      const Line line{parts[0], parts[2], parts[1]};
      if (!values_.contains(line)) lines_.push_back(line);
      values_[line][parts[3]].push_back(counter == run.counters.end()
                                            ? run.GetAdjustedRealTime()
                                            : static_cast<double>(counter->second));
    }
  }

  void Finalize() override {
    std::vector<std::vector<std::string>> table{{"kernel", "threads", "unit"}};
    table[0].insert(table[0].end(), libraries_.begin(), libraries_.end());
    std::sort(lines_.begin(), lines_.end());
    for (const Line& line : lines_) {
      table.push_back(line);
      for (const std::string& library : libraries_) {
        std::vector<double>& v = values_[line][library];
        std::sort(v.begin(), v.end());
        const double middle = v.empty() ? 0 : v[v.size() / 2];
        table.back().push_back(v.empty() ? "" : number(middle, middle < 10 ? 2 : 0));
      }
    }
    print_table(table);
  }

 private:
  using Line = std::vector<std::string>;
  std::vector<std::string> libraries_;
  std::vector<Line> lines_;
  std::map<Line, std::map<std::string, std::vector<double>>> values_;
};

}  // namespace benchmarks
