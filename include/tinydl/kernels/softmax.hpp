// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <tinydl/core/threads.hpp>
#include <tinydl/kernels/exp.hpp>
#include <tinydl/kernels/log.hpp>
#include <tinydl/kernels/reduce.hpp>

// Rows are taken in whole vectors, and a tail that stays in registers. Results are other arrays
// than operands. The largest number of a row is subtracted first, so that nothing overflows.

namespace tinydl::kernels {

namespace detail {

/// The last n % lanes numbers of a row, and `rest` in the other lanes; `available` numbers can be
/// read from the row's beginning on, those of later rows among them.
template <class V, class T>
[[gnu::always_inline]] inline void load_tail(V& tail, const T* row, Index n, Index available,
                                             T rest) {
  constexpr Index width = lanes<V, T>;
  const Index left = n % width, whole = n - left;
  V numbers;
  load(numbers, lane_numbers<T>.data());
  tail = V{} + rest;
  if (left == 0) return;
  if (whole + width > available) return load_some(tail, row + whole, left, rest);
  load(tail, row + whole);
  tail = numbers < V{} + T(left) ? tail : V{} + rest;
}
/// Later rows are written later, so that a whole vector may reach into them.
template <class V, class T>
[[gnu::always_inline]] inline void store_tail(T* row, const V& tail, Index n, Index available) {
  constexpr Index width = lanes<V, T>;
  const Index left = n % width, whole = n - left;
  if (left == 0) return;
  if (whole + width > available) return store_some(row + whole, tail, left);
  store(row + whole, tail);
}

/// Max without its rule for what is no number: of that, a row's sum will tell.
struct Larger {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    y = x > y ? x : y;
  }
};

/// top: the largest of a row, whose tail is there already.
template <class V, class T>
[[gnu::always_inline]] inline void row_top(T* top, const T* row, const V& tail, Index n) {
  V v, most = tail;
  for (Index i = 0; i + lanes<V, T> <= n; i += lanes<V, T>) {
    load(v, row + i);
    most = v > most ? v : most;
  }
  fold_lanes(top, most, Larger{});
}

/// tail = exp(tail - top), sum: that of exp(row - top), which goes to `out` unless it is null.
template <class V, class T>
[[gnu::always_inline]] inline void row_exps(T* sum, T* out, V& tail, const T* row, T top, Index n) {
  V v, e, total{};
  for (Index i = 0;; i += lanes<V, T>) {
    const bool last = i + lanes<V, T> > n;
    if (last)
      v = tail;
    else
      load(v, row + i);
    exp(e, v - top);
    total += e;
    if (last) break;
    if (out) store(out + i, e);
  }
  tail = e;
  fold_lanes(sum, total, Sum{});
}

template <class T>
inline constexpr T nothing = -std::numeric_limits<T>::infinity();  // exp(nothing) is 0

/// With a target, losses is -sum(target log(out)) of each row, and mass sum(target); else they are
/// null.
template <class T>
struct SoftmaxRows {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index rows, Index n, const T* in, T* out, const T* target,
                                         const T* mass, T* losses) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    T sums[width] = {}, misses[width] = {};
    for (Index left = rows; left > 0; left -= width) {
      const Index some = std::min(width, left);
      for (Index r = 0; r < some; ++r, in += n, out += n) {
        row<V>(n, (left - r) * n, in, out, target, &sums[r], &misses[r]);
        if (target) target += n;
      }
      if (!target) continue;
      finish<V>(some, sums, misses, mass, losses);
      mass += some;
      losses += some;
    }
  }

 private:
  /// out: the softmax of a row, sum: that of exp(in - top), and with a target miss: that of
  /// target (top - in).
  template <class V>
  [[gnu::always_inline]] static void row(Index n, Index available, const T* in, T* out,
                                         const T* target, T* sum, T* miss) {
    constexpr Index width = lanes<V, T>;
    V v, t, tail, exps, misses{};
    T top;
    load_tail(tail, in, n, available, nothing<T>);
    row_top(&top, in, tail, n);
    exps = tail;
    row_exps(sum, out, exps, in, top, n);
    const T scale = 1 / *sum;
    for (Index i = 0; i + width <= n; i += width) {
      load(v, out + i);
      store(out + i, v * scale);
    }
    store_tail(out, exps * scale, n, available);
    if (!target) return;
    load_tail(t, target, n, available, T(0));
    v = tail;
    for (Index i = 0;; i += width) {
      // A target of 0 counts for nothing, even if the logit is minus infinity.
      misses += t != V{} ? t * (top - v) : V{};
      if (n - i < width) break;
      load(v, in + i);
      load(t, target + i);
    }
    fold_lanes(miss, misses, Sum{});
  }

  /// losses = misses + mass log(sums), of which a mass of 0 leaves nothing.
  template <class V>
  [[gnu::always_inline]] static void finish(Index rows, const T* sums, const T* misses,
                                            const T* mass, T* losses) {
    V sum, logs, miss, m;
    load(sum, sums);
    log(logs, sum);
    load(miss, misses);
    load_some(m, mass, rows, T(0));
    store_some(losses, miss + (m != V{} ? m * logs : V{}), rows);
  }
};

