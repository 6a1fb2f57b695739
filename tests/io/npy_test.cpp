// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/npy.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>

#include "io/files.hpp"
#include "io/npy_files.hpp"

using tinydl_test::npy_bytes;
using tinydl_test::npy_dict;
using tinydl_test::npy_says;

namespace {

tinydl::NpyArray npy_array(const std::string& bytes) { return tinydl::NpyArray(bytes, "x.npy"); }

template <class T>
void npy_round_trip() {
  const tinydl_test::SafetensorsFolder folder;
  CAPTURE(tinydl::detail::dtype_name<T>());
  const auto x = tinydl::from_values<T>({2, 1, 3}, {T(0), T(1), T(1), T(0), T(-1), T(1)});
  tinydl::save_npy(x, folder.file);
  const auto y = tinydl::read_npy<T, 3>(folder.file);
  CHECK(y.shape() == x.shape());
  CHECK(std::ranges::equal(x.span(), y.span()));
}

}  // namespace

TEST_CASE("npy: tensors of all types come back as they were") {
  npy_round_trip<double>();
  npy_round_trip<float>();
  npy_round_trip<std::int64_t>();
  npy_round_trip<std::int32_t>();
  npy_round_trip<std::int16_t>();
  npy_round_trip<std::int8_t>();
  npy_round_trip<std::uint64_t>();
  npy_round_trip<std::uint32_t>();
  npy_round_trip<std::uint16_t>();
  npy_round_trip<std::uint8_t>();
  npy_round_trip<bool>();
}

TEST_CASE("npy: rank 0 and tensors without elements come back") {
  const tinydl_test::SafetensorsFolder folder;
  tinydl::save_npy(tinydl::Tensor<double, 0>(0.1), folder.file);
  CHECK(tinydl::read_npy<double, 0>(folder.file).item() == 0.1);
  tinydl::save_npy(tinydl::zeros({3, 0}), folder.file);
  CHECK(tinydl::read_npy<float, 2>(folder.file).shape() == tinydl::Shape(3, 0));
}

TEST_CASE("npy: elements of either byte order are read") {
  const std::string little("\x01\x02\xff\xff", 4), big("\x02\x01\xff\xff", 4);
  CHECK(npy_array(npy_bytes(npy_dict("<u2", "(2,)"), little)).get<std::uint16_t, 1>()(0) == 0x201);
  CHECK(npy_array(npy_bytes(npy_dict(">u2", "(2,)"), big)).get<std::uint16_t, 1>()(0) == 0x201);
  CHECK(npy_array(npy_bytes(npy_dict(">i2", "(2,)"), big)).get<std::int16_t, 1>()(1) == -1);
  CHECK(npy_array(npy_bytes(npy_dict(">f8", "()"), {"\x40\x09\x20\0\0\0\0\0", 8}))
            .get<double, 0>()
            .item() == 3.140625);
}

TEST_CASE("npy: arrays in Fortran order are put into ours") {
  // [[[0, 6], [2, 8], [4, 10]], [[1, 7], [3, 9], [5, 11]]]
  const std::string elements("\0\1\2\3\4\5\6\7\x8\x9\xa\xb", 12);
  const auto x =
      npy_array(npy_bytes(npy_dict("|u1", "(2, 3, 2)", true), elements)).get<std::uint8_t, 3>();
  for (tinydl::Index i = 0; i < 2; ++i)
    for (tinydl::Index j = 0; j < 3; ++j)
      for (tinydl::Index k = 0; k < 2; ++k) CHECK(x(i, j, k) == i + 2 * j + 6 * k);
  const std::string big("\0\1\0\2\0\3\0\4", 8);  // of the other byte order, too
  const auto y = npy_array(npy_bytes(npy_dict(">i2", "(2, 2)", true), big)).get<std::int16_t, 2>();
  CHECK(y(0, 1) == 3);
  CHECK(y(1, 0) == 2);
  CHECK(npy_array(npy_bytes(npy_dict("|u1", "(0, 3)", true))).get<std::uint8_t, 2>().size() == 0);
  CHECK(npy_array(npy_bytes(npy_dict("|u1", "()", true), "\7")).get<std::uint8_t, 0>().item() == 7);
}

TEST_CASE("npy: get converts nothing silently, get_as does when asked") {
  const auto x = npy_array(npy_bytes(npy_dict("<i2", "(1, 2)"), {"\3\0\xff\xff", 4}));
  CHECK(npy_says([&] { x.get<float, 2>(); }) == "its elements are I16, not F32");
  CHECK(npy_says([&] { x.get<std::uint16_t, 2>(); }) == "its elements are I16, not U16");
  CHECK(x.get_as<float, 2>()(0, 0) == 3);
  CHECK(x.get_as<double, 2>()(0, 1) == -1);
  const auto half = npy_array(npy_bytes(npy_dict(">f2", "(1,)"), {"\xc0\0", 2}));
  CHECK(half.dtype() == "F16");
  CHECK(half.get_as<float, 1>()(0) == -2);
}

TEST_CASE("npy: another rank or number of elements is refused by what there is") {
  const auto x = npy_array(npy_bytes(npy_dict("|u1", "(1, 2)"), "ab"));
  CHECK(npy_says([&] { x.get<std::uint8_t, 1>(); }) == "its shape is (1, 2), not of rank 1");
  CHECK(npy_says([&] { x.get_as<float, 3>(); }) == "its shape is (1, 2), not of rank 3");
  std::vector<float> three(3);
  CHECK(npy_says([&] { x.copy_to(std::span(three)); }) == "it has 2 elements, not 3");
}

TEST_CASE("npy: bytes that lack or are too many are refused, whatever sizes are claimed") {
  const auto complaint = [](const char* shape, const std::string& elements) {
    return npy_says([&] { npy_array(npy_bytes(npy_dict("<f4", shape), elements)); });
  };
  CHECK(complaint("(2,)", "12345678") == "none");
  CHECK(complaint("(2,)", "1234567") ==
        "truncated: its shape (2,) of F32 takes 8 bytes and 1 of them are missing");
  CHECK(complaint("(2,)", "123456789") == "1 bytes too many after the 8 of its shape (2,) of F32");
  CHECK(complaint("(2305843009213693951,)", "1234") ==
        "truncated: its shape (2305843009213693951,) of F32 takes 9223372036854775804 bytes and "
        "9223372036854775800 of them are missing");
}

TEST_CASE("npy: a missing file and an undefined tensor are refused") {
  const tinydl_test::SafetensorsFolder folder;
  CHECK(tinydl_test::safetensors_says(folder, [&] { tinydl::read_npy<float, 1>(folder.file); }) ==
        "no such file");
  CHECK_THROWS_WITH_AS(tinydl::save_npy(tinydl::Tensor<float, 1>(), folder.file),
                       "save_npy: the tensor is undefined", tinydl::ValueError);
  CHECK(folder.count() == 0);
}

TEST_CASE("npy: a file that is not what was asked for is refused by its path") {
  const tinydl_test::SafetensorsFolder folder;
  tinydl::save_npy(tinydl::zeros({2, 3}), folder.file);
  CHECK(tinydl_test::safetensors_says(folder, [&] { tinydl::read_npy<double, 2>(folder.file); }) ==
        "its elements are F32, not F64");
}
