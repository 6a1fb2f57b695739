// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <tinydl/kernels/simd.hpp>

/// All instruction sets that this machine can run, not only the best.
inline std::vector<tinydl::kernels::InstructionSet> instruction_sets_here() {
  using tinydl::kernels::InstructionSet;
  std::vector<InstructionSet> sets;
  for (auto set : {InstructionSet::portable, InstructionSet::avx2, InstructionSet::avx512})
    if (set <= tinydl::kernels::instruction_set()) sets.push_back(set);
  return sets;
}

inline int vector_bytes(tinydl::kernels::InstructionSet set) {
  using tinydl::kernels::InstructionSet;
  return set == InstructionSet::avx512 ? 64 : set == InstructionSet::avx2 ? 32 : 16;
}
