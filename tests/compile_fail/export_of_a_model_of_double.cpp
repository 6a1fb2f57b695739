// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// expect: export_onnx takes a model of float
// errors: 1
#include <tinydl/layers/linear.hpp>
#include <tinydl/onnx/export.hpp>

int main() {
  const tinydl::Linear<double> model(3, 2);
  tinydl::export_onnx(model, "model.onnx", tinydl::zeros({1, 3}));
}
