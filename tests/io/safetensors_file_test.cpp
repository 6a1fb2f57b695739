// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/safetensors_file.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>

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

TEST_CASE("SafetensorsFile: 16-bit floats are listed, and refused when they are to be read") {
  const SafetensorsFolder folder;
  folder.write(safetensors_bytes(R"({"h":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}})", 4));
  const tinydl::SafetensorsFile file(folder.file);
  CHECK(file.entry("h").dtype == "BF16");
  CHECK(safetensors_says(folder, [&] { file.get<float, 1>("h"); }) ==
        "tensor 'h' is of type BF16, not F32");
  CHECK(safetensors_says(folder, [&] { file.get_as<float, 1>("h"); }) ==
        "tensor 'h' is of type BF16, which is not converted");
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
  CHECK(safetensors_says(folder, [&] {
          writer.write(folder.file);
        }).starts_with("cannot be written: "));
  CHECK(folder.count() == 1);
  folder.file = folder.path / "nothing" / "file";
  CHECK(safetensors_says(folder, [&] { writer.write(folder.file); }) ==
        "cannot be written: its folder takes no new file");
}
