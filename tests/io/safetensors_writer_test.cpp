// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/safetensors_writer.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>
#include <tinydl/io/safetensors_reader.hpp>

#include "io/files.hpp"

using tinydl_test::safetensors_bytes;
using tinydl_test::safetensors_says;
using tinydl_test::SafetensorsFolder;

namespace {

template <class T>
void safetensors_round_trip(const char* dtype, std::initializer_list<T> values) {
  const SafetensorsFolder folder;
  const auto tensor = tinydl::from_values<T>(tinydl::Shape(2, 2), std::span<const T>(values));
  tinydl::SafetensorsWriter writer;
  writer.add("x", tensor);
  writer.write(folder.file);
  const tinydl::SafetensorsFile file(folder.file);
  CHECK(file.entry("x").dtype == dtype);
  CHECK(file.entry("x").shape == std::vector<tinydl::Index>{2, 2});
  const auto back = file.get<T, 2>("x");
  CHECK(std::equal(values.begin(), values.end(), back.data()));
}

}  // namespace

TEST_CASE("SafetensorsWriter: every element type that a Tensor holds comes back bit by bit") {
  safetensors_round_trip<double>("F64", {1.5, -0.0, 1e-310, 1e300});
  safetensors_round_trip<float>("F32", {1.5f, -2.f, 1e-40f, 3e38f});
  safetensors_round_trip<std::int64_t>("I64", {1, -1, INT64_MIN, INT64_MAX});
  safetensors_round_trip<std::int32_t>("I32", {1, -1, INT32_MIN, INT32_MAX});
  safetensors_round_trip<std::int16_t>("I16", {1, -1, INT16_MIN, INT16_MAX});
  safetensors_round_trip<std::int8_t>("I8", {1, -1, INT8_MIN, INT8_MAX});
  safetensors_round_trip<std::uint64_t>("U64", {1, 2, 3, UINT64_MAX});
  safetensors_round_trip<std::uint32_t>("U32", {1, 2, 3, UINT32_MAX});
  safetensors_round_trip<std::uint16_t>("U16", {1, 2, 3, UINT16_MAX});
  safetensors_round_trip<std::uint8_t>("U8", {1, 2, 3, UINT8_MAX});
  safetensors_round_trip<bool>("BOOL", {true, false, false, true});
}

TEST_CASE("SafetensorsWriter: the bytes are the format's, wider elements first, data aligned") {
  const SafetensorsFolder folder;
  tinydl::SafetensorsWriter writer;
  writer.add("b", tinydl::from_values<std::uint8_t>({3}, {1, 2, 3}));
  writer.add("d", tinydl::from_values<float>({1}, {1}));
  writer.set_metadata("format", "pt");
  writer.write(folder.file);
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"b":{"data_offsets":[4,7],"dtype":"U8","shape":[3]},)"
      R"("d":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}})";
  const std::string padding((8 - header.size() % 8) % 8, ' ');
  const std::string data("\0\0\x80\x3f\1\2\3", 7);
  CHECK(tinydl::read_file(folder.file).bytes == safetensors_bytes(header + padding) + data);
}

TEST_CASE("SafetensorsWriter: what cannot be written is refused") {
  tinydl::SafetensorsWriter writer;
  writer.add("x", tinydl::zeros({2}));
  const std::vector<float> three(3);
  const tinydl::Index two[] = {2}, negative[] = {-3};
  CHECK_THROWS_WITH_AS(writer.add("x", tinydl::zeros({3})),
                       "safetensors: there are two tensors 'x'", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(writer.add("__metadata__", tinydl::zeros({3})),
                       "safetensors: no tensor is named __metadata__", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(writer.add("y", tinydl::Tensor<float, 0>()),
                       "safetensors: tensor 'y' is undefined", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(writer.add("y", two, std::span(three)),
                       "safetensors: tensor 'y' of shape (2,) has 3 values", tinydl::ShapeError);
  CHECK_THROWS_AS(writer.add("y", negative, std::span(three)), tinydl::ShapeError);
  const SafetensorsFolder folder;
  writer.write(folder.file);
  CHECK(tinydl::SafetensorsFile(folder.file).names() == std::vector<std::string>{"x"});

  writer.add("\xff", tinydl::zeros({1}));
  CHECK_THROWS_WITH_AS(writer.write(folder.file),
                       "safetensors: a name or the metadata is not UTF-8", tinydl::ValueError);
}

TEST_CASE("SafetensorsWriter: writes the values as they were when they were added") {
  const SafetensorsFolder folder;
  tinydl::SafetensorsWriter writer;
  auto x = tinydl::zeros({2});
  writer.add("x", x);
  x.mutable_span()[0] = 1;
  writer.write(folder.file);
  CHECK(tinydl::SafetensorsFile(folder.file).get<float, 1>("x")(0) == 0);
}

TEST_CASE("SafetensorsWriter: a file is replaced whole, and nothing else is left in its folder") {
  const SafetensorsFolder folder;
  folder.write("something older, and longer than what replaces it" + std::string(1000, '!'));
  tinydl::SafetensorsWriter writer;
  writer.add("x", tinydl::zeros({2}));
  writer.write(folder.file);
  CHECK(tinydl::SafetensorsFile(folder.file).contains("x"));
  CHECK(folder.count() == 1);
}

TEST_CASE("SafetensorsWriter: where no file can be written the message begins with its path") {
  SafetensorsFolder folder;
  const tinydl::SafetensorsWriter writer;
  std::filesystem::create_directories(folder.file / "inside");
  CHECK(safetensors_says(folder, [&] { writer.write(folder.file); }) ==
        "cannot be written: Is a directory");
  CHECK(folder.count() == 1);
  folder.file = folder.path / "nothing" / "file";
  CHECK(safetensors_says(folder, [&] { writer.write(folder.file); }) ==
        "cannot be written: No such file or directory");
}
