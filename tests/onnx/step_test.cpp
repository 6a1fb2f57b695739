// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/step.hpp>

#include <tinydl/functions/slice.hpp>
#include <tinydl/layers/linear.hpp>
#include <tinydl/layers/sequential.hpp>

#include <doctest/doctest.h>

namespace {

using namespace tinydl;

struct StepSlice : Layer<StepSlice, void> {
  Variable<float, 2> forward(const Variable<float, 2>& x) const {
    return slice(x, 0, 1, x.shape()[0]);
  }
};

TEST_CASE("onnx step: an application has sizes and settings of both passes") {
  const Sequential model(StepSlice{});
  const onnx::Trace small = onnx::trace(model, zeros({3, 5}));
  const onnx::Trace large = onnx::trace(model, zeros({4, 5}));
  const onnx::Step step(small.applications.at(0), large.applications.at(0));
  CHECK(step.name() == "slice");
  CHECK(step.layer() == "0");
  CHECK(step.input_sizes(0) == onnx::TracedSizes{{3, 4}, {5, 5}});
  CHECK(step.output_sizes() == onnx::TracedSizes{{2, 3}, {5, 5}});
  CHECK_FALSE(step.output_sizes()[0].fixed());
  CHECK(step.is<Slice<2>>());
  CHECK(step.operation<Slice<3>>() == nullptr);

  Index of_large = 0, of_small = 0;
  CHECK(onnx::with_operation<Slice>(step, [&](const auto& op, const auto& in_small) {
    of_large = op.part[0];
    of_small = in_small.part[0];
  }));
  CHECK(of_large == 3);
  CHECK(of_small == 2);
  CHECK_FALSE(onnx::with_operation<Pad>(step, onnx::ignore));
  CHECK_FALSE(onnx::with_operation<ReshapeFunction>(step, onnx::ignore));
  CHECK_THROWS_WITH_AS(step.refuse("no"), "export_onnx: slice in layer '0': no", ValueError);
}

}  // namespace