template <class T>
struct LogSoftmaxRows {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index rows, Index n, const T* in, T* out) {
    using V = Vector<T, Bytes>;
    V v, tail, exps;
    T top, sum;
    for (; rows > 0; --rows, in += n, out += n) {
      load_tail(tail, in, n, rows * n, nothing<T>);
      row_top(&top, in, tail, n);
      exps = tail;
      row_exps(&sum, static_cast<T*>(nullptr), exps, in, top, n);
      const T log_sum = std::log(sum);  // not added to a large top, where its digits would be lost
      for (Index i = 0; i + lanes<V, T> <= n; i += lanes<V, T>) {
        load(v, in + i);
        store(out + i, (v - top) - log_sum);
      }
      store_tail(out, (tail - top) - log_sum, n, rows * n);
    }
  }
};

/// Lines side by side, a lane each: elements [begin, end) of rows that are `inner` long.
template <class T, bool logs>
struct SoftmaxColumns {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, Index inner, Index begin, Index end, const T* in,
                                         T* out) {
    using V = Vector<T, Bytes>;
    V v, e, top, sum;
    for (Index at = begin; at < end; at += lanes<V, T>) {
      const Index some = std::min(lanes<V, T>, end - at);
      top = V{} + nothing<T>;
      for (Index i = 0; i < n; ++i) {
        load_part(v, in + i * inner + at, some);
        top = v > top ? v : top;
      }
      sum = V{};
      for (Index i = 0; i < n; ++i) {
        load_part(v, in + i * inner + at, some);
        exp(e, v - top);
        if (!logs) store_part(out + i * inner + at, e, some);
        sum += e;
      }
      if (logs) log(sum, V(sum));
      for (Index i = 0; i < n; ++i) {
        load_part(v, (logs ? in : out) + i * inner + at, some);
        store_part(out + i * inner + at, logs ? (v - top) - sum : v / sum, some);
      }
    }
  }

 private:
  template <class V>
  [[gnu::always_inline]] static void load_part(V& v, const T* from, Index some) {
    if (some == lanes<V, T>)
      load(v, from);
    else
      load_some(v, from, some);
  }
  template <class V>
  [[gnu::always_inline]] static void store_part(T* to, const V& v, Index some) {
    if (some == lanes<V, T>)
      store(to, v);
    else
      store_some(to, v, some);
  }
};

template <class T, bool logs>
struct SoftmaxRowsBackward {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index rows, Index n, const T* gy, const T* y, T* gx) {
    using V = Vector<T, Bytes>;
    V g, v, g_tail, tail;
    T total;
    for (; rows > 0; --rows, gy += n, y += n, gx += n) {
      load_tail(g_tail, gy, n, rows * n, T(0));
      load_tail(tail, y, n, rows * n, T(0));
      V sum = logs ? g_tail : g_tail * tail;
      for (Index i = 0; i + lanes<V, T> <= n; i += lanes<V, T>) {
        load(g, gy + i);
        load(v, y + i);
        sum += logs ? g : g * v;
      }
      fold_lanes(&total, sum, Sum{});
      for (Index i = 0; i + lanes<V, T> <= n; i += lanes<V, T>) {
        load(g, gy + i);
        load(v, y + i);
        combine(v, g, total);
        store(gx + i, v);
      }
      combine(tail, g_tail, total);
      store_tail(gx, tail, n, rows * n);
    }
  }

 private:
  template <class V>
  [[gnu::always_inline]] static void combine(V& v, const V& g, T total) {
    if constexpr (logs) {
      exp(v, V(v));
      v = g - v * total;
    } else {
      v = v * (g - total);
    }
  }
};

