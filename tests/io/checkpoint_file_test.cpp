// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/checkpoint_file.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>

#include "io/files.hpp"

using tinydl::Index;
using tinydl::State;
using tinydl_test::safetensors_bytes;
using tinydl_test::safetensors_says;
using tinydl_test::SafetensorsFolder;

namespace {

State checkpoint_state() {
  State state;
  state.set("epoch", Index{3});
  state.set("history", "loss 0.5\nloss 0.25\n");
  state.set("done", false);
  state.set("optimizer/lr", 0.1);
  state.set("model/weight", tinydl::from_values<float>({2, 2}, {1, -2, 3, 0.5f}));
  return state;
}

std::string checkpoint_bytes(const State& state) {
  const SafetensorsFolder folder;
  tinydl::write_checkpoint(state, folder.file);
  return tinydl::read_file(folder.file).bytes;
}

/// What is said about a file of these bytes.
std::string checkpoint_complaint(std::string bytes) {
  static const SafetensorsFolder folder;  // the file itself is not there
  return safetensors_says(folder, [&] {
    tinydl::read_checkpoint(tinydl::FileContent{folder.file, std::move(bytes)});
  });
}

}  // namespace

TEST_CASE("checkpoint file: a State comes back to the bit, and so does an empty one") {
  const SafetensorsFolder folder;
  const State state = checkpoint_state();
  tinydl::write_checkpoint(state, folder.file);
  const State back = tinydl::read_checkpoint(folder.file);
  REQUIRE(back.entries().size() == state.entries().size());
  for (const auto& [name, entry] : state.entries()) {
    const tinydl::StateEntry& other = back.entries().at(name);
    CHECK(other.dtype == entry.dtype);
    CHECK(other.shape == entry.shape);
    CHECK(std::ranges::equal(other.bytes, entry.bytes));
  }
  CHECK(back.get<std::string>("history") == "loss 0.5\nloss 0.25\n");
  CHECK(folder.count() == 1);

  tinydl::write_checkpoint(State(), folder.file);
  CHECK(tinydl::read_checkpoint(folder.file).empty());
}

TEST_CASE("checkpoint file: every safetensors program can read it") {
  const SafetensorsFolder folder;
  tinydl::write_checkpoint(checkpoint_state(), folder.file);
  const tinydl::SafetensorsFile file(folder.file);
  CHECK(file.metadata().at("tinydl_checkpoint") == "1");
  CHECK(file.get<float, 2>("model/weight")(1, 0) == 3);
  CHECK(file.entries().back().name == "tinydl_checksum");
}

TEST_CASE("checkpoint file: equal States make equal files") {
  CHECK(checkpoint_bytes(checkpoint_state()) == checkpoint_bytes(checkpoint_state()));
}

TEST_CASE("checkpoint file: no flipped bit goes unseen") {
  const std::string bytes = checkpoint_bytes(checkpoint_state());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ 1 << bit);
      if (checkpoint_complaint(std::move(flipped)) == "none") FAIL("byte ", i, ", bit ", bit);
    }
  CHECK(checkpoint_complaint(bytes) == "none");
}

TEST_CASE("checkpoint file: no cut goes unseen, nor anything behind the end") {
  const std::string bytes = checkpoint_bytes(checkpoint_state());
  for (std::size_t keep = 0; keep < bytes.size(); ++keep)
    if (checkpoint_complaint(bytes.substr(0, keep)) == "none") FAIL("cut to ", keep, " bytes");
  CHECK(checkpoint_complaint(bytes + '\0') ==
        "a damaged checkpoint: 1 bytes at the end belong to no tensor");
}

TEST_CASE("checkpoint file: the kinds of error are told apart") {
  const std::string bytes = checkpoint_bytes(checkpoint_state());
  CHECK(checkpoint_complaint("hello, world") ==
        "no checkpoint: truncated, or no safetensors file: the header is said to have "
        "8583909746840200552 bytes and 4 follow");
  CHECK(checkpoint_complaint("") ==
        "no checkpoint: truncated: 0 bytes do not hold the header's length");
  CHECK(checkpoint_complaint(safetensors_bytes("{}")) ==
        "no checkpoint: its metadata have no tinydl_checkpoint");

  std::string other = bytes;
  other[other.find("\"1\"") + 1] = '2';
  CHECK(checkpoint_complaint(other) == "a checkpoint of version 2; this library reads version 1");

  std::string damaged = bytes;
  damaged[damaged.size() - 20] ^= 1;
  CHECK(checkpoint_complaint(damaged) ==
        "a damaged checkpoint: its check sum is not that of its content");
  CHECK(checkpoint_complaint(bytes.substr(0, bytes.size() - 1))
            .starts_with("a damaged checkpoint: tensor '"));
  CHECK(checkpoint_complaint(bytes.substr(0, 200))
            .starts_with("a damaged checkpoint: truncated, or"));
  CHECK(checkpoint_complaint(safetensors_bytes(R"({"__metadata__":{"tinydl_checkpoint":"1"}})")) ==
        "a damaged checkpoint: its check sum is missing");

  const SafetensorsFolder folder;
  CHECK(safetensors_says(folder, [&] { tinydl::read_checkpoint(folder.file); }) == "no such file");
}

TEST_CASE("checkpoint file: a name that is not UTF-8, or the check sum's, is refused") {
  const SafetensorsFolder folder;
  State state;
  state.set("\xff", 1);
  CHECK_THROWS_AS(tinydl::write_checkpoint(state, folder.file), tinydl::ValueError);
  State taken;
  taken.set("tinydl_checksum", 1);
  CHECK_THROWS_AS(tinydl::write_checkpoint(taken, folder.file), tinydl::ValueError);
  CHECK(folder.count() == 0);
}
