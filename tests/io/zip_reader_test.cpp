// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/zip_reader.hpp>

#include <doctest/doctest.h>

#include "io/zip_files.hpp"

using tinydl_test::PlainZip;
using tinydl_test::zip_fields;

namespace {

tinydl::detail::ZipFile zip_of(const std::string& bytes) {
  return tinydl::detail::ZipFile(tinydl::FileContent{"x.zip", bytes});
}

/// The only file of an archive.
std::string zip_content(const std::string& bytes) {
  const auto zip = zip_of(bytes);
  REQUIRE(zip.entries().size() == 1);
  return zip.unpack(zip.entries()[0]);
}

/// What opening an archive and unpacking its files says, after its path.
std::string zip_complaint(const std::string& bytes) {
  try {
    const auto zip = zip_of(bytes);
    for (const auto& entry : zip.entries()) zip.unpack(entry);
  } catch (const tinydl::FileError& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with("x.zip: "));
    return message.substr(7);
  }
  return "none";
}
std::string zip_complaint(const PlainZip& zip) { return zip_complaint(zip.bytes()); }

/// A zip64 archive of a file "f" with the content "abc": every number is where it can be.
struct Zip64 {
  std::uint64_t size = 3, packed_size = 3, begin = 0, end_at = 0, count = 1;
  std::uint16_t extra_size = 24;

  std::string bytes() const {
    using U16 = std::uint16_t;
    using U32 = std::uint32_t;
    constexpr U32 elsewhere = 0xFFFFFFFF;
    const U32 crc = tinydl_test::zip_crc("abc");
    const std::string local =
        zip_fields("PK\x03\x04", U16{45}, U16{0}, U16{0}, U32{0}, crc, elsewhere, elsewhere, U16{1},
                   U16{20}, "f", U16{1}, U16{16}, std::uint64_t{3}, std::uint64_t{3}, "abc");
    const std::string central = zip_fields(  // another extra comes first
        "PK\x01\x02", U16{45}, U16{45}, U16{0}, U16{0}, U32{0}, crc, elsewhere, elsewhere, U16{1},
        U16{34}, U16{0}, U16{0}, U16{0}, U32{0}, elsewhere, "f", U16{7}, U16{2}, "xy", U16{1},
        extra_size, size, packed_size, begin);
    const std::uint64_t directory = local.size(), end = directory + central.size();
    return local + central +
           zip_fields("PK\x06\x06", std::uint64_t{44}, U16{45}, U16{45}, U32{0}, U32{0}, count,
                      count, std::uint64_t{central.size()}, directory) +
           zip_fields("PK\x06\x07", U32{0}, end_at ? end_at : end, U32{1}) +
           zip_fields("PK\x05\x06", U16{0}, U16{0}, U16{0xFFFF}, U16{0xFFFF}, elsewhere, elsewhere,
                      U16{0});
  }
};

}  // namespace

