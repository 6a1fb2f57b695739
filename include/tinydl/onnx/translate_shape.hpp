// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <tinydl/functions/pad.hpp>
#include <tinydl/functions/reduce.hpp>
#include <tinydl/functions/shape.hpp>
#include <tinydl/functions/slice.hpp>
#include <tinydl/onnx/translator.hpp>

namespace tinydl::onnx {

namespace detail {

inline bool is_reshape(const Step& step) { return with_operation<ReshapeFunction>(step, ignore); }

inline std::vector<std::int64_t> list(std::span<const Index> values) {
  return {values.begin(), values.end()};
}

/// One size may be left to be inferred; several that depend on the batch stay as they are. Of
/// several changes of shape in a row the last one counts.
inline bool translate_reshape(Translator& t, const Step& step) {
  const TracedSizes to = step.output_sizes();
  const auto open = std::count_if(to.begin(), to.end(), [](TracedSize s) { return !s.fixed(); });
  const Step* first = &step;
  while (open < 2 && t.maker(*first, 0) && is_reshape(*t.maker(*first, 0)))
    first = t.maker(*first, 0);
  const std::string x = t.value(*first, 0);
  const TracedSizes from = first->input_sizes(0);
  if (from == to) return t.result(step, x);
  std::vector<std::int64_t> shape;
  for (std::size_t i = 0; i < to.size(); ++i) {
    const bool stays = i < from.size() && from[i] == to[i];
    if (!to[i].fixed() && open > 1 && !stays)
      step.refuse("several sizes of a new shape depend on the batch");
    shape.push_back(to[i].fixed() ? to[i].small : open == 1 ? -1 : 0);
  }
  return t.result(step, t.apply("Reshape", {x, t.integers("shape", shape)}));
}

/// Where a slice ends, counted from the back if it moves with the batch.
inline std::int64_t place(const Step& step, TracedSize at, TracedSize whole) {
  if (at.fixed()) return at.small;
  if (at == whole) return std::numeric_limits<std::int64_t>::max();
  if (at.small - whole.small != at.large - whole.large)
    step.refuse("where it begins or ends depends on the batch in a way that is not known");
  return at.small - whole.small;
}

/// What slices and pads say of the whole, and of the block in it.
struct Block {
  std::span<const Index> whole, start, part;

