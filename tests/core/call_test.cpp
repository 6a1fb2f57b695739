// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <tinydl/core/call.hpp>

namespace {

struct NamedOperation : tinydl::Function {
  static constexpr auto name = "a_name";
};
struct NamelessOperation : tinydl::Function {};

struct CountsItsEnds {
  int* ends;
  explicit CountsItsEnds(int& counter) : ends(&counter) {}
  CountsItsEnds(CountsItsEnds&& other) noexcept : ends(std::exchange(other.ends, nullptr)) {}
  ~CountsItsEnds() {
    if (ends) ++*ends;
  }
};

}  // namespace

TEST_CASE("name_of: a function's own name, or else that of its type") {
  CHECK(tinydl::detail::name_of<NamedOperation>() == "a_name");
  CHECK(tinydl::detail::name_of<NamelessOperation>().find("NamelessOperation") !=
        std::string_view::npos);
}

TEST_CASE("Droppable: an operation ends once, when it is dropped or with its owner") {
  int ends = 0;
  {
    tinydl::detail::Droppable<CountsItsEnds> dropped{CountsItsEnds(ends)};
    CHECK(ends == 0);
    dropped.drop();
    CHECK(ends == 1);
    dropped.drop();
  }
  CHECK(ends == 1);
  { const tinydl::detail::Droppable<CountsItsEnds> kept{CountsItsEnds(ends)}; }
  CHECK(ends == 2);
}