TEST_CASE("zip: stored and deflated files are unpacked") {
  CHECK(zip_content(PlainZip{}.bytes()) == "some bytes");
  std::string content;
  for (unsigned i = 0; i < 300'000; ++i) content += static_cast<char>(i * i >> 7);
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 300'000})
    CHECK(zip_content(tinydl_test::deflated_zip(content.substr(0, size)).bytes()) ==
          content.substr(0, size));
}

TEST_CASE("zip: sizes may follow the file, and the archive may have a comment") {
  PlainZip zip{.flags = 8, .comment = "a PK\x05\x06 comment"};
  zip.descriptor = zip_fields("PK\x07\x08", zip.crc, zip.packed_size, zip.size);
  CHECK(zip_content(zip.bytes()) == "some bytes");
}

TEST_CASE("zip: archives with zip64 numbers are read") {
  CHECK(zip_content(Zip64().bytes()) == "abc");
}

TEST_CASE("zip: an archive without files is one") {
  CHECK(zip_of("PK\x05\x06" + std::string(18, '\0')).entries().empty());
}

TEST_CASE("zip: the beginning of a file is unpacked without the rest") {
  for (const PlainZip& plain : {PlainZip{.content = std::string(200'000, 'x')},
                                tinydl_test::deflated_zip(std::string(200'000, 'x'))}) {
    const auto zip = zip_of(plain.bytes());
    const auto& entry = zip.entries()[0];
    CHECK(zip.unpack_beginning(entry, 70'000) == std::string(70'000, 'x'));
    CHECK(zip.unpack_beginning(entry, 0).empty());
    CHECK(zip.unpack_beginning(entry, 300'000) == std::string(200'000, 'x'));
  }
}

TEST_CASE("zip: what is no archive, or not the whole of one, is refused") {
  CHECK(zip_complaint("") == "not a zip archive: it does not begin with PK");
  CHECK(zip_complaint("\x93NUMPY") == "not a zip archive: it does not begin with PK");
  CHECK(zip_complaint("PK\x03\x04") ==
        "truncated, or damaged: a zip archive's last record is missing");
  for (const std::string& bytes :
       {PlainZip{.comment = "end"}.bytes(), tinydl_test::deflated_zip("some bytes").bytes(),
        Zip64().bytes()}) {
    CHECK(zip_complaint(bytes) == "none");
    for (std::size_t keep = 0; keep < bytes.size(); ++keep)
      CHECK(zip_complaint(bytes.substr(0, keep)) != "none");
    CHECK(zip_complaint(bytes + '\0') != "none");
  }
}

TEST_CASE("zip: whatever one byte becomes, the files are the same or refused") {
  for (const std::string& bytes :
       {PlainZip{}.bytes(), tinydl_test::deflated_zip("some bytes").bytes(), Zip64().bytes()}) {
    const std::string content = zip_content(bytes);
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (const int bit : {1, 2, 16, 128}) {
        std::string damaged = bytes;
        damaged[at] ^= static_cast<char>(bit);
        if (zip_complaint(damaged) == "none") {
          const auto zip = zip_of(damaged);
          CHECK(zip.unpack(zip.entries().at(0)) == content);
        }
      }
  }
}

TEST_CASE("zip: packed in a way that is not read, it is refused by its name") {
  CHECK(zip_complaint(PlainZip{.method = 14}) ==
        "'file': it is packed by method 14; stored and deflated files are read");
  CHECK(zip_complaint(PlainZip{.flags = 1}) == "'file': it is encrypted");
  CHECK(zip_complaint(PlainZip{.disk = 1}) ==
        "one of several parts of an archive, which are not read");
}

TEST_CASE("zip: a check sum that is not that of the bytes is refused") {
  CHECK(zip_complaint(PlainZip{.crc = 7}) ==
        "'file': damaged: its check sum is not that of its bytes");
  auto deflated = tinydl_test::deflated_zip("abc");
  deflated.crc = 7;
  CHECK(zip_complaint(deflated) == "'file': damaged: its check sum is not that of its bytes");
}

TEST_CASE("zip: sizes that lie are refused") {
  CHECK(zip_complaint(PlainZip{.size = 1000}) ==
        "'file': damaged: it is stored in 10 bytes, not 1000");
  CHECK(zip_complaint(PlainZip{.packed_size = 4'000'000'000, .size = 4'000'000'000}) ==
        "'file': truncated: 4000000000 bytes at byte 34 reach into the directory at byte 44");
  auto deflated = tinydl_test::deflated_zip(std::string(1000, 'x'));
  deflated.size = 4'000'000'000;
  CHECK(zip_complaint(deflated) == "'file': it unpacks to 1000 bytes, not 4000000000");
  deflated.size = 999;
  CHECK(zip_complaint(deflated) == "'file': it unpacks to more than its 999 bytes");
  deflated = tinydl_test::deflated_zip(std::string(1000, 'x'));
  deflated.packed_size -= 1;
  CHECK(zip_complaint(deflated) == "'file': truncated: its packed bytes end after 1000 unpacked");
}

TEST_CASE("zip: damaged packed bytes are refused, and where") {
  auto deflated = tinydl_test::deflated_zip("abc");
  deflated.packed[0] = '\xff';
  CHECK(zip_complaint(deflated) == "'file': damaged: invalid block type after 0 unpacked bytes");
  deflated = tinydl_test::deflated_zip("abc");
  deflated.packed += "more";
  deflated.packed_size += 4;
  CHECK(zip_complaint(deflated) == "'file': damaged: something follows its packed bytes");
}

TEST_CASE("zip: places outside of the file are refused") {
  CHECK(zip_complaint(PlainZip{.begin = 5}) ==
        "damaged: at byte 5 there is not the file of an entry");
  CHECK(zip_complaint(PlainZip{.begin = 4'000'000'000}) ==
        "truncated: the file of an entry is said to begin at byte 4000000000 of 116");
  CHECK(zip_complaint(Zip64{.begin = ~std::uint64_t{0}}.bytes())
            .starts_with(
                "truncated: the file of an entry is said to begin at byte 1844674407370955"));
  CHECK(
      zip_complaint(Zip64{.end_at = ~std::uint64_t{0}}.bytes())
          .starts_with("truncated: the zip64 end of the directory is said to begin at byte 18446"));
  CHECK(zip_complaint(Zip64{.end_at = 5}.bytes()) ==
        "damaged: at byte 5 there is not the zip64 end of the directory");
  CHECK(zip_complaint(Zip64{.packed_size = ~std::uint64_t{0}}.bytes()) ==
        "'f': truncated: 18446744073709551615 bytes at byte 51 reach into the directory at byte "
        "54");
}

TEST_CASE("zip: zip64 numbers that are missing are refused") {
  CHECK(zip_complaint(Zip64{.extra_size = 16}.bytes()) ==
        "'f': damaged: its zip64 sizes are missing");
  CHECK(zip_complaint(Zip64{.extra_size = 25}.bytes()) ==
        "'f': damaged: its zip64 sizes are missing");
  CHECK(zip_complaint(PlainZip{.packed_size = 0xFFFFFFFF}) ==
        "'file': damaged: its zip64 sizes are missing");
}

TEST_CASE("zip: a directory that contradicts itself is refused") {
  CHECK(zip_complaint(PlainZip{.count = 2}) == "damaged: its directory lists 1 files, not 2");
  CHECK(zip_complaint(Zip64{.count = 1'000'000'000'000}.bytes()) ==
        "damaged: its directory lists 1 files, not 1000000000000");
  std::string bytes = PlainZip{}.bytes();
  bytes[bytes.size() - 10] = 9;  // the size of the directory
  CHECK(zip_complaint(bytes) ==
        "damaged: its directory of 9 bytes at byte 44 does not reach to its end at byte 94");
  bytes = PlainZip{}.bytes();
  bytes[44 + 32] = 9;  // the length of the entry's comment
  CHECK(zip_complaint(bytes) == "damaged: the entry at byte 44 reaches beyond the directory");
  bytes = PlainZip{}.bytes();
  bytes[44 + 46] = 'g';  // the name
  CHECK(zip_complaint(bytes) == "'gile': damaged: the file at byte 0 has another name");
}

TEST_CASE("zip: a name that is there twice is refused") {
  const std::string one = PlainZip{}.bytes();
  const std::string local = one.substr(0, 44), central = one.substr(44, 50);
  const std::string bytes =
      local + central + central +
      zip_fields("PK\x05\x06", std::uint32_t{0}, std::uint16_t{2}, std::uint16_t{2},
                 std::uint32_t{100}, std::uint32_t{44}, std::uint16_t{0});
  CHECK(zip_complaint(bytes) == "it has 'file' twice");
}
