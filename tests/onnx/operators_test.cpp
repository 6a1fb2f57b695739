// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/operators.hpp>

#include <doctest/doctest.h>

#include "onnx/nodes.hpp"

namespace {

using namespace tinydl;
using namespace tinydl_test;

TEST_CASE("onnx operators: each kind is found by its name, and no other") {
  for (const char* name : {"Relu", "Shape", "MatMul", "Conv", "BatchNormalization", "RNN"})
    CHECK(onnx::operation_of({.op_type = name}));
  CHECK_THROWS_WITH_AS(onnx::operation_of({.op_type = "relu"}), "the operator is not known",
                       ValueError);
}

}  // namespace
