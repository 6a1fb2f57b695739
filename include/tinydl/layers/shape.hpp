// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <tinydl/functions/shape.hpp>
#include <tinydl/layers/layer.hpp>

namespace tinydl {

/// One row for each example: (N, ...) -> (N, rest).
struct Flatten : Layer<Flatten, void> {
  template <class T, int Rank>
  Variable<T, 2> forward(const Variable<T, Rank>& x) const {
    return flatten<1>(x);
  }
};

/// Each example in another shape: Reshape({1, 28, 28}) makes (N, 1, 28, 28) of (N, 784). One size
/// may be -1.
template <int Rank>
class Reshape : public Layer<Reshape<Rank>, void> {
 public:
  explicit Reshape(const Index (&shape)[Rank]) : Reshape(Shape<Rank>(shape)) {}
  explicit Reshape(const Shape<Rank>& shape) : shape_(shape) {}

  template <class T, int InRank>
  Variable<T, Rank + 1> forward(const Variable<T, InRank>& x) const {
    static_assert(InRank > 0, "Reshape: the first axis of its input is that of the examples");
    Shape<Rank + 1> shape;
    shape[0] = x.shape()[0];
    for (int i = 0; i < Rank; ++i) shape[i + 1] = shape_[i];
    return reshape(x, shape);
  }

  Reshape clone() const {
    return this->clone_by([&] { return Reshape(shape_); });
  }

 private:
  Shape<Rank> shape_;
};

}  // namespace tinydl
