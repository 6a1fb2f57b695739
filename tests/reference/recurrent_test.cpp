// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include "reference.hpp"

// How the cases of recurrent networks and attention are run.

namespace reference {
namespace {}  // namespace

std::vector<Runner> recurrent_runners() { return {}; }

}  // namespace reference
