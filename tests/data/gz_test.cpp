// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/data/gz.hpp>
#include <tinydl/data/mnist.hpp>

#include <doctest/doctest.h>

#include <random>

#include <deflated.hpp>

namespace {

/// A folder of its own for one test, gone at its end.
struct GzFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      tinydl::text("tinydl_gz_", std::random_device{}(), std::random_device{}());
  GzFolder() { std::filesystem::create_directories(path); }
  ~GzFolder() { std::filesystem::remove_all(path); }

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path / name, std::ios::binary) << bytes;
    return path / name;
  }
};

std::string gz_packed(const std::string& bytes) { return deflated(bytes, 16 + MAX_WBITS); }

/// Bytes that do not pack away to nothing, several buffers long.
std::string gz_noise(std::size_t n) {
  std::string bytes(n, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 28);
  }
  return bytes;
}

/// What gunzip says about a file of these bytes.
std::string gz_complaint(const std::string& bytes, tinydl::GunzipOptions options = {}) {
  const GzFolder folder;
  const std::filesystem::path path = folder.write("file.gz", bytes);
  try {
    tinydl::gunzip(path, options);
  } catch (const tinydl::FileError& error) {
    const std::string message = error.what(), prefix = path.string() + ": ";
    REQUIRE(message.starts_with(prefix));
    return message.substr(prefix.size());
  }
  return "none";
}

const std::string gz_idx{"\0\0\x08\x02\0\0\0\x01\0\0\0\x02hi", 14};

}  // namespace

TEST_CASE("gunzip: a packed file comes back byte for byte") {
  const GzFolder folder;
  for (std::size_t size : {0, 1, 65535, 65536, 65537, 300000}) {
    const std::string bytes = gz_noise(size);
    const auto unpacked = tinydl::gunzip(folder.write("file.gz", gz_packed(bytes)));
    CHECK(unpacked.bytes == bytes);
    CHECK(unpacked.path == folder.path / "file.gz");
  }
}

TEST_CASE("gunzip: members that follow one another are joined") {
  const GzFolder folder;
  const auto path = folder.write("file.gz", gz_packed("one ") + gz_packed("") + gz_packed("two"));
  CHECK(tinydl::gunzip(path).bytes == "one two");
}

TEST_CASE("gunzip: a missing file is refused by its path") {
  const GzFolder folder;
  const std::string message = (folder.path / "nothing.gz").string() + ": no such file";
  CHECK_THROWS_WITH_AS(tinydl::gunzip(folder.path / "nothing.gz"), message.c_str(),
                       tinydl::FileError);
}

TEST_CASE("gunzip: what is not gzip is refused") {
  CHECK(gz_complaint("") == "not a gzip file");
  CHECK(gz_complaint("\x1f") == "not a gzip file");
  CHECK(gz_complaint("plain text") == "not a gzip file");
}

TEST_CASE("gunzip: a file cut anywhere is refused as truncated") {
  const std::string packed = gz_packed(gz_noise(1000));
  for (std::size_t keep : {std::size_t{2}, std::size_t{9}, std::size_t{10}, packed.size() / 2,
                           packed.size() - 8, packed.size() - 1})
    CHECK(gz_complaint(packed.substr(0, keep))
              .starts_with(tinydl::text("truncated: its ", keep, " bytes end amid the packed")));
}

TEST_CASE("gunzip: damaged data is refused") {
  std::string packed = gz_packed(gz_noise(1000));
  for (std::size_t i = 20; i < 60; ++i) packed[i] = static_cast<char>(0xFF);
  CHECK(gz_complaint(packed).starts_with("damaged: "));
}

TEST_CASE("gunzip: a wrong checksum and a wrong length are refused") {
  const std::string packed = gz_packed(gz_noise(1000));
  std::string checksum = packed, length = packed;
  checksum[packed.size() - 8] ^= 1;
  length[packed.size() - 4] ^= 1;
  CHECK(gz_complaint(checksum) == "damaged: incorrect data check after 1000 unpacked bytes");
  CHECK(gz_complaint(length) == "damaged: incorrect length check after 1000 unpacked bytes");
}

TEST_CASE("gunzip: something else after the packed data is refused") {
  CHECK(gz_complaint(gz_packed("hello") + "more") ==
        "damaged: incorrect header check after 5 unpacked bytes");
  CHECK(gz_complaint(gz_packed("hello") + "\x1f").starts_with("truncated: "));
}

TEST_CASE("gunzip: a small file that unpacks to more than is allowed is refused") {
  const std::string bomb = gz_packed(std::string(10'000'000, 'a'));
  CHECK(gz_complaint(bomb, {.max_bytes = 9'999'999}) == "unpacks to more than 9999999 bytes");
  CHECK(gz_complaint(bomb, {.max_bytes = 10'000'000}) == "none");
  CHECK(gz_complaint(gz_packed("a"), {.max_bytes = 0}) == "unpacks to more than 0 bytes");
}

TEST_CASE("read_idx_gz: a packed array is read") {
  const GzFolder folder;
  const auto pixels = tinydl::read_idx_gz<2>(folder.write("file.gz", gz_packed(gz_idx)));
  CHECK(pixels.shape() == tinydl::Shape(1, 2));
  CHECK(pixels(0, 1) == 'i');
}

TEST_CASE("read_idx_gz: what is wrong with the unpacked bytes is said of the packed file") {
  const GzFolder folder;
  const auto path = folder.write("file.gz", gz_packed(gz_idx + "!"));
  const std::string message = path.string() + ": 1 bytes too many after the 2 of its shape (1, 2)";
  CHECK_THROWS_WITH_AS(tinydl::read_idx_gz<2>(path), message.c_str(), tinydl::FileError);
}

TEST_CASE("read_file_or_gz: the plain file comes first, then the packed one, then a message") {
  const GzFolder folder;
  folder.write("both", "plain");
  folder.write("both.gz", gz_packed("packed"));
  folder.write("packed.gz", gz_packed("packed"));
  CHECK(tinydl::read_file_or_gz(folder.path / "both").bytes == "plain");
  CHECK(tinydl::read_file_or_gz(folder.path / "packed").bytes == "packed");
  const std::string message = (folder.path / "none").string() + ": no such file";
  CHECK_THROWS_WITH_AS(tinydl::read_file_or_gz(folder.path / "none"), message.c_str(),
                       tinydl::FileError);
}

TEST_CASE("load_mnist: packed files are read with read_file_or_gz, and a damaged one is refused") {
  const GzFolder folder;
  const std::string images{"\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x01\x33\xff", 18};
  const std::string labels{"\0\0\x08\x01\0\0\0\x02\x07\x03", 10};
  folder.write("train-images-idx3-ubyte.gz", gz_packed(images));
  folder.write("train-labels-idx1-ubyte", labels);
  const auto data = tinydl::load_mnist(folder.path, {.read = tinydl::read_file_or_gz});
  CHECK(data.size() == 2);
  CHECK(data.images()(0, 0, 0) == 0x33);
  CHECK(data.labels()(0) == 7);

  folder.write("train-images-idx3-ubyte.gz", gz_packed(images).substr(0, 20));
  CHECK_THROWS_AS(tinydl::load_mnist(folder.path, {.read = tinydl::read_file_or_gz}),
                  tinydl::FileError);
}
