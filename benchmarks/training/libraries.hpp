// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "process.hpp"

namespace benchmarks {

/// A program that measures, by the conventions of measure.hpp, and what it needs around it.
struct Library {
  std::string name;
  std::vector<std::string> command;
  Environment environment = {};
};

/// Those whose programs were built into this folder. libtorch comes with OpenBLAS on threads of its
/// own, while libtorch's threads wait asleep, as they would keep OpenBLAS's from the processors;
/// with OpenBLAS on libtorch's own threads; and with what it finds and does by itself.
inline std::vector<Library> libraries_in(const std::filesystem::path& folder) {
  const auto with_blas = [](const char* kind) {
    Environment environment;
    const std::string blas = std::string("/usr/lib/x86_64-linux-gnu/openblas-") + kind;
    if (std::filesystem::exists(blas)) environment.emplace_back("LD_LIBRARY_PATH", blas);
    return environment;
  };
  Environment side_by_side = with_blas("pthread");
  side_by_side.emplace_back("OMP_WAIT_POLICY", "passive");
  const std::string libtorch = folder / "bench_training_libtorch";
  std::vector<Library> all{
      {"tinydl", {folder / "bench_training_tinydl"}},
      {"tinydl-native", {folder / "bench_training_native"}},
      {"libtorch", {libtorch}, side_by_side},
      {"libtorch-openmp", {libtorch}, with_blas("openmp")},
      {"libtorch-untouched", {libtorch}},
      {"numpy", {"python3", folder / "numpy_training.py"}, with_blas("pthread")},
  };
  std::erase_if(
      all, [](const Library& library) { return !std::filesystem::exists(library.command.back()); });
  return all;
}

}  // namespace benchmarks
