// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <vector>

#include <tinydl/onnx/header_elements.hpp>

// Operators that move numbers, for a generated header (see export_header.hpp). All are copies from
// and to strides, and where that moves nothing, not even that.

namespace tinydl::onnx::detail {

inline void call_copy(HeaderNode& node, const Sizes& shape, HeaderPlace x, const Sizes& from,
                      HeaderPlace y, const Sizes& to) {
  const HeaderWalk walk(shape, {from, to});
  node.call("copy", {walk.sizes(), x, walk.strides(0), y, walk.strides(1)});
}

/// Output 0 is input 0 read with these strides.
inline void read_with(HeaderNode& node, const Sizes& strides, Index offset = 0) {
  const Sizes &shape = node.out_shape(), to = strides_of(shape);
  if (offset == 0 && node.size(0) == node.out_size() && HeaderWalk(shape, {strides}).one_run())
    return node.pass_on();
  HeaderPlace x = node.in(0);
  x.offset += offset;
  call_copy(node, shape, x, strides, node.out(), to);
}

inline void write_as_is(HeaderNode& node) { node.pass_on(); }

/// To floats: whatever else depends on the input was refused before.
inline void write_cast(HeaderNode& node) {
  node.settings.only("to", Index{1});
  node.pass_on();
}

inline void write_transpose(HeaderNode& node) {
  const Sizes from = strides_of(node.x.shape(0));
  Sizes order = node.settings.integers("perm").value_or(Sizes());
  if (order.empty())
    for (std::size_t i = from.size(); i-- > 0;) order.push_back(static_cast<Index>(i));
  Sizes strides;
  for (const Index axis : order) strides.push_back(from[static_cast<std::size_t>(axis)]);
  read_with(node, strides);
}

inline void write_expand(HeaderNode& node) {
  read_with(node, broadcast_strides(node.x.shape(0), node.out_shape()));
}

inline void write_concat(HeaderNode& node) {
  const Sizes to = strides_of(node.out_shape());
  const std::size_t axis = axis_of(node.settings.integer("axis", 0), to.size());
  HeaderPlace y = node.out();
  for (std::size_t i = 0; i < node.x.count(); ++i) {
    const Sizes& shape = node.x.shape(i);
    if (node.size(i) > 0) call_copy(node, shape, node.in(i), strides_of(shape), y, to);
    y.offset += shape[axis] * to[axis];
  }
}

inline void write_split(HeaderNode& node) {
  const Sizes from = strides_of(node.x.shape(0));
  const std::size_t axis = axis_of(node.settings.integer("axis", 0), from.size());
  HeaderPlace x = node.in(0);
  for (std::size_t i = 0; i < node.node().outputs.size(); ++i) {
    if (node.node().outputs[i].empty()) node.refuse("an output that is left out");
    const Sizes& shape = node.out_shape(i);
    call_copy(node, shape, x, from, node.out(i), strides_of(shape));
    x.offset += shape[axis] * from[axis];
  }
}

inline void write_slice(HeaderNode& node) {
  const Sizes& shape = node.x.shape(0);
  const Sizes starts = node.sizes(1), strides = strides_of(shape);
  Sizes read = strides;
  Index offset = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const Index given = node.x.has(3) ? node.sizes(3).at(i) : static_cast<Index>(i);
    const std::size_t axis = axis_of(given, shape.size());
    const Index step = node.x.has(4) ? node.sizes(4).at(i) : 1;
    const Index start = starts[i] < 0 ? starts[i] + shape[axis] : starts[i];
    offset += std::clamp<Index>(start, 0, shape[axis] - (step < 0 ? 1 : 0)) * strides[axis];
    read[axis] *= step;
  }
  if (node.out_size() > 0) read_with(node, read, offset);
}

/// A copy for each index that is a constant; else rows of a table, as an embedding has them.
inline void write_gather(HeaderNode& node) {
  const Sizes& shape = node.x.shape(0);
  const std::size_t axis = axis_of(node.settings.integer("axis", 0), shape.size());
  const Around around(shape, axis);
  if (!node.constant(1)) {
    if (axis != 0) node.refuse("indices that are not constants, and not of the first axis");
    return node.call("embed", {std::to_string(node.size(1)), std::to_string(around.n),
                               std::to_string(around.inner), node.in(1), node.in(0), node.out()});
  }
  const Sizes indices = node.sizes(1);
  const auto count = static_cast<Index>(indices.size());
  for (Index i = 0; i < count; ++i) {
    HeaderPlace x = node.in(0), y = node.out();
    const Index index = indices[static_cast<std::size_t>(i)];
    x.offset += (index < 0 ? index + around.n : index) * around.inner;
    y.offset += i * around.inner;
    call_copy(node, {around.outer, around.inner}, x, {around.n * around.inner, 1}, y,
              {count * around.inner, 1});
  }
}

inline void write_pad(HeaderNode& node) {
  node.settings.only("mode", "constant");
  const Sizes &shape = node.x.shape(0), pads = node.sizes(1), to = strides_of(node.out_shape());
  Sizes axes = node.x.has(3) ? node.sizes(3) : Sizes();
  for (std::size_t i = 0; axes.size() < pads.size() / 2; ++i) axes.push_back(static_cast<Index>(i));
  HeaderPlace y = node.out();
  node.call("fill", {std::to_string(node.out_size()),
                     number_text(node.x.has(2) ? node.constants(2).at(0) : 0), y});
  for (std::size_t i = 0; i < axes.size(); ++i)
    y.offset += pads[i] * to[axis_of(axes[i], shape.size())];
  call_copy(node, shape, node.in(0), strides_of(shape), y, to);
}

inline constexpr HeaderOperator header_movers[] = {
    {"Cast", write_cast},           {"Concat", write_concat},   {"Dropout", write_as_is},
    {"Expand", write_expand},       {"Flatten", write_as_is},   {"Gather", write_gather},
    {"Identity", write_as_is},      {"Pad", write_pad},         {"Reshape", write_as_is},
    {"Slice", write_slice},         {"Split", write_split},     {"Squeeze", write_as_is},
    {"Transpose", write_transpose}, {"Unsqueeze", write_as_is},
};

}  // namespace tinydl::onnx::detail
