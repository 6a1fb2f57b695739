// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/npy_header.hpp>

#include <doctest/doctest.h>

#include "io/npy_files.hpp"

using tinydl_test::npy_bytes;
using tinydl_test::npy_dict;

namespace {

tinydl::detail::NpyHeader npy_header_of(const std::string& bytes) {
  const std::string where = "x.npy";
  return tinydl::detail::NpyHeaderReader(bytes, where).read();
}

std::string npy_header_complaint(const std::string& bytes) {
  return tinydl_test::npy_says([&] { npy_header_of(bytes); });
}
std::string npy_dict_complaint(const std::string& dict) {
  return npy_header_complaint(npy_bytes(dict));
}

using NpyShape = std::vector<tinydl::Index>;

}  // namespace

TEST_CASE("npy header: type, byte order, order of axes and shape are read") {
  const auto header = npy_header_of(npy_bytes(npy_dict(">f8", "(2, 3)", true)));
  CHECK(header.dtype == "F64");
  CHECK(header.big_endian);
  CHECK(header.fortran_order);
  CHECK(header.shape == NpyShape{2, 3});
  CHECK(header.element == 8);
  CHECK(header.bytes == 48);
  CHECK(header.begin == npy_bytes(npy_dict(">f8", "(2, 3)", true)).size());
}

TEST_CASE("npy header: every number that a Tensor can hold, and 16-bit floats") {
  const std::pair<const char*, const char*> types[] = {
      {"<f8", "F64"}, {"<f4", "F32"}, {"<f2", "F16"}, {"<i8", "I64"},
      {"<i4", "I32"}, {"<i2", "I16"}, {"|i1", "I8"},  {"<u8", "U64"},
      {"<u4", "U32"}, {"<u2", "U16"}, {"|u1", "U8"},  {"|b1", "BOOL"}};
  for (const auto& [numpy, ours] : types) {
    const auto header = npy_header_of(npy_bytes(npy_dict(numpy, "(5,)")));
    CHECK(header.dtype == ours);
    CHECK(header.element == static_cast<std::size_t>(numpy[2] - '0'));
    CHECK_FALSE(header.big_endian);
  }
}

TEST_CASE("npy header: versions 1.0, 2.0 and 3.0 are read, and no other") {
  const std::string dict = npy_dict("<f4", "()");
  for (const int version : {1, 2, 3})
    CHECK(npy_header_of(npy_bytes(dict, "", version)).shape.empty());
  CHECK(npy_header_complaint(npy_bytes(dict, "", 4)) ==
        "of version 4.0 of its format; 1.0, 2.0 and 3.0 are read");
  CHECK(npy_header_complaint(npy_bytes(dict, "", 0xff)) ==
        "of version 255.0 of its format; 1.0, 2.0 and 3.0 are read");
  std::string minor = npy_bytes(dict);
  minor[7] = 1;
  CHECK(npy_header_complaint(minor) == "of version 1.1 of its format; 1.0, 2.0 and 3.0 are read");
}

TEST_CASE("npy header: the dict is read in any order, quotes and spaces, and without last commas") {
  const auto header = npy_header_of(
      npy_bytes("{ \"shape\":( 4 ,5) ,'fortran_order' :False,\"descr\" : \"<i8\"}   \n  "));
  CHECK(header.dtype == "I64");
  CHECK(header.shape == NpyShape{4, 5});
  CHECK(npy_header_of(npy_bytes(npy_dict("<f4", "(3L, 2L)"))).shape == NpyShape{3, 2});
}

TEST_CASE("npy header: what is no .npy file is refused and, if known, named") {
  CHECK(npy_header_complaint("") == "not a .npy file: it does not begin with \\x93NUMPY");
  CHECK(npy_header_complaint("\x80\x04K\x01.") ==
        "not a .npy file: it does not begin with \\x93NUMPY");
  CHECK(npy_header_complaint("PK\x03\x04") ==
        "a zip archive, not a .npy file: see NpzFile in <tinydl/io/npz.hpp>");
}

TEST_CASE("npy header: no cut of one is taken for a whole one") {
  for (const int version : {1, 2}) {
    const std::string bytes = npy_bytes(npy_dict("<f4", "(2,)"), "", version);
    for (std::size_t keep = 0; keep < bytes.size(); ++keep)
      CHECK(npy_header_complaint(bytes.substr(0, keep)) != "none");
  }
  CHECK(npy_header_complaint("\x93NUMPY") == "truncated: 2 of the first 8 bytes are missing");
  CHECK(npy_header_complaint(std::string("\x93NUMPY\x01\0\x30\0{'descr'", 18)) ==
        "truncated: 40 of the first 58 bytes are missing");
}

TEST_CASE("npy header: a length beyond reason is refused whatever follows") {
  CHECK(npy_header_complaint(std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12)) ==
        "its header is said to have 4294967295 bytes; 65535 are read");
}

