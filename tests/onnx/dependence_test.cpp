// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/dependence.hpp>

#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/math.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace tinydl;

struct DependenceModel : Layer<DependenceModel> {
  Variable<float, 1> weight = register_parameter("weight", ones({4}));

  Variable<float, 2> forward(const Variable<float, 2>& x) const {
    const auto constant = exp(weight);      // step 0
    const auto unused = sin(x);             // 1
    const auto detached = cos(x).detach();  // 2
    return detached * constant;             // 3
  }
};

TEST_CASE("onnx dependence: follows functions and detach(), and knows what leads to the output") {
  const DependenceModel model;
  const onnx::Trace trace = onnx::trace(model, randn({3, 4}));
  std::vector<onnx::Step> steps;
  for (const auto& application : trace.applications) steps.emplace_back(application, application);
  REQUIRE(steps.size() == 4);
  const onnx::Dependence dependence(trace, steps);

  const auto output = [&](std::size_t i) { return trace.applications[i].outputs[0].node(); };
  CHECK(dependence.of(*trace.input.node()) == trace.input.node());
  CHECK(dependence.of(*model.weight.node()) == nullptr);
  CHECK(dependence.of(*output(0)) == nullptr);
  CHECK(dependence.of(*output(1)) == output(1));
  const VariableNode* const detached = trace.applications[3].inputs[0].node();
  CHECK(detached != output(2));
  CHECK(dependence.of(*detached) == output(2));
  CHECK(dependence.needed() == std::vector<bool>{false, false, true, true});
}

}  // namespace
