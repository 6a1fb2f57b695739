// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/npz.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>
#include <tinydl/layers/linear.hpp>

#include "io/files.hpp"
#include "io/npy_files.hpp"
#include "io/zip_files.hpp"

using tinydl_test::npy_bytes;
using tinydl_test::npy_dict;
using tinydl_test::safetensors_says;
using tinydl_test::SafetensorsFolder;
using NpzNames = std::vector<std::string>;

namespace {

/// An archive of one array "x".
tinydl::NpzFile npz_of(const std::string& npy, bool compressed = false) {
  auto zip = compressed ? tinydl_test::deflated_zip(npy) : tinydl_test::PlainZip{.content = npy};
  zip.name = "x.npy";
  return tinydl::NpzFile(tinydl::FileContent{"x.npz", zip.bytes()});
}

template <class F>
std::string npz_says(F f) {
  try {
    f();
  } catch (const tinydl::FileError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("npz: arrays come back by their names, stored and compressed") {
  const SafetensorsFolder folder;
  const auto large = tinydl::arange(100'000.0);
  for (const bool compressed : {false, true}) {
    {
      tinydl::NpzWriter writer;
      writer.add("l1.weight", tinydl::from_values<float>({1, 2}, {0.5f, 2}));
      writer.add("labels", tinydl::from_values<std::int64_t>({2}, {-3, 4}));
      writer.add("a/b c", tinydl::from_values<bool>({2}, {true, false}));
      writer.add("empty", tinydl::zeros({0, 3}));
      writer.add("large", large);
      writer.write(folder.file, {.compressed = compressed});
    }
    const tinydl::NpzFile file(folder.file);
    CHECK(file.names() == NpzNames{"l1.weight", "labels", "a/b c", "empty", "large"});
    CHECK(file.contains("labels"));
    CHECK_FALSE(file.contains("label"));
    CHECK(file.get<float, 2>("l1.weight")(0, 1) == 2);
    CHECK(file.get<std::int64_t, 1>("labels")(0) == -3);
    CHECK(file.get_as<float, 1>("labels")(1) == 4);
    CHECK(file.get<bool, 1>("a/b c")(0));
    CHECK(file.get<float, 2>("empty").shape() == tinydl::Shape(0, 3));
    CHECK(std::ranges::equal(file.get<double, 1>("large").span(), large.span()));
    CHECK(file.header("large").shape == std::vector<tinydl::Index>{100'000});
    CHECK((std::filesystem::file_size(folder.file) < 800'000) == compressed);
  }
}

TEST_CASE("npz: the same arrays make the same bytes") {
  const SafetensorsFolder folder;
  const auto written = [&] {
    tinydl::NpzWriter writer;
    writer.add("x", tinydl::arange(5.f));
    writer.write(folder.file);
    return tinydl::read_file(folder.file).bytes;
  };
  CHECK(written() == written());
}

TEST_CASE("npz: another element type, rank or name is refused by the array") {
  const auto file = npz_of(npy_bytes(npy_dict("|u1", "(2,)"), "ab"), true);
  CHECK(file.get<std::uint8_t, 1>("x")(1) == 'b');
  CHECK(npz_says([&] { file.get<float, 1>("x"); }) ==
        "x.npz: array 'x': its elements are U8, not F32");
  CHECK(npz_says([&] { file.get<std::uint8_t, 2>("x"); }) ==
        "x.npz: array 'x': its shape is (2,), not of rank 2");
  CHECK(npz_says([&] { file.get<float, 1>("y"); }) == "x.npz: there is no array 'y'");
  CHECK(npz_says([&] { npz_of(npy_bytes(npy_dict("|O", "()"), "pickle")).array("x"); }) ==
        "x.npz: array 'x': its elements are Python objects (a pickle), which are not read");
}

TEST_CASE("npz: a shape that is not that of the archive is refused before all is unpacked") {
  for (const bool compressed : {false, true}) {
    CHECK(
        npz_says([&] {
          npz_of(npy_bytes(npy_dict("<f8", "(1000000000000,)"), "12345678"), compressed).array("x");
        }) ==
        "x.npz: array 'x': its shape (1000000000000,) of F64 takes 8000000000000 bytes, and the "
        "archive has 8");
    CHECK(npz_says([&] {
            npz_of(npy_bytes(npy_dict("|u1", "()"), std::string(1'000'000, 'x')), compressed)
                .array("x");
          }) == "x.npz: array 'x': its shape () of U8 takes 1 bytes, and the archive has 1000000");
  }
}

TEST_CASE("npz: other files in the archive are passed over") {
  tinydl_test::PlainZip zip{.name = "readme.txt"};
  CHECK(tinydl::NpzFile(tinydl::FileContent{"x.npz", zip.bytes()}).names().empty());
}

TEST_CASE("NpzWriter: names that are taken or too long and undefined tensors are refused") {
  tinydl::NpzWriter writer;
  writer.add("x", tinydl::zeros({2}));
  CHECK_THROWS_WITH_AS(writer.add("x", tinydl::zeros({2})), "npz: there are two arrays 'x'",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(writer.add(std::string(1001, 'x'), tinydl::zeros({2})),
                       "npz: a name of 1001 bytes is longer than 1000", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(writer.add("y", tinydl::Tensor<float, 1>()), "npz: array 'y' is undefined",
                       tinydl::ValueError);
  const tinydl::Index shape[] = {2, 2};
  const std::vector<float> three(3);
  CHECK_THROWS_WITH_AS(writer.add("z", shape, std::span(three)),
                       "npz: array 'z' of shape (2, 2) has 3 values", tinydl::ShapeError);
}

TEST_CASE("save_npz and load_npz: a model comes back, of either precision") {
  const SafetensorsFolder folder;
  const tinydl::Linear<double> first(3, 2);
  tinydl::Linear<double> second(3, 2);
  tinydl::Linear<> single(3, 2);
  tinydl::save_npz(first, folder.file, {.compressed = true});
  CHECK(tinydl::NpzFile(folder.file).names() == NpzNames{"weight", "bias"});
  CHECK(tinydl::load_npz(second, folder.file).missing.empty());
  CHECK(std::ranges::equal(second.weight.data().span(), first.weight.data().span()));
  CHECK(std::ranges::equal(second.bias.data().span(), first.bias.data().span()));
  tinydl::load_npz(single, folder.file);
  CHECK(single.weight.data()(1, 2) == static_cast<float>(first.weight.data()(1, 2)));
}

TEST_CASE("load_npz: all that does not fit is named; unless strict, the rest is loaded") {
  const SafetensorsFolder folder;
  tinydl::NpzWriter writer;
  writer.add("weight", tinydl::ones({3, 2}));
  writer.add("other", tinydl::ones({1}));
  writer.write(folder.file);
  tinydl::Linear<> model(3, 2);
  const auto before = model.weight.data(), ones = tinydl::ones({2, 3});
  CHECK(safetensors_says(folder, [&] { tinydl::load_npz(model, folder.file); }) ==
        "does not fit the model; missing in the file: bias; unknown to the model: other; "
        "different: weight is F32 (3, 2) in the file and F32 (2, 3) in the model");
  CHECK(model.weight.data().shares_with(before));

  tinydl::NpzWriter fitting;
  fitting.add("weight", ones);
  fitting.add("other", tinydl::ones({1}));
  fitting.write(folder.file);
  const auto result = tinydl::load_npz(model, folder.file, {.strict = false});
  CHECK(result.missing == NpzNames{"bias"});
  CHECK(result.unexpected == NpzNames{"other"});
  CHECK(std::ranges::equal(model.weight.data().span(), ones.span()));
}

TEST_CASE("load_npz: one damaged array, and the model is left as it was") {
  const SafetensorsFolder folder;
  tinydl::Linear<> model(3, 2);
  tinydl::save_npz(model, folder.file);
  std::string bytes = tinydl::read_file(folder.file).bytes;
  bytes[bytes.find("PK\x01\x02") - 1] ^= 1;  // of the last array
  folder.write(bytes);
  const auto before = model.weight.data();
  model.bias.mutable_data().mutable_span()[0] = 7;
  CHECK(safetensors_says(folder, [&] { tinydl::load_npz(model, folder.file); }) ==
        "'bias.npy': damaged: its check sum is not that of its bytes");
  CHECK(model.weight.data().shares_with(before));
  CHECK(model.bias.data()(0) == 7);
}
