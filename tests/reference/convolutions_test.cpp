// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include "reference.hpp"

// How the cases of convolutions and pooling are run.

namespace reference {
namespace {}  // namespace

std::vector<Runner> convolution_runners() { return {}; }

}  // namespace reference
