// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// run INPUT OUTPUT: runs the network in one thread and in four at once, and compares what it gives
// with what is expected, to 1e-6 of the largest number.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <thread>
#include <vector>

#include "network.hpp"

namespace {

template <class T>
std::vector<T> read(const char* path, std::size_t count) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
  if (bytes.size() != count * sizeof(T)) {
    std::printf("%s has %zu bytes, not %zu\n", path, bytes.size(), count * sizeof(T));
    std::exit(1);
  }
  std::vector<T> values(count);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace

int main(int, char** arguments) {
  const auto input = read<char>(arguments[1], network_input_bytes);
  const auto expected = read<float>(arguments[2], network_output_size);
  std::vector<float> output(network_output_size);
  network_run_on_stack(input.data(), output.data());

  double largest = 1e-3, difference = 0;
  for (std::size_t i = 0; i < output.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
    const double off = std::abs(static_cast<double>(output[i]) - expected[i]);
    difference = off <= difference ? difference : off;  // keeps what is no number
  }
  std::printf("%.1e of the largest", difference / largest);
  const bool close = difference <= 1e-6 * largest;

  const std::size_t bytes = output.size() * sizeof(float);
  std::vector<int> same(4, 1);
  std::vector<std::thread> threads;
  for (int& is_same : same)
    threads.emplace_back([&] {
      void* const workspace = ::operator new(network_workspace_bytes, std::align_val_t(64));
      for (int i = 0; i < 5; ++i) {
        std::memset(workspace, 0xff, network_workspace_bytes);  // no numbers
        std::vector<float> again(output.size());
        network_run(input.data(), again.data(), workspace);
        if (std::memcmp(again.data(), output.data(), bytes) != 0) is_same = 0;
      }
      ::operator delete(workspace, std::align_val_t(64));
    });
  for (std::thread& thread : threads) thread.join();
  const bool all_same = std::count(same.begin(), same.end(), 1) == 4;
  std::printf(all_same ? ", the same in four threads\n" : ", other bits in other threads\n");
  return close && all_same ? 0 : 1;
}
