// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// A training step takes nothing from the system after the first two, on any number of threads:
// neither malloc and its like are called, nor mmap. `allocations forget` gives the memory back in
// each step, which must be seen.
#include <tinydl/tinydl.hpp>

#include <cstdio>
#include <string_view>

namespace benchmarks {
long allocations();  // benchmarks/training/allocations.cpp
}

namespace {

using namespace tinydl;

bool failed = false;
bool forgetful = false;

template <class Model, class Optimizer, int Rank>
void check(const char* workload, const Model& model, Optimizer optimizer,
           const Shape<Rank>& shape) {
  const Variable x(randn(shape));
  const Labels<1> labels = zeros<Index>(Shape<1>(shape[0]));
  for (int threads : {4, 2, 1}) {
    set_num_threads(threads);
    long before = 0;
    int first_without = 0;
    for (int step = 1; step <= 20; ++step) {
      if (forgetful) release_memory();
      optimizer.clear_grads();
      softmax_cross_entropy(model(x), labels).backward();
      optimizer.step();
      if (benchmarks::allocations() != before) first_without = step + 1;
      before = benchmarks::allocations();
    }
    std::printf("%s, %d threads: none from step %d on\n", workload, threads, first_without);
    if (first_without > 3) failed = true;
    if (forgetful) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  forgetful = argc > 1 && std::string_view(argv[1]) == "forget";
  {
    const MLP model(784, {100}, 10);
    check("A", model, SGD(model.parameters(), {.lr = 0.1, .momentum = 0.9}), Shape<2>(100, 784));
  }
  {
    const MLP model(784, {256, 128}, 10, {.dropout = 0.3});
    check("B", model, AdamW(model.parameters()), Shape<2>(64, 784));
  }
  {
    const Sequential model(Conv2D(1, 32, 3), ReLU(), Conv2D(32, 64, 3), ReLU(), MaxPool2D(2),
                           Dropout(0.25), Flatten(), Linear(9216, 128), ReLU(), Dropout(0.5),
                           Linear(128, 10));
    check("C", model, AdamW(model.parameters()), Shape<4>(64, 1, 28, 28));
  }
  if (benchmarks::allocations() == 0) {
    std::puts("skipped: with this C library, allocations are not counted");
    return 77;
  }
  return failed ? 1 : 0;
}
