// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/translate_image.hpp>

#include <onnx/graphs.hpp>

namespace {

using namespace tinydl;
using exported::graph_of_function, exported::Integers;

template <class F>
onnx::Node image_node(F f, const Shape<4>& shape) {
  return graph_of_function(f, randn(shape)).nodes.at(0);
}

TEST_CASE("translate_image: a convolution's settings, with the odd zero of 'same' at the end") {
  const Variable w(randn({6, 2, 4, 3}));
  const auto f = [&](const auto& x) {
    return conv2d(x, w, {.padding = Padding::same, .groups = 2});
  };
  const onnx::Node node = image_node(f, {1, 4, 8, 9});
  CHECK(node.op_type == "Conv");
  CHECK(exported::set_to<Integers>(node, "pads") == Integers{1, 1, 2, 1});
  CHECK(exported::set_to<Integers>(node, "kernel_shape") == Integers{4, 3});
  CHECK(exported::set_to<std::int64_t>(node, "group") == 2);

  const auto strided = [&](const auto& x) {
    return conv2d(x, w, {.stride = {2, 3}, .padding = 1, .dilation = {1, 2}, .groups = 2});
  };
  const onnx::Node other = image_node(strided, {1, 4, 8, 9});
  CHECK(exported::set_to<Integers>(other, "pads") == Integers{1, 1, 1, 1});
  CHECK(exported::set_to<Integers>(other, "strides") == Integers{2, 3});
  CHECK(exported::set_to<Integers>(other, "dilations") == Integers{1, 2});
}

TEST_CASE("translate_image: windows are found again from the positions that they have") {
  for (const Index kernel : {1, 2, 3, 5})
    for (const Index stride : {1, 2, 4})
      for (Index padding = 0; padding <= kernel / 2; ++padding)
        for (const Index dilation : {1, 2})
          for (const bool count_padding : {true, false})
            for (const Index size : {4, 9, 10}) {
              if (dilation * (kernel - 1) + 1 > size + 2 * padding) continue;
              const auto windows =
                  kernels::strided_windows(size, kernel, stride, padding, dilation, count_padding);
              bool all_see = true;
              for (const auto& window : windows) all_see = all_see && window.begin < window.end;
              if (!all_see) continue;
              CAPTURE(kernel);
              CAPTURE(stride);
              CAPTURE(padding);
              CAPTURE(dilation);
              CAPTURE(size);
              const auto found = onnx::detail::regular_windows(windows, size, count_padding);
              REQUIRE(found);
              CHECK(kernels::strided_windows(size, found->kernel, found->stride, found->padding,
                                             found->dilation, count_padding) == windows);
            }
}

TEST_CASE("translate_image: adaptive windows are pooling where they are alike, else refused") {
  const auto f = [](const auto& x) { return adaptive_avg_pool2d(x, {2, 3}); };
  const onnx::Node node = image_node(f, {1, 2, 8, 9});
  CHECK(node.op_type == "AveragePool");
  CHECK(exported::set_to<Integers>(node, "kernel_shape") == Integers{4, 3});
  CHECK(exported::set_to<Integers>(image_node(f, {1, 2, 7, 7}), "strides") == Integers{3, 2});
  const auto five = [](const auto& x) { return adaptive_avg_pool2d(x, {1, 5}); };
  CHECK_THROWS_AS(image_node(five, {1, 2, 7, 7}), ValueError);
}

TEST_CASE("translate_image: a transposed convolution of one number keeps what it adds at the end") {
  const Variable w(randn({2, 3, 2, 2}));
  const auto f = [&](const auto& x) {
    return conv_transpose2d(x, w, {.stride = 3, .output_padding = 2});
  };
  const onnx::Node node = image_node(f, {1, 2, 1, 1});
  CHECK(exported::set_to<Integers>(node, "output_padding") == Integers{2, 2});
  CHECK(exported::set_to<Integers>(node, "strides") == Integers{3, 3});
}

TEST_CASE("translate_image: upsampling says how it finds positions") {
  const auto nearest = image_node(
      [](const auto& x) {
        return upsample_nearest2d(x, {2, 3});
      },
      {1, 2, 3, 3});
  CHECK(exported::set_to<std::string>(nearest, "mode") == "nearest");
  const auto linear =
      image_node([](const auto& x) { return upsample_bilinear2d(x, 2); }, {1, 2, 3, 3});
  CHECK(exported::set_to<std::string>(linear, "mode") == "linear");
}

}  // namespace