template <class T>
struct CrossEntropyRowsBackward {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index rows, Index n, const T* gy, const T* mass,
                                         const T* p, const T* target, T* gx) {
    using V = Vector<T, Bytes>;
    V v, t;
    for (; rows > 0; --rows, ++gy, ++mass, p += n, target += n, gx += n) {
      for (Index i = 0; i + lanes<V, T> <= n; i += lanes<V, T>) {
        load(v, p + i);
        load(t, target + i);
        store(gx + i, *gy * (*mass * v - t));
      }
      load_tail(v, p, n, rows * n, T(0));
      load_tail(t, target, n, rows * n, T(0));
      store_tail(gx, *gy * (*mass * v - t), n, rows * n);
    }
  }
};

/// f(first, rows) for stretches of rows of n elements, on several threads.
template <class F>
void each_rows(Index rows, Index n, F f) {
  parallel_ranges(rows, std::max<Index>(1, 8192 / std::max<Index>(n, 1)),
                  [&](Index begin, Index end) { f(begin, end - begin); });
}

/// Lines along the middle axis, if it is not the last.
template <bool logs, class T>
void softmax_columns(Index outer, Index n, Index inner, const T* in, T* out) {
  constexpr Index columns = 64;  // a multiple of every vector
  const Index blocks = (inner + columns - 1) / columns;
  each_rows(outer * blocks, n * std::min(inner, columns), [=](Index first, Index count) {
    for (Index block = first; block < first + count; ++block) {
      const Index at = block / blocks * n * inner, begin = block % blocks * columns;
      dispatch<SoftmaxColumns<T, logs>>(n, inner, begin, std::min(inner, begin + columns), in + at,
                                        out + at);
    }
  });
}

}  // namespace detail

/// p = softmax(x) in rows of n, and losses = -sum(target log(p)) of each row, whose target's sum is
/// its mass. Without a target, which is null then, and so are mass and losses, only p.
template <class T>
void cross_entropy(Index rows, Index n, const T* x, const T* target, const T* mass, T* p,
                   T* losses) {
  detail::each_rows(rows, n, [=](Index first, Index count) {
    const Index at = first * n;
    dispatch<detail::SoftmaxRows<T>>(count, n, x + at, p + at, target ? target + at : nullptr,
                                     target ? mass + first : nullptr,
                                     target ? losses + first : nullptr);
  });
}

/// out = exp(in - max) / sum in rows of n.
template <class T>
void softmax_rows(Index rows, Index n, const T* in, T* out) {
  constexpr T* none = nullptr;
  cross_entropy<T>(rows, n, in, none, none, out, none);
}
/// The same along the middle axis of (outer, n, inner).
template <class T>
void softmax(Index outer, Index n, Index inner, const T* in, T* out) {
  if (inner == 1)
    softmax_rows(outer, n, in, out);
  else
    detail::softmax_columns<false>(outer, n, inner, in, out);
}

/// out = in - max - log(sum(exp(in - max))) along the middle axis of (outer, n, inner).
template <class T>
void log_softmax(Index outer, Index n, Index inner, const T* in, T* out) {
  if (inner > 1) return detail::softmax_columns<true>(outer, n, inner, in, out);
  detail::each_rows(outer, n, [=](Index first, Index rows) {
    dispatch<detail::LogSoftmaxRows<T>>(rows, n, in + first * n, out + first * n);
  });
}

/// The gradient of softmax, from its result y, in rows of n: gx = y (gy - sum(gy y)).
template <class T>
void softmax_backward(Index rows, Index n, const T* gy, const T* y, T* gx) {
  detail::each_rows(rows, n, [=](Index first, Index count) {
    const Index at = first * n;
    dispatch<detail::SoftmaxRowsBackward<T, false>>(count, n, gy + at, y + at, gx + at);
  });
}

/// That of log_softmax: gx = gy - exp(y) sum(gy).
template <class T>
void log_softmax_backward(Index rows, Index n, const T* gy, const T* y, T* gx) {
  detail::each_rows(rows, n, [=](Index first, Index count) {
    const Index at = first * n;
    dispatch<detail::SoftmaxRowsBackward<T, true>>(count, n, gy + at, y + at, gx + at);
  });
}

/// gx = gy (mass p - target), gy and mass one number for each row of n.
template <class T>
void cross_entropy_backward(Index rows, Index n, const T* gy, const T* mass, const T* p,
                            const T* target, T* gx) {
  detail::each_rows(rows, n, [=](Index first, Index count) {
    const Index at = first * n;
    dispatch<detail::CrossEntropyRowsBackward<T>>(count, n, gy + first, mass + first, p + at,
                                                  target + at, gx + at);
  });
}

}  // namespace tinydl::kernels
