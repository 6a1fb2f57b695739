// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/functions/index.hpp>

#include "functions/check.hpp"
#include "restored_threads.hpp"

namespace tinydl_test {

namespace {

/// count indices in [0, size), the same every time.
template <int Rank>
Labels<Rank> some_indices(const Index (&shape)[Rank], Index size) {
  Labels<Rank> index{Shape<Rank>(shape)};
  Generator generator(3);
  for (std::int64_t& i : index.mutable_span()) i = generator.integer(size);
  return index;
}

}  // namespace

// --- gather ---

TEST_CASE("gather: the index replaces the position along an axis") {
  const auto x = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  const auto columns = from_values<std::int64_t>({2, 4}, {2, 0, 0, 1, 1, 1, 2, 0});
  CHECK(is(gather(x, 1, columns), {2, 4}, {3, 1, 1, 2, 5, 5, 6, 4}));
  CHECK(is(gather(x, -1, columns), {2, 4}, {3, 1, 1, 2, 5, 5, 6, 4}));
  CHECK(is(gather(x, 0, from_values<std::int64_t>({3, 2}, {1, 0, 0, 0, 1, 1})), {3, 2},
           {4, 2, 1, 2, 4, 5}));
  CHECK(is(gather(x, 1, from_values<std::int64_t>({1, 1}, {2})), {1, 1}, {3}));
  CHECK(is(gather(flatten(x), 0, from_values<std::int64_t>({3}, {5, 0, 5})), {3}, {6, 1, 6}));
}

TEST_CASE("gather: indices of any integer type, and those of a constant Variable") {
  const auto x = from_values({5.0, 6.0, 7.0});
  CHECK(is(gather(x, 0, from_values({2, 0})), {2}, {7, 5}));
  CHECK(is(gather(x, 0, from_values<std::uint8_t>({2}, {2, 0})), {2}, {7, 5}));
  CHECK(is(gather(x, 0, Variable(from_values<std::int64_t>({2}, {2, 0}))), {2}, {7, 5}));
}

TEST_CASE("gather: along every axis as a loop does it, with an index smaller than the operand") {
  const auto x = numbers({3, 4, 5});
  for (int axis = 0; axis < 3; ++axis) {
    CAPTURE(axis);
    Shape<3> shape(2, 3, 4);
    shape[axis] = 6;
    const auto index = some_indices<3>({shape[0], shape[1], shape[2]}, x.shape()[axis]);
    std::vector<double> expected;
    for (Index i = 0; i < shape[0]; ++i)
      for (Index j = 0; j < shape[1]; ++j)
        for (Index k = 0; k < shape[2]; ++k) {
          const Index at = index(i, j, k);
          expected.push_back(axis == 0 ? x(at, j, k) : axis == 1 ? x(i, at, k) : x(i, j, at));
        }
    CHECK(is(gather(x, axis, index), shape, expected));
  }
}

TEST_CASE("gather: derivatives, of elements that are taken twice and of those that are not") {
  for (Index axis : {0, 1}) {
    const auto f = [=](auto x) { return gather(x * x, axis, some_indices({2, 3}, 3)); };
    CHECK(derivatives_agree(f, numbers({3, 4})));
    CHECK(derivatives_agree(f, numbers({3, 3})));
    const auto one = [=](auto x) { return gather(x * x, axis, some_indices({1, 1}, 1)); };
    CHECK(derivatives_agree(one, numbers({1, 1})));
  }
}

TEST_CASE("gather: refuses indices out of range, naming the first, and shapes that do not fit") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] {
          gather(x, 1, from_values<std::int64_t>({2, 2}, {0, 2, 3, 7}));
        }) == "ValueError: gather: index 3 at position (1, 0) is not in [0, 3)");
  CHECK(error_of([&] {
          gather(x, 0, from_values<std::int64_t>({1, 3}, {0, 1, -1}));
        }) == "ValueError: gather: index -1 at position (0, 2) is not in [0, 2)");
  CHECK(error_of([&] {
          gather(x, 1, some_indices({3, 1}, 1));
        }) ==
        "ShapeError: gather: an index of shape (3, 1) is larger than the operand, (2, 3), beyond "
        "axis 1");
  CHECK(error_of([&] {
          gather(x, 2, some_indices({1, 1}, 1));
        }) == "ShapeError: gather: axis 2 is out of range for rank 2");
  CHECK(usable(x));
}

