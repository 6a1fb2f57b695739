// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/recurrent.hpp>

namespace tinydl {

/// Long short-term memory (Hochreiter and Schmidhuber, 1997; with the forget gate of Gers et al.,
/// 2000): with a_t = p_t + W h_(t-1) in four parts,
/// i = sigmoid(a_1), f = sigmoid(a_2), g = tanh(a_3), o = sigmoid(a_4),
/// c_t = f c_(t-1) + i g, h_t = o tanh(c_t).
template <class T>
struct LstmSequence : Function {
  static constexpr auto name = "lstm";
  Tensor<T, 3> gates = {}, cells = {}, states = {};  // of all steps, kept for backward

  std::tuple<Tensor<T, 3>, Tensor<T, 2>> forward(const Tensor<T, 3>& p, const Tensor<T, 2>& w,
                                                 const Tensor<T, 2>& h0, const Tensor<T, 2>& c0) {
    const auto sizes = detail::sequence_sizes(p, h0);
    gates = Tensor<T, 3>(p.shape());
    cells = Tensor<T, 3>(Shape<3>(sizes.batch, sizes.steps, sizes.hidden));
    states = Tensor<T, 3>(cells.shape());
    kernels::lstm_forward(sizes, detail::packed_transposed(w), p.data(), h0.data(), c0.data(),
                          gates.mutable_data(), cells.mutable_data(), states.mutable_data());
    return {states, select(cells, 1, -1)};
  }

  template <class X3, class X2>
  std::tuple<X3, X2, X2, X2> backward(const std::tuple<X3, X2>& gy, const X3& p, const X2& w,
                                      const X2& h0, const X2& c0) const {
    const auto& [gh, gc] = gy;
    if constexpr (detail::is_tensor<X3>) {
      X3 ga(p.shape());
      X2 gh0(h0.shape()), gc0 = gc;
      kernels::lstm_backward(detail::sequence_sizes(p, h0), detail::packed(w), gates.data(),
                             cells.data(), c0.data(), gh.data(), ga.mutable_data(),
                             gh0.mutable_data(), gc0.mutable_data());
      const X2 gw = wants(1)
                        ? detail::hidden_weight_gradient<X2>(ga, detail::states_before(h0, states))
                        : X2{};
      return {ga, gw, gh0, gc0};
    } else {
      return backward_through_steps(gh, gc, p, w, h0, c0);
    }
  }

 private:
  template <class X3, class X2>
  static std::tuple<X3, X2, X2, X2> backward_through_steps(const X3& gy, X2 gc, const X3& p,
                                                           const X2& w, const X2& h0,
                                                           const X2& c0) {
    const Index steps = p.shape()[1], n = h0.shape()[1];
    struct Step {
      X2 h, c;  // before it
      X2 i, f, g, o, tanh_c;
    };
    std::vector<Step> forward_steps;
    X2 h = h0, c = c0;
    for (Index t = 0; t < steps; ++t) {
      const X2 a = select(p, 1, t) + linear(h, w);
      Step s{h,
             c,
             sigmoid(detail::part(a, 0, n)),
             sigmoid(detail::part(a, 1, n)),
             tanh(detail::part(a, 2, n)),
             sigmoid(detail::part(a, 3, n)),
             {}};
      c = s.f * c + s.i * s.g;
      s.tanh_c = tanh(c);
      h = s.o * s.tanh_c;
      forward_steps.push_back(std::move(s));
    }
    std::vector<X2> ga(static_cast<std::size_t>(steps)), before(ga.size());
    X2 gh;
    for (std::size_t t = ga.size(); t-- > 0;) {
      const auto& [h_before, c_before, i, f, g, o, tanh_c] = forward_steps[t];
      const X2 direct = select(gy, 1, static_cast<Index>(t));
      gh = gh.defined() ? direct + gh : direct;
      gc = gc + gh * o * (1 - tanh_c * tanh_c);
      ga[t] = concat({X2(gc * g * i * (1 - i)), X2(gc * c_before * f * (1 - f)),
                      X2(gc * i * (1 - g * g)), X2(gh * tanh_c * o * (1 - o))},
                     1);
      before[t] = h_before;
      gh = matmul(ga[t], w);
      gc = gc * f;
    }
    const X3 all = stack(ga, 1);
    return {all, detail::hidden_weight_gradient<X2>(all, X3(stack(before, 1))), gh, gc};
  }
};

/// The states of all steps, and the last cells, of an LSTM; gates stand in the order i, f, g, o.
/// p: (N, L, 4H), weight_hh: (4H, H), h0 and c0: (N, H), result: (N, L, H) and (N, H)
/// @throws ShapeError for an empty sequence, or if they do not fit.
template <Operand P, Operand W, Operand S, Operand C>
auto lstm_sequence(const P& p, const W& weight_hh, const S& h0, const C& c0) {
  detail::check_sequence("lstm", 4, p.shape(), weight_hh.shape(), h0.shape());
  detail::check_sequence("lstm", 4, p.shape(), weight_hh.shape(), c0.shape());
  return apply(LstmSequence<typename P::Scalar>{}, p, weight_hh, h0, c0);
}

}  // namespace tinydl
