// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <tinydl/core/create.hpp>
#include <tinydl/core/error.hpp>
#include <tinydl/core/tensor.hpp>
#include <tinydl/functions/shape.hpp>
#include <tinydl/kernels/copy.hpp>
#include <tinydl/kernels/index.hpp>
#include <tinydl/onnx/operation.hpp>

// Operators that move elements, or only say differently how they are arranged.

namespace tinydl::onnx::detail {

// --- the same elements in another shape ---

inline Value with_sizes(const Value& x, const Sizes& shape) {
  if (const Index count = count_of(shape); count != count_of(x.shape))
    throw ShapeError(text("shape ", shape_text(x.shape), " cannot become ", shape_text(shape)));
  return {shape, x.elements};
}

inline Operation reshape(const Settings& settings) {
  const bool keeps_zeros = settings.integer("allowzero", 0) != 0;
  return [keeps_zeros](const Arguments& x) -> Results {
    Sizes shape = x.sizes(1);
    for (std::size_t i = 0; i < shape.size() && !keeps_zeros; ++i)
      if (shape[i] == 0) {
        if (i >= x.shape(0).size())
          throw ShapeError(text("a size 0, to be taken over, at axis ", i, " of shape ",
                                shape_text(x.shape(0))));
        shape[i] = x.shape(0)[i];
      }
    tinydl::detail::infer_size(x.shape(0), shape);
    return one(with_sizes(x[0], shape));
  };
}

inline Operation flatten(const Settings& settings) {
  const Index axis = settings.integer("axis", 1);
  return [axis](const Arguments& x) -> Results {
    Sizes shape{1, 1};
    // The last axis may be followed by none.
    const std::size_t rank = x.shape(0).size(),
                      from = axis == static_cast<Index>(rank) ? rank : axis_of(axis, rank);
    for (std::size_t i = 0; i < rank; ++i) shape[i < from ? 0 : 1] *= x.shape(0)[i];
    return one(with_sizes(x[0], shape));
  };
}

/// Which of `rank` axes are named.
inline std::vector<bool> marked(const Sizes& axes, std::size_t rank) {
  std::vector<bool> result(rank);
  for (const Index axis : axes) {
    const std::size_t i = axis_of(axis, rank);
    if (result[i]) throw ShapeError(text("axis ", axis, " comes twice"));
    result[i] = true;
  }
  return result;
}

inline Results squeeze(const Arguments& x) {
  const Sizes& from = x.shape(0);
  std::vector<bool> gone(from.size());
  if (x.has(1))
    gone = marked(x.sizes(1), from.size());
  else
    for (std::size_t i = 0; i < from.size(); ++i) gone[i] = from[i] == 1;
  Sizes shape;
  for (std::size_t i = 0; i < from.size(); ++i)
    if (!gone[i]) shape.push_back(from[i]);
  return one(with_sizes(x[0], shape));
}

inline Results unsqueeze(const Arguments& x) {
  const Sizes axes = x.sizes(1);
  const std::vector<bool> fresh = marked(axes, x.shape(0).size() + axes.size());
  Sizes shape(fresh.size(), 1);
  auto size = x.shape(0).begin();
  for (std::size_t i = 0; i < fresh.size(); ++i)
    if (!fresh[i]) shape[i] = *size++;
  return one(with_sizes(x[0], shape));
}

// --- elements at other places ---

/// The distances in memory between neighbours along each axis.
inline Sizes steps_of(const Sizes& shape) {
  Sizes steps(shape.size());
  Index step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    steps[i] = step;
    step *= shape[i];
  }
  return steps;
}

/// to[p] = from[p] for all positions p of a shape: see kernels::copy_strided. The positions must
/// be there.
template <class T>
void copy(const Sizes& shape, const T* from, const Sizes& from_steps, T* to,
          const Sizes& to_steps) {
  if (count_of(shape) == 0) return;
  constexpr int rank = static_cast<int>(max_axes);
  Shape<rank> sizes;
  kernels::Steps<rank> p, q;
  sizes.fill(1);
  std::ranges::copy_backward(shape, sizes.end());
  std::ranges::copy_backward(from_steps, p.end());
  std::ranges::copy_backward(to_steps, q.end());
  kernels::copy_strided(sizes, from, p, to, q);
}

