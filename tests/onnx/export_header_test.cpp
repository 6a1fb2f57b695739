// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/export_header.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <onnx/headers.hpp>

#include <tinydl/data/digits.hpp>
#include <tinydl/layers/activation.hpp>
#include <tinydl/layers/attention.hpp>
#include <tinydl/layers/batch_norm.hpp>
#include <tinydl/layers/conv.hpp>
#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/embedding.hpp>
#include <tinydl/layers/mlp.hpp>
#include <tinydl/layers/norm.hpp>
#include <tinydl/layers/pool.hpp>
#include <tinydl/layers/recurrent.hpp>
#include <tinydl/layers/sequential.hpp>
#include <tinydl/layers/shape.hpp>
#include <tinydl/layers/transformer.hpp>
#include <tinydl/layers/upsample.hpp>

namespace {

using namespace tinydl_test;
using tinydl::export_header;
using tinydl::FileError;
using tinydl::randn;
using tinydl::Sequential;
using tinydl::Tensor;
using tinydl::ValueError;
namespace fs = std::filesystem;

/// Where headers are written for export_header/check.sh, which compiles and runs them; else a
/// folder that is gone at the end of the test.
struct HeaderFolder {
  const char* kept = std::getenv("TINYDL_ONNX_CASES");
  fs::path path =
      kept ? fs::path(kept) / "headers"
           : fs::temp_directory_path() / tinydl::text("tinydl_headers_", std::random_device{}());
  HeaderFolder() { fs::create_directories(path); }
  ~HeaderFolder() {
    if (!kept) fs::remove_all(path);
  }

