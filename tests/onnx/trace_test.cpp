// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/trace.hpp>

#include <tinydl/layers/activation.hpp>
#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/linear.hpp>
#include <tinydl/layers/sequential.hpp>

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace tinydl;

TEST_CASE("trace: functions come in order, with the layers in which they ran") {
  const Sequential model(Sequential(Linear(3, 2), ReLU()), Dropout(0.5), Linear(2, 1));
  const onnx::Trace trace = onnx::trace(model, randn({4, 3}));
  std::string all;
  for (const auto& [function, inputs, outputs, layer] : trace.applications)
    all += text(function->name(), " in ", layer, "; ");
  CHECK(all == "linear in 0.0; relu in 0.1; linear in 2; ");
  CHECK(trace.applications[0].inputs[0].node() == trace.input.node());
  CHECK(trace.applications[1].inputs[0].node() == trace.applications[0].outputs[0].node());
  CHECK(trace.applications[2].outputs[0].node() == trace.output.node());
}

TEST_CASE("trace: values are kept although nobody else has them") {
  const Sequential model(Linear(3, 2), ReLU(), Linear(2, 1));
  const onnx::Trace trace = onnx::trace(model, randn({4, 3}));
  const auto* const hidden = trace.applications[0].outputs[0].node();
  CHECK(static_cast<const detail::VariableData<float>&>(*hidden).values().size() == 8);
}

TEST_CASE("trace: the model is run in eval mode, without a graph, and is then as it was") {
  const Sequential model(Linear(3, 2), Dropout(0.5));
  const onnx::Trace trace = onnx::trace(model, randn({4, 3}));
  CHECK(trace.applications.size() == 1);
  CHECK(trace.output.node()->is_leaf());
  CHECK(model.get<1>().training());
  CHECK_THROWS_AS(onnx::trace(model, randn({4, 2})), ShapeError);
  CHECK(model.get<1>().training());
}

TEST_CASE("trace: a model that was moved from is refused") {
  Linear model(3, 2);
  const Linear moved = std::move(model);
  CHECK_THROWS_WITH_AS(onnx::trace(model, randn({4, 3})), "export_onnx: the model was moved from",
                       ValueError);
}

}  // namespace