/// The elements from `start` on that stand `steps` apart, in this shape. They must be there.
inline Value strided(const Value& x, const Sizes& shape, Index start, const Sizes& steps) {
  return std::visit(
      [&]<class T>(const Tensor<T, 1>& from) -> Value {
        Tensor<T, 1> y = elements_for<T>(shape);
        copy(shape, from.data() + (y.size() == 0 ? 0 : start), steps, y.mutable_data(),
             steps_of(shape));
        return {shape, y};
      },
      x.elements);
}

inline Operation transpose(const Settings& settings) {
  return [axes = settings.integers("perm")](const Arguments& x) -> Results {
    const Sizes& from = x.shape(0);
    const Sizes steps = steps_of(from);
    Sizes order = axes.value_or(Sizes());
    if (!axes)
      for (std::size_t i = from.size(); i-- > 0;) order.push_back(static_cast<Index>(i));
    if (order.size() != from.size() || std::ranges::count(marked(order, from.size()), false) > 0)
      throw ShapeError(text("axes ", shape_text(order), " of shape ", shape_text(from)));
    Sizes shape, apart;
    for (const Index axis : order) {
      shape.push_back(from[axis_of(axis, from.size())]);
      apart.push_back(steps[axis_of(axis, from.size())]);
    }
    return one(strided(x[0], shape, 0, apart));
  };
}

inline Results slice(const Arguments& x) {
  const Sizes starts = x.sizes(1), ends = x.sizes(2);
  Sizes shape = x.shape(0), steps = steps_of(shape), axes;
  if (x.has(3))
    axes = x.sizes(3);
  else
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<Index>(i));
  const Sizes strides = x.has(4) ? x.sizes(4) : Sizes(axes.size(), 1);
  if (starts.size() != axes.size() || ends.size() != axes.size() || strides.size() != axes.size())
    throw ShapeError("starts, ends, axes and steps are not as many");
  marked(axes, shape.size());
  Index from = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = axis_of(axes[i], shape.size());
    const Index size = shape[axis], stride = strides[i];
    if (stride == 0 || stride == std::numeric_limits<Index>::min())
      throw ValueError(text("a step of ", stride));
    if (size == 0) continue;
    // Ends count from the back if they are negative, and what is outside is cut off.
    const auto within = [&](Index at, Index low, Index high) {
      return std::clamp(at < 0 ? at + size : at, low, high);
    };
    const Index start = stride > 0 ? within(starts[i], 0, size) : within(starts[i], 0, size - 1);
    const Index end = stride > 0 ? within(ends[i], 0, size) : within(ends[i], -1, size - 1);
    const Index distance = stride > 0 ? end - start : start - end, pace = std::abs(stride);
    shape[axis] = distance <= 0 ? 0 : (distance - 1) / pace + 1;
    from += start * steps[axis];
    steps[axis] = shape[axis] > 1 ? steps[axis] * stride : 0;
  }
  return one(strided(x[0], shape, from, steps));
}

inline Results expand(const Arguments& x) {
  const Sizes shape = broadcast_sizes(x.shape(0), x.sizes(1));
  const Sizes own = steps_of(x.shape(0));
  Sizes steps(shape.size());
  for (std::size_t i = 1; i <= own.size(); ++i)
    steps[shape.size() - i] = x.shape(0)[own.size() - i] == 1 ? 0 : own[own.size() - i];
  return one(strided(x[0], shape, 0, steps));
}

inline Operation concat(const Settings& settings) {
  const Index asked = settings.integer("axis", 0);
  return [asked](const Arguments& x) -> Results {
    const std::size_t axis = axis_of(asked, x.shape(0).size());
    Sizes shape = x.shape(0);
    for (std::size_t i = 1; i < x.count(); ++i) {
      Sizes other = x.shape(i);
      if (other.size() == shape.size()) other[axis] = x.shape(0)[axis];
      if (other != x.shape(0))
        throw ShapeError(text("shapes ", shape_text(x.shape(0)), " and ", shape_text(x.shape(i)),
                              " differ beyond axis ", axis));
      if (x.shape(i)[axis] > std::numeric_limits<Index>::max() - shape[axis])
        throw ShapeError("an axis of too many elements");
      shape[axis] += x.shape(i)[axis];
    }
    return std::visit(
        [&]<class T>(const Tensor<T, 1>&) -> Results {
          Tensor<T, 1> y = elements_for<T>(shape);
          T* out = y.mutable_data();
          const Sizes steps = steps_of(shape);
          for (std::size_t i = 0; i < x.count(); ++i) {
            copy(x.shape(i), x.elements<T>(i).data(), steps_of(x.shape(i)), out, steps);
            out += x.shape(i)[axis] * steps[axis];
          }
          return one(shape, y);
        },
        x[0].elements);
  };
}

