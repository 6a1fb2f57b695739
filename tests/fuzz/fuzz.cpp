// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// libFuzzer's program for all readers (https://llvm.org/docs/LibFuzzer.html):
//
//     cmake --build build --target fuzz_readers
//     build/tests/fuzz/fuzz_readers --reader=npz -max_len=4096 -malloc_limit_mb=64
//         -max_total_time=600 found/ tests/fuzz/corpus/npz
//
// What it finds goes to corpus/<reader>/ once it is mended, where replay.cpp reads it for ever.

#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "readers.hpp"

namespace {

const tinydl_fuzz::Reader* reader = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  for (int i = 1; i < *count; ++i)
    for (const auto& candidate : tinydl_fuzz::readers)
      if ((*arguments)[i] == "--reader=" + std::string(candidate.name)) reader = &candidate;
  if (reader) return 0;
  std::cerr << "--reader= which? See tests/fuzz/readers.hpp\n";
  std::exit(1);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tinydl_fuzz::accepts(*reader, std::string(data, data + size));
  return 0;
}