  template <class T, int Rank>
  void write(const std::string& name, const Tensor<T, Rank>& tensor) const {
    std::ofstream(path / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(tensor.data()),
               static_cast<std::streamsize>(tensor.size() * static_cast<Index>(sizeof(T))));
  }
  std::string text_of(const std::string& name) const {
    return tinydl::read_file(path / name).bytes;
  }
};

/// A header, an input, and what the library makes of it.
template <class Model, class T, int Rank>
void write_network(const std::string& name, Model model, const Tensor<T, Rank>& x) {
  const HeaderFolder folder;
  export_header(model, folder.path / (name + ".hpp"), x);
  const tinydl::NoGrad no_grad;
  model.eval();
  folder.write(name + ".x", x);
  folder.write(name + ".y", model(x).data());
  CHECK(folder.text_of(name + ".hpp").find("namespace " + name + " {") != std::string::npos);
}

/// The same of a graph, by what onnx::Model makes of it.
template <int Rank>
void write_network(const std::string& name, const tinydl::onnx::Graph& graph,
                   const Tensor<float, Rank>& x) {
  const HeaderFolder folder;
  export_header(graph, folder.path / (name + ".hpp"), Sizes(x.shape().begin(), x.shape().end()));
  const auto y = tinydl::onnx::Model(graph).run({tinydl::onnx::value_of(x)})[0];
  folder.write(name + ".x", x);
  folder.write(name + ".y", std::get<Tensor<float, 1>>(y.elements));
}

struct CausalAttention : tinydl::Layer<CausalAttention> {
  tinydl::MultiHeadAttention<> heads = register_layer("heads", tinydl::MultiHeadAttention<>(16, 4));
  tinydl::Variable<float, 3> forward(const tinydl::Variable<float, 3>& x) const {
    return heads.forward(x, {.causal = true});
  }
};

TEST_CASE("export_header: convolutional networks, compiled and run by check.sh") {
  using namespace tinydl;
  manual_seed(1);
  const auto digit = std::get<0>(draw_digits(1, 1).batch(std::vector<Index>{0}));
  write_network(
      "mnist_cnn",
      Sequential(Conv2D(1, 32, 3), ReLU(), Conv2D(32, 64, 3), ReLU(), MaxPool2D(2), Dropout(0.25),
                 Flatten(), Linear(64 * 144, 128), ReLU(), Dropout(0.5), Linear(128, 10)),
      digit.with_shape(Shape<4>(1, 1, 28, 28)));
  Sequential images(Conv2D(3, 8, 3, {.padding = 1}), BatchNorm2D(8), ReLU(),
                    Conv2D(8, 8, 3, {.stride = 2, .padding = 1, .groups = 8}), SiLU(),
                    Conv2D(8, 18, 1), GELU(), AvgPool2D(2), GroupNorm(6, 18),
                    Conv2D(18, 6, 3, {.padding = 2, .dilation = 2, .groups = 2}),
                    MaxPool2D(3, {.stride = 2, .padding = 1}), Flatten(), Linear(24, 7), Softmax());
  images(randn({4, 3, 14, 14}));  // so that the statistics are not 0 and 1
  write_network("images", std::move(images), randn({2, 3, 14, 14}));
  write_network(
      "larger_images",
      Sequential(ConvTranspose2D(3, 4, 3, {.stride = 2, .padding = 1}), Upsample(2), ReLU()),
      randn({1, 3, 5, 6}));
}

TEST_CASE("export_header: other networks, compiled and run by check.sh") {
  using namespace tinydl;
  manual_seed(2);
  write_network("mlp", MLP(50, {20, 20}, 10), randn({3, 50}));
  write_network("activations",
                Sequential(Linear(9, 8), Tanh(), LayerNorm(8), Sigmoid(), Linear(8, 8), ELU(),
                           Linear(8, 8), Softplus(), RMSNorm(8), LeakyReLU(), LogSoftmax()),
                randn({4, 9}));
  write_network("lstm", Sequential(LSTM(6, 5)), randn({2, 7, 6}));
  write_network("gru", Sequential(GRU(6, 5)), randn({2, 7, 6}));
  write_network("rnn", Sequential(RNN(6, 5)), randn({2, 7, 6}));
  write_network("transformer", TransformerEncoderLayer<>(16, 4, {.feedforward = 32}),
                randn({2, 6, 16}));
  write_network("attention", CausalAttention(), randn({1, 6, 16}));
  write_network("embedding", Embedding(20, 16),
                from_values<std::int64_t>({2, 3}, {0, 19, 7, 7, 3, 1}));
}

TEST_CASE("export_header: operators one by one, compiled and run by check.sh") {
  HeaderGraph g;
  std::vector<std::string> results;
  const std::string all = g.constant(integers({-1})), two = g.constant(floats({}, {2}));
  const auto add = [&](const char* op_type, std::vector<std::string> inputs,
                       std::vector<Attribute> attributes = {}) {
    results.push_back(g.node("Reshape", {g.node(op_type, std::move(inputs), attributes), all}));
  };
  const auto numbers = [&](std::vector<std::int64_t> values) {
    const auto count = static_cast<Index>(values.size());
    return g.constant(
        {{count}, tinydl::from_values<std::int64_t>(tinydl::Shape<1>(count), values)});
  };
  tinydl::manual_seed(3);
  const auto some = [&](const Sizes& shape) {
    return g.constant({shape, randn(tinydl::Shape<1>(tinydl::onnx::count_of(shape)))});
  };
  const std::string positive = g.node("Add", {g.node("Abs", {"x"}), two});  // x: (2, 3, 4, 5)

  for (const char* op_type : {"Abs", "Erf", "Exp", "Neg", "Relu", "Sigmoid", "Softplus", "Tanh"})
    add(op_type, {"x"});
  for (const char* op_type : {"Log", "Reciprocal", "Sqrt"}) add(op_type, {positive});
  add("Clip", {"x", g.constant(floats({}, {-0.5f})), g.constant(floats({}, {0.5f}))});
  add("Elu", {"x"}, {{"alpha", 0.5f}});
  add("LeakyRelu", {"x"}, {{"alpha", 0.1f}});
  for (const float power : {2.f, 3.f, 0.5f, -0.5f, -1.f})
    add("Pow", {positive, g.constant(floats({}, {power}))});

  for (const char* op_type : {"Add", "Sub", "Mul", "Div", "Max", "Min"}) {
    add(op_type, {"x", some({3, 1, 5})});
    add(op_type, {some({2, 1, 1, 1}), "x"});
    add(op_type, {"x", positive});
  }
  add("Where", {g.constant(bools({5}, {true, false, false, true, true})), "x", two});

  add("Transpose", {"x"}, {row("perm", {0, 3, 1, 2})});
  add("Transpose", {"x"});
  add("Expand", {g.node("ReduceMax", {"x"}, {row("axes", {1})}), numbers({2, 3, 4, 5})});
  add("Concat", {"x", positive, some({2, 1, 4, 5})}, {number("axis", 1)});
  for (const auto& part : g.nodes("Split", {"x", numbers({3, 2})}, {number("axis", -1)}, 2))
    add("Relu", {part});
  add("Slice", {"x", numbers({1, 0}), numbers({3, 100}), numbers({2, -1}), numbers({1, 2})});
  add("Slice", {"x", numbers({-1}), numbers({-100}), numbers({3}), numbers({-2})});
  add("Gather", {"x", g.constant(integers({}, {-1}))}, {number("axis", 2)});
  add("Gather", {"x", numbers({2, 0, 2})}, {number("axis", 3)});
  add("Pad", {"x", numbers({0, 0, 1, 0, 0, 1, 0, 2}), two});
  add("Unsqueeze", {g.node("Squeeze", {g.node("Identity", {"x"})}), numbers({0})});
  add("Flatten", {"x"});
  add("Cast", {"x"}, {number("to", 1)});

  add("MatMul", {"x", some({5, 3})});
  add("MatMul", {"x", g.node("Transpose", {"x"}, {row("perm", {0, 1, 3, 2})})});
  add("MatMul", {some({1, 2, 4}), "x"});
  const std::string matrix = g.node("Reshape", {"x", numbers({6, 20})});
  add("Gemm", {matrix, some({20, 4}), some({4})}, {{"alpha", 0.5f}, {"beta", 2.f}});
  add("Gemm", {matrix, some({4, 20})}, {number("transB", 1)});
  add("Softmax", {"x"}, {number("axis", 1)});
  const std::string steep = g.node("Mul", {"x", g.constant(floats({}, {100}))});  // exp overflows
  add("Softmax", {steep});
  add("Mul", {g.node("LogSoftmax", {steep}), g.constant(floats({}, {0.01f}))});
  add("LogSoftmax", {"x"});
  add("LayerNormalization", {"x", some({4, 5}), some({4, 5})}, {number("axis", 2)});
  add("InstanceNormalization", {"x", some({3}), some({3})});
  add("BatchNormalization",
      {"x", some({3}), some({3}), some({3}), g.constant(floats({3}, {1, 2, 3}))});
  for (const char* op_type : {"GlobalAveragePool", "GlobalMaxPool"}) add(op_type, {"x"});
  for (const char* op_type : {"ReduceMean", "ReduceMax", "ReduceMin"}) {
    add(op_type, {"x"}, {row("axes", {1, -1})});
    add(op_type, {"x"}, {row("axes", {2, 3}), number("keepdims", 0)});
    add(op_type, {"x"});
  }
  add("ReduceSum", {"x", numbers({0, 2})});

  add("Conv", {"x", some({5, 3, 3, 2}), some({5})},
      {row("strides", {2, 1}), row("pads", {1, 0, 2, 1}), row("dilations", {1, 2})});
  add("Conv", {"x", some({6, 1, 3, 3})}, {number("group", 3), word("auto_pad", "SAME_LOWER")});
  add("Conv", {"x", some({9, 3, 1, 1})});
  add("Conv", {g.node("Reshape", {"x", numbers({2, 3, 20})}), some({4, 3, 5})},
      {row("strides", {3})});
  add("ConvTranspose", {"x", some({3, 2, 3, 3}), some({2})},
      {row("strides", {2, 3}), row("pads", {1, 0, 1, 0}), row("dilations", {2, 1})});
  const auto window = row("kernel_shape", {3, 2});
  add("MaxPool", {"x"}, {window, row("pads", {1, 1, 1, 0}), row("strides", {2, 1})});
  add("AveragePool", {"x"}, {window, row("pads", {1, 1, 1, 1})});
  add("AveragePool", {"x"}, {window, row("pads", {1, 1, 1, 0}), number("count_include_pad", 1)});
  add("Resize", {"x", "", g.constant(floats({4}, {1, 1, 2, 3}))},
      {word("mode", "nearest"), word("coordinate_transformation_mode", "asymmetric"),
       word("nearest_mode", "floor")});
  add("Resize", {"x", "", g.constant(floats({4}, {1, 1, 3, 2}))},
      {word("mode", "linear"), word("coordinate_transformation_mode", "half_pixel")});

  g.result(g.node("Concat", results, {number("axis", 0)}));
  write_network("operators", g.graph, randn({2, 3, 4, 5}));
}

TEST_CASE("export_header: a file's name must be one for a namespace, and is looked at first") {
  const HeaderFolder folder;
  const tinydl::Linear model(3, 2);
  for (const char* name : {"digits-net.hpp", "3d.hpp", "_x.hpp", "a__b.hpp", "class.hpp", ".hpp",
                           "std.hpp", "NULL.hpp"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(export_header(model, folder.path / name, randn({1, 3})), FileError);
    CHECK_FALSE(fs::exists(folder.path / name));
  }
  CHECK_THROWS_WITH_AS(
      export_header(model, "a-b.hpp", randn({1, 3})),
      "a-b.hpp: export_header: 'a-b' cannot be a namespace of C++: a file is named "
      "by letters, digits and _, as digits_net.hpp",
      FileError);
}

TEST_CASE("export_header: what fails leaves the file as it was") {
  const HeaderFolder folder;
  const fs::path path = folder.path / "kept.hpp";
  export_header(tinydl::Linear(3, 2), path, randn({1, 3}));
  const std::string before = folder.text_of("kept.hpp");
  HeaderGraph g;
  g.result(g.node("Sin", {"x"}));
  CHECK_THROWS_WITH_AS(export_header(g.graph, path, {3}),
                       "export_header: Sin 'n0_0': this operator cannot be in a header",
                       ValueError);
  CHECK(folder.text_of("kept.hpp") == before);
  CHECK_FALSE(fs::exists(path.string() + ".part"));
  CHECK_THROWS_AS(
      export_header(tinydl::Linear(3, 2), folder.path / "none" / "x.hpp", randn({1, 3})),
      FileError);
  fs::remove(path);
}

TEST_CASE("export_header: a network has one input and one output, which depends on it") {
  HeaderGraph g;
  const std::string constant = g.constant(floats({2}, {1, 2}));
  g.result(constant);
  CHECK_THROWS_AS(header_of(g.graph, {3}), ValueError);
  g.graph.outputs.push_back({constant});
  CHECK_THROWS_AS(export_header(g.graph, "net.hpp", {3}), ValueError);
}

TEST_CASE("export_header: a network's input has a shape without zeros and unknown sizes") {
  HeaderGraph g;
  g.result(g.node("Relu", {"x"}));
  CHECK_THROWS_WITH_AS(export_header(g.graph, "net.hpp", {-1, 3}),
                       "export_header: an input of shape (-1, 3); all sizes must be positive",
                       ShapeError);
  CHECK_THROWS_AS(export_header(g.graph, "net.hpp", {0, 3}), ShapeError);
}

TEST_CASE("export_header: a header says what it needs, and includes nothing else") {
  HeaderGraph g;
  g.result(
      g.node("Relu", {g.node("MatMul", {"x", g.constant(floats({2, 3}, {1, 2, 3, 4, 5, 6}))})}));
  const std::string header = header_of(g.graph, {1, 2});
  CHECK(header.find("input             (1, 2), row-major") != std::string::npos);
  CHECK(header.find("numbers in it     6, that is 24 bytes") != std::string::npos);
  CHECK(header.find("working memory    4 bytes") != std::string::npos);
  CHECK(header.find("input_size = 2;") != std::string::npos);
  CHECK(header.find("output_shape[] = {1, 3};") != std::string::npos);
  std::size_t includes = 0;
  for (std::size_t at = 0; (at = header.find("#include", at)) != header.npos; ++at) ++includes;
  CHECK(includes == 3);
  for (const char* name : {"<cstddef>", "<cstdint>", "<limits>"})
    CHECK(header.find(name) != std::string::npos);
}

}  // namespace