inline Operation split(const Settings& settings) {
  const Index asked = settings.integer("axis", 0);
  return [asked, outputs = static_cast<Index>(settings.node().outputs.size())](
             const Arguments& x) -> Results {
    const std::size_t axis = axis_of(asked, x.shape(0).size());
    const Index size = x.shape(0)[axis], part = (size + outputs - 1) / std::max<Index>(outputs, 1);
    Sizes parts;
    if (x.has(1))
      parts = x.sizes(1);
    else
      for (Index i = 0; i < outputs; ++i)
        parts.push_back(std::clamp<Index>(size - i * part, 0, part));
    const Sizes steps = steps_of(x.shape(0));
    Results results;
    Index begin = 0;
    for (const Index n : parts) {
      if (n < 0 || n > size - begin) break;
      Sizes shape = x.shape(0);
      shape[axis] = n;
      results.push_back(strided(x[0], shape, begin * steps[axis], steps));
      begin += n;
    }
    if (begin != size || results.size() != parts.size())
      throw ShapeError(text("axis ", axis, " of shape ", shape_text(x.shape(0)),
                            " cannot be split into ", shape_text(parts)));
    return results;
  };
}

inline Operation gather(const Settings& settings) {
  const Index asked = settings.integer("axis", 0);
  return [asked](const Arguments& x) -> Results {
    const Sizes& from = x.shape(0);
    const std::size_t axis = axis_of(asked, from.size());
    const Around a(from, axis);
    Sizes shape(from.begin(), from.begin() + static_cast<Index>(axis));
    shape.insert(shape.end(), x.shape(1).begin(), x.shape(1).end());
    shape.insert(shape.end(), from.begin() + static_cast<Index>(axis) + 1, from.end());
    const bool empty = count_of(shape) == 0;
    // As rows of `inner` elements, of which all that were before the axis take theirs.
    std::vector<std::int64_t> rows;
    for (Index outer = 0; outer < a.outer && !empty; ++outer)
      for (const std::int64_t i : x.elements<std::int64_t>(1).span()) {
        if (i < -a.n || i >= a.n)
          throw ValueError(
              text("index ", i, " is outside of axis ", axis, " of shape ", shape_text(from)));
        rows.push_back(outer * a.n + (i < 0 ? i + a.n : i));
      }
    return std::visit(
        [&]<class T>(const Tensor<T, 1>& elements) -> Results {
          Tensor<T, 1> y = elements_for<T>(shape);
          kernels::take_rows(static_cast<Index>(rows.size()), a.inner, rows.data(), elements.data(),
                             y.mutable_data());
          return one(shape, y);
        },
        x[0].elements);
  };
}

/// y[..., i, ...] = x[..., index[..., i, ...], ...] along an axis.
inline Operation gather_elements(const Settings& settings) {
  const Index asked = settings.integer("axis", 0);
  return [asked](const Arguments& x) -> Results {
    const Sizes &from = x.shape(0), &shape = x.shape(1);
    const std::size_t axis = axis_of(asked, from.size());
    bool fits = shape.size() == from.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i) fits = i == axis || shape[i] <= from[i];
    if (!fits)
      throw ShapeError(text("indices of shape ", shape_text(shape), " for ", shape_text(from)));
    Integers index = x.elements<std::int64_t>(1);
    for (std::int64_t& i : index.mutable_span()) {
      if (i < -from[axis] || i >= from[axis])
        throw ValueError(
            text("index ", i, " is outside of axis ", axis, " of shape ", shape_text(from)));
      if (i < 0) i += from[axis];
    }
    return std::visit(
        [&]<class T>(const Tensor<T, 1>& elements) -> Results {
          Tensor<T, 1> y = elements_for<T>(shape);
          if (y.size() > 0)
            kernels::gather({shape, from, static_cast<int>(axis)}, index.data(), elements.data(),
                            y.mutable_data());
          return one(shape, y);
        },
        x[0].elements);
  };
}

/// x in a larger array of one value elsewhere.
inline Value padded(const Value& x, const Sizes& before, const Sizes& after, float value) {
  Sizes shape = x.shape;
  Index start = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    constexpr Index limit = Index{1} << 40;
    if (before[i] < 0 || after[i] < 0 || before[i] > limit || after[i] > limit)
      throw ShapeError(text("padding ", shape_text(before), " and ", shape_text(after)));
    shape[i] += before[i] + after[i];
  }
  Floats y = elements_for<float>(shape);
  std::ranges::fill(y.mutable_span(), value);
  const Sizes steps = steps_of(shape);
  for (std::size_t i = 0; i < shape.size(); ++i) start += before[i] * steps[i];
  if (count_of(x.shape) > 0)
    copy(x.shape, std::get<Floats>(x.elements).data(), steps_of(x.shape), y.mutable_data() + start,
         steps);
  return {shape, y};
}

