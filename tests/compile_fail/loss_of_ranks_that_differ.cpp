// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: a loss wants predictions and targets of the same rank
// errors: 1
#include <tinydl/tinydl.hpp>

int main() {
  const tinydl::Linear model(3, 1);
  tinydl::mean_squared_error(model(tinydl::ones({8, 3})), tinydl::ones({8})).backward();
}
