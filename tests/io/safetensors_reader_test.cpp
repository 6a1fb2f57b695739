// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/safetensors_reader.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>
#include <tinydl/io/safetensors_writer.hpp>

#include "io/files.hpp"

using tinydl_test::safetensors_bytes;
using tinydl_test::safetensors_says;
using tinydl_test::SafetensorsFolder;

namespace {

std::string safetensors_complaint(const std::string& bytes) {
  const SafetensorsFolder folder;
  folder.write(bytes);
  return safetensors_says(folder, [&] { tinydl::SafetensorsFile file(folder.file); });
}

}  // namespace

TEST_CASE("SafetensorsFile: names come in the file's order, with metadata and odd names") {
  const SafetensorsFolder folder;
  tinydl::SafetensorsWriter writer;
  for (const char* name : {"z", "a \"quoted\" \\ name", "\xc3\xa9", ""})
    writer.add(name, tinydl::arange(2.f));
  writer.set_metadata("k", "v \n \"w\"");
  writer.write(folder.file);
  const tinydl::SafetensorsFile file(folder.file);
  CHECK(file.names() == std::vector<std::string>{"z", "a \"quoted\" \\ name", "\xc3\xa9", ""});
  CHECK(file.metadata() == std::map<std::string, std::string>{{"k", "v \n \"w\""}});
  CHECK(file.contains("z"));
  CHECK_FALSE(file.contains("y"));
  CHECK(file.path() == folder.file);
}

TEST_CASE("SafetensorsFile: no tensors, rank 0 and tensors without elements are fine") {
  const SafetensorsFolder folder;
  tinydl::SafetensorsWriter().write(folder.file);
  CHECK(tinydl::SafetensorsFile(folder.file).entries().empty());
  tinydl::SafetensorsWriter writer;
  writer.add("empty", tinydl::zeros({0, 3}));
  writer.add("number", tinydl::Tensor<float, 0>(5.f));
  writer.add("empty too", tinydl::zeros<double>({0}));
  writer.write(folder.file);
  const tinydl::SafetensorsFile file(folder.file);
  CHECK(file.get<float, 0>("number").item() == 5);
  CHECK(file.get<float, 2>("empty").shape() == tinydl::Shape(0, 3));
  CHECK(file.get<double, 1>("empty too").size() == 0);
}

TEST_CASE("SafetensorsFile: a copy reads on after the first is gone") {
  const SafetensorsFolder folder;
  tinydl::SafetensorsWriter writer;
  writer.add("x", tinydl::arange(2.f));
  writer.write(folder.file);
  auto first = std::make_unique<tinydl::SafetensorsFile>(folder.file);
  const tinydl::SafetensorsFile copy = *first;
  first.reset();
  CHECK(copy.get<float, 1>("x")(1) == 1);
}

TEST_CASE("SafetensorsFile: get converts nothing silently, get_as does when asked") {
  const SafetensorsFolder folder;
  tinydl::SafetensorsWriter writer;
  writer.add("f", tinydl::from_values<float>({2}, {0.5f, 2}));
  writer.add("d", tinydl::from_values<double>({2}, {0.1, 2}));
  writer.add("i", tinydl::from_values<std::int64_t>({2}, {-3, 4}));
  writer.add("b", tinydl::from_values<bool>({2}, {true, false}));
  writer.write(folder.file);
  const tinydl::SafetensorsFile file(folder.file);
  CHECK(safetensors_says(folder, [&] { file.get<double, 1>("f"); }) ==
        "tensor 'f' is of type F32, not F64");
  CHECK(safetensors_says(folder, [&] { file.get<std::uint64_t, 1>("i"); }) ==
        "tensor 'i' is of type I64, not U64");
  CHECK(file.get_as<double, 1>("f")(0) == 0.5);
  CHECK(file.get_as<float, 1>("d")(0) == 0.1f);
  CHECK(file.get_as<double, 1>("d")(0) == 0.1);
  CHECK(file.get_as<float, 1>("i")(0) == -3);
  CHECK(file.get_as<float, 1>("b")(0) == 1);
}

TEST_CASE("SafetensorsFile: a name that is not there, another rank and count are refused") {
  const SafetensorsFolder folder;
  tinydl::SafetensorsWriter writer;
  writer.add("x", tinydl::zeros({2, 3}));
  writer.write(folder.file);
  const tinydl::SafetensorsFile file(folder.file);
  std::vector<float> five(5);
  CHECK(safetensors_says(folder, [&] { file.get<float, 2>("y"); }) == "there is no tensor 'y'");
  CHECK(safetensors_says(folder, [&] { file.entry("y"); }) == "there is no tensor 'y'");
  CHECK(safetensors_says(folder, [&] { file.get<float, 1>("x"); }) ==
        "tensor 'x' has shape (2, 3), not rank 1");
  CHECK(safetensors_says(folder, [&] { file.get_as<double, 3>("x"); }) ==
        "tensor 'x' has shape (2, 3), not rank 3");
  CHECK(safetensors_says(folder, [&] { file.copy_to("x", std::span(five)); }) ==
        "tensor 'x' has 6 elements, not 5");
}

