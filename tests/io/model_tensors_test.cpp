// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/model_tensors.hpp>

#include <doctest/doctest.h>

using MisfitNames = std::vector<std::string>;

TEST_CASE("misfits: what a file lacks, has besides and has of another shape is told apart") {
  const tinydl::detail::TensorKinds model = {
      {"a", {"F32", {2}}}, {"b", {"F32", {2, 3}}}, {"c", {"F32", {}}}, {"d", {"F32", {4}}}};
  const tinydl::detail::TensorKinds file = {
      {"a", {"F32", {2}}}, {"b", {"F64", {3, 2}}}, {"d", {"F16", {4}}}, {"e", {"I64", {}}}};
  const auto result = tinydl::detail::misfits(file, model, true);
  CHECK(result.missing == MisfitNames{"c"});
  CHECK(result.unexpected == MisfitNames{"e"});
  CHECK(result.mismatched == MisfitNames{"b"});
  CHECK(result.message ==
        "; missing in the file: c; unknown to the model: e; different: b is F64 (3, 2) in the file "
        "and F32 (2, 3) in the model");
  CHECK(tinydl::detail::misfits(model, model, false).message.empty());
}

TEST_CASE("misfits: where types are not converted, another one is a difference") {
  const tinydl::detail::TensorKinds model = {{"a", {"F32", {2}}}}, file = {{"a", {"F64", {2}}}};
  CHECK(tinydl::detail::misfits(file, model, true).message.empty());
  CHECK(tinydl::detail::misfits(file, model, false).mismatched == MisfitNames{"a"});
}
