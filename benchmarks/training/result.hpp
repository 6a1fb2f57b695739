// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "table.hpp"
#include "workload.hpp"

namespace benchmarks {

/// Of an even number of values, the mean of the middle two.
inline double median(std::vector<double> values) {
  if (values.empty()) return none;
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

/// One workload in one library on so many threads; of the lists, a value for each round.
struct Result {
  std::string library;
  int threads;
  std::vector<double> us = {}, share = {};
  double allocations = 0;
  long peak_rss_kb = 0;
};

/// One workload, or one of its sizes in a sweep, in all libraries.
struct Comparison {
  Workload workload;
  std::vector<Result> results = {};

  bool is_sweep() const {
    return std::none_of(workloads.begin(), workloads.end(), [&](auto& w) {
      return w.name == workload.name && w.batch == workload.batch && w.width == workload.width;
    });
  }
  double flops() const {
    return workload.flops(static_cast<double>(workload.batch), static_cast<double>(workload.width));
  }
  bool has(const std::string& library) const {
    return std::any_of(results.begin(), results.end(),
                       [&](const Result& r) { return r.library == library && !r.us.empty(); });
  }

  /// The better time of all numbers of threads, for each round.
  std::vector<double> best(const std::string& library) const {
    std::vector<double> times;
    for (const Result& r : results)
      for (std::size_t i = 0; r.library == library && i < r.us.size(); ++i)
        if (i < times.size())
          times[i] = std::min(times[i], r.us[i]);
        else
          times.push_back(r.us[i]);
    return times;
  }

  /// How often tinydl's time is contained in another library's: the median of the rounds.
  double ratio(const std::string& library) const {
    const auto theirs = best(library), ours = best("tinydl");
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(theirs.size(), ours.size()); ++i)
      ratios.push_back(theirs[i] / ours[i]);
    return median(ratios);
  }

  const Result* find(const std::string& library, int threads) const {
    for (const Result& r : results)
      if (r.library == library && r.threads == threads && !r.us.empty()) return &r;
    return nullptr;
  }
};

inline void print_json(const Comparison& c, const Result& r) {
  const double us = median(r.us);
  std::printf(
      "{\"workload\": \"%s\", \"library\": \"%s\", \"threads\": %d, \"us_per_step\": %.3f, "
      "\"gflops\": %.2f, \"share_of_peak\": %.4f, \"peak_rss_kb\": %ld, "
      "\"allocations_per_step\": %.2f, \"gb_per_s\": %.2f, \"batch\": %ld, \"width\": %ld}\n",
      c.workload.name.data(), r.library.c_str(), r.threads, us, 1e-3 * c.flops() / us,
      median(r.share), r.peak_rss_kb, r.allocations, 1e-3 * c.workload.bytes / us, c.workload.batch,
      c.workload.width);
  std::fflush(stdout);
}

/// A heading and a line for each result.
inline void print_results(const std::vector<Comparison>& comparisons) {
  std::vector<std::vector<std::string>> lines{{"workload", "batch", "width", "library", "threads",
                                               "us a step", "GFLOP/s", "GB/s", "% of peak",
                                               "allocations", "peak MB"}};
  for (const Comparison& c : comparisons)
    for (const Result& r : c.results) {
      if (r.us.empty()) continue;
      const double us = median(r.us);
      lines.push_back({std::string(c.workload.name), number(c.workload.batch, 0),
                       c.workload.width ? number(c.workload.width, 0) : "", r.library,
                       number(r.threads, 0), number(us, us < 100 ? 1 : 0),
                       c.flops() > 0 ? number(1e-3 * c.flops() / us, 0) : "",
                       c.workload.bytes > 0 ? number(1e-3 * c.workload.bytes / us, 1) : "",
                       number(100 * median(r.share), 0), number(r.allocations, 0),
                       number(r.peak_rss_kb / 1024.0, 0)});
    }
  print_table(lines);
}

/// tinydl against the others, and against what is asked of it.
inline void print_ratios(const std::vector<Comparison>& comparisons,
                         const std::vector<std::string>& libraries) {
  std::vector<std::vector<std::string>> lines{
      {"workload", "tinydl, us", "% of peak", "2 threads over 1"}};
  for (const std::string& library : libraries)
    if (library != "tinydl") lines[0].push_back(library + " / tinydl");
  for (const char* heading : {"must", "aim", "verdict", "memory, of libtorch's"})
    lines[0].push_back(heading);

  for (const Comparison& c : comparisons) {
    if (!c.has("tinydl")) continue;
    const Result *one = c.find("tinydl", 1), *two = c.find("tinydl", 2);
    const Result* theirs = c.find("libtorch", 1);
    const Result* best = !two || (one && median(one->us) < median(two->us)) ? one : two;
    auto name = std::string(c.workload.name) + ": ";
    if (!c.is_sweep())
      name += c.workload.what;
    else
      name += "batch " + number(c.workload.batch, 0) +
              (c.workload.width ? ", width " + number(c.workload.width, 0) : "");
    std::vector<std::string> line{name, number(median(c.best("tinydl")), 0),
                                  best ? number(100 * median(best->share), 0) : "",
                                  one && two ? number(median(one->us) / median(two->us), 2) : ""};
    for (const std::string& library : libraries)
      if (library != "tinydl") line.push_back(number(c.ratio(library), 2));
    const Workload& w = c.workload;
    line.push_back(c.is_sweep() ? "" : number(w.must, 2));
    line.push_back(c.is_sweep() ? "" : w.bytes > 0 ? "80 %" : number(w.aim, 2));
    const double ratio = c.ratio("libtorch");
    const bool aim = w.bytes > 0 ? best && median(best->share) >= 0.8 : ratio >= w.aim;
    line.push_back(c.is_sweep() || std::isnan(ratio) ? ""
                   : ratio < w.must                  ? "missed"
                   : aim                             ? "aim reached"
                                                     : "must met");
    line.push_back(theirs && one ? number(1.0 * one->peak_rss_kb / theirs->peak_rss_kb, 2) : "");
    lines.push_back(line);
  }
  print_table(lines);
}

}  // namespace benchmarks