TEST_CASE("npy header: elements that no Tensor holds are refused by their name") {
  const auto complaint = [](const char* type) {
    return npy_dict_complaint(npy_dict(type, "(2,)"));
  };
  for (const char* type : {"<c16", "<U5", "|S3", "<M8[ns]", "|V8", "<f16", "<i3", "f4", "=f4",
                           "|f8", "<", "", "<f88", "<F4"})
    CHECK(complaint(type) ==
          tinydl::text("its elements are of NumPy's type '", type, "', which no Tensor holds"));
  CHECK(complaint("|O") == "its elements are Python objects (a pickle), which are not read");
  CHECK(npy_dict_complaint("{'descr': [('a', '<f4'), ('b', '<i8')], 'fortran_order': False}") ==
        "its elements are structures, which no Tensor holds");
  CHECK(npy_dict_complaint("{'descr': ('<f4', (2,)), 'fortran_order': False}") ==
        "its elements are structures, which no Tensor holds");
}

TEST_CASE("npy header: a dict that is damaged is refused, and where") {
  CHECK(npy_dict_complaint("") == "its header is damaged: no { at byte 11");
  CHECK(npy_dict_complaint("['descr']") == "its header is damaged: no { at byte 10");
  CHECK(npy_dict_complaint("{1: 2}") == "its header is damaged: no text in quotes at byte 11");
  CHECK(npy_dict_complaint("{'descr") == "its header is damaged: a text without an end at byte 11");
  CHECK(npy_dict_complaint("{'descr' '<f4'}") == "its header is damaged: no : at byte 19");
  CHECK(npy_dict_complaint("{'descr': '<f4' 'shape': ()}") ==
        "its header is damaged: no , at byte 26");
  CHECK(npy_dict_complaint("{'fortran_order': 0}") ==
        "its header is damaged: neither True nor False at byte 28");
  CHECK(npy_dict_complaint("{'shape': 3}") == "its header is damaged: no ( at byte 20");
  CHECK(npy_dict_complaint("{'shape': (2 3)}") == "its header is damaged: no , at byte 23");
  for (const char* size : {"-1", "1.5", "x", "+1", ",", "99999999999999999999", "("})
    CHECK(npy_dict_complaint(tinydl::text("{'shape': (", size))
              .starts_with("its header is damaged: no "));
  CHECK(npy_dict_complaint(npy_dict("<f4", "()") + " x") ==
        "its header is damaged: something after the } at byte 66");
  CHECK(npy_dict_complaint(npy_dict("<f4", "()") + std::string("\0", 1))
            .starts_with("its header is damaged: something after the }"));
}

TEST_CASE("npy header: entries that lack, come twice or are unknown are refused") {
  CHECK(npy_dict_complaint("{}") == "its header has no 'descr'");
  CHECK(npy_dict_complaint("{'descr': '<f4', 'shape': ()}") == "its header has no 'fortran_order'");
  CHECK(npy_dict_complaint("{'descr': '<f4', 'fortran_order': True}") ==
        "its header has no 'shape'");
  CHECK(npy_dict_complaint("{'shape': (), 'shape': ()}") == "its header has 'shape' twice");
  CHECK(npy_dict_complaint("{'shapes': ()}") == "its header has 'shapes', which is unknown");
}

TEST_CASE("npy header: sizes that overflow are refused, beside a 0 too") {
  const auto complaint = [](const char* shape) {
    return npy_dict_complaint(npy_dict("<f4", shape));
  };
  CHECK(complaint("(4294967296, 4294967296)") == "its shape (4294967296, 4294967296) overflows");
  CHECK(complaint("(0, 4294967296, 4294967296)").ends_with("overflows"));
  CHECK(complaint("(4611686018427387904,)") == "its shape (4611686018427387904,) overflows");
  CHECK(complaint("(2305843009213693951,)") == "none");
}

TEST_CASE("npy header: what is written is what NumPy writes, and reads back") {
  const tinydl::Index shape[] = {2, 3};
  const std::string bytes = tinydl::detail::npy_header<float>(shape);
  CHECK(bytes == npy_bytes(npy_dict("<f4", "(2, 3)") + std::string(128 - 10 - 59 - 1, ' ')));
  CHECK(tinydl::detail::npy_header<bool>({}).substr(10).starts_with(npy_dict("|b1", "()")));
  CHECK(tinydl::detail::npy_header<std::uint8_t>({}).substr(10).starts_with(npy_dict("|u1", "()")));
  CHECK(tinydl::detail::npy_header<std::int64_t>(std::span(shape, 1))
            .substr(10)
            .starts_with(npy_dict("<i8", "(2,)")));
  CHECK(npy_header_of(bytes).shape == NpyShape{2, 3});
  for (tinydl::Index size = 1; size < 1'000'000'000'000'000'000; size *= 10) {
    const tinydl::Index sizes[] = {1, size};
    const std::string header = tinydl::detail::npy_header<std::uint8_t>(sizes);
    CHECK(header.size() % 64 == 0);
    CHECK(header.back() == '\n');
    CHECK(npy_header_of(header).begin == header.size());
  }
}
