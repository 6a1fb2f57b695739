// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

namespace tinydl {

/// What a function's backward reads besides the gradient of the output.
struct Needs {
  bool output = false;
  unsigned inputs = 0;  ///< one bit for each input, the lowest for the first

  static constexpr unsigned all = ~0u;
};

/// The base of every operation: a struct with a forward and a backward, used through apply().
///
///     struct Cube : Function {
///       template <class T, int Rank>
///       Tensor<T, Rank> forward(const Tensor<T, Rank>& x) const { return x * x * x; }
///       template <class X>
///       X backward(const X& gy, const X& x) const { return gy * (3 * x * x); }
///     };
///     template <Operand X>
///     auto cube(const X& x) { return apply(Cube{}, x); }
///
/// forward returns a Tensor, or a std::tuple of them. backward takes the gradient of the output (a
/// tuple if forward made one), then the output if needs.output, then the inputs if needs.inputs
/// names any (those it does not name come undefined). It returns the gradient of each input, as a
/// tuple if there are several. Written for any operand type X, it also serves derivatives of
/// derivatives, for which X is a Variable; one that takes Tensors alone refuses those. One that
/// takes the gradient by value may overwrite it, if it is Tensor::unique(). Members may keep what
/// forward computed.
struct Function {
  static constexpr Needs needs{.inputs = Needs::all};

  /// Whether input i's gradient will be used; if not, backward may return an undefined one.
  bool wants(int input) const { return input >= 32 || (wanted_ >> input & 1) != 0; }

  void set_wanted(unsigned inputs) { wanted_ = inputs; }

 private:
  unsigned wanted_ = ~0u;
};

}  // namespace tinydl
