// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <tinydl/onnx/write.hpp>

namespace tinydl::exported {

/// Files for other programs to compare: models, inputs, and what the library makes of them, in the
/// folder that the variable TINYDL_ONNX_CASES names, if it does; cases.json there names the files.
class Cases {
 public:
  Cases() {
    if (const char* folder = std::getenv("TINYDL_ONNX_CASES")) folder_ = folder;
  }
  Cases(const Cases&) = delete;
  Cases& operator=(const Cases&) = delete;
  ~Cases() {
    if (!folder_.empty()) std::ofstream(folder_ / "cases.json") << '[' << list_ << "]\n";
  }

  template <class X, class Y>
  void add(const std::string& model, const onnx::Graph& graph, const X& x, const Y& y) {
    if (folder_.empty()) return;
    onnx::write_graph(graph, folder_ / (model + ".onnx"));
    const std::string name = text(model, '.', x.shape()[0]);
    list_ += text(list_.empty() ? "" : ",\n ", "{\"model\": \"", model,
                  ".onnx\", \"input\": ", written(name + ".in", x),
                  ", \"output\": ", written(name + ".out", y), '}');
  }

 private:
  template <class T, int Rank>
  std::string written(const std::string& file, const Tensor<T, Rank>& tensor) const {
    std::ofstream out(folder_ / file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(tensor.data()),
              static_cast<std::streamsize>(tensor.size() * static_cast<Index>(sizeof(T))));
    std::string shape;
    for (const Index size : tensor.shape()) shape += text(shape.empty() ? "" : ", ", size);
    return text("{\"file\": \"", file, "\", \"type\": \"", sizeof(T) == 8 ? "int64" : "float32",
                "\", \"shape\": [", shape, "]}");
  }

  std::filesystem::path folder_;
  std::string list_;
};

}  // namespace tinydl::exported
