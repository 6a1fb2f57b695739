// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

// What network.cpp, compiled as freestanding C++17, tells the programs of this folder about the
// header that it includes.

extern "C" {
extern const std::size_t network_input_bytes, network_output_size, network_workspace_bytes;
void network_run(const void* input, float* output, void* workspace) noexcept;
void network_run_on_stack(const void* input, float* output) noexcept;
}
