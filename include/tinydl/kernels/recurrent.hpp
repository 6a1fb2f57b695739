// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/kernels/packed.hpp>
#include <tinydl/kernels/recurrent_cell.hpp>

// Recurrent networks over a whole sequence. The examples of a batch do not meet, so that each task
// takes a few of them through all steps. Arrays are (N, L, features), row-major; what belongs to
// one example and step is a row. functions/recurrent.hpp has the formulas.

namespace tinydl::kernels {

/// N examples of L steps, and H hidden units.
struct SequenceSizes {
  Index batch, steps, hidden;

  Index row(Index example, Index step) const { return example * steps + step; }
};

namespace detail {

/// Calls f(begin, end) for pieces of the batch.
template <class F>
void for_examples(const SequenceSizes& s, F f) {
  parallel_ranges(s.batch, 8, f);
}

/// The state before a step: the result of the step before, or the initial one.
template <class T>
const T* state_before(const SequenceSizes& s, Index example, Index step, const T* initial,
                      const T* states) {
  return step == 0 ? initial + example * s.hidden : states + s.row(example, step - 1) * s.hidden;
}

/// gates = p + h w, for step t of the examples [begin, end), where h is the state before.
template <class T>
void add_hidden(const SequenceSizes& s, Index begin, Index end, Index t, const PackedMatrix<T>& w,
                const T* h0, const T* h, const T* p, Index p_row, T* gates, Index columns) {
  w.multiply(end - begin, state_before(s, begin, t, h0, h), t == 0 ? s.hidden : s.steps * s.hidden,
             gates + s.row(begin, t) * columns, s.steps * columns, p, p_row);
}

}  // namespace detail

// --- whole sequences ---
// w: weight_hh transposed, (H, gates H), on the way forward; itself, (gates H, H), on the way back.

/// p: (N, L, H), h0: (N, H); h: (N, L, H), the results
template <class T>
void rnn_forward(SequenceSizes s, bool relu, const PackedMatrix<T>& w, const T* p, const T* h0,
                 T* h) {
  detail::for_examples(s, [&](Index begin, Index end) {
    for (Index t = 0; t < s.steps; ++t) {
      detail::add_hidden<T>(s, begin, end, t, w, h0, h, p + s.row(begin, t) * s.hidden,
                            s.steps * s.hidden, h, s.hidden);
      for (Index n = begin; n < end; ++n)
        dispatch<detail::RnnForward<T>>(s.hidden, relu, h + s.row(n, t) * s.hidden);
    }
  });
}

/// gy: (N, L, H); results: ga, p's gradient, and gh, that of h0
template <class T>
void rnn_backward(SequenceSizes s, bool relu, const PackedMatrix<T>& w, const T* h, const T* gy,
                  T* ga, T* gh) {
  detail::for_examples(s, [&](Index begin, Index end) {
    std::fill(gh + begin * s.hidden, gh + end * s.hidden, T(0));
    for (Index t = s.steps; t-- > 0;) {
      for (Index n = begin; n < end; ++n) {
        const Index at = s.row(n, t) * s.hidden;
        dispatch<detail::RnnBackward<T>>(s.hidden, relu, h + at, gy + at,
                                         static_cast<const T*>(gh + n * s.hidden), ga + at);
      }
      w.multiply(end - begin, ga + s.row(begin, t) * s.hidden, s.steps * s.hidden,
                 gh + begin * s.hidden, s.hidden);
    }
  });
}

/// p: (N, L, 4H), h0 and c0: (N, H); results: gates (N, L, 4H), c and h (N, L, H)
template <class T>
void lstm_forward(SequenceSizes s, const PackedMatrix<T>& w, const T* p, const T* h0, const T* c0,
                  T* gates, T* c, T* h) {
  const Index four = 4 * s.hidden;
  detail::for_examples(s, [&](Index begin, Index end) {
    for (Index t = 0; t < s.steps; ++t) {
      detail::add_hidden<T>(s, begin, end, t, w, h0, h, p + s.row(begin, t) * four, s.steps * four,
                            gates, four);
      for (Index n = begin; n < end; ++n) {
        const Index at = s.row(n, t) * s.hidden;
        dispatch<detail::LstmForward<T>>(s.hidden, gates + s.row(n, t) * four,
                                         detail::state_before<T>(s, n, t, c0, c), c + at, h + at);
      }
    }
  });
}

/// gy: (N, L, H); results: ga, p's gradient, and gh, that of h0; gc: (N, H), from the gradient of
/// the last cells to that of c0
template <class T>
void lstm_backward(SequenceSizes s, const PackedMatrix<T>& w, const T* gates, const T* c,
                   const T* c0, const T* gy, T* ga, T* gh, T* gc) {
  const Index four = 4 * s.hidden;
  detail::for_examples(s, [&](Index begin, Index end) {
    std::fill(gh + begin * s.hidden, gh + end * s.hidden, T(0));
    for (Index t = s.steps; t-- > 0;) {
      for (Index n = begin; n < end; ++n) {
        const Index at = s.row(n, t) * s.hidden, at_gates = s.row(n, t) * four;
        dispatch<detail::LstmBackward<T>>(
            s.hidden, gates + at_gates, detail::state_before(s, n, t, c0, c), c + at, gy + at,
            static_cast<const T*>(gh + n * s.hidden), gc + n * s.hidden, ga + at_gates);
      }
      w.multiply(end - begin, ga + s.row(begin, t) * four, s.steps * four, gh + begin * s.hidden,
                 s.hidden);
    }
  });
}

/// p: (N, L, 3H), bias: (3H), h0: (N, H); results: gates (N, L, 4H) and h (N, L, H)
template <class T>
void gru_forward(SequenceSizes s, const PackedMatrix<T>& w, const T* p, const T* bias, const T* h0,
                 T* gates, T* h) {
  const Index three = 3 * s.hidden, four = 4 * s.hidden;
  detail::for_examples(s, [&](Index begin, Index end) {
    for (Index t = 0; t < s.steps; ++t) {
      detail::add_hidden<T>(s, begin, end, t, w, h0, h, bias, Index(0), gates, four);
      for (Index n = begin; n < end; ++n)
        dispatch<detail::GruForward<T>>(
            s.hidden, p + s.row(n, t) * three, gates + s.row(n, t) * four,
            detail::state_before<T>(s, n, t, h0, h), h + s.row(n, t) * s.hidden);
    }
  });
}

/// gy: (N, L, H); results: gp and gr (N, L, 3H), the gradients of p and of h weight_hh^T + bias,
/// and gh, that of h0
template <class T>
void gru_backward(SequenceSizes s, const PackedMatrix<T>& w, const T* gates, const T* h,
                  const T* h0, const T* gy, T* gp, T* gr, T* gh) {
  const Index three = 3 * s.hidden;
  detail::for_examples(s, [&](Index begin, Index end) {
    std::fill(gh + begin * s.hidden, gh + end * s.hidden, T(0));
    for (Index t = s.steps; t-- > 0;) {
      for (Index n = begin; n < end; ++n)
        dispatch<detail::GruBackward<T>>(s.hidden, gates + s.row(n, t) * 4 * s.hidden,
                                         detail::state_before(s, n, t, h0, h),
                                         gy + s.row(n, t) * s.hidden, gh + n * s.hidden,
                                         gp + s.row(n, t) * three, gr + s.row(n, t) * three);
      w.multiply(end - begin, gr + s.row(begin, t) * three, s.steps * three, gh + begin * s.hidden,
                 s.hidden, gh + begin * s.hidden, s.hidden);
    }
  });
}

}  // namespace tinydl::kernels
