// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/matmul.hpp>
#include <tinydl/functions/slice.hpp>
#include <tinydl/kernels/recurrent.hpp>

// Recurrent networks over a whole sequence, as one function each. p holds what the input brings to
// each step, x weight_ih^T + bias; the function adds what the state before brings, h weight_hh^T.
// An ordinary backward pass is a kernel; for derivatives of derivatives the same formulas stand
// here in Variables.

namespace tinydl {

namespace detail {

/// The states before each step: h0, then all but the last.  h0: (N, H), h: (N, L, H)
template <class X2, class X3>
X3 states_before(const X2& h0, const X3& h) {
  return concat({X3(unsqueeze(h0, 1)), X3(slice(h, 1, 0, h.shape()[1] - 1))}, 1);
}

/// The sum over examples and steps of ga^T before.  ga: (N, L, gates), before: (N, L, H)
template <class X2, class X3>
X2 hidden_weight_gradient(const X3& ga, const X3& before) {
  const Index rows = ga.shape()[0] * ga.shape()[1];
  return apply(MatMul<2>{{}, true, false}, reshape(ga, Shape<2>(rows, ga.shape()[2])),
               reshape(before, Shape<2>(rows, before.shape()[2])));
}

template <class T>
kernels::SequenceSizes sequence_sizes(const Tensor<T, 3>& p, const Tensor<T, 2>& h0) {
  return {p.shape()[0], p.shape()[1], h0.shape()[1]};
}

template <class T>
kernels::PackedMatrix<T> packed(const Tensor<T, 2>& w) {
  return kernels::PackedMatrix<T>(kernels::matrix_view(w.data(), w.shape()[0], w.shape()[1]));
}
template <class T>
kernels::PackedMatrix<T> packed_transposed(const Tensor<T, 2>& w) {
  return kernels::PackedMatrix<T>(
      kernels::matrix_view(w.data(), w.shape()[0], w.shape()[1]).transposed());
}

/// Part k of the last axis, whose parts are all n wide.
template <class X>
X part(const X& x, Index k, Index n) {
  return slice(x, -1, k * n, (k + 1) * n);
}

template <int P, int W, int S>
void check_sequence(const char* operation, Index gates, const Shape<P>& p, const Shape<W>& weight,
                    const Shape<S>& state) {
  static_assert(P == 3 && W == 2 && S == 2,
                "p is (N, L, gates H), weight_hh is (gates H, H), a state is (N, H)");
  const Index hidden = weight[1];
  if (p[1] == 0) throw ShapeError(text(operation, ": an empty sequence: ", p));
  if (hidden == 0 || weight[0] != gates * hidden || p[2] != weight[0] ||
      state != Shape<2>(p[0], hidden))
    throw ShapeError(text(operation, ": an input of shape ", p, ", a weight_hh of ", weight,
                          " and a state of ", state, "; they must be (N, L, ", gates, " H), (",
                          gates, " H, H) and (N, H)"));
}

}  // namespace detail

/// h_t = tanh(p_t + W h_(t-1)), or relu instead of tanh.
struct RnnSequence : Function {
  static constexpr auto name = "rnn";
  static constexpr Needs needs{.output = true, .inputs = 0b110};
  bool relu;

  template <class T>
  Tensor<T, 3> forward(const Tensor<T, 3>& p, const Tensor<T, 2>& w, const Tensor<T, 2>& h0) const {
    Tensor<T, 3> h(p.shape());
    kernels::rnn_forward(detail::sequence_sizes(p, h0), relu, detail::packed_transposed(w),
                         p.data(), h0.data(), h.mutable_data());
    return h;
  }

  // With a_t the argument of tanh, and the gradient of h_t that which comes directly and from
  // a_t+1: d(L)/d(a_t) = d(L)/d(h_t) (1 - h_t^2), d(L)/d(h_t-1) = W^T d(L)/d(a_t)
  template <class X3, class X2>
  std::tuple<X3, X2, X2> backward(const X3& gy, const X3& h, const X3&, const X2& w,
                                  const X2& h0) const {
    X3 ga;
    X2 gh;
    if constexpr (detail::is_tensor<X3>) {
      ga = X3(h.shape());
      gh = X2(h0.shape());
      kernels::rnn_backward(detail::sequence_sizes(h, h0), relu, detail::packed(w), h.data(),
                            gy.data(), ga.mutable_data(), gh.mutable_data());
    } else {
      const Index steps = h.shape()[1];
      std::vector<X2> g(static_cast<std::size_t>(steps));
      for (Index t = steps; t-- > 0;) {
        const X2 y = select(h, 1, t), direct = select(gy, 1, t);
        const X2 arrived = gh.defined() ? direct + gh : direct;
        X2& at = g[static_cast<std::size_t>(t)];
        at = relu ? X2(arrived * sign(y.data())) : X2(arrived * (1 - y * y));
        gh = matmul(at, w);
      }
      ga = stack(g, 1);
    }
    const X3 before = wants(1) ? detail::states_before(h0, h) : X3{};
    return {ga, wants(1) ? detail::hidden_weight_gradient<X2>(ga, before) : X2{}, gh};
  }
};

/// The states h_t = tanh(p_t + h_(t-1) weight_hh^T) of all steps, or relu instead of tanh.
/// p: (N, L, H), weight_hh: (H, H), h0: (N, H), result: (N, L, H)
/// @throws ShapeError for an empty sequence, or if they do not fit.
template <Operand P, Operand W, Operand S>
auto rnn_sequence(const P& p, const W& weight_hh, const S& h0, bool relu = false) {
  detail::check_sequence("rnn", 1, p.shape(), weight_hh.shape(), h0.shape());
  return apply(RnnSequence{{}, relu}, p, weight_hh, h0);
}

}  // namespace tinydl