TEST_CASE("SafetensorsFile: 16-bit floats are converted when asked, and never silently") {
  const SafetensorsFolder folder;
  const std::string header = R"({"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},)"
                             R"("h":{"dtype":"F16","shape":[1],"data_offsets":[4,6]}})";
  folder.write(safetensors_bytes(header) + std::string("\x80\x3f\x49\xc0\0\xc0", 6));
  const tinydl::SafetensorsFile file(folder.file);
  CHECK(file.entry("b").dtype == "BF16");
  CHECK(safetensors_says(folder, [&] { file.get<float, 1>("b"); }) ==
        "tensor 'b' is of type BF16, not F32");
  CHECK(file.get_as<float, 1>("b")(0) == 1);
  CHECK(file.get_as<double, 1>("b")(1) == -3.140625);
  CHECK(file.get_as<float, 1>("h")(0) == -2);
}

TEST_CASE("SafetensorsFile: a byte other than 0 or 1 is a true bool") {
  const SafetensorsFolder folder;
  folder.write(safetensors_bytes(R"({"b":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})") +
               "\x80");
  CHECK(tinydl::SafetensorsFile(folder.file).get<bool, 1>("b")(0));
}

TEST_CASE("SafetensorsFile: a missing file is refused by its path") {
  const SafetensorsFolder folder;
  CHECK(safetensors_says(folder, [&] { tinydl::SafetensorsFile file(folder.file); }) ==
        "no such file");
}

TEST_CASE("SafetensorsFile: a file too short for its header is refused") {
  CHECK(safetensors_complaint("abc") == "truncated: 3 bytes do not hold the header's length");
  CHECK(safetensors_complaint(std::string("\x09\0\0\0\0\0\0\0{}", 10)) ==
        "truncated, or no safetensors file: the header is said to have 9 bytes and 2 follow");
  CHECK(safetensors_complaint(std::string(8, '\xff') + "{}") ==
        "truncated, or no safetensors file: the header is said to have 18446744073709551615 bytes "
        "and 2 follow");
}

TEST_CASE("SafetensorsFile: a header that is not a JSON object is refused") {
  CHECK(safetensors_complaint(safetensors_bytes("")).starts_with("the header is not JSON: "));
  CHECK(
      safetensors_complaint(safetensors_bytes("{\"a\":")).starts_with("the header is not JSON: "));
  CHECK(safetensors_complaint(safetensors_bytes("{} x")).starts_with("the header is not JSON: "));
  CHECK(
      safetensors_complaint(safetensors_bytes("{\"\xff\":1}")).starts_with("the header is not J"));
  const std::string no_object = "the header is not a JSON object, which begins with {";
  CHECK(safetensors_complaint(safetensors_bytes("[1, 2]")) == no_object);
  CHECK(safetensors_complaint(safetensors_bytes("  {}")) == no_object);
  CHECK(
      safetensors_complaint(safetensors_bytes(std::string(100000, '['))).starts_with("the header"));
  CHECK(safetensors_complaint(safetensors_bytes("{}  ")) == "none");
}

TEST_CASE("SafetensorsFile: a name that is there twice is refused") {
  const std::string x = R"("x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  CHECK(safetensors_complaint(safetensors_bytes("{" + x + "," + x + "}", 1)) ==
        "the header has the name \"x\" twice");
  CHECK(safetensors_complaint(safetensors_bytes(R"({"__metadata__":{"k":"1","k":"2"}})")) ==
        "the header has the name \"k\" twice");
}

TEST_CASE("SafetensorsFile: metadata that is no map of strings is refused") {
  CHECK(safetensors_complaint(safetensors_bytes(R"({"__metadata__":[]})")) ==
        "__metadata__ is not a JSON object");
  CHECK(safetensors_complaint(safetensors_bytes(R"({"__metadata__":{"k":1}})")) ==
        "__metadata__: the value of 'k' is not a string");
}

