// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// Trains the same networks in several libraries and compares them. Every measurement is a process
// of its own; the libraries take turns, so that whatever else the machine does meets them all.
#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>

#include <CLI/CLI.hpp>

#include "libraries.hpp"
#include "result.hpp"

namespace {

using namespace benchmarks;

struct Machine {
  double gflops = 0, read = 0, write = 0, copy = 0, triad = 0;  // the last four in GB/s
};

Machine measure_machine(const std::filesystem::path& folder, int threads) {
  Machine m;
  std::istringstream(run({folder / "bench_machine", std::to_string(threads)}, {}).output) >>
      m.gflops >> m.read >> m.write >> m.copy >> m.triad;
  return m;
}

/// A, C and E with other batches and widths.
std::vector<Workload> sweep_of(const Workload& w) {
  std::vector<Workload> sizes;
  const auto add = [&](std::initializer_list<long> values, long Workload::*size) {
    for (long value : values) {
      sizes.push_back(w);
      sizes.back().*size = value;
    }
  };
  if (w.name == "A") {
    add({1, 10, 100, 1000, 10000}, &Workload::batch);
    add({10, 30, 300, 1000, 3000}, &Workload::width);
  }
  if (w.name == "C") add({1, 4, 16, 64, 256}, &Workload::batch);
  if (w.name == "E") add({256, 512, 1024, 2048, 4096}, &Workload::width);
  return sizes;
}

void add_measurement(const Library& library, const Workload& workload, double seconds,
                     const Machine& machine, double flops, Result& result) {
  std::vector<std::string> command = library.command;
  for (const std::string& argument :
       {std::string(workload.name), std::to_string(workload.batch), std::to_string(workload.width),
        std::to_string(result.threads), std::to_string(seconds)})
    command.push_back(argument);
  Environment environment = library.environment;
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"})
    environment.emplace_back(name, std::to_string(result.threads));
  const Outcome outcome = run(command, environment);
  double us = 0, allocations = 0;
  if (!(std::istringstream(outcome.output) >> us >> allocations)) return;
  result.us.push_back(us);
  result.share.push_back(workload.bytes > 0 ? 1e-3 * workload.bytes / us / machine.copy
                                            : 1e-3 * flops / us / machine.gflops);
  result.allocations = allocations;
  result.peak_rss_kb = std::max(result.peak_rss_kb, outcome.peak_rss_kb);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Trains the same networks in several libraries and compares them.");
  bool json = false, sweep = false;
  std::vector<std::string> names, chosen{"tinydl", "libtorch"}, programs;
  std::vector<int> threads{1, 2};
  int rounds = 3;
  double seconds = 0.4;
  app.add_flag("--json", json, "one object a line");
  app.add_option("--workload", names, "some of them, such as A,F1,I-exp (default: all)")
      ->delimiter(',');
  app.add_option("--library", chosen, "which, or all")->delimiter(',')->capture_default_str();
  app.add_option("--program", programs,
                 "NAME=PATH: another program built from tinydl.cpp, to be compared")
      ->delimiter(',');
  app.add_option("--threads", threads, "numbers of threads")->delimiter(',')->capture_default_str();
  app.add_option("--rounds", rounds, "how often the libraries take turns")->capture_default_str();
  app.add_option("--seconds", seconds, "of each measurement")->capture_default_str();
  app.add_flag("--sweep", sweep, "A, C and E with other batches and widths");
  CLI11_PARSE(app, argc, argv);

  // OpenBLAS knows the processor, whatever a shell says of it.
  for (const char* name : {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}) unsetenv(name);
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  std::vector<Library> libraries = libraries_in(folder);
  if (chosen != std::vector<std::string>{"all"})
    std::erase_if(libraries, [&](const Library& library) {
      return std::find(chosen.begin(), chosen.end(), library.name) == chosen.end();
    });
  for (const std::string& name : chosen)
    if (name != "all" && std::none_of(libraries.begin(), libraries.end(),
                                      [&](const Library& l) { return l.name == name; }))
      std::fprintf(stderr, "%s was not built, or is unknown\n", name.c_str());
  for (const std::string& program : programs) {
    const auto at = program.find('=');
    if (at == std::string::npos) return app.exit(CLI::ValidationError("--program", "NAME=PATH"));
    libraries.push_back({program.substr(0, at), {program.substr(at + 1)}});
  }

  std::vector<Comparison> comparisons;
  for (const Workload& workload : workloads) {
    if (!names.empty() && std::find(names.begin(), names.end(), workload.name) == names.end())
      continue;
    for (const Workload& size : sweep ? sweep_of(workload) : std::vector{workload})
      comparisons.push_back({size});
  }

  const auto print_machine = [&] {
    for (int t : threads) {
      const Machine m = measure_machine(folder, t);
      std::fprintf(json ? stderr : stdout,
                   "machine, %d thread%s: %.0f GFLOP/s of multiply-adds; GB/s: read %.1f, "
                   "write %.1f, copy %.1f, triad %.1f\n",
                   t, t == 1 ? "" : "s", m.gflops, m.read, m.write, m.copy, m.triad);
    }
  };
  print_machine();

  for (Comparison& c : comparisons) {
    for (const Library& library : libraries)
      for (int t : threads) c.results.push_back({library.name, t});
    for (int round = 0; round < rounds; ++round) {
      std::map<int, Machine> machines;
      for (int t : threads) machines[t] = measure_machine(folder, t);
      auto result = c.results.begin();
      for (const Library& library : libraries)
        for (int t : threads)
          add_measurement(library, c.workload, seconds, machines[t], c.flops(), *result++);
    }
    for (const Result& result : c.results) {
      if (result.us.empty()) continue;
      if (json)
        print_json(c, result);
      else
        std::fprintf(stderr, "%s %s %d: %.1f us\n", c.workload.name.data(), result.library.c_str(),
                     result.threads, median(result.us));
    }
  }
  if (json) return 0;

  std::vector<std::string> measured;
  for (const Library& library : libraries) measured.push_back(library.name);
  std::printf("\n");
  print_results(comparisons);
  std::printf("\n");
  print_ratios(comparisons, measured);
}
