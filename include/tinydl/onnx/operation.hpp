// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/onnx/graph.hpp>

// What the operators of a model are made of. A node becomes an Operation when a model is loaded:
// its attributes are looked at then, and once.

namespace tinydl::onnx {

using Floats = Tensor<float, 1>;
using Integers = Tensor<std::int64_t, 1>;
using Bools = Tensor<bool, 1>;
using Sizes = std::vector<Index>;

/// What arrays may have at most.
inline constexpr std::size_t max_axes = 8;

/// The number of elements of an array of this shape. Also if there are none, products of the other
/// sizes do not overflow. @throws ShapeError for a shape that no array can have.
inline Index count_of(const Sizes& shape) {
  if (shape.size() > max_axes)
    throw ShapeError(text("an array of ", shape.size(), " axes: ", max_axes, " is the most"));
  Sizes sizes = shape;
  for (Index& size : sizes) size = size == 0 ? 1 : size;
  check_sizes(sizes, sizeof(double));
  Index count = 1;
  for (const Index size : shape) count *= size;
  return count;
}

/// Elements that are to be written, for an array of this shape.
template <class T>
Tensor<T, 1> elements_for(const Sizes& shape) {
  return Tensor<T, 1>(Shape<1>(count_of(shape)));
}

template <int Rank>
Shape<Rank> shape_of(const Sizes& sizes) {
  if (sizes.size() != Rank)
    throw ShapeError(text("a shape of ", Rank, " axes is needed, not ", shape_text(sizes)));
  Shape<Rank> shape;
  std::copy_n(sizes.begin(), Rank, shape.begin());
  return shape;
}

/// The inputs of an operator. Those that it asks for must be there, and of the type that it asks
/// for. @throws ShapeError, ValueError
class Arguments {
 public:
  explicit Arguments(std::vector<const Value*> values) : values_(std::move(values)) {}

  std::size_t count() const { return values_.size(); }
  bool has(std::size_t i) const { return i < count() && values_[i]; }

  const Value& operator[](std::size_t i) const {
    if (!has(i)) throw ValueError(text("input ", i, " is missing"));
    return *values_[i];
  }
  const Sizes& shape(std::size_t i) const { return (*this)[i].shape; }

  template <class T>
  const Tensor<T, 1>& elements(std::size_t i) const {
    const auto* found = std::get_if<Tensor<T, 1>>(&(*this)[i].elements);
    constexpr const char* names[] = {"floats", "integers", "bools"};
    constexpr int wanted = std::is_same_v<T, float> ? 0 : std::is_same_v<T, std::int64_t> ? 1 : 2;
    if (!found)
      throw ValueError(
          text("input ", i, " has ", names[(*this)[i].elements.index()], ", not ", names[wanted]));
    return *found;
  }
  const Floats& floats(std::size_t i) const { return elements<float>(i); }

  template <int Rank>
  Tensor<float, Rank> tensor(std::size_t i) const {
    return floats(i).with_shape(shape_of<Rank>(shape(i)));
  }

  /// Of integers: sizes, axes ...
  Sizes sizes(std::size_t i) const {
    const auto span = elements<std::int64_t>(i).span();
    return Sizes(span.begin(), span.end());
  }
  /// The only element.
  float number(std::size_t i) const { return floats(i).item(); }

 private:
  std::vector<const Value*> values_;
};

/// The outputs of an operator; most have one.
using Results = std::vector<Value>;

[[gnu::noinline]] inline Results one(Value value) {
  Results results;
  results.push_back(std::move(value));
  return results;
}
template <class T>
[[gnu::noinline]] Results one(const Sizes& shape, const Tensor<T, 1>& elements) {
  return one({shape, elements});
}

/// What an operator does with its inputs. It is called from many threads at once.
using Operation = std::function<Results(const Arguments&)>;

/// The attributes of a node. @throws ValueError for one of another type than is asked for.
class Settings {
 public:
  explicit Settings(const Node& node) : node_(&node) {}

  const Node& node() const { return *node_; }
  bool has(const char* name) const { return find(name) != nullptr; }

  template <class T>
  T get(const char* name, T otherwise) const {
    const Attribute* attribute = find(name);
    if (!attribute) return otherwise;
    if (const T* value = std::get_if<T>(&attribute->value)) return *value;
    throw ValueError(text("attribute '", name, "' is of a wrong type"));
  }
  Index integer(const char* name, Index otherwise) const {
    return static_cast<Index>(get<std::int64_t>(name, otherwise));
  }
  float real(const char* name, float otherwise) const { return get(name, otherwise); }
  std::string text_of(const char* name, const char* otherwise) const {
    return get(name, std::string(otherwise));
  }
  /// Nothing, if there is no such attribute.
  std::optional<Sizes> integers(const char* name) const {
    if (!has(name)) return std::nullopt;
    const auto values = get(name, std::vector<std::int64_t>());
    return Sizes(values.begin(), values.end());
  }

  /// @throws ValueError unless the attribute is missing, or has this value.
  void only(const char* name, Index value) const {
    if (const Index asked = integer(name, value); asked != value)
      throw ValueError(text("attribute '", name, "' is ", asked, "; only ", value, " is known"));
  }
  void only(const char* name, const char* value) const {
    if (const std::string asked = text_of(name, value); asked != value)
      throw ValueError(text("attribute '", name, "' is ", asked, "; only ", value, " is known"));
  }

 private:
  const Attribute* find(const char* name) const {
    const auto found = std::ranges::find(node_->attributes, name, &Attribute::name);
    return found == node_->attributes.end() ? nullptr : &*found;
  }

  const Node* node_;
};

/// An operator by its name in files, and how a node of it becomes an Operation.
struct Operator {
  const char* name;
  Operation (*make)(const Settings&);
};

/// An axis of an array of this rank, counted from the front.
inline std::size_t axis_of(Index axis, std::size_t rank) {
  return static_cast<std::size_t>(normalized_axis("axis", axis, static_cast<int>(rank)));
}

/// An array seen as (outer, n, inner) around an axis.
struct Around {
  Index outer = 1, n, inner = 1;

  Around(const Sizes& shape, std::size_t axis) : n(shape[axis]) {
    for (std::size_t i = 0; i < axis; ++i) outer *= shape[i];
    for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
  }
};

/// The shape of both together: aligned at the last axis, sizes must be equal or 1.
inline Sizes broadcast_sizes(const Sizes& a, const Sizes& b) {
  Sizes result(std::max(a.size(), b.size()));
  for (std::size_t i = 1; i <= result.size(); ++i) {
    const Index in_a = i <= a.size() ? a[a.size() - i] : 1;
    const Index in_b = i <= b.size() ? b[b.size() - i] : 1;
    if (in_a != in_b && in_a != 1 && in_b != 1)
      throw ShapeError(text("shapes do not broadcast: ", shape_text(a), " and ", shape_text(b)));
    result[result.size() - i] = in_a == 1 ? in_b : in_a;
  }
  count_of(result);
  return result;
}

}  // namespace tinydl::onnx
