// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/exp.hpp>

// One step of a recurrent network, for one example: rows of n hidden units, gates side by side. The
// products with the weights are done. functions/recurrent.hpp, lstm.hpp and gru.hpp have the
// formulas. (For dispatch(), see simd.hpp.)

namespace tinydl::kernels::detail {

/// Up to a vector's lanes of a row of n numbers, from number j on.
template <class T, class V>
[[gnu::always_inline]] inline void load_part(V& v, const T* row, Index j, Index n) {
  if (j + lanes<V, T> <= n)
    load(v, row + j);
  else
    load_some(v, row + j, n - j);
}
template <class T, class V>
[[gnu::always_inline]] inline void store_part(T* row, const V& v, Index j, Index n) {
  if (j + lanes<V, T> <= n)
    store(row + j, v);
  else
    store_some(row + j, v, n - j);
}

template <class T>
struct RnnForward {
  /// h: from its argument to its value
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, bool relu, T* h) {
    using V = Vector<T, Bytes>;
    V x, y;
    for (Index j = 0; j < n; j += lanes<V, T>) {
      load_part(x, h, j, n);
      if (relu)
        y = x < V{} ? V{} : x;
      else
        tanh(y, x);
      store_part(h, y, j, n);
    }
  }
};

template <class T>
struct RnnBackward {
  /// ga = (gy + carried) slope(h)
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, bool relu, const T* h, const T* gy,
                                         const T* carried, T* ga) {
    using V = Vector<T, Bytes>;
    V y, g, more;
    for (Index j = 0; j < n; j += lanes<V, T>) {
      load_part(y, h, j, n);
      load_part(g, gy, j, n);
      load_part(more, carried, j, n);
      g += more;
      if (relu)
        g = y > V{} ? g : V{};
      else
        g *= T(1) - y * y;
      store_part(ga, g, j, n);
    }
  }
};

template <class T>
struct LstmForward {
  /// gates: i f g o, from arguments to values
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, T* gates, const T* before, T* c, T* h) {
    using V = Vector<T, Bytes>;
    V x, i, f, g, o, cell;
    for (Index j = 0; j < n; j += lanes<V, T>) {
      load_part(x, gates, j, n);
      sigmoid(i, x);
      store_part(gates, i, j, n);
      load_part(x, gates + n, j, n);
      sigmoid(f, x);
      store_part(gates + n, f, j, n);
      load_part(x, gates + 2 * n, j, n);
      tanh(g, x);
      store_part(gates + 2 * n, g, j, n);
      load_part(x, gates + 3 * n, j, n);
      sigmoid(o, x);
      store_part(gates + 3 * n, o, j, n);
      load_part(cell, before, j, n);
      cell = f * cell + i * g;
      store_part(c, cell, j, n);
      tanh(x, cell);
      store_part(h, V(o * x), j, n);
    }
  }
};

template <class T>
struct LstmBackward {
  /// gc: the gradient of this step's cell from the steps after it, then that of the step before
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, const T* gates, const T* before, const T* c,
                                         const T* gy, const T* carried, T* gc, T* ga) {
    using V = Vector<T, Bytes>;
    V i, f, g, o, x, t, gh, gcell;
    for (Index j = 0; j < n; j += lanes<V, T>) {
      load_part(i, gates, j, n);
      load_part(f, gates + n, j, n);
      load_part(g, gates + 2 * n, j, n);
      load_part(o, gates + 3 * n, j, n);
      load_part(gh, gy, j, n);
      load_part(x, carried, j, n);
      gh += x;
      load_part(x, c, j, n);
      tanh(t, x);
      load_part(gcell, gc, j, n);
      gcell += gh * o * (T(1) - t * t);
      load_part(x, before, j, n);
      store_part(ga, V(gcell * g * i * (T(1) - i)), j, n);
      store_part(ga + n, V(gcell * x * f * (T(1) - f)), j, n);
      store_part(ga + 2 * n, V(gcell * i * (T(1) - g * g)), j, n);
      store_part(ga + 3 * n, V(gh * t * o * (T(1) - o)), j, n);
      store_part(gc, V(gcell * f), j, n);
    }
  }
};

template <class T>
struct GruForward {
  /// p: the input's r z n; gates: the hidden r z n, then r, z, the hidden n and n itself
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, const T* p, T* gates, const T* before, T* h) {
    using V = Vector<T, Bytes>;
    V x, y, r, z, fresh;
    for (Index j = 0; j < n; j += lanes<V, T>) {
      load_part(x, p, j, n);
      load_part(y, gates, j, n);
      sigmoid(r, V(x + y));
      store_part(gates, r, j, n);
      load_part(x, p + n, j, n);
      load_part(y, gates + n, j, n);
      sigmoid(z, V(x + y));
      store_part(gates + n, z, j, n);
      load_part(x, p + 2 * n, j, n);
      load_part(y, gates + 2 * n, j, n);
      tanh(fresh, V(x + r * y));
      store_part(gates + 3 * n, fresh, j, n);
      load_part(x, before, j, n);
      store_part(h, V(fresh + z * (x - fresh)), j, n);
    }
  }
};

template <class T>
struct GruBackward {
  /// gp and gr: the gradients of the input's and of the hidden r z n; carried: from this step's
  /// state to the part of the one before that does not pass through the gates
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, const T* gates, const T* before, const T* gy,
                                         T* carried, T* gp, T* gr) {
    using V = Vector<T, Bytes>;
    V r, z, hidden, fresh, gh, x;
    for (Index j = 0; j < n; j += lanes<V, T>) {
      load_part(r, gates, j, n);
      load_part(z, gates + n, j, n);
      load_part(hidden, gates + 2 * n, j, n);
      load_part(fresh, gates + 3 * n, j, n);
      load_part(gh, gy, j, n);
      load_part(x, carried, j, n);
      gh += x;
      store_part(carried, V(gh * z), j, n);
      load_part(x, before, j, n);
      x = gh * (x - fresh) * z * (T(1) - z);
      store_part(gp + n, x, j, n);
      store_part(gr + n, x, j, n);
      x = gh * (T(1) - z) * (T(1) - fresh * fresh);
      store_part(gp + 2 * n, x, j, n);
      store_part(gr + 2 * n, V(x * r), j, n);
      x = x * hidden * r * (T(1) - r);
      store_part(gp, x, j, n);
      store_part(gr, x, j, n);
    }
  }
};

}  // namespace tinydl::kernels::detail