TEST_CASE("SafetensorsFile: an entry with a missing or wrong member is refused") {
  const auto complaint = [](const std::string& entry) {
    return safetensors_complaint(safetensors_bytes("{\"x\":" + entry + "}", 4));
  };
  CHECK(complaint("1") == "tensor 'x': it has no dtype");
  CHECK(complaint("{}") == "tensor 'x': it has no dtype");
  CHECK(complaint(R"({"dtype":"F32"})") == "tensor 'x': it has no shape");
  CHECK(complaint(R"({"dtype":"F32","shape":[]})") == "tensor 'x': it has no data_offsets");
  CHECK(complaint(R"({"dtype":32,"shape":[1],"data_offsets":[0,4]})") ==
        "tensor 'x': its dtype is not a string");
  CHECK(complaint(R"({"dtype":"F31","shape":[1],"data_offsets":[0,4]})") ==
        "tensor 'x': its dtype F31 is unknown");
  CHECK(complaint(R"({"dtype":"","shape":[1],"data_offsets":[0,4]})") ==
        "tensor 'x': its dtype  is unknown");
  CHECK(complaint(R"({"dtype":"F32","shape":1,"data_offsets":[0,4]})") ==
        "tensor 'x': its shape is not a list");
  CHECK(complaint(R"({"dtype":"F32","shape":[1],"data_offsets":[0,2,4]})") ==
        "tensor 'x': it has 3 data_offsets, not 2");
}

TEST_CASE("SafetensorsFile: sizes that are negative, fractions or overflow are refused") {
  const auto complaint = [](const std::string& shape, const std::string& offsets = "[0,4]") {
    return safetensors_complaint(safetensors_bytes(
        R"({"x":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}", 4));
  };
  CHECK(complaint("[1]") == "none");
  CHECK(complaint("[-1]") == "tensor 'x': its shape has -1, which is no size");
  CHECK(complaint("[1.5]") == "tensor 'x': its shape has 1.5, which is no size");
  CHECK(complaint("[\"1\"]") == "tensor 'x': its shape has \"1\", which is no size");
  CHECK(complaint("[18446744073709551615]") ==
        "tensor 'x': its shape has 18446744073709551615, which is no size");
  CHECK(complaint("[99999999999999999999]").ends_with("which is no size"));
  CHECK(complaint("[1]", "[-4,0]") == "tensor 'x': its data_offsets has -4, which is no size");
  CHECK(complaint("[4294967296, 4294967296]") ==
        "tensor 'x': its shape (4294967296, 4294967296) overflows");
  CHECK(complaint("[4611686018427387904]") ==
        "tensor 'x': its shape (4611686018427387904,) overflows");
  CHECK(complaint("[0, 4294967296, 4294967296]", "[0,0]").ends_with("overflows"));
}

TEST_CASE("SafetensorsFile: offsets that lie are refused") {
  const auto complaint = [](const std::string& shape, const std::string& offsets) {
    return safetensors_complaint(safetensors_bytes(
        R"({"x":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}", 8));
  };
  CHECK(complaint("[2]", "[0,8]") == "none");
  CHECK(complaint("[1]", "[0,8]") ==
        "tensor 'x': its shape (1,) of F32 takes 4 bytes, and its offsets leave 8");
  CHECK(complaint("[]", "[0,8]") ==
        "tensor 'x': its shape () of F32 takes 4 bytes, and its offsets leave 8");
  CHECK(complaint("[2]", "[8,0]") == "tensor 'x': its offsets decrease, from 8 to 0");
  CHECK(complaint("[3]", "[0,12]") ==
        "tensor 'x': it ends at byte 12 of the data, of which there are 8");
  CHECK(complaint("[2305843009213693951]", "[0,9223372036854775804]") ==
        "tensor 'x': it ends at byte 9223372036854775804 of the data, of which there are 8");
}

TEST_CASE("SafetensorsFile: overlaps, gaps and left-over bytes are refused") {
  const auto complaint = [](const char* a, const char* b, std::size_t data) {
    return safetensors_complaint(safetensors_bytes(
        tinydl::text(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)", a,
                     R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)", b, "}}"),
        data));
  };
  CHECK(complaint("[0,4]", "[4,8]", 8) == "none");
  CHECK(complaint("[4,8]", "[0,4]", 8) == "none");
  CHECK(complaint("[0,4]", "[2,6]", 8) == "tensors 'a' and 'b' overlap");
  CHECK(complaint("[0,4]", "[0,4]", 4).ends_with("overlap"));
  CHECK(complaint("[6,10]", "[0,4]", 10) == "2 bytes before tensor 'a' belong to none");
  CHECK(complaint("[1,5]", "[5,9]", 9) == "1 bytes before tensor 'a' belong to none");
  CHECK(complaint("[0,4]", "[4,8]", 11) == "3 bytes at the end belong to no tensor");
  CHECK(safetensors_complaint(safetensors_bytes("{}", 2)) ==
        "2 bytes at the end belong to no tensor");
}

TEST_CASE("SafetensorsFile: no cut of a file is taken for a whole one") {
  const SafetensorsFolder folder;
  tinydl::SafetensorsWriter writer;
  writer.add("x", tinydl::arange(3.f));
  writer.write(folder.file);
  const std::string bytes = tinydl::read_file(folder.file).bytes;
  for (std::size_t keep = 0; keep < bytes.size(); ++keep)
    CHECK(safetensors_complaint(bytes.substr(0, keep)) != "none");
}
