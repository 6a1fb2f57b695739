// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <random>

#include <doctest/doctest.h>

#include "../correctness/notes.hpp"
#include "reference.hpp"
#include "rows.hpp"

namespace {

namespace fs = std::filesystem;
using reference::Case;
using reference::Runner;

struct Outcome {
  std::map<std::string, int> cases;  // run, of each file
  std::set<std::string> functions, skipped;
  std::vector<std::string> faults;
  correctness::Notes* notes = nullptr;
};

std::vector<Runner> all_runners() {
  std::vector<Runner> runners;
  for (const auto& family : {reference::convolution_runners(), reference::function_runners(),
                             reference::indexing_runners(), reference::loss_runners(),
                             reference::normalisation_runners(), reference::recurrent_runners(),
                             reference::training_runners()})
    runners.insert(runners.end(), family.begin(), family.end());
  return runners;
}

/// The one of exactly this name, or else of the longest beginning.
const Runner* find_runner(const std::vector<Runner>& runners, const std::string& function) {
  const Runner* best = nullptr;
  for (const Runner& runner : runners) {
    if (runner.name == function) return &runner;
    if (!runner.name.ends_with('*')) continue;
    const std::string begin = runner.name.substr(0, runner.name.size() - 1);
    if (function.starts_with(begin) && (!best || runner.name.size() > best->name.size()))
      best = &runner;
  }
  return best;
}

/// What PyTorch has and the library does not. Another function without a runner is a fault.
bool is_lacking(const std::string& function) {
  static const std::set<std::string> lacking = {
      "conv1d",     "conv3d",     "conv_transpose1d",    "conv_transpose3d", "max_pool1d",
      "max_pool3d", "avg_pool1d", "avg_pool3d",          "instance_norm",    "local_response_norm",
      "ctc_loss",   "bilinear",   "pixel_shuffle",       "einsum",           "cosine_similarity",
      "lbfgs",      "adadelta",   "triplet_margin_loss", "poisson_nll_loss", "gaussian_nll_loss"};
  return lacking.contains(function);
}

void run_case(Case c, void (*run)(Case&), Outcome& outcome) {
  try {
    run(c);
    c.close();
  } catch (const std::exception& error) {
    c.fault(std::string("throws ") + error.what());
  }
  outcome.faults.insert(outcome.faults.end(), c.faults().begin(), c.faults().end());
  if (!outcome.notes) return;
  for (const std::string& row : reference::rows_of(c.function()))
    outcome.notes->error(row, c.type(), c.worst_error());
}

void run_file(const fs::path& path, Outcome& outcome) {
  const std::vector<Runner> runners = all_runners();
  const tinydl::SafetensorsFile file(path);
  for (const auto& [name, attributes] : file.metadata()) {
    const std::string function = name.substr(0, name.find('.'));
    const Runner* runner = find_runner(runners, function);
    if (!runner) {
      if (is_lacking(function))
        outcome.skipped.insert(function);
      else
        outcome.faults.push_back(name + ": there is no runner for " + function);
      continue;
    }
    run_case(Case(file, name, "double", 1e-9), runner->in_double, outcome);
    if (runner->in_float) run_case(Case(file, name, "float", 1e-4), runner->in_float, outcome);
    outcome.functions.insert(runner->name);
    ++outcome.cases[path.stem().string()];
  }
}

std::vector<fs::path> reference_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("reference: every case of every file agrees, in double and in float") {
  const char* elsewhere = std::getenv("TINYDL_REFERENCE");
  const fs::path folder = elsewhere ? elsewhere : TINYDL_REFERENCE_DIR;
  REQUIRE_MESSAGE(fs::is_directory(folder), folder.string(), " is no folder");

  std::optional<correctness::Notes> notes;
  Outcome outcome;
  if (!elsewhere) outcome.notes = &notes.emplace("reference");
  for (const fs::path& file : reference_files(folder)) run_file(file, outcome);

  for (const std::string& fault : outcome.faults) FAIL_CHECK(fault);
  std::cout << "reference: cases run:";
  int total = 0;
  for (const auto& [family, count] : outcome.cases) {
    std::cout << ' ' << family << ' ' << count;
    total += count;
  }
  std::cout << "; in all " << total << '\n';
  if (!outcome.skipped.empty()) {
    std::cout << "reference: not in the library, skipped:";
    for (const std::string& function : outcome.skipped) std::cout << ' ' << function;
    std::cout << '\n';
  }

  CHECK(total > 0);
  for (const char* family :
       {"elementwise", "reductions", "shapes", "products", "losses", "normalisation",
        "convolutions", "recurrent", "optimisers", "training", "higher_order"})
    if (!elsewhere || fs::exists(folder / (std::string(family) + ".safetensors")))
      CHECK_MESSAGE(outcome.cases[family] > 0, family, ": no case was run");
  if (elsewhere) return;
  for (const Runner& runner : all_runners())
    if (!runner.further)
      CHECK_MESSAGE(outcome.functions.contains(runner.name), runner.name, ": no case was run");
}

TEST_CASE("reference: the rule of agreement is relative to the largest element, or to 1e-3") {
  using V = std::vector<double>;
  const auto agrees = [](const V& actual, const V& expected) {
    return reference::relative_error<double>(actual, expected) <= 0.01;
  };
  CHECK(agrees({100.9, 0.9}, {100, 0}));
  CHECK_FALSE(agrees({101.1, 0}, {100, 0}));
  CHECK(agrees({0.9e-5}, {0}));
  CHECK_FALSE(agrees({1.1e-5}, {0}));
  CHECK_FALSE(agrees({1, 2}, {1}));
  const double nan = std::nan("");
  CHECK_FALSE(agrees({nan, 1}, {1, 1}));
  CHECK_FALSE(agrees({1, nan}, {1, 1}));
  CHECK_FALSE(agrees({1}, {INFINITY}));
}

TEST_CASE("reference: a wrong output, gradient, shape or attribute is a fault that names it") {
  using tinydl::from_values;
  const auto faults_of = [](double out, double gradient, tinydl::Index columns,
                            const char* attributes) {
    tinydl::SafetensorsWriter writer;
    writer.add("sub.wrong/in.a", from_values({3.0, 5.0}));
    writer.add("sub.wrong/in.b", from_values({2.0, 1.0}));
    writer.add("sub.wrong/gy", from_values({1.0, 1.0}));
    writer.add("sub.wrong/out", tinydl::reshape(from_values({1.0, out}), {2 / columns, columns}));
    writer.add("sub.wrong/grad.a", from_values({1.0, 1.0}));
    writer.add("sub.wrong/grad.b", from_values({-1.0, gradient}));
    writer.add("sub.wrong/out.more", from_values({1.0}));
    writer.add("sub.wrong/in.c", from_values({1.0}));
    writer.add("no_such_function/out", from_values({1.0}));
    writer.set_metadata("sub.wrong", attributes);
    writer.add("conv3d/out", from_values({1.0}));
    writer.set_metadata("no_such_function", "{}");
    writer.set_metadata("conv3d", "{}");
    const fs::path path =
        fs::temp_directory_path() / tinydl::text("tinydl_", std::random_device()(), ".safetensors");
    writer.write(path);
    Outcome outcome;
    run_file(path, outcome);
    fs::remove(path);
    CHECK(outcome.skipped == std::set<std::string>{"conv3d"});
    std::string all;
    for (const std::string& fault : outcome.faults) all += fault + "\n";
    return all;
  };
  const auto says = [](const std::string& faults, const char* words) {
    return faults.find(words) != faults.npos;
  };
  const std::string out = faults_of(4.001, -1, 2, "{}");
  CHECK(says(out, "sub.wrong in double: out: error 0.000249"));
  CHECK(says(out, "sub.wrong in float: out: error 0.000249"));
  CHECK_FALSE(says(out, "grad.b: error"));
  CHECK(says(out, "sub.wrong in double: out.more was not compared"));
  CHECK(says(out, "sub.wrong in double: in.c was not used"));
  CHECK(says(out, "no_such_function: there is no runner for no_such_function"));
  CHECK(says(faults_of(4, -1.001, 2, "{}"), "sub.wrong in double: grad.b: error 0.000999"));
  CHECK(says(faults_of(4, -1, 2, "{}"), "sub.wrong in double: out: shape (2,), not (1, 2)"));
  CHECK(says(faults_of(4, -1, 2, R"({"axis": 1})"), "attribute axis is not understood"));
}
