// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/data/idx.hpp>

#include <doctest/doctest.h>

#include <random>

namespace {

/// A folder of its own for one test, gone at its end.
struct IdxFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      tinydl::text("tinydl_idx_", std::random_device{}(), std::random_device{}());
  IdxFolder() { std::filesystem::create_directories(path); }
  ~IdxFolder() { std::filesystem::remove_all(path); }

  std::filesystem::path write(const std::string& bytes) const {
    std::ofstream(path / "file", std::ios::binary) << bytes;
    return path / "file";
  }
};

std::string idx_size(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
          static_cast<char>(n)};
}

std::string idx_magic(int type, int rank) {
  return {0, 0, static_cast<char>(type), static_cast<char>(rank)};
}

/// What read_idx says about a file of these bytes.
template <int Rank>
std::string idx_complaint(const std::string& bytes) {
  const IdxFolder folder;
  const std::filesystem::path path = folder.write(bytes);
  try {
    tinydl::read_idx<Rank>(path);
  } catch (const tinydl::FileError& error) {
    const std::string message = error.what(), prefix = path.string() + ": ";
    REQUIRE(message.starts_with(prefix));
    return message.substr(prefix.size());
  }
  return "none";
}

}  // namespace

TEST_CASE("read_idx: ranks 1 to 4 are read with their sizes and bytes") {
  const IdxFolder folder;
  const auto one =
      tinydl::read_idx<1>(folder.write(idx_magic(8, 1) + idx_size(3) + "\x01\x80\xff"));
  CHECK(one.shape() == tinydl::Shape(3));
  CHECK(one(0) == 1);
  CHECK(one(1) == 128);
  CHECK(one(2) == 255);

  const auto two =
      tinydl::read_idx<2>(folder.write(idx_magic(8, 2) + idx_size(2) + idx_size(3) + "abcdef"));
  CHECK(two.shape() == tinydl::Shape(2, 3));
  CHECK(two(1, 0) == 'd');

  const auto three = tinydl::read_idx<3>(
      folder.write(idx_magic(8, 3) + idx_size(2) + idx_size(1) + idx_size(2) + "abcd"));
  CHECK(three.shape() == tinydl::Shape(2, 1, 2));
  CHECK(three(1, 0, 1) == 'd');

  const auto four =
      tinydl::read_idx<4>(folder.write(idx_magic(8, 4) + idx_size(1) + idx_size(1) + idx_size(1) +
                                       idx_size(300) + std::string(300, 'x')));
  CHECK(four.shape() == tinydl::Shape(1, 1, 1, 300));
}

TEST_CASE("read_idx: an array without elements is read") {
  const IdxFolder folder;
  const auto none = tinydl::read_idx<3>(
      folder.write(idx_magic(8, 3) + idx_size(0) + idx_size(28) + idx_size(28)));
  CHECK(none.shape() == tinydl::Shape(0, 28, 28));
}

TEST_CASE("read_idx: a missing file is refused by its path") {
  const IdxFolder folder;
  const auto path = folder.path / "nothing";
  const std::string message = path.string() + ": no such file";
  CHECK_THROWS_WITH_AS(tinydl::read_idx<1>(path), message.c_str(), tinydl::FileError);
}

TEST_CASE(
    "read_idx: a file that is there only as .gz is missing, and the message says what helps") {
  const IdxFolder folder;
  std::ofstream(folder.path / "images.gz") << "x";
  const std::string message = (folder.path / "images").string() +
                              ": no such file; there is a .gz of it, which takes zlib and "
                              "read_file_or_gz() of <tinydl/data/gz.hpp>";
  CHECK_THROWS_WITH_AS(tinydl::read_idx<1>(folder.path / "images"), message.c_str(),
                       tinydl::FileError);
}

TEST_CASE("read_idx: a folder is refused") {
  const IdxFolder folder;
  const std::string message = folder.path.string() + ": not a regular file";
  CHECK_THROWS_WITH_AS(tinydl::read_idx<1>(folder.path), message.c_str(), tinydl::FileError);
}

TEST_CASE("read_idx: a truncated file is refused and the message says how many bytes are missing") {
  CHECK(idx_complaint<2>(idx_magic(8, 2) + idx_size(2) + idx_size(3) + "abcd") ==
        "truncated: its shape (2, 3) takes 6 bytes and 2 of them are missing");
}

TEST_CASE("read_idx: a file that ends in its header is refused") {
  CHECK(idx_complaint<1>("") == "an IDX file has at least 4 bytes, this one 0");
  CHECK(idx_complaint<1>(idx_magic(8, 1).substr(0, 3)) ==
        "an IDX file has at least 4 bytes, this one 3");
  CHECK(idx_complaint<3>(idx_magic(8, 3) + idx_size(1) + idx_size(1)) ==
        "truncated: 4 bytes of the header's 16 are missing");
}

TEST_CASE("read_idx: bytes after the elements are refused") {
  CHECK(idx_complaint<1>(idx_magic(8, 1) + idx_size(2) + "abcde") ==
        "3 bytes too many after the 2 of its shape (2,)");
}

TEST_CASE("read_idx: a wrong magic number is refused and both numbers are named") {
  CHECK(idx_complaint<3>("\x1f\x8b\x08" + std::string(40, '\0')) ==
        "not an IDX file: it begins with the number 529205248 where one of rank 3 begins with "
        "2051");
  CHECK(idx_complaint<1>(idx_magic(7, 1) + idx_size(0)).starts_with("not an IDX file"));
}

TEST_CASE("read_idx: other element types are refused by name") {
  const char* const rest = "; only unsigned byte is read";
  CHECK(idx_complaint<1>(idx_magic(9, 1)) ==
        tinydl::text("its elements are of type signed byte", rest));
  CHECK(idx_complaint<1>(idx_magic(11, 1)) == tinydl::text("its elements are of type short", rest));
  CHECK(idx_complaint<1>(idx_magic(12, 1)) == tinydl::text("its elements are of type int", rest));
  CHECK(idx_complaint<1>(idx_magic(13, 1)) == tinydl::text("its elements are of type float", rest));
  CHECK(idx_complaint<1>(idx_magic(14, 1)) ==
        tinydl::text("its elements are of type double", rest));
}

TEST_CASE("read_idx: another rank is refused and both ranks are named") {
  CHECK(idx_complaint<3>(idx_magic(8, 1) + idx_size(1) + "a") == "its rank is 1, not 3");
  CHECK(idx_complaint<1>(idx_magic(8, 200)) == "its rank is 200, not 1");
}

TEST_CASE("read_idx: sizes that overflow are refused before anything is allocated") {
  const std::string huge = idx_size(0xFFFFFFFF);
  CHECK(idx_complaint<3>(idx_magic(8, 3) + huge + huge + huge) ==
        "its sizes overflow: (4294967295, 4294967295, 4294967295)");
  CHECK(idx_complaint<4>(idx_magic(8, 4) + idx_size(0) + huge + huge + huge)
            .starts_with("its sizes overflow: (0, "));
}

TEST_CASE("read_idx: sizes that lie are refused before anything is allocated") {
  CHECK(idx_complaint<2>(idx_magic(8, 2) + idx_size(0x7FFFFFFF) + idx_size(0x7FFFFFFF) + "abc") ==
        "truncated: its shape (2147483647, 2147483647) takes 4611686014132420609 bytes and "
        "4611686014132420606 of them are missing");
}
