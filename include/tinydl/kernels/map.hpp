// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/threads.hpp>
#include <tinydl/kernels/simd.hpp>

namespace tinydl::kernels {

/// An operand that is read element by element.
template <class T>
struct Each {
  const T* data;

  Each from(Index begin) const { return {data + begin}; }
  template <class V>
  [[gnu::always_inline]] void get(V& v, Index i) const {
    load(v, data + i);
  }
  template <class V>
  [[gnu::always_inline]] void get_some(V& v, Index i, Index n) const {
    load_some(v, data + i, n);
  }
};

/// An operand that is one number everywhere. Less nothing it is a vector; plus nothing, a negative
/// zero would lose its sign.
template <class T>
struct Same {
  T value;
  // Not a constant: g++ compiles get() by itself at first, for vectors that the processor may not
  // have, and would write a copy of one number lane by lane.
  T nothing = 0;

  Same from(Index) const { return *this; }
  template <class V>
  [[gnu::always_inline]] void get(V& v, Index) const {
    v = value - (V{} + nothing);
  }
  template <class V>
  [[gnu::always_inline]] void get_some(V& v, Index, Index) const {
    v = value - (V{} + nothing);
  }
};

namespace detail {

template <class V>
struct Loaded {
  V value;
  template <class In>
  [[gnu::always_inline]] Loaded(const In& in, Index i) {
    in.get(value, i);
  }
  template <class In>
  [[gnu::always_inline]] Loaded(const In& in, Index i, Index n) {
    in.get_some(value, i, n);
  }
};

template <class T, class F, class... In>
struct Map {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, T* out, F f, In... in) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    V y;
    Index i = 0;
    for (; i + width <= n; i += width) {
      f(y, Loaded<V>(in, i).value...);
      store(out + i, y);
    }
    if (i < n) {
      f(y, Loaded<V>(in, i, n - i).value...);
      store_some(out + i, y, n - i);
    }
  }
};

/// Up to a vector's lanes of an array, changed in place unless T is const.
template <class V, class T>
struct Held {
  V value;
  T* at;
  Index n;
  [[gnu::always_inline]] Held(T* from, Index i) : at(from + i), n(lanes<V, T>) { load(value, at); }
  [[gnu::always_inline]] Held(T* from, Index i, Index some) : at(from + i), n(some) {
    load_some(value, at, n);
  }
  [[gnu::always_inline]] void put_back() const {
    if constexpr (std::is_const_v<T>)
      return;
    else if (n == lanes<V, T>)
      store(at, value);
    else
      store_some(at, value, n);
  }
};

template <class F, class... H>
[[gnu::always_inline]] inline void update_held(const F& f, H&&... held) {
  f(held.value...);
  (held.put_back(), ...);
}

template <class T, class F, class... P>
struct Update {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, F f, P*... arrays) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    Index i = 0;
    for (; i + width <= n; i += width) update_held(f, Held<V, P>(arrays, i)...);
    if (i < n) update_held(f, Held<V, P>(arrays, i, n - i)...);
  }
};

inline constexpr Index map_grain = 1 << 15;

}  // namespace detail

/// f(x...) on n elements of several arrays at once, on one thread. f takes vectors by reference;
/// what it changes is written back, unless the array is const.
template <class T, class F, class... P>
void update_serial(Index n, const F& f, P*... arrays) {
  dispatch<detail::Update<T, F, P...>>(n, f, arrays...);
}

/// out[i] = f(in[i]...), on one thread. f is an object with
/// `template <class V> [[gnu::always_inline]] void operator()(V& y, const V& x...) const`.
/// out may be one of the inputs.
template <class T, class F, class... In>
void map_serial(Index n, T* out, const F& f, In... in) {
  dispatch<detail::Map<T, F, In...>>(n, out, f, in...);
}

/// The same, on several threads where n is large.
template <class T, class F, class... In>
void map(Index n, T* out, const F& f, In... in) {
  const Index grain = tinydl::detail::even_grain(n, detail::map_grain, 64);
  tinydl::detail::parallel_stretches(n, grain, [&](Index begin, Index end) {
    map_serial(end - begin, out + begin, f, in.from(begin)...);
  });
}

/// The loops over two operands of which either may be repeated along some axes: the sizes of the
/// result, axes merged where both run on, and the steps of each operand, 0 where it is repeated.
struct Broadcast {
  static constexpr int max_rank = 16;
  int rank = 0;
  std::array<Index, max_rank> sizes{}, a{}, b{};

