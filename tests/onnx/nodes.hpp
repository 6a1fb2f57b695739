// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>
#include <tinydl/onnx/operators.hpp>

namespace tinydl_test {

using tinydl::Index;
using tinydl::onnx::Attribute;
using tinydl::onnx::Sizes;
using tinydl::onnx::Value;

inline Value floats(const Sizes& shape, std::initializer_list<float> values) {
  return {shape, tinydl::from_values<float>({static_cast<Index>(values.size())}, values)};
}
inline Value integers(const Sizes& shape, std::initializer_list<std::int64_t> values) {
  return {shape, tinydl::from_values<std::int64_t>({static_cast<Index>(values.size())}, values)};
}
inline Value integers(std::initializer_list<std::int64_t> values) {
  return integers({static_cast<Index>(values.size())}, values);
}
inline Value bools(const Sizes& shape, std::initializer_list<bool> values) {
  return {shape, tinydl::from_values<bool>({static_cast<Index>(values.size())}, values)};
}

/// 0, 1, 2 ...
inline Value counted(const Sizes& shape) {
  return {shape, tinydl::arange(static_cast<float>(tinydl::onnx::count_of(shape)))};
}

/// An attribute that is a row.
inline Attribute row(const char* name, std::vector<std::int64_t> values) {
  return {name, std::move(values)};
}
inline Attribute number(const char* name, std::int64_t value) { return {name, value}; }
inline Attribute word(const char* name, const char* value) { return {name, std::string(value)}; }

/// What an operator makes of these inputs. One without a type is left out.
inline std::vector<Value> node_results(const char* op_type, const std::vector<Value>& inputs,
                                       std::vector<Attribute> attributes = {},
                                       std::size_t outputs = 1) {
  const tinydl::onnx::Node node{.op_type = op_type,
                                .outputs = std::vector<std::string>(outputs, "y"),
                                .attributes = std::move(attributes)};
  std::vector<const Value*> pointers;
  for (const Value& input : inputs) {
    const auto* maybe = std::get_if<tinydl::onnx::Floats>(&input.elements);
    pointers.push_back(maybe && !maybe->defined() && input.shape.empty() ? nullptr : &input);
  }
  return tinydl::onnx::operation_of(node)(tinydl::onnx::Arguments(pointers));
}
inline Value node_result(const char* op_type, const std::vector<Value>& inputs,
                         std::vector<Attribute> attributes = {}) {
  return node_results(op_type, inputs, std::move(attributes)).at(0);
}

inline const Value left_out;

/// Shape, type and elements, floats within a tolerance.
inline void check_value(const Value& found, const Value& expected, double tolerance = 1e-6) {
  CHECK(found.shape == expected.shape);
  REQUIRE(found.elements.index() == expected.elements.index());
  std::visit(
      [&]<class T>(const tinydl::Tensor<T, 1>& want) {
        const auto& have = std::get<tinydl::Tensor<T, 1>>(found.elements);
        REQUIRE(have.size() == want.size());
        for (Index i = 0; i < want.size(); ++i) {
          CAPTURE(i);
          if constexpr (std::is_same_v<T, float>)
            CHECK(have(i) == doctest::Approx(want(i)).epsilon(tolerance).scale(1));
          else
            CHECK(have(i) == want(i));
        }
      },
      expected.elements);
}

}  // namespace tinydl_test
