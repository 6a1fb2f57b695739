// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/recurrent.hpp>

namespace tinydl {

/// Gated recurrent unit (Cho et al., 2014), with the reset gate after the product, as PyTorch and
/// cuDNN have it: with q = W h_(t-1) + bias, and p_t and q in three parts each,
/// r = sigmoid(p_1 + q_1), z = sigmoid(p_2 + q_2), n = tanh(p_3 + r q_3),
/// h_t = n + z (h_(t-1) - n).
template <class T>
struct GruSequence : Function {
  static constexpr auto name = "gru";
  static constexpr Needs needs{.output = true, .inputs = Needs::all};
  Tensor<T, 3> gates = {};  // r, z, q_3 and n of all steps, kept for backward

  Tensor<T, 3> forward(const Tensor<T, 3>& p, const Tensor<T, 2>& w, const Tensor<T, 1>& bias,
                       const Tensor<T, 2>& h0) {
    const auto sizes = detail::sequence_sizes(p, h0);
    gates = Tensor<T, 3>(Shape<3>(sizes.batch, sizes.steps, 4 * sizes.hidden));
    Tensor<T, 3> h(Shape<3>(sizes.batch, sizes.steps, sizes.hidden));
    kernels::gru_forward(sizes, detail::packed_transposed(w), p.data(), bias.data(), h0.data(),
                         gates.mutable_data(), h.mutable_data());
    return h;
  }

  template <class X3, class X2, class X1>
  std::tuple<X3, X2, X1, X2> backward(const X3& gy, const X3& h, const X3& p, const X2& w,
                                      const X1& bias, const X2& h0) const {
    const X3 before = detail::states_before(h0, h);
    X3 gp, gq;
    X2 gh;
    if constexpr (detail::is_tensor<X3>) {
      gp = X3(p.shape());
      gq = X3(p.shape());
      gh = X2(h0.shape());
      kernels::gru_backward(detail::sequence_sizes(p, h0), detail::packed(w), gates.data(),
                            h.data(), h0.data(), gy.data(), gp.mutable_data(), gq.mutable_data(),
                            gh.mutable_data());
    } else {
      // The states are known, so that the gates of all steps come at once.
      const Index steps = p.shape()[1], n = h0.shape()[1];
      const X3 q = linear(before, w, bias), q_n = detail::part(q, 2, n);
      const X3 r = sigmoid(detail::part(p, 0, n) + detail::part(q, 0, n));
      const X3 z = sigmoid(detail::part(p, 1, n) + detail::part(q, 1, n));
      const X3 fresh = tanh(detail::part(p, 2, n) + r * q_n);
      const X3 to_z = (before - fresh) * z * (1 - z), to_n = (1 - z) * (1 - fresh * fresh);
      const X3 n_to_r = q_n * r * (1 - r);
      std::vector<X2> gp_steps(static_cast<std::size_t>(steps)), gq_steps(gp_steps.size());
      for (std::size_t t = gp_steps.size(); t-- > 0;) {
        const auto at = [&](const X3& x) { return X2(select(x, 1, static_cast<Index>(t))); };
        gh = gh.defined() ? at(gy) + gh : at(gy);
        const X2 gz = gh * at(to_z), gn = gh * at(to_n), gr = gn * at(n_to_r);
        gp_steps[t] = concat({gr, gz, gn}, 1);
        gq_steps[t] = concat({gr, gz, X2(gn * at(r))}, 1);
        gh = gh * at(z) + matmul(gq_steps[t], w);
      }
      gp = stack(gp_steps, 1);
      gq = stack(gq_steps, 1);
    }
    return {gp, wants(1) ? detail::hidden_weight_gradient<X2>(gq, before) : X2{},
            wants(2) ? X1(sum(gq, {0, 1})) : X1{}, gh};
  }
};

/// The states of all steps of a GRU; gates stand in the order r, z, n.
/// p: (N, L, 3H), weight_hh: (3H, H), bias_hh: (3H), h0: (N, H), result: (N, L, H)
/// @throws ShapeError for an empty sequence, or if they do not fit.
template <Operand P, Operand W, Operand B, Operand S>
auto gru_sequence(const P& p, const W& weight_hh, const B& bias_hh, const S& h0) {
  static_assert(B::rank == 1, "gru_sequence: bias_hh is (3 H)");
  detail::check_sequence("gru", 3, p.shape(), weight_hh.shape(), h0.shape());
  if (bias_hh.shape()[0] != weight_hh.shape()[0])
    throw ShapeError(text("gru: a bias_hh of shape ", bias_hh.shape(), " for a weight_hh of ",
                          weight_hh.shape()));
  return apply(GruSequence<typename P::Scalar>{}, p, weight_hh, bias_hh, h0);
}

}  // namespace tinydl
