// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// The library's half of import.py: onnx_import {NET.onnx X.npy Y.npy}... writes what a model makes
// of x to y.

#include <cstddef>
#include <exception>
#include <filesystem>
#include <iostream>

#include <tinydl/io/npy.hpp>
#include <tinydl/onnx/model.hpp>

using namespace tinydl;

namespace {

/// Calls f.operator()<Rank>().
template <class F>
void with_rank(std::size_t rank, F f) {
  switch (rank) {
    case 2:
      return f.template operator()<2>();
    case 3:
      return f.template operator()<3>();
    case 4:
      return f.template operator()<4>();
    default:
      throw ValueError("import.py makes arrays of ranks 2 to 4");
  }
}

void answer(const std::filesystem::path& net, const std::filesystem::path& x_file,
            const std::filesystem::path& y_file) {
  const onnx::Model model(net);
  const NpyArray x(x_file);
  with_rank(x.shape().size(), [&]<int In>() {
    with_rank(model.outputs()[0].shape.size(),
              [&]<int Out>() { save_npy(model.run<Out>(x.get<float, In>()), y_file); });
  });
}

}  // namespace

int main(int count, char** arguments) try {
  if (count % 3 != 1) throw ValueError("onnx_import {NET.onnx X.npy Y.npy}...");
  for (int i = 1; i < count; i += 3) answer(arguments[i], arguments[i + 1], arguments[i + 2]);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