  /// `a_shape` and `b_shape` are aligned at the last axis with `shape`, which holds them both.
  Broadcast(std::span<const Index> shape, std::span<const Index> a_shape,
            std::span<const Index> b_shape) {
    std::array<Index, max_rank> a_steps = steps_in(shape, a_shape);
    std::array<Index, max_rank> b_steps = steps_in(shape, b_shape);
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] == 1) continue;
      const bool goes_on = rank > 0 && a[rank - 1] == a_steps[axis] * shape[axis] &&
                           b[rank - 1] == b_steps[axis] * shape[axis];
      if (!goes_on) ++rank;
      sizes[rank - 1] = goes_on ? sizes[rank - 1] * shape[axis] : shape[axis];
      a[rank - 1] = a_steps[axis];
      b[rank - 1] = b_steps[axis];
    }
    if (rank == 0) sizes[rank++] = 1;
  }

  Index inner() const { return sizes[rank - 1]; }
  Index outer() const {
    Index n = 1;
    for (int i = 0; i + 1 < rank; ++i) n *= sizes[i];
    return n;
  }

  /// Where row `row` of the result begins in a and in b.
  [[gnu::noinline]] std::pair<Index, Index> offsets(Index row) const {
    Index at_a = 0, at_b = 0;
    for (int i = rank - 2; i >= 0; --i) {
      const Index position = row % sizes[i];
      row /= sizes[i];
      at_a += position * a[i];
      at_b += position * b[i];
    }
    return {at_a, at_b};
  }

 private:
  static std::array<Index, max_rank> steps_in(std::span<const Index> shape,
                                              std::span<const Index> operand) {
    std::array<Index, max_rank> steps{};
    Index step = 1;
    const std::size_t missing = shape.size() - operand.size();
    for (std::size_t axis = operand.size(); axis-- > 0;) {
      steps[missing + axis] = operand[axis] == 1 ? 0 : step;
      step *= operand[axis];
    }
    return steps;
  }
};

namespace detail {

/// out = f(a, b) for n elements; what repeats is one number.
template <class T, class F>
struct MapRow {
  template <int Bytes>
  [[gnu::always_inline]] static void run(Index n, T* out, F f, const T* a, bool a_repeats,
                                         const T* b, bool b_repeats) {
    using V = Vector<T, Bytes>;
    constexpr Index width = lanes<V, T>;
    T same_a[width], same_b[width];  // what repeats is read from here again and again
    V y, u, v;
    if (a_repeats) {
      Same<T>{*a}.get(u, 0);
      store(same_a, u);
      a = same_a;
    }
    if (b_repeats) {
      Same<T>{*b}.get(v, 0);
      store(same_b, v);
      b = same_b;
    }
    const Index a_step = a_repeats ? 0 : width, b_step = b_repeats ? 0 : width;
    for (; n >= width; n -= width, out += width, a += a_step, b += b_step) {
      load(u, a);
      load(v, b);
      f(y, u, v);
      store(out, y);
    }
    if (n == 0) return;
    load_some(u, a, n);
    load_some(v, b, n);
    f(y, u, v);
    store_some(out, y, n);
  }
};

/// MapRow, whatever F is.
template <class T>
using MapRowFunction = void (*)(const void* f, Index n, T* out, const T* a, bool a_repeats,
                                const T* b, bool b_repeats);

/// Calls it for the rows of the result, in pieces of at most map_grain elements.
template <class T>
[[gnu::noinline]] void map_rows(const Broadcast& loops, T* out, const void* f,
                                MapRowFunction<T> map_row, const T* a, const T* b) {
  const Index inner = loops.inner(), outer = loops.outer();
  if (outer == 0 || inner == 0) return;
  const Index piece = std::min(inner, map_grain), pieces = (inner + piece - 1) / piece;
  // Where neither runs on, a row is one element.
  const bool a_runs = loops.a[loops.rank - 1] != 0, b_runs = loops.b[loops.rank - 1] != 0;
  parallel_ranges(outer * pieces, std::max<Index>(1, map_grain / piece),
                  [&](Index begin, Index end) {
                    for (Index i = begin; i < end; ++i) {
                      const Index row = i / pieces, first = i % pieces * piece;
                      const auto [at_a, at_b] = loops.offsets(row);
                      map_row(f, std::min(piece, inner - first), out + row * inner + first,
                              a + at_a + (a_runs ? first : 0), b_runs && !a_runs,
                              b + at_b + (b_runs ? first : 0), a_runs && !b_runs);
                    }
                  });
}

}  // namespace detail

/// out = f(a, b), with operands repeated as NumPy does.
template <class T, class F>
void map_broadcast(const Broadcast& loops, T* out, const F& f, const T* a, const T* b) {
  detail::map_rows<T>(
      loops, out, &f,
      [](const void* function, Index n, T* to, const T* x, bool x_repeats, const T* y,
         bool y_repeats) {
        dispatch<detail::MapRow<T, F>>(n, to, *static_cast<const F*>(function), x, x_repeats, y,
                                       y_repeats);
      },
      a, b);
}

}  // namespace tinydl::kernels
