// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tinydl/core/shape.hpp>
#include <tinydl/onnx/header_loops.hpp>

// The program that a generated header is (see export_header.hpp): calls of functions one after
// another, on arrays whose sizes and lifetimes are known, so that their places in the working
// memory are fixed when the header is written.

namespace tinydl::onnx::detail {

/// As C++ reads it, and gets the same bits: in hexadecimal, which compilers read fastest.
inline void append_number(std::string& out, float x) {
  if (!std::isfinite(x)) {
    out += x < 0 ? "-" : "";
    out += std::isnan(x) ? "std::numeric_limits<float>::quiet_NaN()"
                         : "std::numeric_limits<float>::infinity()";
  } else if (x == std::nearbyint(x) && std::abs(x) < 1000) {
    out += std::signbit(x) ? "-" : "";
    out += std::to_string(static_cast<int>(std::abs(x))) + ".f";
  } else {
    char digits[32];
    const auto end = std::to_chars(digits, digits + 32, std::abs(x), std::chars_format::hex).ptr;
    out += x < 0 ? "-0x" : "0x";
    out.append(digits, end) += 'f';
  }
}

/// Numbers that the program reads or writes.
struct HeaderArray {
  enum Place { input, output, constant, memory };
  Place place;
  Index size;
  std::string name = {};            // of a constant
  std::vector<float> values = {};   // of a constant
  std::size_t first = 0, last = 0;  // calls that use it
  Index offset = 0;                 // in the working memory
};

/// A position in an array.
struct HeaderPlace {
  std::size_t array;
  Index offset = 0;
};

class HeaderProgram {
 public:
  using Argument = std::variant<std::string, HeaderPlace>;

  std::size_t add(HeaderArray::Place place, Index size) {
    arrays_.push_back({place, size});
    return arrays_.size() - 1;
  }
  std::size_t add_constant(std::string name, std::vector<float> values) {
    arrays_.push_back({HeaderArray::constant, static_cast<Index>(values.size()), std::move(name),
                       std::move(values)});
    return arrays_.size() - 1;
  }
  bool has_constant(std::string_view name) const {
    return std::any_of(arrays_.begin(), arrays_.end(),
                       [&](auto& array) { return array.name == name; });
  }
  const HeaderArray& array(std::size_t i) const { return arrays_[i]; }
  void make_output(std::size_t i) { arrays_[i].place = HeaderArray::output; }

  /// A call of a function that is among header_functions, header_loops, or defined here. The note
  /// is written in front of it.
  void call(std::string_view function, std::vector<Argument> arguments, std::string note) {
    use(function.substr(0, function.find('<')));
    for (const Argument& argument : arguments)
      if (const auto* place = std::get_if<HeaderPlace>(&argument)) touch(arrays_[place->array]);
    calls_.push_back({std::string(function), std::move(arguments), std::move(note)});
  }
  /// The last call may write y over x, if it is the last one that reads it.
  void may_overwrite(std::size_t x, std::size_t y) { calls_.back().over = {x, y}; }

  /// A function that is to be written, and what it needs.
  void use(std::string_view name) {
    if (uses(name)) return;
    used_.emplace_back(name);
    const auto use_needs = [&](const auto& functions) {
      for (const HeaderFunction& function : functions) {
        if (function.name != name) continue;
        std::string_view needs = function.needs;
        for (; !needs.empty(); needs.remove_prefix(needs.find(' ') + 1))
          use(needs.substr(0, needs.find(' ')));
      }
    };
    use_needs(header_functions);
    use_needs(header_loops);
  }
  void define(const std::string& name, std::string text) {
    for (const auto& [known, its_text] : defined_)
      if (known == name) return;
    defined_.emplace_back(name, std::move(text));
  }

  /// Gives each array its place, after the last call.
  void plan() {
    for (std::size_t i = 0; i < calls_.size(); ++i) overwrite(i);
    std::vector<HeaderArray*> placed, left;
    for (HeaderArray& array : arrays_)
      if (array.place == HeaderArray::memory && array.first > 0) left.push_back(&array);
    std::stable_sort(left.begin(), left.end(), [](auto* a, auto* b) { return a->size > b->size; });
    for (HeaderArray* array : left) {
      array->offset = free_place(*array, placed);
      memory_ = std::max(memory_, array->offset + rounded(array->size));
      placed.push_back(array);
      std::sort(placed.begin(), placed.end(),
                [](auto* a, auto* b) { return a->offset < b->offset; });
    }
  }