  Block() = default;
  template <class Op>
  explicit Block(const Op& op) : whole(op.whole), start(op.start), part(op.part) {}
};

inline bool translate_slice(Translator& t, const Step& step) {
  Block small, large;
  const auto read = [&](const auto& op, const auto& in_small) {
    large = Block(op);
    small = Block(in_small);
  };
  if (!with_operation<Slice>(step, read)) return false;
  std::vector<std::int64_t> starts, ends, axes;
  for (std::size_t i = 0; i < large.whole.size(); ++i) {
    const TracedSize whole{small.whole[i], large.whole[i]}, start{small.start[i], large.start[i]};
    const TracedSize end{small.start[i] + small.part[i], large.start[i] + large.part[i]};
    if (start == TracedSize{0, 0} && end == whole) continue;
    starts.push_back(place(step, start, whole));
    ends.push_back(place(step, end, whole));
    axes.push_back(static_cast<std::int64_t>(i));
  }
  return t.result(step, t.apply("Slice", {t.value(step, 0), t.integers("starts", starts),
                                          t.integers("ends", ends), t.integers("axes", axes)}));
}

inline bool translate_pad(Translator& t, const Step& step) {
  Block small, large;
  double value = 0;
  const auto read = [&](const auto& op, const auto& in_small) {
    large = Block(op);
    small = Block(in_small);
    value = op.value;
  };
  if (!with_operation<Pad>(step, read)) return false;
  std::vector<std::int64_t> amounts = list(large.start), after;
  for (std::size_t i = 0; i < large.whole.size(); ++i) {
    after.push_back(large.whole[i] - large.start[i] - large.part[i]);
    if (small.start[i] != large.start[i] ||
        small.whole[i] - small.start[i] - small.part[i] != after.back())
      step.refuse("an amount of padding depends on the batch");
  }
  amounts.insert(amounts.end(), after.begin(), after.end());
  return t.result(step,
                  t.apply("Pad", {t.value(step, 0), t.integers("pads", amounts), t.number(value)}));
}

/// Sums and means: over axes that go, and others, which stay with size 1.
inline bool translate_sum(Translator& t, const Step& step) {
  Index divisor = 0;
  std::span<const bool> missing;
  const auto read = [&](const auto& op) {
    divisor = op.divisor;
    missing = op.missing;
  };
  if (!with_operation<SumTo>(step, read)) return false;
  const TracedSizes from = step.input_sizes(0), to = step.output_sizes();
  std::vector<std::int64_t> axes, gone;
  Index count = 1;
  for (std::size_t i = 0, kept = 0; i < from.size(); ++i) {
    if (!missing[i] && from[i] == to[kept++]) continue;
    axes.push_back(static_cast<std::int64_t>(i));
    if (missing[i]) gone.push_back(static_cast<std::int64_t>(i));
    count *= from[i].large;
  }
  std::string y = t.value(step, 0);
  const auto keep = setting("keepdims", axes.size() == gone.size() ? 0 : 1);
  if (divisor == count && count != 1)
    y = t.apply("ReduceMean", {y}, {setting("axes", axes), keep});
  else if (divisor == 1 && !axes.empty())
    y = t.apply("ReduceSum", {y, t.integers("axes", axes)}, {keep});
  else if (divisor != 1)
    step.refuse("a sum divided by something else than how many there are");
  if (axes.size() != gone.size() && !gone.empty())
    y = t.apply("Squeeze", {y, t.integers("axes", gone)});
  return t.result(step, y);
}

inline bool translate_broadcast(Translator& t, const Step& step) {
  Index divisor = 0;
  std::span<const bool> missing;
  const auto read = [&](const auto& op) {
    divisor = op.divisor;
    missing = op.missing;
  };
  if (!with_operation<BroadcastTo>(step, read)) return false;
  if (divisor != 1 || !std::is_sorted(missing.rbegin(), missing.rend()))
    step.refuse("a broadcast along inner axes, or one that divides, is for derivatives");
  const TracedSizes from = step.input_sizes(0);
  TracedSizes to = step.output_sizes();
  for (std::size_t i = 0; i < from.size(); ++i) {  // 1 leaves a size as it is
    TracedSize& size = to[i + to.size() - from.size()];
    if (size == from[i]) size = {1, 1};
  }
  return t.result(step, t.apply("Expand", {t.value(step, 0), t.shape_value(step, to)}));
}

template <int Rank>
using MaxOver = FoldExtremes<kernels::Max, Rank>;
template <int Rank>
using MinOver = FoldExtremes<kernels::Min, Rank>;

inline bool translate_fold(Translator& t, const Step& step) {
  std::span<const bool> folded;
  const auto read = [&](const auto& op, const auto&) { folded = op.folded; };
  const char* const name = with_operation<MaxOver>(step, read)     ? "ReduceMax"
                           : with_operation<MinOver>(step, read)   ? "ReduceMin"
                           : with_operation<LogSumExp>(step, read) ? "ReduceLogSumExp"
                                                                   : nullptr;
  if (!name) return false;
  std::vector<std::int64_t> axes;
  for (std::size_t i = 0; i < folded.size(); ++i)
    if (folded[i]) axes.push_back(static_cast<std::int64_t>(i));
  return t.result_of(step, name, {setting("axes", axes), setting("keepdims", 1)});
}

inline bool translate_index(Translator& t, const Step& step) {
  Value small, large;
  const auto read = [&](const auto& op, const auto& in_small) {
    large = value_of(op.index);
    small = value_of(in_small.index);
  };
  Index axis = 0;
  const bool rows = with_operation<TakeRows>(step, read);
  if (!rows && !with_operation<Gather>(step, [&](const auto& op, const auto& in_small) {
        read(op, in_small);
        axis = op.axis;
      }))
    return false;
  std::string index = t.index_value(large);
  if (index.empty()) index = t.constant(step, "index", small, large);
  return t.result(step, t.apply(rows ? "Gather" : "GatherElements", {t.value(step, 0), index},
                                {setting("axis", axis)}));
}

}  // namespace detail

/// Functions that move elements, or fold them along axes.
inline bool translate_shape(Translator& t, const Step& step) {
  if (detail::is_reshape(step)) return detail::translate_reshape(t, step);
  if (const auto* op = step.operation<CumSum>()) {
    const std::string axis = t.initializer("axis", {{}, from_values({std::int64_t{op->axis}})});
    return t.result(step, t.apply("CumSum", {t.value(step, 0), axis},
                                  {setting("reverse", op->reversed ? 1 : 0)}));
  }
  std::span<const Index> axes;
  if (with_operation<Permute>(step, [&](const auto& op, const auto&) { axes = op.axes; }))
    return t.result_of(step, "Transpose", {setting("perm", detail::list(axes))});
  Index axis = 0;
  if (with_operation<Concat>(step, [&](const auto& op, const auto&) { axis = op.axis; }))
    return t.result_of(step, "Concat", {setting("axis", axis)});
  return detail::translate_slice(t, step) || detail::translate_pad(t, step) ||
         detail::translate_sum(t, step) || detail::translate_broadcast(t, step) ||
         detail::translate_fold(t, step) || detail::translate_index(t, step);
}

}  // namespace tinydl::onnx
