// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// Gives every reader the files of its corpus, and the same number of damaged ones in every run.
// A program of its own rather than libFuzzer's, so that any compiler can run it.

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include <tinydl/core/random.hpp>

#include "readers.hpp"

namespace {

/// The bytes with one to four small or large faults.
std::string damaged(std::string bytes, tinydl::Generator& generator) {
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(generator.integer(static_cast<tinydl::Index>(n)));
  };
  for (std::size_t faults = 1 + below(4); faults > 0 && !bytes.empty(); --faults) {
    const std::size_t at = below(bytes.size());
    const std::size_t length = 1 + below(std::min<std::size_t>(bytes.size() - at, 16));
    switch (below(6)) {
      case 0:  // a bit
        bytes[at] ^= static_cast<char>(1 << below(8));
        break;
      case 1:  // a number becomes huge, or 0
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), length,
                    below(2) == 0 ? '\xff' : '\0');
        break;
      case 2:  // a digit or sign of a text
        bytes[at] = "0189-,'\"{}[]()"[below(14)];
        break;
      case 3:
        bytes.erase(at, length);
        break;
      case 4:
        bytes.insert(at, bytes.substr(below(bytes.size()), length));
        break;
      default:
        if (below(4) == 0) bytes.resize(at);
    }
  }
  return bytes;
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 3) throw std::invalid_argument("replay <corpus> <damaged files for each reader>");
  for (const auto& reader : tinydl_fuzz::readers) {
    std::vector<std::filesystem::path> paths;
    for (const auto& file :
         std::filesystem::directory_iterator(std::filesystem::path(arguments[1]) / reader.name))
      paths.push_back(file.path());
    std::ranges::sort(paths);
    std::vector<std::string> files;
    for (const auto& path : paths) files.push_back(tinydl::read_file(path).bytes);

    const auto taken = std::ranges::count_if(
        files, [&](const std::string& bytes) { return accepts(reader, bytes); });
    if (taken == 0) throw std::runtime_error(std::string(reader.name) + ": no file is accepted");

    tinydl::Generator generator(1);
    const int runs = std::stoi(arguments[2]);
    int accepted = 0;
    for (int i = 0; i < runs; ++i) {
      const auto which = generator.integer(static_cast<tinydl::Index>(files.size()));
      accepted +=
          accepts(reader, damaged(files[static_cast<std::size_t>(which)], generator)) ? 1 : 0;
    }
    std::cout << reader.name << ": " << taken << " of " << files.size() << " files accepted, "
              << accepted << " of " << runs << " damaged ones\n";
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