inline Operation pad(const Settings& settings) {
  settings.only("mode", "constant");
  return [](const Arguments& x) -> Results {
    const Sizes amounts = x.sizes(1);
    const std::size_t rank = x.shape(0).size();
    Sizes axes;
    if (x.has(3))
      axes = x.sizes(3);
    else
      for (std::size_t i = 0; i < rank; ++i) axes.push_back(static_cast<Index>(i));
    marked(axes, rank);
    if (amounts.size() != 2 * axes.size())
      throw ShapeError(text(amounts.size(), " amounts of padding for ", axes.size(), " axes"));
    Sizes before(rank), after(rank);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      before[axis_of(axes[i], rank)] = amounts[i];
      after[axis_of(axes[i], rank)] = amounts[axes.size() + i];
    }
    x.floats(0);  // of another type it is refused
    return one(padded(x[0], before, after, x.has(2) ? x.number(2) : 0));
  };
}

// --- shapes as arrays ---

inline Value integers_value(const Sizes& values) {
  Integers y(Shape<1>(static_cast<Index>(values.size())));
  std::ranges::copy(values, y.mutable_data());
  return {{y.size()}, y};
}

inline Operation shape(const Settings& settings) {
  const Index start = settings.integer("start", 0),
              end = settings.integer("end", std::numeric_limits<Index>::max());
  return [start, end](const Arguments& x) -> Results {
    const auto rank = static_cast<Index>(x.shape(0).size());
    const auto within = [&](Index at) {
      return std::clamp<Index>(at < 0 ? at + rank : at, 0, rank);
    };
    const Index from = within(start), to = std::max(from, within(end));
    return one(integers_value(Sizes(x.shape(0).begin() + from, x.shape(0).begin() + to)));
  };
}

inline Operation constant_of_shape(const Settings& settings) {
  const Value zero{{1}, full({1}, 0.0f)};
  return [value = settings.get("value", zero)](const Arguments& x) -> Results {
    const Sizes sizes = x.sizes(0);
    if (count_of(value.shape) != 1) throw ShapeError("its value is not one number");
    return one(strided(value, sizes, 0, Sizes(sizes.size(), 0)));
  };
}

inline Operation constant_value(const Settings& settings) {
  Value result;
  if (settings.has("value"))
    result = settings.get("value", Value());
  else if (settings.has("value_float"))
    result = {{}, full({1}, settings.real("value_float", 0))};
  else if (settings.has("value_int"))
    result = {{}, full<std::int64_t>({1}, settings.integer("value_int", 0))};
  else if (settings.has("value_ints"))
    result = integers_value(*settings.integers("value_ints"));
  else
    throw ValueError("its value is not of a type that is known");
  return [result](const Arguments&) { return one(result); };
}

inline Results same(const Arguments& x) { return one(x[0]); }

/// Of a model that runs; the mask, which says what was kept, is true.
inline Results dropout(const Arguments& x) {
  if (x.has(2) && x.elements<bool>(2).item()) throw ValueError("dropout in training");
  Bools mask = elements_for<bool>(x.shape(0));
  std::ranges::fill(mask.mutable_span(), true);
  return {x[0], {x.shape(0), mask}};
}

inline constexpr Operator shape_operators[] = {
    {"Reshape", reshape},
    {"Flatten", flatten},
    {"Squeeze", [](const Settings&) -> Operation { return squeeze; }},
    {"Unsqueeze", [](const Settings&) -> Operation { return unsqueeze; }},
    {"Transpose", transpose},
    {"Slice", [](const Settings&) -> Operation { return slice; }},
    {"Expand", [](const Settings&) -> Operation { return expand; }},
    {"Concat", concat},
    {"Split", split},
    {"Gather", gather},
    {"GatherElements", gather_elements},
    {"Pad", pad},
    {"Shape", shape},
    {"ConstantOfShape", constant_of_shape},
    {"Constant", constant_value},
    {"Identity", [](const Settings&) -> Operation { return same; }},
    {"Dropout", [](const Settings&) -> Operation { return dropout; }},
};

}  // namespace tinydl::onnx::detail
