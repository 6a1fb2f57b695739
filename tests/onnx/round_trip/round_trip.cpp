// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// onnx_round_trip FOLDER: exports models there, with inputs of other sizes of the batch and what
// the library makes of them, for other programs to compare: cases.json names the files.

#include <fstream>
#include <iostream>
#include <string>

#include <onnx/models.hpp>

#include <tinydl/onnx/export.hpp>

using namespace tinydl;
namespace fs = std::filesystem;

namespace {

template <class T, int Rank>
std::string written(const fs::path& path, const Tensor<T, Rank>& tensor) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(tensor.data()),
            static_cast<std::streamsize>(tensor.size() * static_cast<Index>(sizeof(T))));
  std::string shape;
  for (const Index size : tensor.shape())
    shape += (shape.empty() ? "" : ", ") + std::to_string(size);
  return text("{\"file\": \"", path.filename().string(), "\", \"type\": \"",
              sizeof(T) == 8 ? "int64" : "float32", "\", \"shape\": [", shape, "]}");
}

/// Another batch of this many examples.
template <class T, int Rank>
Tensor<T, Rank> batch(const Tensor<T, Rank>& sample, Index n) {
  Shape<Rank> shape = sample.shape();
  shape[0] = n;
  if constexpr (std::is_same_v<T, float>) return randn(shape);
  Tensor<T, Rank> x(shape);
  for (Index i = 0; i < x.size(); ++i) x.mutable_data()[i] = sample.data()[i * 7 % sample.size()];
  return x;
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 2) throw ValueError("onnx_round_trip <folder>");
  const fs::path folder = arguments[1];
  std::string cases;
  exported::each_model([&](const std::string& name, const auto& model, const auto& sample) {
    model.train();
    export_onnx(model, folder / (name + ".onnx"), sample);
    if (!model.training()) throw ValueError(name + " is not in training mode any more");
    model.eval();
    for (const Index n : {1, 7}) {
      const auto x = batch(sample, n);
      const std::string file = text(name, '.', n);
      cases += text(cases.empty() ? "" : ",\n ", "{\"model\": \"", name,
                    ".onnx\", \"input\": ", written(folder / (file + ".in"), x),
                    ", \"output\": ", written(folder / (file + ".out"), model(x).data()), '}');
    }
  });
  std::ofstream(folder / "cases.json") << '[' << cases << "]\n";
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
