// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/onnx/write.hpp>

#include <filesystem>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>
#include <tinydl/data/file.hpp>

namespace {

using namespace tinydl;
using namespace std::string_literals;

TEST_CASE("write_graph: a node is written as the format's own tools write it") {
  const onnx::Graph graph{
      .name = "g",
      .nodes = {{.op_type = "Relu", .inputs = {"x"}, .outputs = {"y"}}},
      .inputs = {{"x", {{.name = "N"}, {.size = 2}}}},
      .outputs = {{"y", {{.name = "N"}, {.size = 2}}}},
  };
  // made by onnx.helper of Python's onnx package
  const std::string type = "\x12\x0f\x0a\x0d\x08\x01\x12\x09\x0a\x03\x12\x01N\x0a\x02\x08\x02"s;
  CHECK(onnx::graph_bytes(graph) ==
        "\x08\x08\x12\x06tinydl\x3a\x3d\x0a\x0c\x0a\x01x\x12\x01y\x22\x04"
        "Relu\x12\x01g\x5a\x14\x0a\x01x"s +
            type + "\x62\x14\x0a\x01y"s + type + "\x42\x04\x0a\0\x10\x11"s);
}

TEST_CASE("write_graph: the file holds the bytes, and a failure leaves none") {
  const auto folder = std::filesystem::temp_directory_path() /
                      text("tinydl_onnx_", std::random_device{}(), std::random_device{}());
  std::filesystem::create_directories(folder);
  onnx::Graph graph{.initializers = {{"w", {{2}, from_values({1.0f, 2.0f})}}}};
  onnx::write_graph(graph, folder / "net.onnx");
  CHECK(read_file(folder / "net.onnx").bytes == onnx::graph_bytes(graph));

  graph.initializers[0].value.shape = {3};
  CHECK_THROWS_WITH_AS(onnx::write_graph(graph, folder / "other.onnx"),
                       "write_graph: tensor 'w' of shape (3,) has 2 elements", ShapeError);
  CHECK_FALSE(std::filesystem::exists(folder / "other.onnx"));
  std::filesystem::remove_all(folder);
}

}  // namespace