TEST_CASE("gather: of no index") {
  const auto x = variable(numbers({2, 3}));
  sum(gather(x, 1, Labels<2>(Shape(2, 0)))).backward();
  CHECK(is(x.grad(), {2, 3}, {0, 0, 0, 0, 0, 0}));
}

// --- scatter_add ---

TEST_CASE("scatter_add: adds to the positions that the index names") {
  const auto x = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  const auto source = from_values({{10.0, 20.0}, {30.0, 40.0}});
  const auto index = from_values<std::int64_t>({2, 2}, {2, 2, 0, 1});
  CHECK(is(scatter_add(x, 1, index, source), {2, 3}, {1, 2, 33, 34, 45, 6}));
  CHECK(is(scatter_add(x, 0, from_values<std::int64_t>({2, 2}, {1, 0, 1, 0}), source), {2, 3},
           {1, 62, 3, 44, 5, 6}));
}

TEST_CASE("scatter_add: derivatives of both operands") {
  for (Index axis : {0, 1}) {
    const auto f = [=](auto x, auto s) {
      return scatter_add(x, axis, some_indices({2, 3}, 3), s * s);
    };
    CHECK(derivatives_agree(f, numbers({3, 4}), numbers({2, 3}, -2, 2, 4)));
    const auto one = [=](auto x, auto s) {
      return scatter_add(x, axis, some_indices({1, 1}, 1), s * s);
    };
    CHECK(derivatives_agree(one, numbers({1, 1}), numbers({1, 1}, -2, 2, 4)));
  }
}

TEST_CASE("scatter_add: refuses what does not fit") {
  const auto x = numbers({2, 3}), source = numbers({2, 2});
  CHECK(error_of([&] {
          scatter_add(x, 1, some_indices({2, 1}, 3), source);
        }) == "ShapeError: scatter_add: an index of shape (2, 1) and a source of (2, 2)");
  CHECK(error_of([&] {
          scatter_add(x, 1, from_values<std::int64_t>({1, 1}, {3}), ones<double>({1, 1}));
        }) == "ValueError: scatter_add: index 3 at position (0, 0) is not in [0, 3)");
}

TEST_CASE("gather and scatter_add: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto index = some_indices({200, 300}, 7);
  for (Index axis : {0, 1}) {
    std::vector<double> gradients;
    for (int threads : {1, 2, 4}) {
      set_num_threads(threads);
      const auto x = variable(numbers({200, 300}));
      sum(square(gather(x, axis, index)) * numbers({200, 300}, -1, 1, 9)).backward();
      if (gradients.empty()) gradients = flat(x.grad());
      CHECK(flat(x.grad()) == gradients);
    }
  }
}

// --- embedding ---

