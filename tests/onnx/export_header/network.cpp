// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// Compiled with -DNETWORK=name -include name.hpp.
#include "network.hpp"

namespace {

template <class T>
constexpr std::size_t input_bytes(void (*)(const T*, float*)) {
  return sizeof(T) * NETWORK::input_size;
}
template <class T>
void run_in(void (*run)(const T*, float*, NETWORK::Workspace&), const void* input, float* output,
            void* workspace) {
  run(static_cast<const T*>(input), output, *static_cast<NETWORK::Workspace*>(workspace));
}
template <class T>
void run_on_stack(void (*run)(const T*, float*), const void* input, float* output) {
  run(static_cast<const T*>(input), output);
}

}  // namespace

const std::size_t network_input_bytes = input_bytes(NETWORK::run);
const std::size_t network_output_size = NETWORK::output_size;
const std::size_t network_workspace_bytes = sizeof(NETWORK::Workspace);

void network_run(const void* input, float* output, void* workspace) noexcept {
  run_in(NETWORK::run, input, output, workspace);
}
void network_run_on_stack(const void* input, float* output) noexcept {
  run_on_stack(NETWORK::run, input, output);
}