  /// Numbers in the working memory.
  Index memory() const { return memory_; }
  Index constants() const {
    Index count = 0;
    for (const HeaderArray& array : arrays_) count += static_cast<Index>(array.values.size());
    return count;
  }

  std::string functions_text() const {
    std::string text;
    const auto append_used = [&](const auto& functions) {
      for (const HeaderFunction& function : functions)
        if (uses(function.name)) text += function.text;
    };
    append_used(header_functions);
    append_used(header_loops);
    for (const auto& [name, its_text] : defined_) text += its_text;
    return text;
  }

  std::string constants_text() const {
    std::string text;
    for (const HeaderArray& array : arrays_) {
      if (array.place != HeaderArray::constant) continue;
      text += "\ninline constexpr float " + array.name + "[" + std::to_string(array.size) + "] = {";
      for (std::size_t i = 0; i < array.values.size(); ++i) {
        text += i == 0 ? "\n    " : i % 8 == 0 ? ",\n    " : ", ";
        append_number(text, array.values[i]);
      }
      text += "};\n";
    }
    return text;
  }

  std::string calls_text() const {
    std::string text;
    for (const Call& call : calls_) {
      if (!call.note.empty()) text += "  // " + call.note + '\n';
      text += "  " + call.function + '(';
      for (const Argument& argument : call.arguments) {
        if (&argument != call.arguments.data()) text += ", ";
        if (const auto* place = std::get_if<HeaderPlace>(&argument))
          text += place_text(*place);
        else
          text += std::get<std::string>(argument);
      }
      text += ");\n";
    }
    return text;
  }

 private:
  struct Call {
    std::string function;
    std::vector<Argument> arguments;
    std::string note;
    std::pair<std::size_t, std::size_t> over = {};
  };

  // Calls are counted from 1, so that 0 is none.
  void touch(HeaderArray& array) const {
    array.last = calls_.size() + 1;
    if (array.first == 0) array.first = array.last;
  }

  bool uses(std::string_view name) const {
    return std::find(used_.begin(), used_.end(), name) != used_.end();
  }

  /// If call i may write over what it reads, both arrays become one from here on.
  void overwrite(std::size_t i) {
    const std::size_t from = calls_[i].over.first, to = calls_[i].over.second;
    HeaderArray &x = arrays_[from], &y = arrays_[to];
    if (from == to || x.place != HeaderArray::memory || x.size != y.size || x.last != i + 1) return;
    x.place = y.place;
    x.last = y.last;
    y.first = y.last = 0;
    const auto rename = [&](std::size_t& array) { array = array == to ? from : array; };
    for (Call& call : calls_) {
      rename(call.over.first);
      rename(call.over.second);
      for (Argument& argument : call.arguments)
        if (auto* place = std::get_if<HeaderPlace>(&argument)) rename(place->array);
    }
  }

  static Index rounded(Index size) { return (size + 15) / 16 * 16; }  // to cache lines

  /// The first gap among those that live at the same time; they are sorted by their places.
  static Index free_place(const HeaderArray& array, const std::vector<HeaderArray*>& placed) {
    Index offset = 0;
    for (const HeaderArray* other : placed) {
      if (other->last < array.first || array.last < other->first) continue;
      if (offset + rounded(array.size) <= other->offset) break;
      offset = std::max(offset, other->offset + rounded(other->size));
    }
    return offset;
  }

  std::string place_text(const HeaderPlace& place) const {
    const HeaderArray& array = arrays_[place.array];
    std::string base;
    if (array.place == HeaderArray::input) base = "input";
    if (array.place == HeaderArray::output) base = "output";
    if (array.place == HeaderArray::constant) base = array.name;
    const Index offset = array.offset + place.offset;
    if (array.place == HeaderArray::memory) base = "memory";
    return offset == 0 ? base : base + " + " + std::to_string(offset);
  }

  std::vector<HeaderArray> arrays_;
  std::vector<Call> calls_;
  std::vector<std::string> used_;
  std::vector<std::pair<std::string, std::string>> defined_;
  Index memory_ = 0;
};

}  // namespace tinydl::onnx::detail