TEST_CASE("embedding: the rows that the index names, whatever its shape and type") {
  const auto weight = from_values({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
  CHECK(is(embedding(from_values<std::int64_t>({2}, {2, 0}), weight), {2, 2}, {5, 6, 1, 2}));
  CHECK(is(embedding(from_values<std::int32_t>({2, 2}, {1, 1, 0, 2}), weight), {2, 2, 2},
           {3, 4, 3, 4, 1, 2, 5, 6}));
  CHECK(is(embedding(Tensor<std::uint8_t, 0>(1), weight), {2}, {3, 4}));
  CHECK(is(embedding(Labels<1>(Shape<1>(0)), weight), {0, 2}, {}));
}

TEST_CASE("embedding: rows that are named twice sum their gradients") {
  const auto weight = variable(numbers({4, 2}));
  const auto y = embedding(from_values<std::int64_t>({2, 2}, {3, 0, 3, 2}), weight);
  y.backward(from_values<double>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  CHECK(is(weight.grad(), {4, 2}, {3, 4, 0, 0, 7, 8, 6, 8}));
}

TEST_CASE("embedding: derivatives") {
  const auto f = [](auto w) { return embedding(some_indices({2, 3}, 4), w * w); };
  CHECK(derivatives_agree(f, numbers({4, 3})));
  CHECK(derivatives_agree(f, numbers({5, 1})));
  const auto one = [](auto w) { return embedding(some_indices({1}, 1), w * w); };
  CHECK(derivatives_agree(one, numbers({1, 2})));
  CHECK(derivatives_agree(one, numbers({1, 1})));
}

TEST_CASE("embedding: the padding row is read, but gets no gradient, of any order") {
  const auto weight = variable(numbers({3, 2}));
  const auto index = from_values<std::int64_t>({3}, {1, 2, 1});
  for (Index padding : {1, -2}) {
    const auto y = embedding(index, weight, {.padding_idx = padding});
    CHECK(is(y, {3, 2}, flat(embedding(index, weight).data())));
    const auto w = weight.data();
    const auto g = grad(sum(y * y * y), weight, {.create_graph = true});
    CHECK(is(g, {3, 2}, {0, 0, 0, 0, 3 * w(2, 0) * w(2, 0), 3 * w(2, 1) * w(2, 1)}));
    CHECK(is(grad(sum(g), weight), {3, 2}, {0, 0, 0, 0, 6 * w(2, 0), 6 * w(2, 1)}));
  }
}

TEST_CASE("embedding: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto index = some_indices({3000}, 50);
  std::vector<double> values, gradients;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    const auto weight = variable(numbers({50, 600}));
    const auto y = embedding(index, weight);
    y.backward(numbers({3000, 600}, -1, 1, 9));
    if (values.empty()) values = flat(y.data()), gradients = flat(weight.grad());
    CHECK(flat(y.data()) == values);
    CHECK(flat(weight.grad()) == gradients);
  }
}

TEST_CASE("embedding: refuses indices and padding rows out of range") {
  const auto weight = variable(numbers({3, 2}));
  CHECK(error_of([&] {
          embedding(from_values({{0, 1}, {2, 3}}), weight);
        }) == "ValueError: embedding: index 3 at position (1, 1) is not in [0, 3)");
  CHECK(error_of([&] {
          embedding(from_values({0, -1}), weight);
        }) == "ValueError: embedding: index -1 at position (1,) is not in [0, 3)");
  CHECK(error_of([&] { embedding(from_values<std::uint64_t>({1}, {1ull << 63}), weight); }) ==
        "ValueError: embedding: index 9223372036854775808 at position (0,) is not in [0, 3)");
  CHECK(error_of([&] { embedding(from_values({0}), weight, {.padding_idx = 3}); }) ==
        "ValueError: embedding: padding_idx 3 for 3 rows");
  CHECK(error_of([&] { embedding(from_values({0}), weight, {.padding_idx = -4}); }) ==
        "ValueError: embedding: padding_idx -4 for 3 rows");
  CHECK(usable(weight));
}

// --- cumsum ---

TEST_CASE("cumsum: sums up to each position of an axis") {
  const auto x = from_values({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  CHECK(is(cumsum(x, 1), {2, 3}, {1, 3, 6, 4, 9, 15}));
  CHECK(is(cumsum(x), {2, 3}, {1, 3, 6, 4, 9, 15}));
  CHECK(is(cumsum(x, 0), {2, 3}, {1, 2, 3, 5, 7, 9}));
  CHECK(is(cumsum(reshape(x, {1, 3, 2}), 1), {1, 3, 2}, {1, 2, 4, 6, 9, 12}));
  CHECK(is(cumsum(from_values({1, 2, 3}), 0), {3}, {1, 3, 6}));
  CHECK(is(cumsum(zeros<double>({2, 0}), 1), {2, 0}, {}));
}

TEST_CASE("cumsum: derivatives") {
  for (Index axis : {0, 1, 2}) {
    const auto f = [=](auto x) { return cumsum(x * x, axis); };
    CHECK(derivatives_agree(f, numbers({2, 3, 4})));
    CHECK(derivatives_agree(f, numbers({1, 1, 2})));
    CHECK(derivatives_agree(f, numbers({1, 1, 1})));
  }
}

TEST_CASE("cumsum: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const auto x = numbers({300, 700});
  for (Index axis : {0, 1}) {
    std::vector<double> expected;
    for (int threads : {1, 2, 4}) {
      set_num_threads(threads);
      if (expected.empty()) expected = flat(cumsum(x, axis));
      CHECK(flat(cumsum(x, axis)) == expected);
    }
  }
}

TEST_CASE("cumsum: refuses an axis that is not there") {
  const auto x = variable(numbers({2, 3}));
  CHECK(error_of([&] { cumsum(x, 2); }) == "ShapeError: cumsum: axis 2 is out of range for rank 2");
  CHECK(usable(x));
}

}  // namespace tinydl_test
